package importer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/blob"
	"headway/internal/platform/blob/file"
	blobmemory "headway/internal/platform/blob/memory"
	"headway/internal/platform/ids"
	"headway/internal/task/importer"
)

// line is one process's way to the blobs. Once it is cut, nothing of the
// process reaches them, as after its end.
type line struct {
	blob.Store
	cut atomic.Bool
}

var errCut = errors.New("the line is cut")

func (l *line) Put(ctx context.Context, key string, body io.Reader, opts blob.PutOptions) (blob.Info, error) {
	if l.cut.Load() {
		return blob.Info{}, errCut
	}
	return l.Store.Put(ctx, key, body, opts)
}

func (l *line) Get(ctx context.Context, key string, part blob.Range) (io.ReadCloser, blob.Info, error) {
	if l.cut.Load() {
		return nil, blob.Info{}, errCut
	}
	return l.Store.Get(ctx, key, part)
}

func (l *line) Delete(ctx context.Context, key string) error {
	if l.cut.Load() {
		return errCut
	}
	return l.Store.Delete(ctx, key)
}

func (l *line) List(ctx context.Context, prefix, after string, limit int) ([]blob.Info, error) {
	if l.cut.Load() {
		return nil, errCut
	}
	return l.Store.List(ctx, prefix, after, limit)
}

// streams hides that a store can be read in any order, as S3 cannot.
type streams struct{ blob.Store }

func (s streams) Get(ctx context.Context, key string, part blob.Range) (io.ReadCloser, blob.Info, error) {
	body, info, err := s.Store.Get(ctx, key, part)
	if err != nil {
		return nil, info, err
	}
	return struct{ io.ReadCloser }{body}, info, nil
}

// onEveryStore runs a test on the stores that need no server; s3_test.go runs the same on S3.
func onEveryStore(t *testing.T, test func(*testing.T, blob.Store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, blobmemory.New()) })
	t.Run("streams", func(t *testing.T) { test(t, streams{blobmemory.New()}) })
	t.Run("file", func(t *testing.T) {
		s, err := file.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		test(t, s)
	})
}

// shortLease is soon over, so that tests need not wait.
const shortLease = 200 * time.Millisecond

// process is a manager that shares the bench's blobs and workspace with others.
type process struct {
	*importer.Manager
	line *line
}

func (b *bench) process() *process {
	b.t.Helper()
	p := &process{line: &line{Store: b.blobs}}
	p.Manager = b.open(p.line, importer.Settings{Lease: shortLease})
	p.Start()
	b.t.Cleanup(p.Close)
	return p
}

// state waits until a process says that the job is in a state.
func (p *process) state(t *testing.T, id ids.ID, want importer.State) importer.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var last importer.Job
	if err := p.Watch(ctx, workspace, id, func(j importer.Job) bool { last = j; return j.State == want }); err != nil {
		t.Fatalf("waiting for %s in %s (%s): %v", want, last.State, last.Error, err)
	}
	return last
}

func TestAnyProcessAnswers(t *testing.T) { onEveryStore(t, anyProcessAnswers) }

