package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/blob"
	blobmemory "headway/internal/platform/blob/memory"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/task/importer"
	"headway/internal/task/importer/trello"
	"headway/internal/task/importer/trello/trellotest"
)

// memory is a workspace as a map: what an import made, by id.
type memory struct {
	mu      sync.Mutex
	made    map[ids.ID]string
	commits int
	// before is called ahead of every commit; its error refuses the commit.
	before func(commit int) error
	// during is called with a commit's context ahead of it.
	during func(ctx context.Context, commit int)
}

var (
	workspace = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")
	user      = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e50")
	guest     = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e51")
)

func (m *memory) May(_ context.Context, u, w ids.ID) error {
	switch {
	case w != workspace || u != user && u != guest:
		return apperr.New(apperr.NotFound, "There is no such workspace.")
	case u == guest:
		return apperr.New(apperr.Forbidden, "Guests cannot import.")
	}
	return nil
}

func (m *memory) Seq(context.Context, ids.ID) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(len(m.made)), nil
}

func (m *memory) Existing(_ context.Context, _ ids.ID, batch []importer.Creation) ([]bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	has := make([]bool, len(batch))
	for i := range batch {
		_, has[i] = m.made[batch[i].ID]
	}
	return has, nil
}

func (m *memory) Apply(ctx context.Context, _, _, _ ids.ID, batch []importer.Creation) error {
	m.mu.Lock()
	before, during, commit := m.before, m.during, m.commits
	m.mu.Unlock()
	if during != nil {
		during(ctx, commit)
	}
	if before != nil {
		if err := before(commit); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	for i := range batch {
		if _, ok := m.made[batch[i].ID]; ok {
			continue
		}
		data, err := json.Marshal(batch[i].Data)
		if err != nil {
			return err
		}
		m.made[batch[i].ID] = string(data)
	}
	return nil
}

// bench is a manager over blobs and a workspace that outlive it.
type bench struct {
	t      *testing.T
	blobs  blob.Store
	target *memory
	clock  *clock.Manual
	*importer.Manager
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := newSharedBench(t, blobmemory.New())
	b.restart()
	return b
}

// newSharedBench is without a manager of its own, for several processes.
func newSharedBench(t *testing.T, blobs blob.Store) *bench {
	t.Helper()
	b := &bench{t: t, blobs: blobs, target: &memory{made: map[ids.ID]string{}}, clock: clock.NewManual(time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC))}
	t.Cleanup(func() {
		if b.Manager != nil {
			b.Close()
		}
	})
	return b
}

// restart opens the blobs anew, as after the end of the process.
func (b *bench) restart() {
	b.t.Helper()
	if b.Manager != nil {
		b.Close()
	}
	b.Manager = b.open(b.blobs, importer.Settings{Alone: true})
	b.Start()
}

// open opens a further manager over the same workspace.
func (b *bench) open(blobs blob.Store, settings importer.Settings) *importer.Manager {
	settings.Temp = b.t.TempDir()
	return importer.Open(blobs, b.target, b.clock, map[string]importer.Format{"trello": trello.Format{}}, settings)
}

// keys are those of the blobs that are there.
func (b *bench) keys() []string {
	b.t.Helper()
	list, err := b.blobs.List(context.Background(), "", "", 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for i := range list {
		out = append(out, list[i].Key)
	}
	return out
}

// holds reports whether one of the blobs has a part in its key.
func (b *bench) holds(part string) bool {
	return slices.ContainsFunc(b.keys(), func(key string) bool { return strings.Contains(key, part) })
}

// eventually waits until something holds that another goroutine brings about.
func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("it did not come to this: %s; the blobs are %v", what, b.keys())
		}
	}
}

func (b *bench) upload(file []byte) importer.Job {
	b.t.Helper()
	job, _, err := b.Create(b.t.Context(), user, workspace, "trello", "board.json", bytes.NewReader(file))
	if err != nil {
		b.t.Fatal(err)
	}
	return job
}

// still waits until the job has no work under way.
func (b *bench) still(id ids.ID) importer.Job {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	var last importer.Job
	err := b.Watch(ctx, workspace, id, func(j importer.Job) bool {
		last = j
		return j.State != importer.Scanning && j.State != importer.Applying
	})
	if err != nil {
		b.t.Fatalf("waiting for a job in %s: %v", last.State, err)
	}
	return last
}

func (b *bench) apply(id ids.ID) importer.Job {
	b.t.Helper()
	if _, err := b.Apply(b.t.Context(), user, workspace, id); err != nil {
		b.t.Fatal(err)
	}
	return b.still(id)
}

