package consumer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

// rows is a handler like those of services: it decodes each event and writes a
// row for it, in the transaction of the checkpoint.
type rows struct{}

func rowsMigrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "rows", Files: fstest.MapFS{"0001_rows.sql": {Data: []byte(
		"CREATE TABLE rows (stream BLOB NOT NULL, seq INTEGER NOT NULL, title TEXT NOT NULL, PRIMARY KEY (stream, seq)) STRICT, WITHOUT ROWID;",
	)}}}
}

// Handle implements consumer.Handler.
func (rows) Handle(_ context.Context, batch consumer.Batch) (consumer.Effect, error) {
	titles := make([]string, len(batch.Events))
	for i := range batch.Events {
		var body struct{ Title, Description string }
		if err := json.Unmarshal(batch.Events[i].Data, &body); err != nil {
			return nil, err
		}
		titles[i] = body.Title
	}
	return func(_ context.Context, tx consumer.Tx) error {
		c, ok := sqlite.Conn(tx)
		if !ok {
			return errors.New("not a transaction of the SQLite adapter")
		}
		for i := range batch.Events {
			stmt, err := c.Prepare("INSERT INTO rows (stream, seq, title) VALUES (?, ?, ?)")
			if err != nil {
				return err
			}
			sqlitedb.BindID(stmt, 1, batch.Stream)
			stmt.BindInt64(2, int64(batch.Events[i].Seq)) // #nosec G115 -- small
			stmt.BindText(3, titles[i])
			if _, err := stmt.Step(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// Reset implements consumer.Handler.
func (rows) Reset(_ context.Context, tx consumer.Tx) error {
	c, ok := sqlite.Conn(tx)
	if !ok {
		return errors.New("not a transaction of the SQLite adapter")
	}
	return c.Exec("DELETE FROM rows")
}

func newEvents(n int) []eventlog.Event {
	data := fmt.Appendf(nil, `{"title":"Write the report","description":%q}`, slices.Repeat([]byte("lorem "), 60))
	out := make([]eventlog.Event, n)
	for i := range out {
		out[i] = eventlog.Event{ID: ids.New(), Entity: ids.New(), Type: "task.created", Version: 1, At: time.Now(), Data: data}
	}
	return out
}

// BenchmarkCatchUp measures how fast a consumer in one process handles a
// backlog of events of 430 bytes from SQLite into SQLite. It runs once, whatever b.N.
func BenchmarkCatchUp(b *testing.B) {
	for _, c := range []struct{ streams, each int }{{1, 200_000}, {100, 2000}, {10_000, 20}} {
		b.Run(fmt.Sprintf("%d streams", c.streams), func(b *testing.B) {
			if b.N > 1 {
				return
			}
			db, log := openLog(b, rowsMigrations())
			for range c.streams {
				stream := ids.New()
				for head := 0; head < c.each; {
					n := min(2000, c.each-head)
					if _, err := log.Append(b.Context(), eventlog.Workspace, stream, uint64(head), newEvents(n)); err != nil { // #nosec G115 -- small
						b.Fatal(err)
					}
					head += n
				}
			}
			r, err := consumer.New(consumer.Options{
				Name: "bench", Category: eventlog.Workspace, Events: log, Checkpoints: sqlite.New(db), Handler: rows{},
			})
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			if err := r.CatchUp(b.Context()); err != nil {
				b.Fatal(err)
			}
			took := time.Since(start)
			stats := r.Stats()
			if stats.Handled != uint64(c.streams*c.each) { // #nosec G115 -- small
				b.Fatalf("handled %d events", stats.Handled)
			}
			b.ReportMetric(float64(stats.Handled)/took.Seconds(), "events/s")
			b.ReportMetric(float64(stats.Handled)/float64(stats.Batches), "events/batch")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLag measures the time from an event to its commit by the consumer
// while 500 events/s are appended, one by one, to 200 streams of the same
// database. It runs once, whatever b.N.
func BenchmarkLag(b *testing.B) {
	if b.N > 1 {
		return
	}
	const streams, rate, seconds = 200, 500, 6
	db, log := openLog(b, rowsMigrations())
	wakeUps := bus.NewMemory()
	var mu sync.Mutex
	var lags []time.Duration
	all := make(chan struct{})
	handled := 0
	r, err := consumer.New(consumer.Options{
		Name: "bench", Category: eventlog.Workspace, Events: log, Bus: wakeUps, Checkpoints: sqlite.New(db), Handler: rows{},
		Observe: func(o consumer.Observation) {
			mu.Lock()
			defer mu.Unlock()
			lags = append(lags, o.Lag)
			if handled += o.Events; handled == rate*seconds {
				close(all)
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	names := make([]ids.ID, streams)
	for i := range names {
		names[i] = ids.New()
	}
	ticks := time.NewTicker(time.Second / rate)
	defer ticks.Stop()
	for i := range rate * seconds {
		<-ticks.C
		stream, head := names[i%streams], uint64(i/streams) // #nosec G115 -- small
		at, err := log.Append(ctx, eventlog.Workspace, stream, head, newEvents(1))
		if err != nil {
			b.Fatal(err)
		}
		if err := wakeUps.Publish(ctx, bus.Reached{Stream: stream, Seq: at.Last}); err != nil {
			b.Fatal(err)
		}
	}
	<-all
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	slices.Sort(lags)
	at := func(share float64) float64 {
		return float64(lags[int(share*float64(len(lags)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(.5), "p50-ms")
	b.ReportMetric(at(.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(0, "ns/op")
}
