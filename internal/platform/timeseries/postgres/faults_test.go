//go:build servers

package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/platform/timeseries/timeseriestest"
	"headway/test/servers"
)

// batch are points of one series over some days.
func batch(w ids.ID, n int) []timeseries.Point {
	points := make([]timeseries.Point, n)
	for i := range points {
		points[i] = timeseries.Point{
			ID: ids.New(), Workspace: w, Metric: "m", Value: 1,
			At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 17 * time.Minute),
		}
	}
	return points
}

// TestAnInsertWhoseAnswerIsLostCountsOnce breaks the line in several ways
// while points are inserted, and inserts them again.
func TestAnInsertWhoseAnswerIsLostCountsOnce(t *testing.T) {
	server := servers.Postgres(t)
	url := server.Database(t)
	proxy := servers.NewProxy(t, server.Addr)
	s, direct := open(t, strings.Replace(url, server.Addr, proxy.Addr, 1)+"&pool_max_conns=2"), open(t, url)
	for name, fault := range map[string]func(){
		"cut":              proxy.Cut,
		"answers lost":     func() { proxy.LoseAnswers(t) },
		"silent both ways": func() { proxy.Silence(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := ids.New()
			points := batch(w, 500)
			if _, err := s.Insert(t.Context(), points[:100]); err != nil { // connections are open
				t.Fatal(err)
			}
			fault()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			_, err := s.Insert(ctx, points)
			cancel()
			if err == nil {
				t.Error("an insert on a broken line succeeded")
			}
			proxy.Mend(t)
			// The other side may take a moment to see that its client is gone.
			done, err := again(t, s, points)
			if err != nil || done.New+done.Repeated != 500 {
				t.Fatalf("inserted again: %+v, %v", done, err)
			}
			edges := []time.Time{points[0].At, points[499].At.Add(15 * time.Minute)}
			for what, e := range map[string][]time.Time{"by slots": slotted(edges), "by points": edges} {
				q := timeseries.Query{Selection: timeseries.Selection{Workspace: w, Metric: "m"}, Edges: e}
				got, err := direct.Buckets(t.Context(), q)
				if err != nil || len(got) != 1 || got[0].Buckets[0].Count != 500 || got[0].Buckets[0].Sum != 500 {
					t.Errorf("%s: %+v, %v", what, got, err)
				}
			}
		})
	}
}

// slotted are edges around the given ones where slots begin and end.
func slotted(edges []time.Time) []time.Time {
	return []time.Time{edges[0].Truncate(timeseries.Slot), edges[1].Truncate(timeseries.Slot).Add(timeseries.Slot)}
}

// again inserts until it works, as whoever has points to keep does.
func again(t *testing.T, s timeseries.Store, points []timeseries.Point) (done timeseries.Inserted, err error) {
	t.Helper()
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		done, err = s.Insert(ctx, points)
		cancel()
		if err == nil {
			return done, nil
		}
	}
	return done, err
}

func TestASchemaOfALaterVersionIsRefused(t *testing.T) {
	url := servers.Postgres(t).Database(t)
	open(t, url).Close()
	open(t, url).Close() // once more, with the schema there
	run(t, url, "INSERT INTO timeseries_schema VALUES (99)")
	s, err := tryOpen(t, url)
	if err == nil {
		s.Close()
		t.Fatal("it was opened")
	}
	if !strings.Contains(err.Error(), "99") || !strings.Contains(err.Error(), "newer") {
		t.Errorf("refused with %v", err)
	}
}

// TestAPartitionThatSomebodyDroppedIsMadeAgain takes away what the store remembers.
func TestAPartitionThatSomebodyDroppedIsMadeAgain(t *testing.T) {
	url := servers.Postgres(t).Database(t)
	s := open(t, url)
	points := batch(ids.New(), 100)
	if _, err := s.Insert(t.Context(), points); err != nil {
		t.Fatal(err)
	}
	run(t, url, "DROP TABLE timeseries_points_20260301")
	if done, err := s.Insert(t.Context(), points[:10]); err != nil || done.New != 10 {
		t.Errorf("inserted again: %+v, %v", done, err)
	}
}

func TestProcessesThatStartTogetherMakeOneSchema(t *testing.T) {
	url := servers.Postgres(t).Database(t)
	errs := make(chan error, 4)
	for range 4 {
		go func() {
			s, err := tryOpen(t, url)
			if err == nil {
				s.Close()
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	timeseriestest.Together(t, open(t, url), open(t, url))
}
