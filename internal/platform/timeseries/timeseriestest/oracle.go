package timeseriestest

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/platform/timeseries/memory"
)

// answersWhatTheOracleAnswers does the same to the store and to one in memory
// and compares all that they answer. Values are eighths, so that sums are
// exact in any order. Each run has a workspace of its own in the one store.
func answersWhatTheOracleAnswers(t *testing.T, s timeseries.Store) {
	begin := noon.Truncate(timeseries.Day)
	retained := time.Time{} // of the store, over all runs
	rapid.Check(t, func(r *rapid.T) {
		oracle := memory.New()
		if err := oracle.Retain(t.Context(), timeseries.Retention{Points: retained}); err != nil {
			r.Fatal(err)
		}
		w := ids.New()
		pool := make([]ids.ID, 5)
		for i := range pool {
			pool[i] = ids.New()
		}
		moment := rapid.Custom(func(r *rapid.T) time.Time {
			milli := rapid.Int64Range(0, 10*timeseries.Day.Milliseconds()-1).Draw(r, "milli")
			unit := rapid.SampledFrom([]int64{1, 60_000, timeseries.Slot.Milliseconds(), time.Hour.Milliseconds()}).Draw(r, "unit")
			return begin.Add(time.Duration(milli-milli%unit) * time.Millisecond)
		})
		values := []string{"", "a", "b", "ä=1:x"}
		drawn := rapid.Custom(func(r *rapid.T) timeseries.Point {
			return timeseries.Point{
				ID: rapid.SampledFrom(pool).Draw(r, "id"), Workspace: w, At: moment.Draw(r, "at"),
				Metric:     rapid.SampledFrom([]string{"m.one", "m.two"}).Draw(r, "metric"),
				Value:      float64(rapid.IntRange(-1000, 1000).Draw(r, "eighths")) / 8,
				Dimensions: timeseries.By("d", rapid.SampledFrom(values).Draw(r, "d"), "e", rapid.SampledFrom(values).Draw(r, "e")),
			}
		})
		selection := func(r *rapid.T) timeseries.Selection {
			sel := timeseries.Selection{Workspace: w, Metric: "m.one"}
			for _, name := range []string{"d", "e"} {
				if rapid.Bool().Draw(r, "filter") {
					sel.Where = append(sel.Where, timeseries.Match{Name: name, In: rapid.SliceOfN(rapid.SampledFrom(values), 0, 3).Draw(r, "in")})
				}
			}
			return sel
		}
		compare := func(r *rapid.T, what string, got, want any, gotErr, wantErr error) {
			r.Helper()
			if !errors.Is(gotErr, wantErr) || !reflect.DeepEqual(got, want) {
				r.Fatalf("%s:\n got %+v, %v\nwant %+v, %v", what, got, gotErr, want, wantErr)
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"insert": func(r *rapid.T) {
				batch := rapid.SliceOfN(drawn, 0, 30).Draw(r, "points")
				got, gotErr := s.Insert(t.Context(), batch)
				want, wantErr := oracle.Insert(t.Context(), batch)
				compare(r, "insert", got, want, gotErr, wantErr)
			},
			"buckets": func(r *rapid.T) {
				q := timeseries.Query{Selection: selection(r)}
				q.By = rapid.SampledFrom([][]string{nil, {"d"}, {"e", "d"}, {"x", "e"}}).Draw(r, "by")
				if rapid.Bool().Draw(r, "even") {
					width := rapid.SampledFrom([]time.Duration{time.Minute, 7 * time.Minute, timeseries.Slot, time.Hour, timeseries.Day}).Draw(r, "width")
					from := moment.Draw(r, "from")
					q.Edges = timeseries.Every(from, from.Add(30*width), width)
				} else {
					at := moment.Draw(r, "first")
					for range rapid.IntRange(2, 10).Draw(r, "edges") {
						q.Edges = append(q.Edges, at)
						at = at.Add(time.Duration(1+rapid.Int64Range(0, timeseries.Day.Milliseconds()).Draw(r, "on")) * time.Millisecond)
					}
				}
				got, gotErr := s.Buckets(t.Context(), q)
				want, wantErr := oracle.Buckets(t.Context(), q)
				compare(r, fmt.Sprintf("buckets of %+v", q), got, want, gotErr, wantErr)
			},
			"range": func(r *rapid.T) {
				sel, from, to := selection(r), moment.Draw(r, "from"), moment.Draw(r, "to")
				limit := rapid.IntRange(1, 20).Draw(r, "limit")
				var place timeseries.Place
				for more := true; more; {
					got, gotPlace, gotErr := s.Range(t.Context(), sel, from, to, place, limit)
					want, wantPlace, wantErr := oracle.Range(t.Context(), sel, from, to, place, limit)
					compare(r, "range", got, want, gotErr, wantErr)
					compare(r, "place", gotPlace, wantPlace, nil, nil)
					place, more = wantPlace, len(want) > 0
				}
			},
			"dimensions": func(r *rapid.T) {
				sel := selection(r)
				got, gotErr := s.Dimensions(t.Context(), sel, 3)
				want, wantErr := oracle.Dimensions(t.Context(), sel, 3)
				compare(r, "dimensions", got, want, gotErr, wantErr)
			},
			"forget": func(r *rapid.T) {
				if rapid.IntRange(0, 4).Draw(r, "chance") == 0 {
					if err := cmp.Or(s.Forget(t.Context(), w), oracle.Forget(t.Context(), w)); err != nil {
						r.Fatal(err)
					}
				}
			},
			"retain": func(r *rapid.T) {
				// Seldom and a little at a time, as the one store goes through all runs.
				if rapid.IntRange(0, 20).Draw(r, "chance") == 0 && retained.Before(begin.Add(4*timeseries.Day)) {
					if retained.IsZero() {
						retained = begin
					}
					retained = retained.Add(5 * time.Hour)
					keep := timeseries.Retention{Points: retained}
					if err := cmp.Or(s.Retain(t.Context(), keep), oracle.Retain(t.Context(), keep)); err != nil {
						r.Fatal(err)
					}
				}
			},
		})
	})
}
