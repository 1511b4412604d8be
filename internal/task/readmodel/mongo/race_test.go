//go:build servers

package mongo_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"headway/internal/platform/eventlog"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/memory"
	"headway/internal/task/readmodel/mongo"
	"headway/test/servers"
)

func lines(t testing.TB, dump func(context.Context, ids.ID, func(string) error) error, workspace ids.ID) []string {
	t.Helper()
	var out []string
	if err := dump(t.Context(), workspace, func(l string) error { out = append(out, l); return nil }); err != nil {
		t.Fatalf("dump: %v", err)
	}
	return out
}

// replay answers the rows that the store in memory makes of a workspace's log.
func replay(t testing.TB, s *opened, workspace ids.ID) (rows []string, events []eventlog.Event) {
	t.Helper()
	events, err := s.log.Read(t.Context(), workspace, 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	log := logmemory.New()
	if _, err := log.Append(t.Context(), eventlog.Workspace, workspace, 0, events); err != nil {
		t.Fatal(err)
	}
	oracle, err := memory.Replay(t.Context(), log, workspace)
	if err != nil {
		t.Fatal(err)
	}
	return lines(t, oracle.Dump, workspace), events
}

// rowsAreTheLog fails where the log has a gap or the rows are not what it says.
func rowsAreTheLog(t testing.TB, s *opened, workspace ids.ID) []eventlog.Event {
	t.Helper()
	want, events := replay(t, s, workspace)
	for i, e := range events {
		if e.Seq != uint64(i)+1 {
			t.Fatalf("event %d has seq %d", i, e.Seq)
		}
	}
	seq, err := s.Seq(t.Context(), workspace)
	if err != nil || seq != uint64(len(events)) {
		t.Errorf("the rows are at %d, %v; the log at %d", seq, err, len(events))
	}
	if got := lines(t, s.Dump, workspace); !slices.Equal(got, want) {
		t.Errorf("the rows are\n%s\nthe log says\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return events
}

// Two processes change one workspace at once: nothing that either acknowledged
// is lost, the log has no gap, and the rows are what a replay makes of it.
func TestTwoProcessesOnOneWorkspace(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	var mu sync.Mutex
	told := [2][]readmodel.Commit{}
	var stores [2]*opened
	for i := range stores {
		stores[i] = process(t, url, mongo.Options{OnCommit: []func(readmodel.Commit){func(c readmodel.Commit) {
			mu.Lock()
			defer mu.Unlock()
			told[i] = append(told[i], c)
		}}})
	}
	m := newTeam(t, stores[0])
	const clients, each = 4, 8
	acknowledged := map[ids.ID]uint64{}
	var wg sync.WaitGroup
	for i := range stores {
		for c := range clients {
			own := m.at(stores[i])
			wg.Go(func() {
				for n := range each {
					r, err := own.create(t.Context(), fmt.Sprint("task ", i, c, n))
					if err != nil {
						t.Error(err)
						return
					}
					// The other process reads what this one was told of.
					row, err := stores[1-i].Task(t.Context(), m.workspace, r.ID)
					if err != nil || row.Seq < r.Seq {
						t.Errorf("the other process reads seq %d, %v; want %d", row.Seq, err, r.Seq)
					}
					switch n % 4 {
					case 1:
						if _, err := own.commands.AddComment(t.Context(), m.owner, command.AddComment{Workspace: m.workspace, Task: r.ID, ID: ids.New(), Text: "word " + fmt.Sprint(n)}); err != nil {
							t.Error(err)
						}
					case 2:
						column := m.columns[n%len(m.columns)]
						if _, err := own.commands.ChangeTask(t.Context(), m.owner, command.ChangeTask{Workspace: m.workspace, ID: r.ID, Column: &column}); err != nil {
							t.Error(err)
						}
					case 3:
						if _, err := own.commands.ArchiveTask(t.Context(), m.owner, command.ArchiveTask{Workspace: m.workspace, ID: r.ID}); err != nil {
							t.Error(err)
						}
					}
					mu.Lock()
					acknowledged[r.ID] = r.Seq
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	events := rowsAreTheLog(t, stores[0], m.workspace)
	if len(acknowledged) != 2*clients*each {
		t.Errorf("%d were acknowledged", len(acknowledged))
	}
	for id, seq := range acknowledged {
		if e := events[seq-1]; e.Entity != id || e.Type != string(event.TaskCreated) {
			t.Errorf("seq %d was acknowledged for another event", seq)
		}
	}
	covered := map[uint64]int{}
	for i := range told {
		last := uint64(0)
		for _, c := range told[i] {
			if c.First <= last {
				t.Errorf("process %d told of %d after %d", i, c.First, last)
			}
			last = c.Last
			for s := c.First; s <= c.Last; s++ {
				covered[s]++
			}
		}
	}
	for s := uint64(1); s <= uint64(len(events)); s++ {
		if covered[s] != 1 {
			t.Errorf("seq %d was told of %d times", s, covered[s])
		}
	}
}

// What one process made the other decides on, though it had the workspace in memory.
func TestAProcessDecidesOnWhatAnotherMade(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	one, two := process(t, url, mongo.Options{}), process(t, url, mongo.Options{})
	m := newTeam(t, one)
	if _, err := m.at(two).create(t.Context(), "the second process knows the workspace"); err != nil {
		t.Fatal(err)
	}
	p, err := m.commands.CreateProject(t.Context(), m.owner, command.CreateProject{Workspace: m.workspace, Name: "Later"})
	if err != nil {
		t.Fatal(err)
	}
	later := *m.at(two)
	later.project = p.ID
	if _, err := later.create(t.Context(), "in the new project"); err != nil {
		t.Errorf("the second process answered %v", err)
	}
	r, err := later.commands.CreateLabel(t.Context(), m.owner, command.CreateLabel{Workspace: m.workspace, ID: ids.New(), Name: "label", Color: "red"})
	if err != nil {
		t.Fatal(err)
	}
	if frame, err := one.Frame(t.Context(), m.workspace); err != nil || frame.Labels[r.ID] == nil {
		t.Errorf("the first process does not see the label: %v", err)
	}
	rowsAreTheLog(t, one, m.workspace)
}

// An id is one task's in all workspaces, also for processes that never heard of it.
func TestAnIDIsUsedOnce(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	one, two := process(t, url, mongo.Options{}), process(t, url, mongo.Options{})
	m, other := newTeam(t, one), newTeam(t, two)
	in := command.CreateTask{Workspace: m.workspace, Project: m.project, ID: ids.New(), Title: "mine"}
	first, err := m.commands.CreateTask(t.Context(), m.owner, in)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range []*opened{one, two} { // again, by whoever
		again, err := m.at(s).commands.CreateTask(t.Context(), m.owner, in)
		if err != nil || !again.Repeated || again.ID != first.ID {
			t.Errorf("process %d answered the repeated create %+v, %v", i, again, err)
		}
	}
	elsewhere := in
	elsewhere.Workspace, elsewhere.Project = other.workspace, other.project
	for i, s := range []*opened{one, two} {
		_, err := other.at(s).commands.CreateTask(t.Context(), other.owner, elsewhere)
		if err == nil || !strings.Contains(err.Error(), "in use") && !strings.Contains(err.Error(), "taken") && !strings.HasPrefix(err.Error(), "conflict") {
			t.Errorf("process %d answered another workspace %v", i, err)
		}
	}
	// A create that comes to nothing in a workspace leaves the id free there.
	lost := command.CreateTask{Workspace: m.workspace, Project: m.project, ID: ids.New(), Title: "reserved, then free"}
	taken := command.AddComment{Workspace: m.workspace, Task: first.ID, ID: first.ID, Text: "with a task's id"}
	if _, err := m.commands.AddComment(t.Context(), m.owner, taken); err == nil {
		t.Error("a comment was given a task's id")
	}
	if _, err := m.commands.CreateTask(t.Context(), m.owner, lost); err != nil {
		t.Error(err)
	}
	rowsAreTheLog(t, one, m.workspace)
	rowsAreTheLog(t, two, other.workspace)
}
