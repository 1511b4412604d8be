// Package readmodeltest holds the conformance suite of the task service's
// stores: every adapter runs it, and what it asserts is what callers may rely
// on. Beside examples it drives random commands against the adapter and the
// store in memory and compares all that both answer.
package readmodeltest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
)

// Store is both sides of a store, and its rows as lines.
type Store interface {
	command.Store
	readmodel.Reader
	// Dump calls line with every row of a workspace, the same lines in the
	// same order in every adapter.
	Dump(ctx context.Context, workspace ids.ID, line func(string) error) error
}

// Again is a store that a test can open anew over the same data, or build anew from its log.
type Again interface {
	Again(ctx context.Context) error
}

// Open answers an empty store that goes with the test, and which tells onCommit.
type Open func(t testing.TB, c clock.Clock, onCommit func(readmodel.Commit)) Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Open){
		"AbsentThingsAreNotFound":       absentThings,
		"ARefusedCommandLeavesNothing":  refused,
		"CommitsAreToldInOrder":         commitsInOrder,
		"PagesHoldEachTaskOnce":         pages,
		"RowsOfOneSeqStayTogether":      rowsOfOneSeq,
		"WhoLosesSightOfATaskIsTold":    lostSight,
		"SearchFindsWordsByTheirStart":  search,
		"ConcurrentCommandsLeaveNoGap":  concurrent,
		"HugeRowsComeBackWhole":         huge,
		"ACancelledCommandIsNotCarried": cancelled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
	t.Run("EqualsTheOracle", func(t *testing.T) {
		t.Parallel()
		equalsOracle(t, open)
	})
}

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

var everything = readmodel.Access{All: true}

// fixture is a workspace with one project, given by its owner.
type fixture struct {
	t         *testing.T
	store     Store
	clock     *clock.Manual
	commands  *command.Service
	owner     command.Actor
	workspace ids.ID
	project   ids.ID
	columns   []event.Column
}

func newFixture(t *testing.T, open Open, onCommit func(readmodel.Commit)) *fixture {
	t.Helper()
	c := clock.NewManual(start)
	store := open(t, c, onCommit)
	f := &fixture{
		t: t, store: store, clock: c, commands: command.NewService(store, c),
		owner: command.Actor{User: ids.New()}, workspace: ids.New(),
	}
	_, err := f.commands.CreateWorkspace(t.Context(), f.owner, command.CreateWorkspace{ID: f.workspace, Name: "Team"})
	must(t, err)
	f.project = f.newProject("One")
	frame, err := store.Frame(t.Context(), f.workspace)
	must(t, err)
	f.columns = frame.Projects[f.project].Columns
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) newProject(name string) ids.ID {
	f.t.Helper()
	r, err := f.commands.CreateProject(f.t.Context(), f.owner, command.CreateProject{Workspace: f.workspace, Name: name})
	must(f.t, err)
	return r.ID
}

func (f *fixture) newTask(column int, title, description string) ids.ID {
	f.t.Helper()
	r, err := f.commands.CreateTask(f.t.Context(), f.owner, command.CreateTask{
		Workspace: f.workspace, Project: f.project, Column: f.columns[column].ID, Title: title, Description: description,
	})
	must(f.t, err)
	return r.ID
}

func (f *fixture) comment(task ids.ID, text string) ids.ID {
	f.t.Helper()
	f.clock.Advance(time.Second)
	r, err := f.commands.AddComment(f.t.Context(), f.owner, command.AddComment{Workspace: f.workspace, Task: task, Text: text})
	must(f.t, err)
	return r.ID
}

func (f *fixture) head() uint64 {
	f.t.Helper()
	seq, err := f.store.Seq(f.t.Context(), f.workspace)
	must(f.t, err)
	return seq
}

func titles(t testing.TB, cards [][]byte) []string {
	t.Helper()
	var out []string
	for _, c := range cards {
		task, err := readmodel.DecodeTask(c, nil)
		must(t, err)
		out = append(out, task.Title)
	}
	return out
}

func lines(t testing.TB, s Store, workspace ids.ID) []string {
	t.Helper()
	var out []string
	if err := s.Dump(t.Context(), workspace, func(l string) error { out = append(out, l); return nil }); err != nil {
		t.Fatalf("dump: %v", err)
	}
	return out
}

func ptr[T any](v T) *T { return &v }

func name(i int) string { return fmt.Sprintf("task %03d", i) }
