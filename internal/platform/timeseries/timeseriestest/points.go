package timeseriestest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

func keepsWhatWasInserted(t *testing.T, s timeseries.Store) {
	w := ids.New()
	p := point(w, noon.Add(1234567890), -2.5, "project", "p1", "kind", "bug")
	other := point(ids.New(), noon, 1)
	metric := point(w, noon, 1)
	metric.Metric = "task.created"
	insert(t, s, timeseries.Inserted{New: 3}, p, other, metric)
	want := p
	want.At = noon.Add(1234 * time.Millisecond)
	same(t, "points", all(t, s, of(w), noon, noon.Add(time.Hour), 10), []timeseries.Point{want})
	insert(t, s, timeseries.Inserted{})
}

func addsAPointOnce(t *testing.T, s timeseries.Store) {
	w := ids.New()
	p := point(w, noon, 3, "project", "p1")
	insert(t, s, timeseries.Inserted{New: 1, Repeated: 1}, p, p)
	changed := p
	changed.Value = 100
	late, elsewhere, another := p, p, p
	late.At = noon.Add(time.Millisecond)
	elsewhere.Dimensions = timeseries.By("project", "p2")
	another.ID = ids.New()
	insert(t, s, timeseries.Inserted{New: 3, Repeated: 2}, changed, late, p, elsewhere, another)
	q := timeseries.Query{Selection: of(w), Edges: timeseries.Every(noon, noon.Add(time.Hour), time.Hour)}
	same(t, "by hour", buckets(t, s, q), []timeseries.Group{{Buckets: []timeseries.Bucket{one(3, 3, 3, 3)}}})
	q.Edges = timeseries.Every(noon, noon.Add(time.Second), time.Second)
	same(t, "by second", buckets(t, s, q), []timeseries.Group{{Buckets: []timeseries.Bucket{one(3, 3, 3, 3)}}})
}

func refusesWhatIsNoPoint(t *testing.T, s timeseries.Store) {
	w := ids.New()
	many := timeseries.Dimensions{}
	for c := 'a'; c <= 'i'; c++ {
		many = append(many, timeseries.Dimension{Name: string(c), Value: "v"})
	}
	for what, spoil := range map[string]func(*timeseries.Point){
		"no id":          func(p *timeseries.Point) { p.ID = ids.Nil },
		"no workspace":   func(p *timeseries.Point) { p.Workspace = ids.Nil },
		"no metric":      func(p *timeseries.Point) { p.Metric = "" },
		"metric":         func(p *timeseries.Point) { p.Metric = "Task" },
		"long metric":    func(p *timeseries.Point) { p.Metric = strings.Repeat("m", 65) },
		"before 1970":    func(p *timeseries.Point) { p.At = time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC) },
		"after 2261":     func(p *timeseries.Point) { p.At = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC) },
		"not a number":   func(p *timeseries.Point) { p.Value = math.NaN() },
		"infinite":       func(p *timeseries.Point) { p.Value = math.Inf(-1) },
		"unsorted":       func(p *timeseries.Point) { p.Dimensions = pairs("b", "1", "a", "1") },
		"twice":          func(p *timeseries.Point) { p.Dimensions = pairs("a", "1", "a", "2") },
		"no value":       func(p *timeseries.Point) { p.Dimensions = pairs("a", "") },
		"NUL":            func(p *timeseries.Point) { p.Dimensions = pairs("a", "x\x00") },
		"not UTF-8":      func(p *timeseries.Point) { p.Dimensions = pairs("a", "\xff") },
		"long value":     func(p *timeseries.Point) { p.Dimensions = pairs("a", strings.Repeat("v", 201)) },
		"name":           func(p *timeseries.Point) { p.Dimensions = pairs("a=b", "v") },
		"many":           func(p *timeseries.Point) { p.Dimensions = many },
		"dimension name": func(p *timeseries.Point) { p.Dimensions = pairs("", "v") },
	} {
		bad := point(w, noon, 1)
		spoil(&bad)
		_, err := s.Insert(t.Context(), []timeseries.Point{point(w, noon, 1), bad})
		var input *timeseries.InputError
		if !errors.As(err, &input) || !strings.HasPrefix(input.What, "points[1].") {
			t.Errorf("%s: answered %v", what, err)
		}
	}
	if got := all(t, s, of(w), noon, noon.Add(time.Hour), 10); len(got) != 0 {
		t.Errorf("of refused batches %d points are there", len(got))
	}
}

func pagesInOrder(t *testing.T, s timeseries.Store) {
	w := ids.New()
	var want []timeseries.Point
	id := [3]ids.ID{ids.New(), ids.New(), ids.New()}
	for n := range 4 { // moments
		for _, i := range id {
			for _, project := range []string{"a", "b", "c"} {
				p := point(w, noon.Add(time.Duration(n)*26*time.Hour), float64(len(want)), "project", project)
				p.ID = i
				want = append(want, p)
			}
		}
	}
	shuffled := slices.Clone(want)
	for i := range shuffled {
		k := (i * 7) % len(shuffled)
		shuffled[i], shuffled[k] = shuffled[k], shuffled[i]
	}
	insert(t, s, timeseries.Inserted{New: len(want)}, shuffled...)
	end := noon.Add(5 * timeseries.Day)
	for _, limit := range []int{1, 2, 5, 36, 100} {
		same(t, "pages", all(t, s, of(w), noon, end, limit), want)
	}
	same(t, "from and to", all(t, s, of(w), want[9].At, want[18].At, 4), want[9:18])
	same(t, "from inside a millisecond", all(t, s, of(w), want[9].At.Add(1), want[18].At.Add(1), 4), want[18:27])
	sel := of(w)
	sel.Where = []timeseries.Match{{Name: "project", In: []string{"b", "x"}}}
	var only []timeseries.Point
	for _, p := range want {
		if p.Dimensions.Get("project") == "b" {
			only = append(only, p)
		}
	}
	same(t, "filtered", all(t, s, sel, noon, end, 5), only)
	page, _, err := s.Range(t.Context(), of(w), noon, end, timeseries.Place{}, 0)
	if err != nil || len(page) != 0 {
		t.Errorf("a page of none: %d points, %v", len(page), err)
	}
}

