package timeseriestest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

func refusesWhatIsNoQuery(t *testing.T, s timeseries.Store) {
	w := ids.New()
	for what, spoil := range map[string]func(*timeseries.Query){
		"no workspace":  func(q *timeseries.Query) { q.Workspace = ids.Nil },
		"no metric":     func(q *timeseries.Query) { q.Metric = "" },
		"no edges":      func(q *timeseries.Query) { q.Edges = nil },
		"one edge":      func(q *timeseries.Query) { q.Edges = q.Edges[:1] },
		"descending":    func(q *timeseries.Query) { q.Edges[0], q.Edges[1] = q.Edges[1], q.Edges[0] },
		"twice":         func(q *timeseries.Query) { q.Edges[1] = q.Edges[0] },
		"too fine":      func(q *timeseries.Query) { q.Edges[0] = q.Edges[0].Add(1) },
		"too many":      func(q *timeseries.Query) { q.Edges = timeseries.Every(noon, noon.Add(1000*time.Hour), time.Minute) },
		"before 1970":   func(q *timeseries.Query) { q.Edges[0] = time.Unix(-1, 0) },
		"grouped twice": func(q *timeseries.Query) { q.By = []string{"a", "a"} },
		"by nothing":    func(q *timeseries.Query) { q.By = []string{""} },
		"where nothing": func(q *timeseries.Query) { q.Where = []timeseries.Match{{}} },
		"NUL":           func(q *timeseries.Query) { q.Where = []timeseries.Match{{Name: "a", In: []string{"\x00"}}} },
	} {
		q := timeseries.Query{Selection: of(w), Edges: timeseries.Every(noon, noon.Add(time.Hour), time.Minute)}
		spoil(&q)
		var input *timeseries.InputError
		if _, err := s.Buckets(t.Context(), q); !errors.As(err, &input) {
			t.Errorf("%s: answered %v", what, err)
		}
	}
	var input *timeseries.InputError
	if _, _, err := s.Range(t.Context(), of(w), time.Unix(-1, 0), noon, timeseries.Place{}, 1); !errors.As(err, &input) {
		t.Errorf("Range before 1970 answered %v", err)
	}
	if _, err := s.Dimensions(t.Context(), timeseries.Selection{}, 1); !errors.As(err, &input) {
		t.Errorf("Dimensions of nothing answered %v", err)
	}
}

func countsByBucket(t *testing.T, s timeseries.Store) {
	w := ids.New()
	q := timeseries.Query{Selection: of(w), Edges: timeseries.Every(noon, noon.Add(3*time.Hour), time.Hour)}
	same(t, "without a point", buckets(t, s, q), []timeseries.Group(nil))
	insert(t, s, timeseries.Inserted{New: 6},
		point(w, noon.Add(-time.Millisecond), 1000), // before the first edge
		point(w, noon, 4),
		point(w, noon.Add(time.Hour-time.Millisecond), -1.5),
		point(w, noon.Add(2*time.Hour), 8),
		point(w, noon.Add(150*time.Minute), 2),
		point(w, noon.Add(3*time.Hour), 1000), // at the last edge
	)
	want := []timeseries.Group{{Buckets: []timeseries.Bucket{
		{Count: 2, Sum: 2.5, Min: -1.5, Max: 4}, {}, {Count: 2, Sum: 10, Min: 2, Max: 8},
	}}}
	got := buckets(t, s, q)
	same(t, "by hour", got, want)
	if mean := got[0].Buckets[0].Mean(); mean != 1.25 {
		t.Errorf("a mean of %v", mean)
	}
	if mean := got[0].Buckets[1].Mean(); mean != 0 {
		t.Errorf("a mean of nothing of %v", mean)
	}
	q.Edges = []time.Time{noon, noon.Add(time.Millisecond), noon.Add(2*time.Hour + 1e6), noon.Add(151 * time.Minute)}
	same(t, "by any edges", buckets(t, s, q), []timeseries.Group{{Buckets: []timeseries.Bucket{one(4), one(-1.5, 8), one(2)}}})
	q.Edges = timeseries.Every(noon.Add(-90*timeseries.Day), noon.Add(90*timeseries.Day), 24*time.Hour)
	total := uint64(0)
	for _, b := range buckets(t, s, q)[0].Buckets {
		total += b.Count
	}
	if total != 6 {
		t.Errorf("180 days count %d points", total)
	}
}

