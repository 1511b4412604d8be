package importer

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/blob"
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
	// tidyEvery is how often what is older is removed.
	tidyEvery = 24 * time.Hour
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
	// Alone says that no other process uses the blobs, so that every job that
	// was under way is this process's to go on with at once.
	Alone bool
	// Lease is how long another process may give no sign before its jobs are
	// taken over; 0 is DefaultLease. All processes must have the same.
	Lease time.Duration
	// Temp is the folder for copies of uploads that are being read, of up to
	// three times MaxBytes each; "" is the system's.
	Temp string
	// Before is the folder where earlier versions kept jobs; they are moved over. "" is none.
	Before string
}

// Manager runs imports as jobs that survive a restart, and the end of the
// process that runs them: all managers over the same blobs know the same jobs.
// It is safe for concurrent use.
type Manager struct {
	records  records
	target   Target
	clock    clock.Clock
	formats  map[string]Format
	log      *slog.Logger
	maxBytes int64
	lease    time.Duration
	alone    bool
	temp     string
	before   string // the folder of earlier versions, "" once nothing is to be moved
	// runner is this process in leases.
	runner ids.ID

	ctx    context.Context //nolint:containedctx // the jobs' life, which ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup
	// scanning holds scans, which cost memory, to one at a time; creating the
	// last step of uploads, so that the same file twice is seen.
	scanning chan struct{}
	creating sync.Mutex

	mu       sync.Mutex
	all      bool // Start was called: jobs of others that died are taken over
	sweeping bool
	running  map[jobKey]*run
	uploads  map[jobKey]bool // what is coming in
	asked    map[jobKey]bool // jobs that were asked for here
	seen     map[jobKey]seen // leases of others
	changed  chan struct{}   // closed and replaced at every change of a job here
	kept     *opened         // the newest board scanned, for a while
	keptFor  *time.Timer
}

// Open opens the manager over a store of blobs, in which it has the keys below
// "imports/". formats are by the name that clients use, such as "trello". Jobs
// that were under way go on once Start is called.
func Open(blobs blob.Store, target Target, c clock.Clock, formats map[string]Format, settings Settings) *Manager {
	if settings.MaxBytes <= 0 {
		settings.MaxBytes = DefaultMaxBytes
	}
	if settings.Log == nil {
		settings.Log = slog.Default()
	}
	if settings.Lease <= 0 {
		settings.Lease = DefaultLease
	}
	m := &Manager{
		records: records{blobs}, target: target, clock: c, formats: formats, log: settings.Log, maxBytes: settings.MaxBytes,
		lease: settings.Lease, alone: settings.Alone, temp: settings.Temp, before: settings.Before, runner: ids.New(),
		scanning: make(chan struct{}, 1), running: map[jobKey]*run{}, uploads: map[jobKey]bool{}, asked: map[jobKey]bool{},
		seen: map[jobKey]seen{}, changed: make(chan struct{}),
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	if err := m.adopt(); err != nil {
		m.log.Warn("imports of an earlier version cannot be taken over; it is tried again", "folder", m.before, "cause", err)
	}
	return m
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

// Start goes on with the jobs that were under way, from now on also with those
// of other processes that die, and forgets old ones.
func (m *Manager) Start() {
	m.mu.Lock()
	m.all = true
	m.mu.Unlock()
	m.startSweeping()
}

// Close stops the jobs after the batch they are at and waits for them. They go
// on at the next Start, or at once where another process has the same blobs.
func (m *Manager) Close() {
	m.mu.Lock()
	m.cancel()
	m.mu.Unlock()
	m.work.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropKept(nil)
}

// Ping answers nil where the jobs can be read.
func (m *Manager) Ping(ctx context.Context) error {
	_, err := m.records.blobs.Stat(ctx, livePrefix+"none")
	if isNotFound(err) {
		return nil
	}
	return err
}

// load answers a job as it stands, nil where there is none (any more).
func (m *Manager) load(ctx context.Context, key jobKey, n *names) (*Job, error) {
	m.mu.Lock()
	r := m.running[key]
	m.mu.Unlock()
	if r != nil {
		if rec := r.record(); rec != nil {
			q, err := m.records.request(ctx, key)
			if err != nil || q == nil {
				return nil, err
			}
			return m.current(q.over(rec)), nil
		}
	}
	q, rec, _, err := m.records.load(ctx, key, n)
	if err != nil || q == nil {
		return nil, err
	}
	return m.current(q.over(rec)), nil
}

// current answers the job, nil where it is too old to be kept.
func (m *Manager) current(j Job) *Job {
	keep := keepClosed
	if j.resumable() {
		keep = keepOpen
	}
	if !j.live() && m.clock.Now().Sub(j.UpdatedAt) >= keep {
		return nil
	}
	return &j
}

// find is load for a caller: apperr.NotFound where there is none, apperr.Unavailable where the blobs cannot be reached.
func (m *Manager) find(ctx context.Context, key jobKey) (Job, error) {
	j, err := m.load(ctx, key, nil)
	if err != nil {
		return Job{}, away(ctx, err)
	}
	if j == nil {
		return Job{}, apperr.New(apperr.NotFound, "There is no such import.")
	}
	return *j, nil
}

// loads is how many jobs are read at once.
const loads = 8

// ofWorkspace answers a workspace's jobs, newest first.
func (m *Manager) ofWorkspace(ctx context.Context, workspace ids.ID) ([]Job, error) {
	all, err := m.records.all(ctx, jobsPrefix+workspace.String()+"/")
	if err != nil {
		return nil, away(ctx, err)
	}
	var (
		work   sync.WaitGroup
		mu     sync.Mutex
		places = make(chan struct{}, loads)
		out    []Job
		failed error
	)
	for key, n := range all {
		places <- struct{}{}
		work.Go(func() {
			defer func() { <-places }()
			j, err := m.load(ctx, key, n)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				failed = err
			case j != nil:
				out = append(out, *j)
			}
		})
	}
	work.Wait()
	if failed != nil {
		return nil, away(ctx, failed)
	}
	slices.SortFunc(out, func(a, b Job) int { return slices.Compare(b.ID[:], a.ID[:]) })
	return out, nil
}

// tidy removes jobs that are too old and what is left of uploads that were
// broken off, and goes on with live jobs that nobody runs.
func (m *Manager) tidy(ctx context.Context) error {
	all, err := m.records.all(ctx, jobsPrefix)
	if err != nil {
		return err
	}
	for key, n := range all {
		j, err := m.load(ctx, key, n)
		if err != nil {
			return err
		}
		if j != nil && !j.live() {
			continue
		}
		l, err := m.readLease(ctx, key)
		if err != nil {
			return err
		}
		if l != nil {
			continue // somebody uploads or runs it, or will be found dead
		}
		// What was there only after the first look is nobody's litter.
		if j, err = m.load(ctx, key, nil); err != nil {
			return err
		}
		if j == nil {
			err = m.records.removeJob(ctx, key)
		} else if j.live() {
			m.take(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// announce wakes those who Watch. It needs the lock.
func (m *Manager) announce() {
	close(m.changed)
	m.changed = make(chan struct{})
}
