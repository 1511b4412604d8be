package projection_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headway/internal/analytics/projection"
	"headway/internal/analytics/query"
	"headway/internal/analytics/readmodel"
	rowmemory "headway/internal/analytics/readmodel/memory"
	rowsqlite "headway/internal/analytics/readmodel/sqlite"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
	"headway/internal/platform/timeseries"
	seriesmemory "headway/internal/platform/timeseries/memory"
	seriessqlite "headway/internal/platform/timeseries/sqlite"
	"headway/internal/task/event"
)

var errCut = errors.New("the process ended here")

// cutRows has writes of rows end early: after some tasks, before the frame.
type cutRows struct {
	readmodel.Store
	draw func(n int) int
}

// Save implements readmodel.Store.
func (c *cutRows) Save(ctx context.Context, f *readmodel.Frame, tasks []*readmodel.Task) error {
	if c.draw(3) > 0 {
		return c.Store.Save(ctx, f, tasks)
	}
	// The port promises tasks before the frame, and nothing of how many.
	before, err := c.Frame(ctx, f.Workspace)
	if err != nil {
		return err
	}
	if before == nil {
		before = readmodel.NewFrame(f.Workspace, readmodel.At(f.Version.Generation(), 0))
	}
	if err := c.Store.Save(ctx, before, tasks[:c.draw(len(tasks)+1)]); err != nil {
		return err
	}
	return errCut
}

// cutSeries has inserts end after some points.
type cutSeries struct {
	timeseries.Store
	draw func(n int) int
}

// Insert implements timeseries.Store.
func (c *cutSeries) Insert(ctx context.Context, points []timeseries.Point) (timeseries.Inserted, error) {
	if c.draw(3) > 0 {
		return c.Store.Insert(ctx, points)
	}
	if _, err := c.Store.Insert(ctx, points[:c.draw(len(points)+1)]); err != nil {
		return timeseries.Inserted{}, err
	}
	return timeseries.Inserted{}, errCut
}

// afterwards has something happen when points are in.
type afterwards struct {
	timeseries.Store
	then func()
}

// Insert implements timeseries.Store.
func (a *afterwards) Insert(ctx context.Context, points []timeseries.Point) (timeseries.Inserted, error) {
	done, err := a.Store.Insert(ctx, points)
	a.then()
	return done, err
}

// stores is what a run is kept in.
type stores struct {
	rows   readmodel.Store
	series timeseries.Store
}

// TestWhateverHappensTheCountsAreTheSame delivers the events of two workspaces
// in batches of any size, again and again, from anywhere before the
// checkpoint, to processes that end at any write, and holds what is answered
// against a count over all that happened; then replays them from zero.
func TestWhateverHappensTheCountsAreTheSame(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) { chaos(t, stores{rowmemory.New(), seriesmemory.New()}) })
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db := sqlitedbtest.Open(t, seriessqlite.Migrations(), rowsqlite.Migrations())
		s := stores{rowsqlite.New(db), seriessqlite.New(db)} // of all runs: their workspaces differ
		runs := 0
		rapid.Check(t, func(t *rapid.T) {
			if runs++; runs <= 5 { // each syncs to the disk some hundred times
				chaos(t, s)
			}
		})
	})
}

func chaos(t *rapid.T, s stores) {
	draw := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
	users := people(3)
	worlds := []*world{newWorld(t, users), newWorld(t, users)}
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		worlds[draw(2)].step(draw)
	}
	deliver(t, s, worlds, 1, draw)
	for _, w := range worlds {
		check(t, s, w, draw)
	}
	// A replay drops everything. A process that sleeps through it has written
	// points before, and writes its rows after.
	forget := func() {
		for _, w := range worlds {
			if err := projection.New(s.rows, s.series).Forget(t.Context(), w.workspace); err != nil {
				t.Fatal(err)
			}
		}
	}
	first := worlds[0]
	forget()
	if err := projection.New(s.rows, &afterwards{s.series, forget}).Apply(t.Context(), batchOf(t, first, 1, 0, 1+draw(len(first.events)))); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, worlds, 2, draw)
	for _, w := range worlds {
		check(t, s, w, draw)
	}
}

