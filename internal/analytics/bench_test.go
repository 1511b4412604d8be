package analytics_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"headway/internal/analytics"
	rowsqlite "headway/internal/analytics/readmodel/sqlite"
	"headway/internal/platform/bus"
	"headway/internal/platform/clock"
	"headway/internal/platform/consumer"
	pointssqlite "headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/eventlog"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
	seriessqlite "headway/internal/platform/timeseries/sqlite"
	"headway/internal/task/event"
)

// benched is the service over one SQLite database, as in one process.
type benched struct {
	log    eventlog.Log
	bus    *bus.Memory
	module *analytics.Module
	mu     sync.Mutex
	lags   []time.Duration
}

func newBenched(b *testing.B) *benched {
	db := sqlitedbtest.Open(b, logsqlite.Migrations(), pointssqlite.Migrations(), seriessqlite.Migrations(), rowsqlite.Migrations())
	events, err := logsqlite.New(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	x := &benched{log: events, bus: bus.NewMemory()}
	x.module, err = analytics.New(analytics.Options{
		Store: rowsqlite.New(db), Series: seriessqlite.New(db), Checkpoints: pointssqlite.New(db), Events: events, Bus: x.bus,
		Limiter: limit.NewMemory(clock.System{}, 0), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		Observe: func(o consumer.Observation) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.lags = append(x.lags, o.Lag)
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return x
}

// lives makes tasks that are worked on: of each a creation, an assignment,
// three other changes, a start, three comments and a completion.
type lives struct {
	b       *testing.B
	project ids.ID
	columns []ids.ID
	users   []ids.ID
	task    ids.ID
	n       int
}

func (l *lives) next(at time.Time) eventlog.Event {
	step := l.n % 10
	user := l.users[l.n/10%len(l.users)]
	l.n++
	typ, p := event.TaskChanged, event.Payload(&event.TaskPatch{Title: &event.Change[string]{From: "A title as people write", To: "A title as people write them"}})
	switch step {
	case 0:
		l.task = ids.New()
		typ, p = event.TaskCreated, &event.TaskData{Project: l.project, Column: l.columns[0], Number: 1, Title: "A title as people write", Priority: event.NoPriority, Position: "a0", State: event.Live}
	case 1:
		p = &event.TaskPatch{Assignees: &event.Change[[]ids.ID]{To: []ids.ID{user}}}
	case 4:
		typ, p = event.TaskMoved, &event.TaskPatch{Column: &event.Change[ids.ID]{From: l.columns[0], To: l.columns[1]}}
	case 5, 6, 7:
		typ, p = event.CommentAdded, &event.CommentData{Comment: event.Comment{ID: ids.New(), Text: "Looks good to me.", Author: user, At: at}}
	case 9:
		typ, p = event.TaskMoved, &event.TaskPatch{Column: &event.Change[ids.ID]{From: l.columns[1], To: l.columns[2]}, Completed: &event.Change[*time.Time]{To: &at}}
	}
	return l.event(typ, user, l.task, p, at)
}

func (l *lives) event(typ event.Type, user, entity ids.ID, p event.Payload, at time.Time) eventlog.Event {
	data, version, err := event.Encode(typ, p)
	if err != nil {
		l.b.Fatal(err)
	}
	return eventlog.Event{ID: ids.New(), Entity: entity, Scope: l.project, Type: string(typ), Version: version, Actor: user, At: at.Truncate(time.Millisecond), Data: data}
}

func (l *lives) begin() eventlog.Event {
	d := &event.ProjectData{Name: "P", Key: "P", Position: "a0", State: event.Live}
	for i, c := range []event.Category{event.Open, event.Active, event.Done} {
		d.Columns = append(d.Columns, event.Column{ID: l.columns[i], Category: c, Position: "a0"})
	}
	return l.event(event.ProjectCreated, l.users[0], l.project, d, time.Now())
}

func newLives(b *testing.B) *lives {
	l := &lives{b: b, project: ids.New()}
	for range 10 {
		l.columns, l.users = append(l.columns, ids.New()), append(l.users, ids.New())
	}
	return l
}

// BenchmarkCatchUp handles a backlog of 200,000 events of 20 workspaces, over
// 90 days, and reports events/s, points for each event, and events in a batch.
func BenchmarkCatchUp(b *testing.B) {
	const total, workspaces, part = 200_000, 20, 1000
	if b.N > 1 {
		return
	}
	x := newBenched(b)
	begin := time.Now().UTC().AddDate(0, 0, -90)
	for range workspaces {
		l, stream := newLives(b), ids.New()
		head := uint64(0)
		for head < total/workspaces {
			batch := make([]eventlog.Event, 0, part)
			if head == 0 {
				batch = append(batch, l.begin())
			}
			for len(batch) < part {
				at := begin.Add(time.Duration(l.n) * 90 * 24 * time.Hour / (total / workspaces))
				batch = append(batch, l.next(at))
			}
			done, err := x.log.Append(b.Context(), eventlog.Workspace, stream, head, batch)
			if err != nil {
				b.Fatal(err)
			}
			head = done.Last
		}
	}
	b.ResetTimer()
	start := time.Now()
	if err := x.module.Runner().CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	stats := x.module.Runner().Stats()
	if stats.Handled != total {
		b.Fatalf("%d of %d events were handled", stats.Handled, total)
	}
	b.ReportMetric(total/took.Seconds(), "events/s")
	b.ReportMetric(float64(x.module.Stats().Points)/total, "points/event")
	b.ReportMetric(total/float64(stats.Batches), "events/batch")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLag records 500 events a second of 50 workspaces for ten seconds,
// one commit each, while they are handled, and reports how long after its
// event's time a commit of effects was.
func BenchmarkLag(b *testing.B) {
	const rate, seconds, workspaces = 500, 10, 50
	if b.N > 1 {
		return
	}
	x := newBenched(b)
	type one struct {
		stream ids.ID
		head   uint64
		lives  *lives
	}
	all := make([]one, workspaces)
	for i := range all {
		all[i] = one{stream: ids.New(), lives: newLives(b)}
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- x.module.Run(ctx) }()
	ticks := time.NewTicker(time.Second / rate)
	defer ticks.Stop()
	for n := range rate * seconds {
		<-ticks.C
		w := &all[n%workspaces]
		e := w.lives.begin()
		if w.head > 0 {
			e = w.lives.next(time.Now())
		}
		done, err := x.log.Append(b.Context(), eventlog.Workspace, w.stream, w.head, []eventlog.Event{e})
		if err != nil {
			b.Fatal(err)
		}
		w.head = done.Last
		if err := x.bus.Publish(ctx, bus.Reached{Stream: w.stream, Seq: w.head}); err != nil {
			b.Fatal(err)
		}
	}
	for x.module.Runner().Stats().Handled < rate*seconds {
		<-ticks.C
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	slices.Sort(x.lags)
	at := func(p int) float64 { return float64(x.lags[len(x.lags)*p/100].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}
