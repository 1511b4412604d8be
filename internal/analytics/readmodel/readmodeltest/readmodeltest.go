// Package readmodeltest holds the conformance suite of analytics' read model:
// every adapter runs it, and what it asserts is what callers may rely on.
package readmodeltest

import (
	"errors"
	"maps"
	"reflect"
	"sync"
	"testing"
	"time"

	"context"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Run runs the suite. open answers an empty store that goes with its test.
func Run(t *testing.T, open func(t *testing.T) readmodel.Store) {
	for name, test := range map[string]func(*testing.T, readmodel.Store){
		"KeepsWhatWasSaved":          keepsWhatWasSaved,
		"TakesOnlyWhatIsNewer":       takesOnlyWhatIsNewer,
		"TakesWhatIsBesideOldNews":   takesWhatIsBesideOldNews,
		"CountsByColumnAndAssignee":  countsByColumnAndAssignee,
		"ForgetsAWorkspaceOnly":      forgetsAWorkspaceOnly,
		"KeepsChoices":               keepsChoices,
		"TakesAsManyTasksAsItSays":   takesAsManyTasksAsItSays,
		"ConcurrentSavesKeepTheLast": concurrentSavesKeepTheLast,
		"StopsWithItsContext":        stopsWithItsContext,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123e6, time.UTC)

// frame makes a frame with something in each of its parts.
func frame(workspace ids.ID, v readmodel.Version) *readmodel.Frame {
	f := readmodel.NewFrame(workspace, v)
	project := ids.New()
	f.Members[ids.New()] = readmodel.Member{Role: event.Guest, Projects: []ids.ID{project}}
	f.Members[ids.New()] = readmodel.Member{Role: event.Owner}
	f.Projects[project] = readmodel.Project{State: event.Archived}
	f.Columns[ids.New()] = readmodel.Column{Project: project, Category: event.Active, Position: "a0", Removed: true}
	return f
}

func task(v readmodel.Version, column ids.ID, assignees ...ids.ID) *readmodel.Task {
	return &readmodel.Task{ID: ids.New(), Version: v, Project: ids.New(), Column: column, Assignees: assignees, State: event.Live, Created: noon}
}

func save(t *testing.T, s readmodel.Store, f *readmodel.Frame, tasks ...*readmodel.Task) {
	t.Helper()
	if err := s.Save(t.Context(), f, tasks); err != nil {
		t.Fatal(err)
	}
}

func sameFrame(t *testing.T, s readmodel.Store, workspace ids.ID, want *readmodel.Frame) {
	t.Helper()
	got, err := s.Frame(t.Context(), workspace)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the frame is %+v, want %+v", got, want)
	}
}

func sameTasks(t *testing.T, s readmodel.Store, workspace ids.ID, want ...*readmodel.Task) {
	t.Helper()
	asked := []ids.ID{ids.New()} // which is not there
	for _, w := range want {
		asked = append(asked, w.ID)
	}
	got, err := s.Tasks(t.Context(), workspace, asked)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%d tasks are there, want %d", len(got), len(want))
	}
	for _, w := range want {
		if g := got[w.ID]; g == nil || !g.Equal(w) {
			t.Errorf("the task is %+v, want %+v", g, w)
		}
	}
}

func sameCounts(t *testing.T, s readmodel.Store, workspace, assignee ids.ID, want map[ids.ID]int) {
	t.Helper()
	got, err := s.Counts(t.Context(), workspace, assignee)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, want) {
		t.Errorf("counts are %v, want %v", got, want)
	}
}

func keepsWhatWasSaved(t *testing.T, s readmodel.Store) {
	w, other := ids.New(), ids.New()
	sameFrame(t, s, w, nil)
	sameTasks(t, s, w)
	f := frame(w, readmodel.At(1, 7))
	full := task(readmodel.At(1, 5), ids.New(), ids.New(), ids.New())
	full.Started, full.Completed, full.State = noon.Add(time.Hour), noon.Add(2*time.Hour), event.Archived
	gone := task(readmodel.At(1, 6), ids.New())
	gone.Gone, gone.State = true, event.Trashed
	old := task(readmodel.At(1, 7), ids.New())
	old.Created = time.Date(1961, 4, 12, 6, 7, 0, 0, time.UTC)
	save(t, s, f, full, gone, old)
	sameFrame(t, s, w, f)
	sameTasks(t, s, w, full, gone, old)
	sameFrame(t, s, other, nil)
	if got, err := s.Tasks(t.Context(), other, []ids.ID{full.ID}); err != nil || len(got) != 0 {
		t.Errorf("another workspace has %v, %v", got, err)
	}
}

// Of the tasks saved at once some are there as new as they come; the others are taken all the same.
func takesWhatIsBesideOldNews(t *testing.T, s readmodel.Store) {
	w := ids.New()
	var tasks []*readmodel.Task
	for range 9 {
		tasks = append(tasks, task(readmodel.At(1, 5), ids.New()))
	}
	save(t, s, frame(w, readmodel.At(1, 5)), tasks[0], tasks[3], tasks[4])
	save(t, s, frame(w, readmodel.At(1, 6)), tasks...)
	sameTasks(t, s, w, tasks...)
}