func filtersAndGroups(t *testing.T, s timeseries.Store) {
	w := ids.New()
	insert(t, s, timeseries.Inserted{New: 6},
		point(w, noon, 1, "project", "p1", "kind", "bug"),
		point(w, noon, 2, "project", "p1", "kind", "chore"),
		point(w, noon, 4, "project", "p2", "kind", "bug"),
		point(w, noon, 8, "project", "p2"),
		point(w, noon, 16),
		point(ids.New(), noon, 1000, "project", "p1"),
	)
	for _, edges := range [][]time.Time{{noon, noon.Add(time.Hour)}, {noon, noon.Add(time.Second)}} {
		for _, c := range []struct {
			where []timeseries.Match
			by    []string
			want  []timeseries.Group
		}{
			{nil, nil, groups("", one(1, 2, 4, 8, 16))},
			{nil, []string{"project"}, groups("", one(16), "project=p1", one(1, 2), "project=p2", one(4, 8))},
			{nil, []string{"kind", "project"}, groups("", one(16), "project=p2", one(8), "kind=bug project=p1", one(1), "kind=bug project=p2", one(4), "kind=chore project=p1", one(2))},
			{nil, []string{"colour"}, groups("", one(1, 2, 4, 8, 16))},
			{[]timeseries.Match{where("project", "p1", "p3")}, nil, groups("", one(1, 2))},
			{[]timeseries.Match{where("project", "p2"), where("kind", "", "chore")}, nil, groups("", one(8))},
			{[]timeseries.Match{where("kind", "")}, []string{"project"}, groups("", one(16), "project=p2", one(8))},
			{[]timeseries.Match{where("kind")}, nil, nil},
		} {
			sel := of(w)
			sel.Where = c.where
			got := buckets(t, s, timeseries.Query{Selection: sel, Edges: edges, By: c.by})
			same(t, fmt.Sprintf("where %v by %v", c.where, c.by), got, c.want)
		}
	}
}

// groups writes groups of one bucket as "name=value …" and bucket in turn.
func groups(pairs ...any) []timeseries.Group {
	var out []timeseries.Group
	for i := 0; i+1 < len(pairs); i += 2 {
		var d timeseries.Dimensions
		text, _ := pairs[i].(string)
		for text != "" {
			var name, value, word string
			word, text = cut(text, ' ')
			name, value = cut(word, '=')
			d = append(d, timeseries.Dimension{Name: name, Value: value})
		}
		b, _ := pairs[i+1].(timeseries.Bucket)
		out = append(out, timeseries.Group{Dimensions: d, Buckets: []timeseries.Bucket{b}})
	}
	return out
}

