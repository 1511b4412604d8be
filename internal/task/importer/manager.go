package importer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
)

// Defaults and limits of Settings.
const (
	DefaultMaxBytes = 512 << 20
	// MaxOpen is how many jobs a workspace may have that are not done or failed.
	MaxOpen = 20
	// keepOpen and keepClosed are how long jobs are kept after their last change.
	keepOpen   = 14 * 24 * time.Hour
	keepClosed = 30 * 24 * time.Hour
	// A batch is one commit: at most so many creations of at most so many bytes,
	// small enough that other writes hardly wait behind it.
	batchLen   = 500
	batchBytes = 1 << 20
)

// Settings are the manager's. The zero value is ready to use.
type Settings struct {
	// MaxBytes bounds one file; 0 is DefaultMaxBytes.
	MaxBytes int64
	// Log takes faults; nil is slog.Default().
	Log *slog.Logger
}

// Manager runs imports as jobs that survive a restart. It is safe for concurrent use.
type Manager struct {
	files    jobFiles
	target   Target
	clock    clock.Clock
	formats  map[string]Format
	log      *slog.Logger
	maxBytes int64

	ctx    context.Context //nolint:containedctx // the jobs' life, which ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup
	// scanning holds scans, which cost memory, to one at a time.
	scanning chan struct{}

	mu      sync.Mutex
	jobs    map[ids.ID]*Job
	running map[ids.ID]context.CancelFunc
	changed chan struct{} // closed and replaced at every change of a job
	kept    *opened       // the newest board scanned, for a while
	keptFor *time.Timer
}

