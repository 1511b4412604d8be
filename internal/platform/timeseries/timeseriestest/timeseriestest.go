// Package timeseriestest holds the conformance suite of the time-series port:
// every adapter runs it, and what it asserts is what callers may rely on.
package timeseriestest

import (
	"reflect"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Run runs the suite. open answers an empty store that goes with its test.
func Run(t *testing.T, open func(t *testing.T) timeseries.Store) {
	for name, test := range map[string]func(*testing.T, timeseries.Store){
		"KeepsWhatWasInserted":        keepsWhatWasInserted,
		"AddsAPointOnce":              addsAPointOnce,
		"RefusesWhatIsNoPoint":        refusesWhatIsNoPoint,
		"RefusesWhatIsNoQuery":        refusesWhatIsNoQuery,
		"PagesInOrder":                pagesInOrder,
		"CountsByBucket":              countsByBucket,
		"FiltersAndGroups":            filtersAndGroups,
		"CountsByDaysOfAZone":         countsByDaysOfAZone,
		"BoundsItsAnswers":            boundsItsAnswers,
		"ListsDimensions":             listsDimensions,
		"KeepsSlotsLongerThanPoints":  keepsSlotsLongerThanPoints,
		"ForgetsAWorkspaceOnly":       forgetsAWorkspaceOnly,
		"TakesAnyText":                takesAnyText,
		"ConcurrentInsertsCountOnce":  concurrentInsertsCountOnce,
		"TakesBatchesOverManySeries":  takesBatchesOverManySeries,
		"StopsWithItsContext":         stopsWithItsContext,
		"RetainsWhileOthersInsert":    retainsWhileOthersInsert,
		"SpansYearsOfDays":            spansYearsOfDays,
		"AnswersWhatTheOracleAnswers": answersWhatTheOracleAnswers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// noon is in the middle of a slot's and an hour's edge, in a day of 24 hours everywhere.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func point(workspace ids.ID, at time.Time, value float64, dimensions ...string) timeseries.Point {
	return timeseries.Point{ID: ids.New(), Workspace: workspace, Metric: "task.completed", At: at, Value: value, Dimensions: timeseries.By(dimensions...)}
}

func of(workspace ids.ID) timeseries.Selection {
	return timeseries.Selection{Workspace: workspace, Metric: "task.completed"}
}

func insert(t *testing.T, s timeseries.Store, want timeseries.Inserted, points ...timeseries.Point) {
	t.Helper()
	got, err := s.Insert(t.Context(), points)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("inserted %+v, want %+v", got, want)
	}
}

// all reads a selection page by page.
func all(t *testing.T, s timeseries.Store, sel timeseries.Selection, from, to time.Time, limit int) []timeseries.Point {
	t.Helper()
	var out []timeseries.Point
	var place timeseries.Place
	for {
		page, next, err := s.Range(t.Context(), sel, from, to, place, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > limit {
			t.Fatalf("a page of %d points, asked for %d", len(page), limit)
		}
		if len(page) == 0 {
			if next != place {
				t.Fatalf("the place moved to %+v without a point", next)
			}
			return out
		}
		out = append(out, page...)
		place = next
	}
}

func buckets(t *testing.T, s timeseries.Store, q timeseries.Query) []timeseries.Group {
	t.Helper()
	got, err := s.Buckets(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// one is a bucket of values.
func one(values ...float64) timeseries.Bucket {
	var b timeseries.Bucket
	for _, v := range values {
		b.Add(v)
	}
	return b
}

// where asks for a dimension to have one of the values.
func where(name string, in ...string) timeseries.Match { return timeseries.Match{Name: name, In: in} }

// pairs are dimensions as they are given, right or wrong.
func pairs(all ...string) timeseries.Dimensions {
	var d timeseries.Dimensions
	for i := 0; i+1 < len(all); i += 2 {
		d = append(d, timeseries.Dimension{Name: all[i], Value: all[i+1]})
	}
	return d
}
