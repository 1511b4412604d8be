package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/blob/file"
	"headway/internal/platform/clock"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/importer"
	"headway/internal/task/importer/trello"
	"headway/internal/task/importer/trello/trellotest"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/sqlite"
)

// folder is a data folder with a workspace in it, imported into for real.
type folder struct {
	store    *sqlite.Store
	commands *command.Service
	imports  *importer.Manager
	user     ids.ID
	home     ids.ID
}

func openFolder(t testing.TB) *folder {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	db, err := sqlitedb.Open(ctx, sqlitedb.Options{Folder: dir, Migrations: []sqlitedb.Migrations{logsqlite.Migrations(), sqlite.Migrations()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	log, err := logsqlite.New(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.New(ctx, sqlite.Options{DB: db, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{store: store, commands: command.NewService(store, clock.System{}), user: ids.New()}
	blobs, err := file.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	f.imports = importer.Open(blobs, importer.NewTasks(f.commands, store, store), clock.System{},
		map[string]importer.Format{"trello": trello.Format{}}, importer.Settings{})
	t.Cleanup(f.imports.Close)
	f.imports.Start()
	made, err := f.commands.CreateWorkspace(ctx, command.Actor{User: f.user}, command.CreateWorkspace{ID: ids.New(), Name: "Harbour"})
	if err != nil {
		t.Fatal(err)
	}
	f.home = made.ID
	return f
}

func (f *folder) still(t testing.TB, id ids.ID) importer.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var last importer.Job
	if err := f.imports.Watch(ctx, f.home, id, func(j importer.Job) bool {
		last = j
		return j.State != importer.Scanning && j.State != importer.Applying
	}); err != nil {
		t.Fatalf("waiting in %s: %v", last.State, err)
	}
	return last
}

// bring imports a file and answers the finished job.
func (f *folder) bring(t testing.TB, name string) importer.Job {
	t.Helper()
	ctx := context.Background()
	in, err := os.Open(name) // #nosec G304 -- a test's own file
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	job, _, err := f.imports.Create(ctx, f.user, f.home, "trello", name, in)
	if err != nil {
		t.Fatal(err)
	}
	if job = f.still(t, job.ID); job.State != importer.Ready {
		t.Fatalf("the scan of %s: %s %s", name, job.State, job.Error)
	}
	if _, err = f.imports.Apply(ctx, f.user, f.home, job.ID); err != nil {
		t.Fatal(err)
	}
	if job = f.still(t, job.ID); job.State != importer.Done {
		t.Fatalf("applying %s: %s %s", name, job.State, job.Error)
	}
	return job
}

// rows answers everything that a client would get by sync, as text.
func (f *folder) rows(t testing.TB) []string {
	t.Helper()
	ctx := context.Background()
	var out []string
	upTo, err := f.store.Seq(ctx, f.home)
	if err != nil {
		t.Fatal(err)
	}
	for since := uint64(0); since < upTo; {
		rows, reaches, err := f.store.Changes(ctx, f.home, since, upTo, readmodel.Access{All: true}, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			out = append(out, fmt.Sprintf("%s %s %d %s", r.Kind, r.ID, r.Seq, r.JSON))
		}
		since = reaches
	}
	slices.Sort(out)
	return out
}

// TestRealImports imports the fixtures and the shared exports, twice, and
// rebuilds the read model: each time it is the same.
func TestRealImports(t *testing.T) {
	var files []string
	for _, pattern := range []string{"trello/testdata/*.json", "../../../../shared/data/trello/*.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			f := openFolder(t)
			job := f.bring(t, name)
			if job.Progress != job.Total {
				t.Errorf("dealt with %+v of %+v", job.Progress, job.Total)
			}
			first := f.rows(t)
			again := f.bring(t, name)
			if second := f.rows(t); !slices.Equal(first, second) {
				t.Errorf("importing twice changed the workspace:\n%v\n%v", first, second)
			}
			for _, row := range again.Report.Rows {
				if row.Already != row.Comes {
					t.Errorf("the second time, %d of %d %s are said to be there already", row.Already, row.Comes, row.Kind)
				}
			}
			f.compare(t, &job)
			if err := f.store.Rebuild(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if rebuilt := f.rows(t); !slices.Equal(first, rebuilt) {
				t.Errorf("the rebuilt read model differs:\n%v\n%v", first, rebuilt)
			}
		})
	}
}

// compare holds the report against what is in the workspace.
func (f *folder) compare(t *testing.T, job *importer.Job) {
	t.Helper()
	ctx := t.Context()
	frame, err := f.store.Frame(ctx, f.home)
	if err != nil {
		t.Fatal(err)
	}
	project := frame.Projects[job.Project]
	if project == nil || project.Name != job.Report.Board {
		t.Fatalf("the project is %+v", project)
	}
	cards, comments := 0, 0
	for _, st := range []event.Lifecycle{event.Live, event.Archived} {
		q := readmodel.TaskQuery{Project: project.ID, State: st, Limit: 100}
		for {
			page, err := f.store.Tasks(ctx, f.home, q)
			if err != nil {
				t.Fatal(err)
			}
			cards += len(page.Rows)
			if page.Next == nil {
				break
			}
			q.After = *page.Next
		}
	}
	for _, r := range f.rows(t) {
		if bytes.HasPrefix([]byte(r), []byte("comment ")) {
			comments++
		}
	}
	if want := job.Report.RowOf("cards").Comes; cards != want {
		t.Errorf("%d tasks are there, the report says %d", cards, want)
	}
	if want := job.Report.RowOf("comments").Comes; comments < want {
		t.Errorf("%d comments are there, the report says %d", comments, want)
	}
	if got, want := len(frame.Labels), job.Report.RowOf("labels").Comes; got != want {
		t.Errorf("%d labels are there, the report says %d", got, want)
	}
}

// BenchmarkImport imports an export of 100 MB from upload to done, commits and
// projections included. It reports cards per second
// and, where the system tells, by how much resident memory grew at its peak.
func BenchmarkImport(b *testing.B) {
	const cards = 40_000
	name := filepath.Join(b.TempDir(), "large.json")
	file, err := os.Create(name) // #nosec G304 -- a test's own file
	if err != nil {
		b.Fatal(err)
	}
	if err := trellotest.Generate(file, trellotest.Board{Cards: cards, Comments: 1_000, Checklists: 10_000, Padding: 1_500}); err != nil {
		b.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	var grown int
	for range b.N {
		b.StopTimer()
		f := openFolder(b)
		debug.FreeOSMemory()
		_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // sets the peak back; elsewhere there is no such file
		before := resident("VmRSS")
		b.StartTimer()
		f.bring(b, name)
		b.StopTimer()
		grown = max(grown, resident("VmHWM")-before)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*cards)/b.Elapsed().Seconds(), "cards/s")
	b.ReportMetric(float64(grown)/1024, "MB-grown")
}

// resident reads one of Linux's figures of this process's memory, in kB; 0 elsewhere.
func resident(field string) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kB int
		if n, _ := fmt.Sscanf(line, field+": %d kB", &kB); n == 1 {
			return kB
		}
	}
	return 0
}