func cut(s string, at rune) (before, after string) {
	for i, c := range s {
		if c == at {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func countsByDaysOfAZone(t *testing.T, s timeseries.Store) {
	w := ids.New()
	for _, c := range []struct{ zone, from string }{
		{"Europe/Berlin", "2026-03-27"}, // 23 hours on the 29th
		{"America/New_York", "2026-10-30"},
		{"Asia/Kolkata", "2026-03-01"},
		{"Asia/Kathmandu", "2026-03-01"},
		{"Pacific/Chatham", "2026-04-03"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.ParseInLocation(time.DateOnly, c.from, zone)
		if err != nil {
			t.Fatal(err)
		}
		edges := timeseries.Days(from, from.AddDate(0, 0, 4), zone)
		if len(edges) != 5 {
			t.Fatalf("%s: %d edges of four days", c.zone, len(edges))
		}
		var points []timeseries.Point
		for _, e := range edges {
			points = append(points, point(w, e, 1, "zone", c.zone), point(w, e.Add(-time.Millisecond), 2, "zone", c.zone))
		}
		insert(t, s, timeseries.Inserted{New: 10}, points...)
		sel := of(w)
		sel.Where = []timeseries.Match{{Name: "zone", In: []string{c.zone}}}
		each := one(1, 2)
		same(t, c.zone, buckets(t, s, timeseries.Query{Selection: sel, Edges: edges}),
			[]timeseries.Group{{Buckets: []timeseries.Bucket{each, each, each, each}}})
	}
}

func boundsItsAnswers(t *testing.T, s timeseries.Store) {
	w := ids.New()
	var points []timeseries.Point
	for i := range timeseries.MaxCells/timeseries.MaxBuckets + 1 {
		points = append(points, point(w, noon, 1, "n", fmt.Sprint(i)))
	}
	insert(t, s, timeseries.Inserted{New: len(points)}, points...)
	q := timeseries.Query{Selection: of(w), By: []string{"n"}, Edges: timeseries.Every(noon, noon.Add(timeseries.MaxBuckets*time.Minute), time.Minute)}
	if _, err := s.Buckets(t.Context(), q); !errors.Is(err, timeseries.ErrTooMuch) {
		t.Errorf("%d groups of %d buckets: %v", len(points), len(q.Edges)-1, err)
	}
	q.By = nil
	if got := buckets(t, s, q); len(got) != 1 || got[0].Buckets[0].Count != uint64(len(points)) {
		t.Errorf("%d groups", len(got))
	}
}

func listsDimensions(t *testing.T, s timeseries.Store) {
	w := ids.New()
	a, ab, b := timeseries.By("x", "a"), timeseries.By("x", "a", "y", "b"), timeseries.By("y", "b")
	for _, d := range []timeseries.Dimensions{b, a, ab, a} {
		p := point(w, noon, 1)
		p.Dimensions = d
		insert(t, s, timeseries.Inserted{New: 1}, p)
	}
	for _, c := range []struct {
		where []timeseries.Match
		limit int
		want  []timeseries.Dimensions
	}{
		{nil, 10, []timeseries.Dimensions{a, ab, b}},
		{nil, 2, []timeseries.Dimensions{a, ab}},
		{nil, 0, nil},
		{[]timeseries.Match{where("y", "b")}, 10, []timeseries.Dimensions{ab, b}},
	} {
		sel := of(w)
		sel.Where = c.where
		got, err := s.Dimensions(t.Context(), sel, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("where %v", c.where), got, c.want)
	}
}

func keepsSlotsLongerThanPoints(t *testing.T, s timeseries.Store) {
	w := ids.New()
	day := func(n int) time.Time { return noon.Truncate(timeseries.Day).Add(time.Duration(n) * timeseries.Day) }
	var points []timeseries.Point
	for n := range 6 {
		points = append(points, point(w, day(n).Add(time.Hour), float64(1+n)), point(w, day(n).Add(20*time.Minute), 10))
	}
	insert(t, s, timeseries.Inserted{New: 12}, points...)
	// In the middle of the fifth day: whole days are kept.
	if err := s.Retain(t.Context(), timeseries.Retention{Points: day(4).Add(13 * time.Hour), Slots: day(2)}); err != nil {
		t.Fatal(err)
	}
	if got := all(t, s, of(w), day(-1), day(9), 100); len(got) != 4 || !got[0].At.Equal(points[9].At) {
		t.Errorf("%d points are left: %+v", len(got), got)
	}
	days := timeseries.Query{Selection: of(w), Edges: timeseries.Days(day(0), day(6), time.UTC)}
	want := []timeseries.Group{{Buckets: []timeseries.Bucket{{}, {}, one(3, 10), one(4, 10), one(5, 10), one(6, 10)}}}
	same(t, "by day", buckets(t, s, days), want)
	fine := timeseries.Query{Selection: of(w), Edges: []time.Time{day(3), day(4).Add(time.Minute), day(5)}}
	same(t, "fine within what is left", buckets(t, s, fine), []timeseries.Group{{Buckets: []timeseries.Bucket{one(4, 10), one(5, 10)}}})
	fine.Edges[0] = day(3).Add(time.Minute)
	if _, err := s.Buckets(t.Context(), fine); !errors.Is(err, timeseries.ErrTooFine) {
		t.Errorf("an edge among points that are gone: %v", err)
	}
	// What comes late is left out, also where its day is partly kept, and again and again.
	late := point(w, day(3).Add(time.Hour), 7)
	insert(t, s, timeseries.Inserted{Forgotten: 3, New: 1, Repeated: 1}, points[6], late, late, points[10], point(w, day(4), 5))
	want[0].Buckets[4] = one(5, 5, 10)
	same(t, "by day again", buckets(t, s, days), want)
	// A lesser retention brings nothing back and takes nothing.
	if err := s.Retain(t.Context(), timeseries.Retention{Points: day(1)}); err != nil {
		t.Fatal(err)
	}
	insert(t, s, timeseries.Inserted{Forgotten: 1}, late)
	same(t, "by day still", buckets(t, s, days), want)
	// Where no slot is left the series is gone.
	if err := s.Retain(t.Context(), timeseries.Retention{Slots: day(7)}); err != nil {
		t.Fatal(err)
	}
	same(t, "afterwards", buckets(t, s, days), []timeseries.Group(nil))
	if d, err := s.Dimensions(t.Context(), of(w), 10); err != nil || len(d) != 0 {
		t.Errorf("series are left: %v, %v", d, err)
	}
	insert(t, s, timeseries.Inserted{New: 1, Forgotten: 1}, point(w, day(7), 1), point(w, day(7).Add(-1e6), 1))
}

func forgetsAWorkspaceOnly(t *testing.T, s timeseries.Store) {
	gone, stays := ids.New(), ids.New()
	var points []timeseries.Point
	for i := range 50 {
		points = append(points, point(gone, noon.Add(time.Duration(i)*5*time.Hour), 1, "project", fmt.Sprint(i%4)))
	}
	other := point(stays, noon, 3)
	insert(t, s, timeseries.Inserted{New: 51}, append(points, other)...)
	for range 2 { // forgetting twice does no harm
		if err := s.Forget(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
	}
	end := noon.Add(30 * timeseries.Day)
	q := timeseries.Query{Selection: of(gone), Edges: timeseries.Days(noon, end, time.UTC)}
	same(t, "buckets", buckets(t, s, q), []timeseries.Group(nil))
	same(t, "points", all(t, s, of(gone), noon, end, 10), []timeseries.Point(nil))
	same(t, "the other's", all(t, s, of(stays), noon, end, 10), []timeseries.Point{other})
	insert(t, s, timeseries.Inserted{New: 50}, points...)
	if got := all(t, s, of(gone), noon, end, 7); len(got) != 50 {
		t.Errorf("%d points are there again", len(got))
	}
}

func retainsWhileOthersInsert(t *testing.T, s timeseries.Store) {
	w := ids.New()
	var points []timeseries.Point
	for i := range 400 {
		points = append(points, point(w, noon.Add(time.Duration(i)*30*time.Minute), 1))
	}
	border := noon.Truncate(timeseries.Day).Add(4 * timeseries.Day)
	var everyone sync.WaitGroup
	for n := range 2 {
		everyone.Go(func() {
			for i := range 40 {
				k := (i*2 + n) * 5 % 400
				if _, err := s.Insert(context.Background(), points[k:k+5]); err != nil {
					t.Errorf("insert: %v", err)
				}
			}
		})
	}
	everyone.Go(func() {
		for n := range 5 {
			if err := s.Retain(context.Background(), timeseries.Retention{Points: border.Add(time.Duration(n-4) * timeseries.Day)}); err != nil {
				t.Errorf("retain: %v", err)
			}
		}
	})
	everyone.Wait()
	if _, err := s.Insert(t.Context(), points); err != nil {
		t.Fatal(err)
	}
	// From the border on everything is there once, as points and in slots alike.
	end := points[399].At.Add(15 * time.Minute)
	kept := all(t, s, of(w), noon, end, 1000)
	if len(kept) == 0 || kept[0].At.Before(border) {
		t.Errorf("%d points are kept", len(kept))
	}
	got := buckets(t, s, timeseries.Query{Selection: of(w), Edges: []time.Time{border, end}})
	if len(got) != 1 || got[0].Buckets[0].Count != uint64(len(kept)) || len(kept) != 400-168 {
		t.Errorf("%d points, counted as %+v", len(kept), got)
	}
}
