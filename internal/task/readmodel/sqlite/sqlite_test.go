package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/readmodeltest"
	"headway/internal/task/readmodel/sqlite"
)

// opened is a store with what it stands on.
type opened struct {
	*sqlite.Store
	db     *sqlitedb.DB
	log    *logsqlite.Log
	opts   sqlite.Options
	rounds int
}

func openWith(t testing.TB, dbOpts sqlitedb.Options, opts sqlite.Options) *opened {
	t.Helper()
	dbOpts.Migrations = []sqlitedb.Migrations{logsqlite.Migrations(), sqlite.Migrations()}
	o := &opened{db: sqlitedbtest.OpenWith(t, dbOpts), opts: opts}
	if err := o.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *opened) open(ctx context.Context) (err error) {
	if o.log, err = logsqlite.New(ctx, o.db); err != nil {
		return err
	}
	o.opts.DB, o.opts.Log = o.db, o.log
	o.Store, err = sqlite.New(ctx, o.opts)
	return err
}

// Again reads the store from disk, or builds it anew from its log, in turn.
func (o *opened) Again(ctx context.Context) error {
	if o.rounds++; o.rounds%2 == 0 {
		return o.open(ctx)
	}
	return o.Rebuild(ctx, nil)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	readmodeltest.Run(t, func(t testing.TB, c clock.Clock, onCommit func(readmodel.Commit)) readmodeltest.Store {
		opts := sqlite.Options{Clock: c}
		if onCommit != nil {
			opts.OnCommit = append(opts.OnCommit, onCommit)
		}
		return openWith(t, sqlitedb.Options{}, opts)
	})
}

// team makes a workspace with a project and answers how to make tasks in it.
func team(t testing.TB, s command.Store) (workspace, project ids.ID, newTask func(ctx context.Context, title string) (command.Result, error)) {
	t.Helper()
	commands, owner := command.NewService(s, clock.System{}), command.Actor{User: ids.New()}
	workspace, project = newTeam(t, commands, owner)
	return workspace, project, func(ctx context.Context, title string) (command.Result, error) {
		return commands.CreateTask(ctx, owner, command.CreateTask{Workspace: workspace, Project: project, Title: title})
	}
}