func export(t *testing.T, cards int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := trellotest.Generate(&out, trellotest.Board{Cards: cards, Comments: 2 * cards, Checklists: cards / 2}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestImportTwice(t *testing.T) {
	b := newBench(t)
	file := export(t, 600)
	job := b.still(b.upload(file).ID)
	if job.State != importer.Ready || len(b.target.made) != 0 {
		t.Fatalf("after the scan: %s, %d things made", job.State, len(b.target.made))
	}
	job = b.apply(job.ID)
	if job.State != importer.Done || job.Progress != job.Total || job.Total != (importer.Counts{Cards: 600, Items: 1200, Comments: 1200, Attachments: 600}) {
		t.Fatalf("after applying: %+v", job)
	}
	if row := job.Report.RowOf("cards"); row.Already != 0 {
		t.Errorf("%d cards were there before the first import", row.Already)
	}
	if b.holds("/file") {
		t.Errorf("the file of a done import is still there: %v", b.keys())
	}
	first := maps.Clone(b.target.made)
	again := b.still(b.upload(file).ID)
	if again.ID == job.ID {
		t.Fatal("a done import was taken for the new one")
	}
	for _, kind := range []string{"lists", "cards", "items", "comments", "attachments", "labels", "members"} {
		if row := again.Report.RowOf(kind); row.Already != row.Comes {
			t.Errorf("%s: %d of %d are said to be there already", kind, row.Already, row.Comes)
		}
	}
	if again = b.apply(again.ID); again.State != importer.Done {
		t.Fatalf("the second time: %+v", again)
	}
	if !maps.Equal(first, b.target.made) {
		t.Errorf("the second import changed the workspace: %d things, %d before", len(b.target.made), len(first))
	}
}

// TestBrokenOff breaks an import off ahead of every commit, restarts, and
// holds that the whole comes to the same as in one go.
func TestBrokenOff(t *testing.T) {
	file := export(t, 700)
	whole := newBench(t)
	whole.apply(whole.still(whole.upload(file).ID).ID)
	commits := whole.target.commits
	if commits < 3 {
		t.Fatalf("only %d commits: too few to break off between", commits)
	}
	for at := range commits {
		for _, before := range []bool{true, false} {
			b := newBench(t)
			reached := make(chan struct{})
			var once sync.Once
			b.target.before = func(commit int) error {
				if commit != at {
					return nil
				}
				once.Do(func() { close(reached) })
				if before {
					return errors.New("the process ended here")
				}
				return nil
			}
			job := b.still(b.upload(file).ID)
			if _, err := b.Apply(t.Context(), user, workspace, job.ID); err != nil {
				t.Fatal(err)
			}
			<-reached
			// What a kill leaves: the state as last kept, which may be older than the commits.
			b.Close()
			b.target.before = nil
			b.restart()
			if job = b.still(job.ID); job.State == importer.Failed && job.Retry {
				job = b.apply(job.ID)
			}
			if job.State != importer.Done || !maps.Equal(b.target.made, whole.target.made) {
				t.Fatalf("broken off at commit %d: %s, %d things, want %d", at, job.State, len(b.target.made), len(whole.target.made))
			}
			if row := job.Report.RowOf("cards"); row.Already != 0 {
				t.Errorf("broken off at commit %d: %d cards are said to have been there", at, row.Already)
			}
		}
	}
}

// TestStaleState goes on from a state that is many commits old, as after a power loss.
func TestStaleState(t *testing.T) {
	b := newBench(t)
	job := b.still(b.upload(export(t, 700)).ID)
	gate := make(chan struct{})
	b.target.before = func(commit int) error {
		if commit == 3 {
			<-gate
		}
		return nil
	}
	if _, err := b.Apply(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	before := blobmemory.New()
	b.eventually("the import is being applied", func() bool { return b.holds("run.00000002") })
	for _, key := range b.keys() {
		copyBlob(t, b.blobs, before, key)
	}
	close(gate)
	b.still(job.ID)
	want := maps.Clone(b.target.made)
	b.blobs = before
	b.restart()
	if job = b.still(job.ID); job.State != importer.Done || !maps.Equal(want, b.target.made) {
		t.Errorf("%s with %d things, want %d", job.State, len(b.target.made), len(want))
	}
}

func copyBlob(t *testing.T, from, to blob.Store, key string) {
	t.Helper()
	body, _, err := from.Get(t.Context(), key, blob.Range{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	if _, err := to.Put(t.Context(), key, body, blob.PutOptions{MaxBytes: 1 << 30}); err != nil {
		t.Fatal(err)
	}
}

func TestPauseAndGoOn(t *testing.T) {
	b := newBench(t)
	job := b.still(b.upload(export(t, 700)).ID)
	reached, gate := make(chan struct{}), make(chan struct{})
	b.target.before = func(commit int) error {
		if commit == 2 {
			close(reached)
			<-gate
		}
		return nil
	}
	if _, err := b.Apply(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	<-reached
	other := b.still(b.upload(export(t, 3)).ID)
	if _, err := b.Apply(t.Context(), user, workspace, other.ID); !apperr.Is(err, apperr.Conflict) {
		t.Errorf("a second import of the workspace ran beside the first: %v", err)
	}
	if err := b.Delete(t.Context(), user, workspace, job.ID); !apperr.Is(err, apperr.Conflict) {
		t.Errorf("a running import was deleted: %v", err)
	}
	paused, err := b.Pause(t.Context(), user, workspace, job.ID)
	if err != nil || paused.State != importer.Paused {
		t.Fatalf("pausing: %s, %v", paused.State, err)
	}
	close(gate)
	b.Close()
	b.target.before = nil
	b.restart()
	if job = b.still(job.ID); job.State != importer.Paused || job.Progress.Cards == 0 || job.Progress == job.Total {
		t.Fatalf("a paused import after a restart: %+v", job)
	}
	if job = b.apply(job.ID); job.State != importer.Done || job.Progress != job.Total {
		t.Errorf("after going on: %+v", job)
	}
}

// TestSameFileGoesOn uploads a file again whose import is not done: that import is answered.
func TestSameFileGoesOn(t *testing.T) {
	b := newBench(t)
	file := export(t, 10)
	first := b.still(b.upload(file).ID)
	job, again, err := b.Create(t.Context(), user, workspace, "trello", "renamed.json", bytes.NewReader(file))
	if err != nil || !again || job.ID != first.ID {
		t.Errorf("answered %s (again %t), %v; want %s", job.ID, again, err, first.ID)
	}
	b.eventually("one request, run and file are left", func() bool { return len(b.keys()) == 3 })
}

func TestRefusedFilesChangeNothing(t *testing.T) {
	b := newBench(t)
	for name, c := range map[string]struct {
		file string
		code apperr.Code // of Create; "" where the scan finds it
		says string
	}{
		"empty":     {"", apperr.Invalid, "empty"},
		"zip":       {"PK\x03\x04", apperr.Invalid, "zip"},
		"page":      {"<html>", "", "web page"},
		"truncated": {`{"lists":[{"id":"1"}],"cards":[{`, "", "breaks off"},
		"card":      {`{"idList":"1","name":"x","idShort":1}`, "", "single card"},
	} {
		t.Run(name, func(t *testing.T) {
			job, _, err := b.Create(t.Context(), user, workspace, "trello", name, strings.NewReader(c.file))
			if c.code != "" {
				if !apperr.Is(err, c.code) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("answered %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if job = b.still(job.ID); job.State != importer.Failed || job.Retry || !strings.Contains(job.Error, c.says) {
				t.Errorf("%s: %q", job.State, job.Error)
			}
			if _, err := b.Apply(t.Context(), user, workspace, job.ID); !apperr.Is(err, apperr.Conflict) {
				t.Errorf("applying a failed scan: %v", err)
			}
		})
	}
	if len(b.target.made) != 0 || b.target.commits != 0 {
		t.Errorf("%d things were made", len(b.target.made))
	}
	if b.holds("/file") {
		t.Errorf("files are left: %v", b.keys())
	}
}

func TestWhoMay(t *testing.T) {
	b := newBench(t)
	job := b.still(b.upload(export(t, 1)).ID)
	stranger := ids.New()
	for name, c := range map[string]struct {
		user, workspace ids.ID
		code            apperr.Code
	}{
		"guest": {guest, workspace, apperr.Forbidden}, "stranger": {stranger, workspace, apperr.NotFound}, "elsewhere": {user, ids.New(), apperr.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			_, _, create := b.Create(ctx, c.user, c.workspace, "trello", "x", strings.NewReader("{}"))
			_, list := b.List(ctx, c.user, c.workspace)
			_, get := b.Get(ctx, c.user, c.workspace, job.ID)
			_, apply := b.Apply(ctx, c.user, c.workspace, job.ID)
			_, pause := b.Pause(ctx, c.user, c.workspace, job.ID)
			for what, err := range map[string]error{
				"create": create, "list": list, "get": get, "apply": apply, "pause": pause, "delete": b.Delete(ctx, c.user, c.workspace, job.ID),
			} {
				if !apperr.Is(err, c.code) {
					t.Errorf("%s: %v, want %s", what, err, c.code)
				}
			}
		})
	}
}

func TestOldJobsGo(t *testing.T) {
	b := newBench(t)
	ready := b.still(b.upload(export(t, 2)).ID)
	done := b.apply(b.still(b.upload(export(t, 3)).ID).ID)
	b.clock.Advance(15 * 24 * time.Hour)
	b.restart()
	if _, err := b.Get(t.Context(), user, workspace, ready.ID); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("an import that nobody applied is kept: %v", err)
	}
	if _, err := b.Get(t.Context(), user, workspace, done.ID); err != nil {
		t.Errorf("the report of a done import is gone: %v", err)
	}
	b.clock.Advance(16 * 24 * time.Hour)
	b.restart()
	if jobs, err := b.List(t.Context(), user, workspace); err != nil || len(jobs) != 0 {
		t.Errorf("%d imports are kept for ever, %v", len(jobs), err)
	}
	b.eventually("nothing is left", func() bool { return len(b.keys()) == 0 })
}

func TestTooLarge(t *testing.T) {
	target := &memory{made: map[ids.ID]string{}}
	m := importer.Open(blobmemory.New(), target, clock.System{}, map[string]importer.Format{"trello": trello.Format{}}, importer.Settings{MaxBytes: 1 << 20})
	defer m.Close()
	_, _, err := m.Create(t.Context(), user, workspace, "trello", "x", strings.NewReader(`{"x":"`+strings.Repeat("y", 2<<20)))
	if !apperr.Is(err, apperr.TooLarge) {
		t.Errorf("answered %v", err)
	}
}
