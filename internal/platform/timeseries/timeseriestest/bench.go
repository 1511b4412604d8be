package timeseriestest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Bench measures a store: a million points of one metric of one workspace, in
// four series over 90 days, in batches of 10,000; then the 90 days by hour
// and by day, from slots, and an hour by minute, from points. It reports
// points/s and the median of the queries in ms, and runs once, whatever b.N.
func Bench(b *testing.B, s timeseries.Store) {
	const total, batch, days = 1_000_000, 10_000, 90
	if b.N > 1 {
		return
	}
	w := ids.New()
	begin := noon.Truncate(timeseries.Day)
	end := begin.Add(days * timeseries.Day)
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same points each time
	offsets := make([]int64, total)
	for i := range offsets {
		offsets[i] = random.Int64N(end.Sub(begin).Milliseconds())
	}
	slices.Sort(offsets) // as they come in real life
	points := make([]timeseries.Point, total)
	for i, offset := range offsets {
		points[i] = point(w, begin.Add(time.Duration(offset)*time.Millisecond), float64(random.IntN(100)), "project", fmt.Sprint(i%4))
	}
	start := time.Now()
	for part := range slices.Chunk(points, batch) {
		done, err := s.Insert(b.Context(), part)
		if err != nil || done.New != batch {
			b.Fatalf("inserted %+v: %v", done, err)
		}
	}
	b.ReportMetric(total/time.Since(start).Seconds(), "points/s")
	start = time.Now()
	for part := range slices.Chunk(points[:total/10], batch) {
		if done, err := s.Insert(b.Context(), part); err != nil || done.Repeated != batch {
			b.Fatalf("inserted again %+v: %v", done, err)
		}
	}
	b.ReportMetric(total/10/time.Since(start).Seconds(), "repeated/s")
	for name, q := range map[string]timeseries.Query{
		"90d-by-hour-ms":         {Edges: timeseries.Every(begin, end, time.Hour)},
		"90d-by-hour-grouped-ms": {Edges: timeseries.Every(begin, end, time.Hour), By: []string{"project"}},
		"90d-by-day-ms":          {Edges: timeseries.Days(begin, end, time.UTC)},
		"24h-by-minute-ms":       {Edges: timeseries.Every(begin.Add(40*timeseries.Day), begin.Add(41*timeseries.Day), time.Minute)},
		"90d-from-points-ms":     {Edges: []time.Time{begin, begin.Add(time.Minute), end}},
	} {
		q.Selection = of(w)
		var took []time.Duration
		for range 11 {
			start := time.Now()
			if groups, err := s.Buckets(b.Context(), q); err != nil || len(groups) == 0 {
				b.Fatalf("%d groups: %v", len(groups), err)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[5].Microseconds())/1000, name)
	}
	b.ReportMetric(0, "ns/op")
}