func takesOnlyWhatIsNewer(t *testing.T, s readmodel.Store) {
	w := ids.New()
	f := frame(w, readmodel.At(1, 9))
	one := task(readmodel.At(1, 9), ids.New())
	save(t, s, f, one)
	for _, v := range []readmodel.Version{readmodel.At(1, 8), readmodel.At(1, 9)} {
		late := *one
		late.Version, late.Column, late.State = v, ids.New(), event.Trashed
		save(t, s, frame(w, v), &late)
		sameFrame(t, s, w, f)
		sameTasks(t, s, w, one)
	}
	// What a replay writes is newer, wherever it is; what was before it is not.
	again := *one
	again.Version, again.Column = readmodel.At(2, 1), ids.New()
	g := frame(w, readmodel.At(2, 1))
	save(t, s, g, &again)
	sameFrame(t, s, w, g)
	sameTasks(t, s, w, &again)
	save(t, s, frame(w, readmodel.At(1, 1000)), one)
	sameFrame(t, s, w, g)
	sameTasks(t, s, w, &again)
	sameCounts(t, s, w, ids.Nil, map[ids.ID]int{again.Column: 1})
}

func countsByColumnAndAssignee(t *testing.T, s readmodel.Store) {
	w, a, b, ada, bob := ids.New(), ids.New(), ids.New(), ids.New(), ids.New()
	v := readmodel.At(1, 3)
	archived, done, trashed, gone := task(v, b, ada), task(v, b, ada), task(v, a, ada), task(v, a, ada)
	archived.State = event.Archived
	done.State, done.Completed = event.Archived, noon
	trashed.State, gone.Gone = event.Trashed, true
	save(t, s, frame(w, v), task(v, a, ada, bob), task(v, a, bob), task(v, b), archived, done, trashed, gone)
	save(t, s, frame(ids.New(), v), task(v, a, ada))
	sameCounts(t, s, w, ids.Nil, map[ids.ID]int{a: 2, b: 2})
	sameCounts(t, s, w, ada, map[ids.ID]int{a: 1, b: 1})
	sameCounts(t, s, w, bob, map[ids.ID]int{a: 2})
	sameCounts(t, s, w, ids.New(), map[ids.ID]int{})
}

func forgetsAWorkspaceOnly(t *testing.T, s readmodel.Store) {
	w, other := ids.New(), ids.New()
	v := readmodel.At(1, 3)
	f := frame(other, v)
	one, stays := task(v, ids.New()), task(v, ids.New())
	save(t, s, frame(w, v), one)
	save(t, s, f, stays)
	if err := s.Forget(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	sameFrame(t, s, w, nil)
	sameTasks(t, s, w)
	sameCounts(t, s, w, ids.Nil, map[ids.ID]int{})
	sameFrame(t, s, other, f)
	sameTasks(t, s, other, stays)
	// What comes later is kept again, at whatever version.
	g := frame(w, readmodel.At(1, 1))
	save(t, s, g)
	sameFrame(t, s, w, g)
}

func keepsChoices(t *testing.T, s readmodel.Store) {
	ada, bob := ids.New(), ids.New()
	set := func(user ids.ID, out bool) {
		t.Helper()
		if err := s.SetOptedOut(t.Context(), user, out); err != nil {
			t.Fatal(err)
		}
	}
	want := func(user ids.ID, want bool) {
		t.Helper()
		if got, err := s.OptedOut(t.Context(), user); err != nil || got != want {
			t.Errorf("opted out: %v, %v; want %v", got, err, want)
		}
	}
	want(ada, false)
	set(ada, true)
	set(ada, true)
	want(ada, true)
	want(bob, false)
	set(ada, false)
	set(ada, false)
	want(ada, false)
}

func takesAsManyTasksAsItSays(t *testing.T, s readmodel.Store) {
	w, column := ids.New(), ids.New()
	var all []*readmodel.Task
	for i := range readmodel.MaxTasks {
		all = append(all, task(readmodel.At(1, uint64(i)+1), column)) // #nosec G115 -- counts up
	}
	save(t, s, frame(w, readmodel.At(1, readmodel.MaxTasks)), all...)
	sameCounts(t, s, w, ids.Nil, map[ids.ID]int{column: len(all)})
	sameTasks(t, s, w, all[:readmodel.MaxTasks-1]...) // and the one that it asks for in vain
}

func concurrentSavesKeepTheLast(t *testing.T, s readmodel.Store) {
	const last = 12
	w, id, column := ids.New(), ids.New(), ids.New()
	var all sync.WaitGroup
	for i := range last {
		all.Go(func() {
			v := readmodel.At(1, uint64(i)+1) // #nosec G115 -- counts up
			one := task(v, column)
			one.ID, one.Created = id, noon.Add(time.Duration(i)*time.Hour)
			if err := s.Save(t.Context(), frame(w, v), []*readmodel.Task{one}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := s.Tasks(t.Context(), w, []ids.ID{id})
	if err != nil || got[id] == nil || !got[id].Created.Equal(noon.Add((last-1)*time.Hour)) {
		t.Errorf("the task is %+v, %v", got[id], err)
	}
	if f, err := s.Frame(t.Context(), w); err != nil || f.Version.Seq() != last {
		t.Errorf("the frame is %+v, %v", f, err)
	}
	sameCounts(t, s, w, ids.Nil, map[ids.ID]int{column: 1})
}

func stopsWithItsContext(t *testing.T, s readmodel.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := ids.New()
	if err := s.Save(ctx, frame(w, readmodel.At(1, 1)), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("save: %v", err)
	}
	if _, err := s.Counts(ctx, w, ids.Nil); !errors.Is(err, context.Canceled) {
		t.Errorf("counts: %v", err)
	}
	sameFrame(t, s, w, nil)
}