// Open opens the manager over a folder, which is made where it is missing.
// formats are by the name that clients use, such as "trello". Jobs that were
// under way go on once Start is called.
func Open(dir string, target Target, c clock.Clock, formats map[string]Format, settings Settings) (*Manager, error) {
	files, err := openJobFiles(dir)
	if err != nil {
		return nil, err
	}
	if settings.MaxBytes <= 0 {
		settings.MaxBytes = DefaultMaxBytes
	}
	if settings.Log == nil {
		settings.Log = slog.Default()
	}
	m := &Manager{
		files: files, target: target, clock: c, formats: formats, log: settings.Log, maxBytes: settings.MaxBytes,
		scanning: make(chan struct{}, 1), jobs: map[ids.ID]*Job{}, running: map[ids.ID]context.CancelFunc{},
		changed: make(chan struct{}),
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	jobs, unreadable, err := files.load()
	if err != nil {
		return nil, fmt.Errorf("reading the imports in %s: %w", dir, err)
	}
	for _, name := range unreadable {
		m.log.Warn("an import's state cannot be read; it is left out", "file", name)
	}
	for _, j := range jobs {
		m.jobs[j.ID] = j
	}
	return m, nil
}

// MaxBytes is how large a file may be.
func (m *Manager) MaxBytes() int64 { return m.maxBytes }

// Formats answers the names of the formats, sorted.
func (m *Manager) Formats() []string {
	var names []string
	for n := range m.formats {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Start goes on with the jobs that were under way and forgets old ones.
func (m *Manager) Start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetOld()
	for _, j := range m.jobs {
		if j.live() {
			m.run(j.ID)
		}
	}
}

// Close stops the jobs after the batch they are at and waits for them. They go
// on at the next Start.
func (m *Manager) Close() {
	m.cancel()
	m.work.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropKept(nil)
}

// Create stages a file as a new job and starts to check it. A file that the
// workspace has a job for which is not done yet answers that job instead, so
// that an import broken off goes on where it stopped; again is set then.
// Errors: apperr.NotFound, Forbidden, Invalid for an unknown format or a file
// that is no text, TooLarge, Conflict where the workspace has MaxOpen jobs.
func (m *Manager) Create(ctx context.Context, user, workspace ids.ID, format, name string, file io.Reader) (job Job, again bool, err error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return Job{}, false, err
	}
	if m.formats[format] == nil {
		return Job{}, false, apperr.InvalidField("query.format", "must be one of %s", strings.Join(m.Formats(), ", "))
	}
	if err := m.room(workspace); err != nil {
		return Job{}, false, err
	}
	now := m.clock.Now()
	j := &Job{
		ID: ids.New(), Workspace: workspace, By: user, Format: format, Name: cleanName(name),
		State: Scanning, CreatedAt: now, UpdatedAt: now,
	}
	keep := false
	defer func() {
		if !keep {
			err = errors.Join(err, m.files.removeData(j.ID))
		}
	}()
	staged, err := m.stage(ctx, j.ID, file)
	if err != nil {
		return Job{}, false, err
	}
	j.Bytes, j.Size, j.Hash = staged.Read, staged.Size, hex.EncodeToString(staged.Hash[:])
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, old := range m.jobs {
		if old.Workspace == workspace && old.By == user && old.Format == format && old.Hash == j.Hash && (old.live() || old.resumable()) {
			if old.live() {
				m.run(old.ID) // where Start was not called, nobody else went on with it
			}
			return *old, true, nil
		}
	}
	if err := m.files.save(j); err != nil {
		return Job{}, false, fmt.Errorf("keeping the import: %w", err)
	}
	keep = true
	m.jobs[j.ID] = j
	m.run(j.ID)
	return *j, false, nil
}

func (m *Manager) room(workspace ids.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetOld()
	open := 0
	for _, j := range m.jobs {
		if j.Workspace == workspace && (j.live() || j.resumable()) {
			open++
		}
	}
	if open >= MaxOpen {
		return apperr.New(apperr.Conflict, "The workspace has %d imports that are not done. Finish or delete one first.", open)
	}
	return nil
}

func (m *Manager) stage(ctx context.Context, id ids.ID, file io.Reader) (st Staged, err error) {
	out, err := os.OpenFile(m.files.data(id), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return Staged{}, fmt.Errorf("keeping the upload: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	st, err = Stage(ctx, out, file, m.maxBytes)
	if err == nil {
		err = out.Sync()
	}
	return st, err
}

// cleanName makes a file name fit to be shown.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if r := []rune(name); len(r) > 200 {
		name = string(r[:200])
	}
	if name == "" {
		return "export"
	}
	return name
}

// List answers the workspace's jobs, newest first.
func (m *Manager) List(ctx context.Context, user, workspace ids.ID) ([]Job, error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Job
	for _, j := range m.jobs {
		if j.Workspace == workspace {
			out = append(out, *j)
		}
	}
	slices.SortFunc(out, func(a, b Job) int { return slices.Compare(b.ID[:], a.ID[:]) })
	return out, nil
}

// Get answers a job, apperr.NotFound where the workspace has none of that id.
func (m *Manager) Get(ctx context.Context, user, workspace, id ids.ID) (Job, error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return Job{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := m.find(workspace, id)
	if err != nil {
		return Job{}, err
	}
	return *j, nil
}

// find needs the lock.
func (m *Manager) find(workspace, id ids.ID) (*Job, error) {
	j := m.jobs[id]
	if j == nil || j.Workspace != workspace {
		return nil, apperr.New(apperr.NotFound, "There is no such import.")
	}
	return j, nil
}

// Apply starts applying, or goes on. At most one import of a workspace is
// applied at a time: apperr.Conflict otherwise, or where the job's state does not allow it.
func (m *Manager) Apply(ctx context.Context, user, workspace, id ids.ID) (Job, error) {
	return m.change(ctx, user, workspace, id, func(j *Job) error {
		if j.State == Applying || j.State == Done {
			return nil
		}
		if !j.resumable() {
			return apperr.New(apperr.Conflict, "The import is %s: it cannot be applied.", j.State)
		}
		for _, other := range m.jobs {
			if other.Workspace == workspace && other.State == Applying {
				return apperr.New(apperr.Conflict, "Another import of this workspace is running. Wait for it or pause it.")
			}
		}
		j.State, j.Error, j.Retry, j.By = Applying, "", false, user
		return nil
	})
}

// Pause stops applying after the batch it is at.
func (m *Manager) Pause(ctx context.Context, user, workspace, id ids.ID) (Job, error) {
	return m.change(ctx, user, workspace, id, func(j *Job) error {
		switch j.State {
		case Paused:
			return nil
		case Applying:
			j.State = Paused
			return nil
		}
		return apperr.New(apperr.Conflict, "The import is %s: there is nothing to pause.", j.State)
	})
}

// change lets a decision change a job, keeps it and starts or stops its work.
func (m *Manager) change(ctx context.Context, user, workspace, id ids.ID, decide func(*Job) error) (Job, error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return Job{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := m.find(workspace, id)
	if err != nil {
		return Job{}, err
	}
	next := *j
	if err := decide(&next); err != nil {
		return Job{}, err
	}
	if next.State == j.State {
		return *j, nil
	}
	next.UpdatedAt = m.clock.Now()
	if err := m.files.save(&next); err != nil {
		return Job{}, fmt.Errorf("keeping the import: %w", err)
	}
	*j = next
	m.announce()
	if stop := m.running[id]; stop != nil && !j.live() {
		stop()
	}
	if j.live() {
		m.run(id)
	}
	return *j, nil
}

// Delete forgets a job and its file. What was applied stays. A job that is
// applying has to be paused first: apperr.Conflict.
func (m *Manager) Delete(ctx context.Context, user, workspace, id ids.ID) error {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := m.find(workspace, id)
	if err != nil {
		return err
	}
	if j.State == Applying {
		return apperr.New(apperr.Conflict, "The import is running. Pause it first.")
	}
	if stop := m.running[id]; stop != nil {
		stop()
	}
	if m.kept != nil && m.kept.job == id {
		m.dropKept(nil)
	}
	if err := m.files.remove(id); err != nil {
		return fmt.Errorf("removing the import: %w", err)
	}
	delete(m.jobs, id)
	m.announce()
	return nil
}

// forgetOld needs the lock.
func (m *Manager) forgetOld() {
	now := m.clock.Now()
	for id, j := range m.jobs {
		age, keep := now.Sub(j.UpdatedAt), keepClosed
		if j.resumable() {
			keep = keepOpen
		}
		if j.live() || age < keep {
			continue
		}
		if err := m.files.remove(id); err != nil {
			m.log.Warn("an old import cannot be removed", "import", id, "error", err)
			continue
		}
		delete(m.jobs, id)
	}
}

// announce wakes those who Watch. It needs the lock.
func (m *Manager) announce() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Watch calls fn with the job at once and after its changes, until fn answers
// true, the job is gone (apperr.NotFound) or the context ends.
func (m *Manager) Watch(ctx context.Context, id ids.ID, fn func(Job) bool) error {
	for {
		m.mu.Lock()
		j, changed := m.jobs[id], m.changed
		if j == nil {
			m.mu.Unlock()
			return apperr.New(apperr.NotFound, "There is no such import.")
		}
		now := *j
		m.mu.Unlock()
		if fn(now) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
