//go:build servers

package mongo_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/mongo"
	"headway/test/servers"
)

// A process ends after a commit, with none, some or all of its rows written.
// Whoever comes next, a reader who was told of the seq, a writer of a process
// that had the workspace in memory, or a sweep, finds all of it.
func TestAProcessThatEndsBeforeItsRowsAreWritten(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	living, dead := process(t, url, mongo.Options{}), process(t, url, mongo.Options{})
	finders := map[string]func(m *team, seq uint64) error{
		"a reader": func(m *team, seq uint64) error {
			at, err := living.Seq(readmodel.WithMinSeq(t.Context(), seq), m.workspace)
			if err == nil && at < seq {
				err = fmt.Errorf("the reader was answered seq %d, want %d", at, seq)
			}
			return err
		},
		"a writer": func(m *team, _ uint64) error {
			_, err := m.create(t.Context(), "next")
			return err
		},
		"a sweep": func(*team, uint64) error {
			mended, err := living.Sweep(t.Context())
			if err == nil && mended == 0 {
				err = fmt.Errorf("the sweep found nothing")
			}
			return err
		},
	}
	for name, find := range finders {
		m := newTeam(t, living)
		second, err := m.commands.CreateProject(t.Context(), m.owner, command.CreateProject{Workspace: m.workspace, Name: "Second"})
		if err != nil {
			t.Fatal(err)
		}
		for rows := range 3 {
			what := fmt.Sprintf("%s, after %d rows", name, rows)
			task, err := m.create(t.Context(), "to be moved")
			if err != nil {
				t.Fatal(err)
			}
			comment, err := m.commands.AddComment(t.Context(), m.owner, command.AddComment{Workspace: m.workspace, Task: task.ID, Text: "comes along"})
			if err != nil {
				t.Fatal(err)
			}
			dying := command.NewService(mongo.Dying{Store: dead.Store, Rows: rows}, clock.System{})
			for _, last := range []func() (command.Result, error){
				func() (command.Result, error) {
					return dying.ChangeTask(t.Context(), m.owner, command.ChangeTask{Workspace: m.workspace, ID: task.ID, Project: &second.ID})
				},
				func() (command.Result, error) {
					return dying.ChangeComment(t.Context(), m.owner, command.ChangeComment{Workspace: m.workspace, Task: task.ID, ID: comment.ID, Text: "another"})
				},
				func() (command.Result, error) {
					return dying.CreateTask(t.Context(), m.owner, command.CreateTask{Workspace: m.workspace, Project: m.project, ID: ids.New(), Title: "never shown"})
				},
				func() (command.Result, error) {
					return dying.TrashTask(t.Context(), m.owner, command.TrashTask{Workspace: m.workspace, ID: task.ID})
				},
				func() (command.Result, error) {
					return dying.PurgeTask(t.Context(), m.owner, command.PurgeTask{Workspace: m.workspace, ID: task.ID})
				},
				func() (command.Result, error) {
					return dying.InviteMember(t.Context(), m.owner, command.InviteMember{
						Workspace: m.workspace, ID: ids.New(), Role: "member", TokenHash: ids.New().String(), Expires: clock.System{}.Now().AddDate(0, 0, 1),
					})
				},
			} {
				r, err := last()
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if seq, err := living.Seq(t.Context(), m.workspace); err != nil || seq >= r.Seq {
					t.Fatalf("%s: the rows are at %d, %v, before anybody came", what, seq, err)
				}
				if rows%2 == 0 { // else several commits are without rows at once
					if err := find(m, r.Seq); err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
			}
			if rows%2 == 1 {
				head, err := living.log.Head(t.Context(), m.workspace)
				if err != nil {
					t.Fatal(err)
				}
				if err := find(m, head); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			rowsAreTheLog(t, living, m.workspace)
			if t.Failed() {
				return
			}
		}
	}
}

// A workspace whose very first rows were not written is there for who was told of it.
func TestAWorkspaceWithoutRows(t *testing.T) {
	t.Parallel()
	s := process(t, servers.FerretDB(t, servers.OnPostgres).Database(t), mongo.Options{})
	dying := command.NewService(mongo.Dying{Store: s.Store}, clock.System{})
	owner := command.Actor{User: ids.New()}
	w, err := dying.CreateWorkspace(t.Context(), owner, command.CreateWorkspace{Name: "Team"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Frame(t.Context(), w.ID); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("without its rows the frame was answered %v", err)
	}
	if mended, err := s.Sweep(t.Context()); mended != 1 || err != nil {
		t.Errorf("the sweep mended %d, %v", mended, err)
	}
	if mended, err := s.Sweep(t.Context()); mended != 0 || err != nil {
		t.Errorf("the next sweep mended %d, %v", mended, err)
	}
	if frame, err := s.Frame(t.Context(), w.ID); err != nil || frame.Workspace.Name != "Team" {
		t.Errorf("the frame was answered %v", err)
	}
	if list, err := s.WorkspacesOf(t.Context(), owner.User); len(list) != 1 || err != nil {
		t.Errorf("the owner is in %v, %v", list, err)
	}
	rowsAreTheLog(t, s, w.ID)
}

func TestARebuildUnderWritersOfAnotherProcess(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	one, two := process(t, url, mongo.Options{}), process(t, url, mongo.Options{})
	m := newTeam(t, one)
	for i := range 10 {
		if _, err := m.create(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	before := lines(t, one.Dump, m.workspace)
	digest, err := one.Digest(t.Context(), m.workspace)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Rebuild(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if after := lines(t, one.Dump, m.workspace); !slices.Equal(after, before) {
		t.Errorf("rebuilt, the rows are\n%s\nwere\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	if again, err := two.Digest(t.Context(), m.workspace); err != nil || again != digest {
		t.Errorf("the digest is another: %v", err)
	}
	if list, err := two.Workspaces(t.Context()); err != nil || !slices.Equal(list, []ids.ID{m.workspace}) {
		t.Errorf("workspaces are %v, %v", list, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	other, made := m.at(two), 0
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_, err := other.create(t.Context(), "meanwhile")
			if err != nil && !apperr.Is(err, apperr.Unavailable) {
				t.Error(err)
				return
			}
			made++
		}
	}()
	for range 3 {
		err := one.Rebuild(t.Context(), nil)
		// FerretDB writes a document back as it read it: an update by the other
		// process can take the mark of the rebuild away, which then begins again.
		for try := 0; apperr.Is(err, apperr.Unavailable) && try < 20; try++ {
			err = one.Rebuild(t.Context(), nil)
		}
		if err != nil {
			t.Error(err)
		}
	}
	stop()
	<-done
	if made == 0 {
		t.Error("nothing was written meanwhile")
	}
	if _, err := other.create(t.Context(), "after"); err != nil {
		t.Error(err)
	}
	rowsAreTheLog(t, two, m.workspace)
}
