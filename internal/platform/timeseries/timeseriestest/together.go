package timeseriestest

import (
	"context"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Together shows that two stores over one database, as two processes have
// them, keep to what the port promises: what one does holds for the other.
func Together(t *testing.T, a, b timeseries.Store) {
	w := ids.New()
	first := noon.Truncate(timeseries.Day)
	var points []timeseries.Point
	for i := range 240 {
		points = append(points, point(w, first.Add(time.Duration(i)*time.Hour), 1))
	}
	var everyone sync.WaitGroup
	for _, s := range []timeseries.Store{a, b} {
		everyone.Go(func() {
			if _, err := s.Insert(context.Background(), points); err != nil {
				t.Errorf("insert: %v", err)
			}
		})
	}
	everyone.Wait()
	end := first.Add(10 * timeseries.Day)
	q := timeseries.Query{Selection: of(w), Edges: []time.Time{first, end}}
	for _, s := range []timeseries.Store{a, b} {
		same(t, "counted by both", buckets(t, s, q)[0].Buckets[0].Count, uint64(240))
	}
	// One forgets: the other, which knows the series, makes it anew.
	if err := a.Forget(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	insert(t, b, timeseries.Inserted{New: 240}, points...)
	same(t, "counted again", buckets(t, a, q)[0].Buckets[0].Count, uint64(240))
	// One lets go of days: the other, which knows their partitions, leaves them out.
	if err := a.Retain(t.Context(), timeseries.Retention{Points: first.Add(4 * timeseries.Day), Slots: first.Add(2 * timeseries.Day)}); err != nil {
		t.Fatal(err)
	}
	insert(t, b, timeseries.Inserted{Forgotten: 96, Repeated: 144}, points...)
	same(t, "counted at last", buckets(t, b, q)[0].Buckets[0].Count, uint64(240-48))
	same(t, "points", len(all(t, b, of(w), first, end, 100)), 144)
	if err := a.Retain(t.Context(), timeseries.Retention{Slots: end}); err != nil {
		t.Fatal(err)
	}
	insert(t, b, timeseries.Inserted{Forgotten: 1, New: 1}, points[239], point(w, end, 1))
	same(t, "afterwards", len(all(t, a, of(w), first, end.Add(timeseries.Day), 100)), 1)
}
