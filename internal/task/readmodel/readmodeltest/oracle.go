package readmodeltest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/memory"
	"headway/internal/task/readmodel/words"
)

// equalsOracle gives the same random commands to the store and to the one in
// memory, and holds the answers, events, rows and queries of both together.
func equalsOracle(t *testing.T, open Open) {
	c := clock.NewManual(start)
	store := open(t, c, nil)
	rapid.Check(t, func(rt *rapid.T) {
		oracle := memory.New(logmemory.New(), c)
		w := &walk{
			t: rt, clock: c, workspace: ids.New(), stores: [2]Store{oracle, store},
			services: [2]*command.Service{command.NewService(oracle, c), command.NewService(store, c)},
			users:    []ids.ID{ids.New(), ids.New(), ids.New()}, home: map[ids.ID]ids.ID{},
		}
		w.both("create the workspace", func(s *command.Service) (command.Result, error) {
			return s.CreateWorkspace(context.Background(), w.actor(0), command.CreateWorkspace{ID: w.workspace, Name: "W"})
		})
		w.project()
		w.project()
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			w.step()
		}
		w.compare()
		// Read from disk, or built anew from the log, it is the same.
		if again, ok := store.(Again); ok && rapid.IntRange(0, 9).Draw(rt, "again") == 0 {
			if err := again.Again(context.Background()); err != nil {
				rt.Fatalf("open again: %v", err)
			}
			w.compare()
			for range 5 {
				w.step()
			}
			w.compare()
		}
	})
}

// walk is one random history and what it has made.
type walk struct {
	t         *rapid.T
	clock     *clock.Manual
	stores    [2]Store
	services  [2]*command.Service
	workspace ids.ID

	users, projects, columns, labels, tasks, comments, items, links []ids.ID
	invitations                                                     []string
	// home is the task that a comment, item or link hangs on.
	home map[ids.ID]ids.ID
}

func (w *walk) actor(i int) command.Actor { return command.Actor{User: w.users[i]} }

// both gives a command to both stores and compares what comes back.
func (w *walk) both(what string, run func(*command.Service) (command.Result, error)) {
	w.clock.Advance(time.Duration(rapid.IntRange(0, 2000).Draw(w.t, "ms")) * time.Millisecond)
	want, wantErr := run(w.services[0])
	got, gotErr := run(w.services[1])
	if fmt.Sprint(wantErr) != fmt.Sprint(gotErr) {
		w.t.Fatalf("%s: answered %v, want %v", what, gotErr, wantErr)
	}
	if apperr.CodeOf(wantErr) == apperr.Internal && wantErr != nil {
		w.t.Fatalf("%s: %v", what, wantErr)
	}
	if a, b := normal(want), normal(got); !reflect.DeepEqual(a, b) {
		w.t.Fatalf("%s: answered\n%s\nwant\n%s", what, show(b), show(a))
	}
	w.details(what, got.Commit.Rows)
}

// details holds the details that a commit has at hand to what the oracle reads.
func (w *walk) details(what string, rows []readmodel.Row) {
	for _, r := range rows {
		if r.Detail == nil {
			continue
		}
		want, err := w.stores[0].Task(context.Background(), w.workspace, r.ID)
		if err != nil || !bytes.Equal(r.Detail, want.Detail) {
			w.t.Fatalf("%s: the commit's row has detail %s, want %s (%v)", what, r.Detail, want.Detail, err)
		}
	}
}

func show(r command.Result) string {
	s := fmt.Sprintf("seq %d id %s repeated %v commit %d to %d", r.Seq, r.ID, r.Repeated, r.Commit.First, r.Commit.Last)
	for _, e := range r.Commit.Events {
		s += fmt.Sprintf("\n  event %d %s %s %s %s", e.Seq, e.Type, e.Entity, e.Scope, e.Data)
	}
	for _, row := range r.Commit.Rows {
		s += fmt.Sprintf("\n  row %d %s %s %s was %s removed %v %s", row.Seq, row.Kind, row.ID, row.Scope, row.Was, row.Removed, row.JSON)
	}
	return s
}

// normal leaves out what differs by nature: ids of events, the order of rows
// of one commit, and details, which not every commit has at hand.
func normal(r command.Result) command.Result {
	events := slices.Clone(r.Commit.Events)
	for i := range events {
		events[i].ID = ids.Nil
	}
	r.Commit.Events, r.Commit.Rows = events, sorted(r.Commit.Rows)
	return r
}

func sorted(rows []readmodel.Row) []readmodel.Row {
	out := append([]readmodel.Row{}, rows...)
	for i := range out {
		out[i].Detail = nil
	}
	slices.SortFunc(out, func(a, b readmodel.Row) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.ID[:], b.ID[:]), bytes.Compare(a.Scope[:], b.Scope[:]))
	})
	return out
}

// pick draws one of the ids, now and then one that is not there.
func (w *walk) pick(name string, list []ids.ID) ids.ID {
	if len(list) == 0 || rapid.IntRange(0, 30).Draw(w.t, name+" unknown") == 0 {
		return ids.New()
	}
	return rapid.SampledFrom(list).Draw(w.t, name)
}

// homeOf answers the task that a thing hangs on, mostly; otherwise the other one.
func (w *walk) homeOf(id, other ids.ID) ids.ID {
	if home, ok := w.home[id]; ok && rapid.IntRange(0, 9).Draw(w.t, "at home") > 0 {
		return home
	}
	return other
}

