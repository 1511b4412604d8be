//go:build servers

package redis

import (
	"context"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
	"headway/test/servers"
)

// The backlog that BenchmarkBacklog drains.
const (
	backlogMessages   = 100_000
	backlogWorkspaces = 10_000
)

// handling is what one call of a handler costs in the benchmark: about what
// reading a workspace's checkpoint from a store costs at least.
const handling = 20 * time.Microsecond

func handle(_ context.Context, _ bus.Reached) error {
	for start := time.Now(); time.Since(start) < handling; {
		continue
	}
	return nil
}

// fill writes the backlog, one entry for each message, workspace by workspace
// in turn, so that no two neighbours could be merged.
func fill(b *testing.B, at *Bus) {
	b.Helper()
	workspaces := make([]ids.ID, backlogWorkspaces)
	for i := range workspaces {
		workspaces[i] = ids.New()
	}
	for seq := range uint64(backlogMessages / backlogWorkspaces) {
		for from := 0; from < len(workspaces); from += batch {
			var messages []bus.Reached
			for _, w := range workspaces[from : from+batch] {
				messages = append(messages, bus.Reached{Stream: w, Seq: seq + 1})
			}
			if unsent := at.deliver(b.Context(), messages); len(unsent) > 0 {
				b.Fatal("the backlog could not be written")
			}
		}
	}
}

// BenchmarkBacklog drains a backlog of 100,000 wake-ups of 10,000 workspaces
// as a consumer does, and a part of one as one that reads, handles and
// acknowledges message by message would. It reports messages a second of
// both, and how many times the first is the second, from one run.
func BenchmarkBacklog(b *testing.B) {
	for b.Loop() {
		server := servers.Redis(b)
		at := open(b, server.URL()+"?timeout=10s", Options{MaxLen: backlogMessages})
		fill(b, at)

		const sample = backlogMessages / 10
		start := time.Now()
		single(b, at, sample)
		one := sample / time.Since(start).Seconds()

		ctx, cancel := context.WithCancel(b.Context())
		start = time.Now()
		done := make(chan error, 1)
		go func() { done <- at.Consume(ctx, "merged", nil, handle) }()
		for drained := false; !drained; time.Sleep(5 * time.Millisecond) {
			drained = finished(b, at, "merged")
		}
		many := backlogMessages / time.Since(start).Seconds()
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		s := at.Stats()
		b.ReportMetric(one, "single/s")
		b.ReportMetric(many, "merged/s")
		b.ReportMetric(many/one, "times")
		b.ReportMetric(float64(s.Handled), "calls")
		b.ReportMetric(0, "ns/op")
	}
}

// single handles n messages one by one.
func single(b *testing.B, at *Bus, n int) {
	b.Helper()
	c := &consumer{Bus: at, group: "single", name: "single"}
	if err := c.join(b.Context(), c.sets()[0]); err != nil {
		b.Fatal(err)
	}
	for left, p := n, 0; left > 0; {
		key := at.key(p)
		var entries []rueidis.XRangeEntry
		err := at.db.Do(b.Context(), key, func(ctx context.Context, r rueidis.Client) error {
			got, err := r.Do(ctx, r.B().Xreadgroup().Group(c.group, c.name).Count(1).Streams().Key(key).Id(">").Build()).AsXRead()
			entries = got[key]
			return err
		})
		if rueidis.IsRedisNil(err) {
			p++
			continue
		}
		if err != nil {
			b.Fatal(err)
		}
		m, _ := decode(entries[0].FieldValues[field])
		_ = handle(b.Context(), m)
		err = at.db.Do(b.Context(), key, func(ctx context.Context, r rueidis.Client) error {
			return r.Do(ctx, r.B().Xack().Key(key).Group(c.group).Id(entries[0].ID).Build()).Error()
		})
		if err != nil {
			b.Fatal(err)
		}
		left--
	}
}

// finished reports whether a group has read everything and acknowledged it.
func finished(b *testing.B, at *Bus, group string) bool {
	b.Helper()
	for p := range partitions {
		key := at.key(p)
		var groups []rueidis.RedisMessage
		err := at.db.Do(b.Context(), key, func(ctx context.Context, r rueidis.Client) (err error) {
			groups, err = r.Do(ctx, r.B().XinfoGroups().Key(key).Build()).ToArray()
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		found := false
		for i := range groups {
			info, err := groups[i].AsMap()
			if err != nil {
				b.Fatal(err)
			}
			if name, _ := message(info, "name").ToString(); name != group {
				continue
			}
			found = true
			lag, _ := message(info, "lag").AsInt64()
			held, _ := message(info, "pending").AsInt64()
			if lag > 0 || held > 0 {
				return false
			}
		}
		if !found {
			return false
		}
	}
	return true
}