// newTeam makes a workspace with a project.
func newTeam(t testing.TB, commands *command.Service, owner command.Actor) (workspace, project ids.ID) {
	t.Helper()
	w, err := commands.CreateWorkspace(t.Context(), owner, command.CreateWorkspace{Name: "Team"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := commands.CreateProject(t.Context(), owner, command.CreateProject{Workspace: w.ID, Name: "Project"})
	if err != nil {
		t.Fatal(err)
	}
	return w.ID, p.ID
}

func dump(t testing.TB, s *sqlite.Store, workspace ids.ID) []string {
	t.Helper()
	var out []string
	if err := s.Dump(t.Context(), workspace, func(l string) error { out = append(out, l); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// full makes the database full at its present size until the answered function is called.
func full(t testing.TB, db *sqlitedb.DB) (room func()) {
	t.Helper()
	pages := 0
	set := func(sql string) {
		if err := db.Write(t.Context(), func(c *sqlitedb.Conn) error { return c.Exec(sql) }); err != nil {
			t.Fatal(err)
		}
	}
	err := db.Read(t.Context(), func(c *sqlitedb.Conn) error {
		return c.Query("SELECT page_count FROM pragma_page_count", func(s *sqlitedb.Stmt) error {
			pages = s.ColumnInt(0)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	set(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return func() { set("PRAGMA max_page_count = 1000000") }
}

func TestAFullDiskLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	o := openWith(t, sqlitedb.Options{}, sqlite.Options{})
	workspace, project, newTask := team(t, o)
	var acknowledged []ids.ID
	var mu sync.Mutex
	burst := func() (failed int) {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				r, err := newTask(t.Context(), strings.Repeat("x", 400)+fmt.Sprint(i))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					failed++
					return
				}
				acknowledged = append(acknowledged, r.ID)
			})
		}
		wg.Wait()
		return failed
	}
	room := full(t, o.db)
	for range 5 {
		if failed := burst(); failed == 0 {
			continue
		}
	}
	room()
	if failed := burst(); failed != 0 {
		t.Errorf("%d commands failed after there was room again", failed)
	}
	for _, id := range acknowledged {
		if _, err := o.Task(t.Context(), workspace, id); err != nil {
			t.Errorf("an acknowledged task is lost: %v", err)
		}
	}
	head, err := o.Seq(t.Context(), workspace)
	if err != nil {
		t.Fatal(err)
	}
	events, err := o.log.Read(t.Context(), workspace, 0, 10_000)
	if err != nil || uint64(len(events)) != head || events[head-1].Seq != head {
		t.Errorf("the log holds %d events at head %d, %v", len(events), head, err)
	}
	counts, err := o.Counts(t.Context(), workspace, project)
	if err != nil {
		t.Fatal(err)
	}
	live := 0
	for _, n := range counts {
		live += n
	}
	if live != len(acknowledged) {
		t.Errorf("%d tasks are counted, %d were acknowledged", live, len(acknowledged))
	}
	sameAfterRebuild(t, o, workspace)
}

func sameAfterRebuild(t *testing.T, o *opened, workspace ids.ID) {
	t.Helper()
	before := dump(t, o.Store, workspace)
	if err := o.Rebuild(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if after := dump(t, o.Store, workspace); !slices.Equal(after, before) {
		t.Errorf("rebuilt, the rows are\n%s\nwere\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
}

func TestARebuildThatWasBrokenOffGoesOnAtTheNextStart(t *testing.T) {
	t.Parallel()
	o := openWith(t, sqlitedb.Options{}, sqlite.Options{})
	workspace, _, newTask := team(t, o)
	for i := range 2500 { // more than one batch
		if _, err := newTask(t.Context(), fmt.Sprint("task ", i)); err != nil {
			t.Fatal(err)
		}
		if testing.Short() && i == 1100 {
			break
		}
	}
	before := dump(t, o.Store, workspace)
	ctx, cancel := context.WithCancel(t.Context())
	err := o.Rebuild(ctx, func(uint64, uint64) {
		if _, err := newTask(t.Context(), "meanwhile"); !apperr.Is(err, apperr.Unavailable) {
			t.Errorf("a command during the rebuild was answered %v", err)
		}
		if _, err := o.Frame(t.Context(), workspace); !apperr.Is(err, apperr.Unavailable) {
			t.Errorf("a read during the rebuild was answered %v", err)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the rebuild answered %v", err)
	}
	if err := o.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := dump(t, o.Store, workspace); !slices.Equal(after, before) {
		t.Errorf("%d rows, were %d", len(after), len(before))
	}
	heads, _, err := o.log.Changed(t.Context(), eventlog.Workspace, 0, 10)
	if seq, _ := o.Seq(t.Context(), workspace); err != nil || len(heads) != 1 || heads[0].Head != seq {
		t.Errorf("the log's heads are %v, %v; the store is at %d", heads, err, seq)
	}
}

func TestFewWorkspacesStayInMemory(t *testing.T) {
	t.Parallel()
	o := openWith(t, sqlitedb.Options{}, sqlite.Options{Workspaces: 2})
	var wg sync.WaitGroup
	for range 6 {
		workspace, _, newTask := team(t, o)
		wg.Go(func() {
			for i := range 30 {
				r, err := newTask(t.Context(), fmt.Sprint(i))
				if err != nil {
					t.Error(err)
					return
				}
				seq, err := o.Seq(t.Context(), workspace)
				if err != nil || seq != r.Seq {
					t.Errorf("seq is %d, %v, after %d was written", seq, err, r.Seq)
				}
				frame, err := o.Frame(t.Context(), workspace)
				if err != nil || len(frame.Projects) != 1 {
					t.Errorf("the frame is %+v, %v", frame, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestDigestsTellRowsApart(t *testing.T) {
	t.Parallel()
	o := openWith(t, sqlitedb.Options{}, sqlite.Options{})
	workspace, project, newTask := team(t, o)
	digest := func() string {
		d, err := o.Digest(t.Context(), workspace)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := digest()
	if _, err := newTask(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if digest() == first {
		t.Error("the digest did not change with a task")
	}
	list, err := o.Workspaces(t.Context())
	if err != nil || !slices.Equal(list, []ids.ID{workspace}) {
		t.Errorf("workspaces are %v, %v", list, err)
	}
	page, err := o.Tasks(t.Context(), workspace, readmodel.TaskQuery{Project: project, State: event.Live, Limit: 9})
	if err != nil || len(page.Rows) != 1 {
		t.Errorf("the page is %v, %v", page, err)
	}
}

// What a process that ended had not put into the search index yet is found by
// the next one, by its first search as well as by its next command.
func TestTheIndexIsCaughtUpAfterAnEnd(t *testing.T) {
	t.Parallel()
	o := openWith(t, sqlitedb.Options{}, sqlite.Options{})
	workspace, _, newTask := team(t, o)
	// More than a search looks at before it asks the index, fewer than what has the index written.
	if _, err := newTask(t.Context(), "quagga"); err != nil {
		t.Fatal(err)
	}
	for range 220 {
		if _, err := newTask(t.Context(), "zebra"); err != nil {
			t.Fatal(err)
		}
	}
	for _, next := range []func(){func() {}, func() {
		if _, err := newTask(t.Context(), "okapi"); err != nil {
			t.Fatal(err)
		}
	}} {
		if err := o.open(t.Context()); err != nil {
			t.Fatal(err)
		}
		next()
		hits, _, err := o.Search(t.Context(), workspace, []string{"quagga"}, readmodel.Access{All: true}, readmodel.SearchCursor{}, 10)
		if err != nil || len(hits) != 1 {
			t.Fatalf("found %d: %v", len(hits), err)
		}
		dump(t, o.Store, workspace)
	}
}