func takesAnyText(t *testing.T, s timeseries.Store) {
	w := ids.New()
	values := []string{"=", ":", "a=1:b", `"'\`, "ä", "日本", "%", " ", "\n", "\x01", "4:x", strings.Repeat("v", timeseries.MaxValue)}
	var points []timeseries.Point
	for i, v := range values {
		p := point(w, noon, float64(i), "one", v, "two", values[len(values)-1-i])
		points = append(points, p)
	}
	insert(t, s, timeseries.Inserted{New: len(points)}, points...)
	for i, v := range values {
		sel := of(w)
		sel.Where = []timeseries.Match{{Name: "one", In: []string{v}}}
		same(t, "points", all(t, s, sel, noon, noon.Add(time.Second), 10), points[i:i+1])
	}
}

func concurrentInsertsCountOnce(t *testing.T, s timeseries.Store) {
	w := ids.New()
	var points []timeseries.Point
	for i := range 300 {
		points = append(points, point(w, noon.Add(time.Duration(i)*time.Minute), 1, "project", string(rune('a'+i%3))))
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	added := 0
	for n := range 4 {
		all.Go(func() {
			mine := slices.Clone(points)
			if n%2 == 1 {
				slices.Reverse(mine)
			}
			for part := range slices.Chunk(mine, 70) {
				got, err := s.Insert(context.Background(), part)
				if err != nil {
					t.Errorf("insert: %v", err)
				}
				mu.Lock()
				added += got.New
				mu.Unlock()
			}
		})
	}
	all.Wait()
	q := timeseries.Query{Selection: of(w), Edges: []time.Time{noon, noon.Add(300 * time.Minute)}}
	got := buckets(t, s, q)
	if added != 300 || len(got) != 1 || got[0].Buckets[0].Count != 300 || got[0].Buckets[0].Sum != 300 {
		t.Errorf("of 300 points, 4 times over, %d were new; they come to %+v", added, got)
	}
}

func takesBatchesOverManySeries(t *testing.T, s timeseries.Store) {
	workspaces := []ids.ID{ids.New(), ids.New(), ids.New()}
	var points []timeseries.Point
	for i := range 5000 {
		points = append(points, point(workspaces[i%3], noon.Add(time.Duration(i)*time.Minute), 1, "project", "p"+string(rune('a'+i%20))))
	}
	insert(t, s, timeseries.Inserted{New: 5000}, points...)
	insert(t, s, timeseries.Inserted{Repeated: 5000}, points...)
	total := uint64(0)
	for _, w := range workspaces {
		q := timeseries.Query{Selection: of(w), Edges: timeseries.Days(noon, noon.Add(4*timeseries.Day), time.UTC), By: []string{"project"}}
		groups := buckets(t, s, q)
		if len(groups) != 20 {
			t.Errorf("%d groups", len(groups))
		}
		for _, g := range groups {
			for _, b := range g.Buckets {
				total += b.Count
			}
		}
	}
	if total != 5000 {
		t.Errorf("the groups count %d points", total)
	}
}

func stopsWithItsContext(t *testing.T, s timeseries.Store) {
	w := ids.New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, insertErr := s.Insert(ctx, []timeseries.Point{point(w, noon, 1)})
	_, _, rangeErr := s.Range(ctx, of(w), noon, noon.Add(time.Hour), timeseries.Place{}, 1)
	_, bucketsErr := s.Buckets(ctx, timeseries.Query{Selection: of(w), Edges: timeseries.Every(noon, noon.Add(time.Hour), time.Hour)})
	_, dimensionsErr := s.Dimensions(ctx, of(w), 1)
	for what, err := range map[string]error{
		"Insert": insertErr, "Range": rangeErr, "Buckets": bucketsErr, "Dimensions": dimensionsErr,
		"Retain": s.Retain(ctx, timeseries.Retention{Points: noon}), "Forget": s.Forget(ctx, w),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s answered %v", what, err)
		}
	}
	if got := all(t, s, of(w), noon, noon.Add(time.Hour), 1); len(got) != 0 {
		t.Errorf("%d points are there", len(got))
	}
}

func spansYearsOfDays(t *testing.T, s timeseries.Store) {
	w := ids.New()
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var points []timeseries.Point
	for day := range 200 {
		points = append(points, point(w, from.Add(time.Duration(day)*4*timeseries.Day), float64(day)))
	}
	insert(t, s, timeseries.Inserted{New: 200}, points...)
	to := points[199].At.Add(1e6)
	same(t, "range", all(t, s, of(w), from, to, 150), points)
	q := timeseries.Query{Selection: of(w), Edges: []time.Time{from, from.Add(time.Minute), to}} // from points
	rest := timeseries.Bucket{Count: 199, Sum: 199 * 200 / 2, Min: 1, Max: 199}
	same(t, "by points", buckets(t, s, q), []timeseries.Group{{Buckets: []timeseries.Bucket{one(0), rest}}})
}