func (w *walk) some(name string, list []ids.ID) []ids.ID {
	var out []ids.ID
	for range rapid.IntRange(0, 2).Draw(w.t, name) {
		out = append(out, w.pick(name, list))
	}
	return out
}

func (w *walk) text(name string) string {
	return rapid.SampledFrom([]string{"alpha", "Beta gamma", "Größe \"3\"", "日本語 delta", "alpha omega", "<b>&\n\t", "αβγ"}).Draw(w.t, name)
}

// longText is a description, now and then one that a store may keep apart from its task's row.
func (w *walk) longText(name string) string {
	text := w.text(name)
	if rapid.IntRange(0, 7).Draw(w.t, "long "+name) == 0 {
		text = strings.Repeat(text+" ", 1200/len(text)+1)
	}
	return text
}

func maybe[T any](w *walk, name string, v func() T) *T {
	if rapid.Bool().Draw(w.t, "set "+name) {
		return ptr(v())
	}
	return nil
}

// made records an id where the last command made it.
func made(list *[]ids.ID, id ids.ID) { *list = append(*list, id) }

func (w *walk) project() {
	in := command.CreateProject{Workspace: w.workspace, ID: ids.New(), Name: w.text("project")}
	for i, c := range []event.Category{event.Open, event.Active, event.Done} {
		in.Columns = append(in.Columns, event.Column{ID: ids.New(), Name: string(c), Category: c, Position: fmt.Sprintf("a%d", i)})
		made(&w.columns, in.Columns[i].ID)
	}
	made(&w.projects, in.ID)
	w.both("create a project", func(s *command.Service) (command.Result, error) {
		in := in
		in.Columns = slices.Clone(in.Columns)
		return s.CreateProject(context.Background(), w.actor(0), in)
	})
}

// compare asks both stores everything there is to ask.
func (w *walk) compare() {
	a, b := w.stores[0], w.stores[1]
	ctx, ws := context.Background(), w.workspace
	same(w, "seq", func(s Store) (any, error) { return s.Seq(ctx, ws) })
	same(w, "frame", func(s Store) (any, error) { return s.Frame(ctx, ws) })
	for _, u := range w.users {
		same(w, "workspaces", func(s Store) (any, error) { return s.WorkspacesOf(ctx, u) })
	}
	for _, h := range w.invitations {
		same(w, "invitation", func(s Store) (any, error) { return s.InvitationWorkspace(ctx, h) })
	}
	for _, id := range w.tasks {
		same(w, "task", func(s Store) (any, error) { return s.Task(ctx, ws, id) })
		same(w, "comments", func(s Store) (any, error) { return w.allComments(s, id) })
	}
	guest := readmodel.Access{Projects: w.projects[:1]}
	for _, p := range w.projects {
		same(w, "project seq", func(s Store) (any, error) { return s.ProjectSeq(ctx, ws, p) })
		same(w, "counts", func(s Store) (any, error) { return s.Counts(ctx, ws, p) })
		same(w, "project rows", func(s Store) (any, error) { return w.allProjectRows(s, p) })
		for _, l := range []event.Lifecycle{event.Live, event.Archived, event.Trashed} {
			same(w, "tasks", func(s Store) (any, error) { return w.allTasks(s, readmodel.TaskQuery{Project: p, State: l, Limit: 2}) })
		}
	}
	for _, access := range []readmodel.Access{everything, guest, {}} {
		since := rapid.Uint64Range(0, 20).Draw(w.t, "since")
		limit := rapid.IntRange(1, 8).Draw(w.t, "limit")
		same(w, "changes", func(s Store) (any, error) { return w.allChanges(s, since, access, limit) })
		for _, l := range []event.Lifecycle{event.Archived, event.Trashed} {
			same(w, "shelf", func(s Store) (any, error) {
				return allNewest(func(at readmodel.SearchCursor) ([][]byte, *readmodel.SearchCursor, error) {
					return s.Shelf(ctx, ws, l, access, at, 2)
				})
			})
		}
		for _, q := range []string{"al", "alpha", "beta gam", "本", "grosse", "x"} {
			same(w, "search "+q, func(s Store) (any, error) {
				return allNewest(func(at readmodel.SearchCursor) ([][]byte, *readmodel.SearchCursor, error) {
					return s.Search(ctx, ws, words.Query(q), access, at, 2)
				})
			})
		}
	}
	var dumps [2][]string
	for i, s := range []Store{a, b} {
		if err := s.Dump(ctx, ws, func(l string) error { dumps[i] = append(dumps[i], l); return nil }); err != nil {
			w.t.Fatalf("dump: %v", err)
		}
	}
	for i := range max(len(dumps[0]), len(dumps[1])) {
		if i >= len(dumps[0]) || i >= len(dumps[1]) || dumps[0][i] != dumps[1][i] {
			w.t.Fatalf("row %d differs:\n%s\nwant\n%s", i, at(dumps[1], i), at(dumps[0], i))
		}
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "(none)"
}

func same(w *walk, what string, ask func(Store) (any, error)) {
	want, wantErr := ask(w.stores[0])
	got, gotErr := ask(w.stores[1])
	if fmt.Sprint(wantErr) != fmt.Sprint(gotErr) {
		w.t.Fatalf("%s: answered %v, want %v", what, gotErr, wantErr)
	}
	if wantErr == nil && !equal(want, got) {
		w.t.Fatalf("%s: answered\n%+v\nwant\n%+v", what, printable(got), printable(want))
	}
}
