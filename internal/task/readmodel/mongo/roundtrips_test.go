//go:build servers

package mongo_test

import (
	"context"
	"sync"
	"testing"

	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	taskevent "headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/mongo"
	"headway/test/servers"
)

// team is a workspace with a project, and who works in it.
type team struct {
	commands  *command.Service
	owner     command.Actor
	workspace ids.ID
	project   ids.ID
	columns   []ids.ID
}

// newTeam makes a workspace with a project.
func newTeam(t testing.TB, s *opened) *team {
	t.Helper()
	m := &team{commands: command.NewService(s, clock.System{}), owner: command.Actor{User: ids.New()}}
	w, err := m.commands.CreateWorkspace(t.Context(), m.owner, command.CreateWorkspace{Name: "Team"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.commands.CreateProject(t.Context(), m.owner, command.CreateProject{Workspace: w.ID, Name: "Project"})
	if err != nil {
		t.Fatal(err)
	}
	m.workspace, m.project = w.ID, p.ID
	frame, err := s.Frame(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range frame.Projects[p.ID].Columns {
		m.columns = append(m.columns, c.ID)
	}
	return m
}

// at is the same team over another process's store.
func (m *team) at(s *opened) *team {
	other := *m
	other.commands = command.NewService(s, clock.System{})
	return &other
}

func (m *team) create(ctx context.Context, title string) (command.Result, error) {
	return m.commands.CreateTask(ctx, m.owner, command.CreateTask{Workspace: m.workspace, Project: m.project, ID: ids.New(), Title: title})
}

// TestRoundTrips counts what each operation asks of the database.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	s := process(t, servers.FerretDB(t, servers.OnPostgres).Database(t), mongo.Options{})
	m := newTeam(t, s)
	if _, err := m.create(t.Context(), "the first looks for the column's end"); err != nil {
		t.Fatal(err)
	}
	count := func(what string, most uint64, do func() error) {
		t.Helper()
		before := s.db.Commands()
		if err := do(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if n := s.db.Commands() - before; n > most {
			t.Errorf("%s took %d commands, want at most %d", what, n, most)
		}
	}
	ctx := t.Context()
	var task ids.ID
	count("a create", 2, func() error {
		r, err := m.create(ctx, "one")
		task = r.ID
		return err
	})
	count("a change", 3, func() error {
		title := "two"
		_, err := m.commands.ChangeTask(ctx, m.owner, command.ChangeTask{Workspace: m.workspace, ID: task, Title: &title})
		return err
	})
	count("a comment", 3, func() error {
		_, err := m.commands.AddComment(ctx, m.owner, command.AddComment{Workspace: m.workspace, Task: task, ID: ids.New(), Text: "a word"})
		return err
	})
	all := readmodel.Access{All: true}
	count("a seq", 1, func() error { _, err := s.Seq(ctx, m.workspace); return err })
	count("a project's seq", 1, func() error { _, err := s.ProjectSeq(ctx, m.workspace, m.project); return err })
	count("a frame", 1, func() error { _, err := s.Frame(ctx, m.workspace); return err })
	count("a task", 1, func() error { _, err := s.Task(ctx, m.workspace, task); return err })
	count("a list", 1, func() error {
		page, err := s.Tasks(ctx, m.workspace, readmodel.TaskQuery{Project: m.project, State: taskevent.Live, Limit: 50})
		if len(page.Rows) != 2 {
			t.Errorf("the list has %d tasks", len(page.Rows))
		}
		return err
	})
	head, err := s.Seq(ctx, m.workspace)
	if err != nil {
		t.Fatal(err)
	}
	count("a sync", 1, func() error {
		rows, _, err := s.Changes(ctx, m.workspace, 2, head, all, 100)
		if len(rows) < 3 {
			t.Errorf("the sync has %d rows", len(rows))
		}
		return err
	})
	count("the comments", 1, func() error {
		_, _, err := s.Comments(ctx, m.workspace, task, readmodel.CommentCursor{}, 10)
		return err
	})
	count("a search", 1, func() error {
		_, _, err := s.Search(ctx, m.workspace, []string{"two"}, all, readmodel.SearchCursor{}, 10)
		return err
	})
	count("the counts", 1, func() error { _, err := s.Counts(ctx, m.workspace, m.project); return err })

	const clients, each = 32, 6
	before := s.db.Commands()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range each {
				if _, err := m.create(ctx, "at once"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := s.db.Commands() - before; float64(n) > 0.3*clients*each {
		t.Errorf("%d creates by %d clients took %d commands", clients*each, clients, n)
	} else {
		t.Logf("%d creates by %d clients took %d commands", clients*each, clients, n)
	}
}
