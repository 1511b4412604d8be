package importer

import (
	"context"
	"errors"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/blob"
	"headway/internal/platform/ids"
)

// tryAgain is how long a run waits for a store that is away.
const tryAgain = time.Second

// run is this process's turn at a job: it holds the lease, works, and keeps
// where the work stands.
type run struct {
	m      *Manager
	key    jobKey
	ctx    context.Context //nolint:containedctx // ends with the manager, or where the job is lost to another process
	cancel context.CancelFunc
	looks  chan struct{}
	beats  uint64

	// number is that of the record which it writes, old the ones that this replaces.
	number int
	old    []string

	mu     sync.Mutex
	loaded bool
	job    Job
	ask    ids.ID
	stop   context.CancelFunc // ends the step under way
	paused bool
	lost   bool
}

func newRun(m *Manager, key jobKey) *run {
	r := &run{m: m, key: key, looks: make(chan struct{}, 1), stop: func() {}}
	r.ctx, r.cancel = context.WithCancel(m.ctx)
	return r
}

// record answers where the work stands, nil before that is known.
func (r *run) record() *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.loaded {
		return nil
	}
	return r.recordOf(r.job)
}

// recordOf is the record of the job as it stands: paused from when the run
// knows that it shall be, though a batch is still on its way. It needs the lock.
func (r *run) recordOf(j Job) *record {
	if r.paused && j.State == Applying {
		j.State = Paused
	}
	return &record{Ask: r.ask, Job: j}
}

func (r *run) snapshot() Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.job
}

// live runs the job until it stands still, is lost or the manager is closed.
func (r *run) live() {
	defer r.cancel()
	if r.begin() {
		beating, still := context.WithCancel(r.ctx)
		var beat sync.WaitGroup
		beat.Go(func() { r.beat(beating) })
		r.step()
		still()
		beat.Wait()
		r.leave()
	}
	r.m.mu.Lock()
	delete(r.m.running, r.key)
	delete(r.m.asked, r.key)
	r.m.announce()
	r.m.mu.Unlock()
	// What was asked for while this run ended found it running.
	r.persist(r.m.ctx, func() error {
		j, err := r.m.load(r.m.ctx, r.key, nil)
		switch {
		case err != nil:
			return err
		case j == nil:
			return r.m.records.removeJob(r.m.ctx, r.key)
		case j.live():
			r.m.ensure(r.m.ctx, r.key)
		}
		return nil
	})
}

// persist repeats what fails until it works or ctx ends, and reports whether it did.
func (r *run) persist(ctx context.Context, do func() error) bool {
	for told := false; ctx.Err() == nil; {
		err := do()
		if err == nil {
			return true
		}
		if !told && ctx.Err() == nil {
			r.m.log.Warn("an import waits for the storage of uploads", "import", r.key.job, "cause", err)
			told = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(tryAgain):
		}
	}
	return false
}

// begin takes the lease and learns where the job stands. It reports whether there is work.
func (r *run) begin() (work bool) {
	r.persist(r.ctx, func() error {
		if err := r.m.records.write(r.ctx, r.key.lease(), lease{Runner: r.m.runner}); err != nil {
			return err
		}
		q, rec, n, err := r.m.records.load(r.ctx, r.key, nil)
		if err != nil {
			return err
		}
		if q == nil {
			return r.m.records.removeJob(r.ctx, r.key)
		}
		j := q.over(rec)
		if !j.live() {
			return r.m.records.remove(r.ctx, r.key.lease())
		}
		r.number, r.old = n.number()+1, n.runs
		r.mu.Lock()
		defer r.mu.Unlock()
		r.job, r.ask, r.loaded = j, q.Ask, true
		work = true
		return nil
	})
	return work
}

// leave gives the lease back: away where the work is done, free for another process where it is not.
func (r *run) leave() {
	r.mu.Lock()
	lost, job := r.lost, r.job
	r.mu.Unlock()
	if lost {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), opTimeout)
	defer cancel()
	var err error
	if job.live() {
		err = errors.Join(r.save(ctx, job), r.m.records.write(ctx, r.key.lease(), lease{}))
	} else {
		err = r.m.records.remove(ctx, r.key.lease())
	}
	if err != nil {
		r.m.log.Warn("an import cannot be handed on; it is once its lease is over", "import", r.key.job, "cause", err)
	}
}

// look has the run look at once at what was asked for.
func (r *run) look() {
	select {
	case r.looks <- struct{}{}:
	default:
	}
}

// beat renews the lease and looks at what is asked for, until ctx ends.
func (r *run) beat(ctx context.Context) {
	ticker := time.NewTicker(r.m.lease / 4)
	defer ticker.Stop()
	for {
		renew := false
		select {
		case <-ctx.Done():
			return
		case <-r.looks:
		case <-ticker.C:
			renew = true
		}
		if err := r.check(ctx, renew); err != nil && ctx.Err() == nil {
			r.m.log.Warn("the lease of an import cannot be renewed", "import", r.key.job, "cause", err)
		}
	}
}