func batchOf(t *rapid.T, w *world, generation uint64, from, to int) *projection.Batch {
	b, err := projection.Decode(w.workspace, generation, w.events[from:to])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// deliver has all events handled, one checkpoint for each workspace, by
// processes that end at their writes.
func deliver(t *rapid.T, s stores, worlds []*world, generation uint64, draw func(int) int) {
	at := make([]int, len(worlds))
	process := func() *projection.Projector {
		return projection.New(&cutRows{s.rows, draw}, &cutSeries{s.series, draw})
	}
	p := process()
	for at[0] < len(worlds[0].events) || at[1] < len(worlds[1].events) {
		i := draw(2)
		w := worlds[i]
		from := at[i] - draw(at[i]+1)*draw(2) // again, from somewhere before
		to := min(len(w.events), from+1+draw(20))
		if from >= to {
			continue
		}
		switch err := p.Apply(t.Context(), batchOf(t, w, generation, from, to)); {
		case errors.Is(err, errCut):
			p = process()
		case err != nil:
			t.Fatal(err)
		default:
			at[i] = max(at[i], to)
		}
	}
}

// check asks for what a viewer may ask for.
func check(t *rapid.T, s stores, w *world, draw func(int) int) {
	ctx := t.Context()
	q := query.New(s.rows, s.series, clock.NewManual(w.now), 0)
	v, err := q.Viewer(ctx, w.workspace, w.users[0])
	if err != nil {
		t.Fatal(err)
	}
	if v.Seq != uint64(len(w.events)) {
		t.Fatalf("it is at seq %d of %d", v.Seq, len(w.events))
	}
	zone := []string{"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"}[draw(4)]
	span, err := query.NewSpan("2025-12-01", w.now.Add(48*time.Hour).Format(time.DateOnly), zone, w.now)
	if err != nil {
		t.Fatal(err)
	}
	filters := []query.Filter{{}, {Project: w.projects[0]}, {Assignee: w.users[1]}, {Project: w.projects[1], Assignee: w.users[0]}}
	for _, f := range filters {
		checkThroughput(t, q, v, w, f, span)
		checkSummary(t, q, v, w, f, span)
	}
	checkFlow(t, q, v, w, span)
	checkActive(t, q, v, w)
}

func checkThroughput(t *rapid.T, q *query.Service, v *query.Viewer, w *world, f query.Filter, span query.Span) {
	got, err := q.Throughput(t.Context(), v, f, span, query.Week, query.ByNothing)
	if err != nil {
		t.Fatal(err)
	}
	edges := span.Edges(query.Week)
	for i := range got.Buckets {
		for what, n := range map[string]uint64{"created": got.Series[0].Created[i], "completed": got.Series[0].Completed[i], "reopened": got.Series[0].Reopened[i]} {
			if want := len(w.oracle.values(what, f, edges[i], edges[i+1])); int(n) != want {
				t.Fatalf("%s in the week of %s with %+v: %d, want %d", what, got.Buckets[i], f, n, want)
			}
		}
	}
}

func checkSummary(t *rapid.T, q *query.Service, v *query.Viewer, w *world, f query.Filter, span query.Span) {
	got, err := q.Summary(t.Context(), v, f, span)
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	for _, task := range w.tasks {
		c := w.category[task.column]
		if !task.counted() || c == event.Done || c == event.Cancelled || !f.Project.IsZero() && f.Project != task.project ||
			!f.Assignee.IsZero() && !slices.Contains(task.assignees, f.Assignee) {
			continue
		}
		open++
	}
	if got.OpenNow != open {
		t.Fatalf("open with %+v: %d, want %d", f, got.OpenNow, open)
	}
	for what, d := range map[string]query.Durations{"cycle": got.Cycle, "completed": got.Lead} {
		values := w.oracle.values(what, f, span.From, span.End())
		if d.Count != len(values) || !same(d.Median, least(values, 50)) || !same(d.P85, least(values, 85)) {
			t.Fatalf("durations of %s with %+v: %+v, of %v", what, f, d, values)
		}
	}
}

func checkFlow(t *rapid.T, q *query.Service, v *query.Viewer, w *world, span query.Span) {
	edges := span.Edges(query.Day)
	for _, p := range w.projects {
		got, err := q.Flow(t.Context(), v, p, span, query.Day)
		if err != nil {
			t.Fatal(err)
		}
		for _, band := range got.Series {
			for i, n := range band.Tasks {
				if want := w.oracle.held(*band.Column, edges[i+1]); n != want {
					t.Fatalf("column %s of category %s held %d at the end of %s, want %d", band.Column, band.Category, n, got.Buckets[i], want)
				}
			}
		}
	}
	all, err := q.Flow(t.Context(), v, ids.Nil, span, query.Day)
	if err != nil {
		t.Fatal(err)
	}
	for _, band := range all.Series {
		want := 0
		for c, category := range w.category {
			if category == band.Category {
				want += w.oracle.held(c, span.End())
			}
		}
		if got := band.Tasks[len(band.Tasks)-1]; got != want {
			t.Fatalf("%s holds %d, want %d", band.Category, got, want)
		}
	}
}

func checkActive(t *rapid.T, q *query.Service, v *query.Viewer, w *world) {
	span, err := query.NewSpan("2025-12-01", w.now.Add(48*time.Hour).Format(time.DateOnly), "", w.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, per := range []query.Per{query.Day, query.Week, query.Month} {
		for _, project := range append([]ids.ID{ids.Nil}, w.projects...) {
			got, err := q.Active(t.Context(), v, project, span, per)
			if err != nil {
				t.Fatal(err)
			}
			edges := span.Edges(per)
			for i, n := range got.Users {
				if want := w.oracle.active(project, edges[i], edges[i+1]); n != want {
					t.Fatalf("active in the %s of %s: %d, want %d", per, got.Buckets[i], n, want)
				}
			}
		}
	}
}