// anyProcessAnswers uploads at one process, looks and applies at another,
// pauses at the first, goes on at the second, and deletes at the first.
func anyProcessAnswers(t *testing.T, blobs blob.Store) {
	b := newSharedBench(t, blobs)
	one, two := b.process(), b.process()
	job, _, err := one.Create(t.Context(), user, workspace, "trello", "board.json", bytes.NewReader(export(t, 700)))
	if err != nil {
		t.Fatal(err)
	}
	if ready := two.state(t, job.ID, importer.Ready); ready.Report == nil || ready.Name != "board.json" {
		t.Errorf("the other process knows %+v", ready)
	}
	reached := make(chan struct{})
	var once sync.Once
	b.target.during = func(ctx context.Context, commit int) {
		if commit == 2 {
			once.Do(func() { close(reached); <-ctx.Done() }) // the pause ends it
		}
	}
	if _, err := two.Apply(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	<-reached
	if now, err := one.Get(t.Context(), user, workspace, job.ID); err != nil || now.State != importer.Applying {
		t.Errorf("while the other applies: %s, %v", now.State, err)
	}
	if err := one.Delete(t.Context(), user, workspace, job.ID); !apperr.Is(err, apperr.Conflict) {
		t.Errorf("a job that another process applies was deleted: %v", err)
	}
	if paused, err := one.Pause(t.Context(), user, workspace, job.ID); err != nil || paused.State != importer.Paused {
		t.Fatalf("pausing at the other process: %s, %v", paused.State, err)
	}
	if now, err := two.Get(t.Context(), user, workspace, job.ID); err != nil || now.State != importer.Paused {
		t.Errorf("at the process that runs it: %s, %v", now.State, err)
	}
	b.eventually("the lease is given back", func() bool { return !b.holds("imports/live/") })
	if now := one.state(t, job.ID, importer.Paused); now.Progress == now.Total {
		t.Errorf("it was not paused: %+v", now)
	}
	if _, err := two.Apply(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	if done := one.state(t, job.ID, importer.Done); done.Progress != done.Total {
		t.Errorf("done: %+v", done)
	}
	jobs, err := one.List(t.Context(), user, workspace)
	if err != nil || len(jobs) != 1 || jobs[0].State != importer.Done {
		t.Errorf("listed %+v, %v", jobs, err)
	}
	if err := one.Delete(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Get(t.Context(), user, workspace, job.ID); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("a deleted job is still known: %v", err)
	}
	b.eventually("nothing is left", func() bool { return len(b.keys()) == 0 })
}

func TestTakenOver(t *testing.T) { onEveryStore(t, takenOver) }

// takenOver cuts a process off from the blobs while it scans and while it
// applies. Another takes over; the first one, which lives and goes on, does no harm.
func takenOver(t *testing.T, blobs blob.Store) {
	content := export(t, 700)
	whole := newBench(t)
	whole.apply(whole.still(whole.upload(content).ID).ID)

	b := newSharedBench(t, blobs)
	one := b.process()
	job, _, err := one.Create(t.Context(), user, workspace, "trello", "board.json", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	one.line.cut.Store(true)
	two := b.process()
	two.state(t, job.ID, importer.Ready)
	gate, reached := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.target.before = func(commit int) error {
		if commit == 2 {
			first := false
			once.Do(func() { first = true; close(reached) })
			if first {
				<-gate // whoever comes after goes past
			}
		}
		return nil
	}
	if _, err := two.Apply(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	<-reached
	two.line.cut.Store(true)
	three := b.process()
	done := three.state(t, job.ID, importer.Done)
	two.line.cut.Store(false)
	close(gate)
	b.eventually("the lease is given back", func() bool { return !b.holds("imports/live/") })
	if done.Progress != done.Total || !maps.Equal(b.target.made, whole.target.made) {
		t.Errorf("taken over, %d things are there of %d, %+v", len(b.target.made), len(whole.target.made), done)
	}
	if row := done.Report.RowOf("cards"); row.Already != 0 {
		t.Errorf("%d cards are said to have been there", row.Already)
	}
	// The process that lost the job ends its own run without a word about it.
	two.Close()
	if now := three.state(t, job.ID, importer.Done); now.Progress != now.Total || b.holds("/file") {
		t.Errorf("after the first process came back: %+v, %v", now, b.keys())
	}
}

// holdUp has the second commit wait for gate; reached is closed once it does.
func (b *bench) holdUp() (reached, gate chan struct{}) {
	reached, gate = make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.target.before = func(commit int) error {
		if commit == 2 {
			once.Do(func() { close(reached) })
			<-gate
		}
		return nil
	}
	return reached, gate
}

// TestClosedInOrder: what a process leaves in order another one goes on with.
func TestClosedInOrder(t *testing.T) {
	b := newSharedBench(t, blobmemory.New())
	one := b.process()
	job, _, err := one.Create(t.Context(), user, workspace, "trello", "board.json", bytes.NewReader(export(t, 700)))
	if err != nil {
		t.Fatal(err)
	}
	one.state(t, job.ID, importer.Ready)
	reached, gate := b.holdUp()
	if _, err := one.Apply(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	<-reached
	closed := make(chan struct{})
	go func() { defer close(closed); one.Close() }()
	close(gate)
	<-closed
	two := b.process()
	if done := two.state(t, job.ID, importer.Done); done.Progress != done.Total {
		t.Errorf("%+v", done)
	}
}

// TestUploadOfADeadProcess: what an upload leaves whose process dies goes.
func TestUploadOfADeadProcess(t *testing.T) {
	b := newSharedBench(t, blobmemory.New())
	one := b.process()
	rest, send := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, _, err := one.Create(t.Context(), user, workspace, "trello", "board.json", io.MultiReader(bytes.NewReader(export(t, 10)), rest))
		ended <- err
	}()
	b.eventually("the lease is there", func() bool { return b.holds("imports/live/") })
	two := b.process()
	if jobs, err := two.List(t.Context(), user, workspace); err != nil || len(jobs) != 0 {
		t.Errorf("a file that is coming in is a job: %+v, %v", jobs, err)
	}
	one.line.cut.Store(true)
	_ = send.Close() // always answers nil
	if err := <-ended; !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("the upload answered %v", err)
	}
	b.eventually("nothing is left", func() bool { return len(b.keys()) == 0 })
}

// TestStorageAway: without the storage an upload is refused with a sentence,
// and a job that was under way goes on once it is back.
func TestStorageAway(t *testing.T) {
	b := newSharedBench(t, blobmemory.New())
	p := b.process()
	job, _, err := p.Create(t.Context(), user, workspace, "trello", "board.json", bytes.NewReader(export(t, 700)))
	if err != nil {
		t.Fatal(err)
	}
	p.state(t, job.ID, importer.Ready)
	reached, gate := b.holdUp()
	if _, err := p.Apply(t.Context(), user, workspace, job.ID); err != nil {
		t.Fatal(err)
	}
	<-reached
	p.line.cut.Store(true)
	close(gate)
	if _, _, err := p.Create(t.Context(), user, workspace, "trello", "x", strings.NewReader("{}")); !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("an upload answered %v", err)
	}
	if _, err := p.List(t.Context(), user, workspace); !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("a list answered %v", err)
	}
	b.eventually("everything is applied", func() bool {
		b.target.mu.Lock()
		defer b.target.mu.Unlock()
		return len(b.target.made) > 1800
	})
	p.line.cut.Store(false)
	if done := p.state(t, job.ID, importer.Done); done.Progress != done.Total {
		t.Errorf("%+v", done)
	}
}

// TestEarlierVersion: jobs in the folder of earlier versions are taken over, once.
func TestEarlierVersion(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "imports")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	content := export(t, 20)
	scanning, done := ids.New(), ids.New()
	at := `"createdAt":"2026-05-01T08:00:00Z","updatedAt":"2026-05-01T08:00:00Z"`
	common := `"workspace":"` + workspace.String() + `","by":"` + user.String() + `","format":"trello",` + at + `,"total":{},"progress":{},"cursor":{}`
	for name, text := range map[string]string{
		scanning.String() + ".json":      `{"id":"` + scanning.String() + `","name":"old.json","state":"scanning","size":` + strconv.Itoa(len(content)) + `,` + common + `}`,
		scanning.String() + ".data":      string(content),
		done.String() + ".json":          `{"id":"` + done.String() + `","name":"older.json","state":"done",` + common + `}`,
		ids.New().String() + ".data":     "an upload that was broken off",
		done.String() + ".json" + ".new": "{",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := newSharedBench(t, blobmemory.New())
	b.Manager = b.open(b.blobs, importer.Settings{Alone: true, Before: folder})
	b.Start()
	if job := b.apply(b.still(scanning).ID); job.State != importer.Done || job.Total.Cards != 20 {
		t.Errorf("the one under way became %+v", job)
	}
	jobs, err := b.List(t.Context(), user, workspace)
	if err != nil || len(jobs) != 2 {
		t.Errorf("listed %+v, %v", jobs, err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}