func (r *run) check(ctx context.Context, renew bool) error {
	if mine, err := r.holds(ctx); err != nil || !mine {
		return err
	}
	if renew {
		r.beats++
		if err := r.m.records.write(ctx, r.key.lease(), lease{Runner: r.m.runner, Beat: r.beats}); err != nil {
			return err
		}
	}
	q, err := r.m.records.request(ctx, r.key)
	if err != nil {
		return err
	}
	if q == nil {
		r.lose()
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// What is asked for once it stands still, or is about to, is for the next run.
	if q.Ask == r.ask || r.job.State != Applying || r.paused {
		return nil
	}
	r.ask = q.Ask
	if q.Want == Paused {
		r.paused = true
		r.stop()
	}
	return nil
}

// holds reports whether the lease is still this process's, and ends the run where it is not.
func (r *run) holds(ctx context.Context) (bool, error) {
	l, err := r.m.readLease(ctx, r.key)
	if err != nil {
		return false, err
	}
	if l == nil || l.Runner != r.m.runner {
		r.lose()
		return false, nil
	}
	return true, nil
}

// lose ends a run whose job is gone or another process's.
func (r *run) lose() {
	r.mu.Lock()
	r.lost = true
	r.mu.Unlock()
	r.cancel()
}

// save keeps where the job stands as this run's record, and removes the records before it.
func (r *run) save(ctx context.Context, j Job) error {
	r.mu.Lock()
	rec := r.recordOf(j)
	r.mu.Unlock()
	mine := r.key.run(r.number, r.m.runner)
	if err := r.m.records.write(ctx, mine, rec); err != nil {
		return err
	}
	for len(r.old) > 0 {
		if r.old[0] != mine {
			if err := r.m.records.remove(ctx, r.old[0]); err != nil {
				return err
			}
		}
		r.old = r.old[1:]
	}
	return nil
}

// update changes the job, and keeps it where keep is set, as well as that goes at the moment.
func (r *run) update(keep bool, change func(*Job)) {
	j := r.snapshot()
	change(&j)
	j.UpdatedAt = r.m.clock.Now()
	r.publish(j)
	if !keep {
		return
	}
	if err := r.save(r.ctx, j); err != nil && r.ctx.Err() == nil {
		r.m.log.Warn("an import's progress cannot be kept; it is kept later", "import", r.key.job, "cause", err)
	}
}

// conclude changes the job for good: nobody hears of it before it is kept. A
// file that is not needed any more goes in between.
func (r *run) conclude(dropFile bool, change func(*Job)) {
	j := r.snapshot()
	change(&j)
	j.UpdatedAt = r.m.clock.Now()
	kept := r.persist(r.ctx, func() error {
		if mine, err := r.holds(r.ctx); err != nil || !mine {
			return err
		}
		// Another process may have had its turn at the same time; the record of
		// the one that holds the lease counts.
		n, err := r.m.records.of(r.ctx, r.key)
		if err != nil {
			return err
		}
		if len(n.runs) > 0 && n.runs[len(n.runs)-1] > r.key.run(r.number, r.m.runner) {
			r.number, r.old = n.number()+1, n.runs
		}
		if err := r.save(r.ctx, j); err != nil || !dropFile {
			return err
		}
		return r.m.records.remove(r.ctx, r.key.file())
	})
	if kept && r.ctx.Err() == nil {
		r.publish(j)
	}
}

func (r *run) publish(j Job) {
	r.mu.Lock()
	r.job = j
	r.mu.Unlock()
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	r.m.announce()
}

// step does what the job's state asks for.
func (r *run) step() {
	for {
		ctx, cancel := context.WithCancel(r.ctx)
		r.mu.Lock()
		r.stop = cancel
		paused, job := r.paused, r.job
		r.mu.Unlock()
		var err error
		switch {
		case paused:
			cancel()
		case job.State == Scanning:
			err = r.scan(ctx, job)
		case job.State == Applying:
			err = r.apply(ctx, job)
		}
		stopped := ctx.Err() != nil
		cancel()
		switch {
		case r.ctx.Err() != nil: // it goes on elsewhere, or later
		case stopped:
			if j := r.snapshot(); j.State == Applying {
				r.conclude(false, func(j *Job) { j.State = Paused })
			}
		case errors.Is(err, errStorage):
			r.m.log.Warn("an import waits for the storage of uploads", "import", r.key.job, "cause", err)
			select {
			case <-r.ctx.Done():
			case <-time.After(tryAgain):
			}
			continue
		case err != nil:
			r.fail(err)
		}
		return
	}
}

// errStorage marks what failed because the blobs cannot be reached; errGone
// that the job's file is not there.
var (
	errStorage = errors.New("the storage for uploads cannot be reached")
	errGone    = errors.New("the staged file is gone")
)

func isNotFound(err error) bool { return errors.Is(err, blob.ErrNotFound) }

// fail ends the job with a sentence for the user. Faults of ours are logged, not shown.
func (r *run) fail(err error) {
	job := r.snapshot()
	sentence := "The import stopped by a fault of the server. Try again."
	retry := job.State == Applying
	var coded *apperr.Error
	switch {
	case errors.Is(err, errGone):
		sentence, retry = "The uploaded file is not there any more. Upload it again; what came over already stays.", false
	case errors.As(err, &coded) && coded.Code != apperr.Internal:
		sentence = coded.Message
	default:
		r.m.log.Error("an import failed", "import", job.ID, "workspace", job.Workspace, "state", job.State, "error", err)
	}
	r.conclude(!retry, func(j *Job) { j.State, j.Error, j.Retry = Failed, sentence, retry })
}
