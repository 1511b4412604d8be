package importer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// saveEvery is how often progress is kept while applying. What is applied
// after the last time is applied again, which changes nothing.
const saveEvery = 250 * time.Millisecond

// run starts the job's work unless it is under way. It needs the lock.
func (m *Manager) run(id ids.ID) {
	if m.running[id] != nil || m.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.running[id] = cancel
	m.work.Go(func() {
		m.step(ctx, id)
		cancel()
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.running, id)
		// What the user asked for while the last step ended.
		if j := m.jobs[id]; j != nil && j.live() {
			m.run(id)
		}
	})
}

// step does what the job's state asks for.
func (m *Manager) step(ctx context.Context, id ids.ID) {
	job, ok := m.snapshot(id)
	if !ok {
		return
	}
	var err error
	switch job.State {
	case Scanning:
		err = m.scan(ctx, job)
	case Applying:
		err = m.apply(ctx, job)
	}
	if err == nil || ctx.Err() != nil {
		return // a job that was stopped keeps its state
	}
	m.fail(job, err)
}

func (m *Manager) snapshot(id ids.ID) (Job, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	j := m.jobs[id]
	if j == nil {
		return Job{}, false
	}
	return *j, true
}

// fail ends a job with a sentence for the user. Faults of ours are logged, not shown.
func (m *Manager) fail(job Job, err error) {
	sentence := "The import stopped by a fault of the server. Try again."
	var coded *apperr.Error
	if errors.As(err, &coded) && coded.Code != apperr.Internal {
		sentence = coded.Message
	} else {
		m.log.Error("an import failed", "import", job.ID, "workspace", job.Workspace, "state", job.State, "error", err)
	}
	if job.State == Applying {
		m.update(job.ID, true, func(j *Job) { j.State, j.Error, j.Retry = Failed, sentence, true })
		return
	}
	m.end(job.ID, func(j *Job) { j.State, j.Error, j.Retry = Failed, sentence, false })
}

// update changes a job that is still there, and keeps it where keep is set.
func (m *Manager) update(id ids.ID, keep bool, change func(*Job)) {
	m.settle(id, change, func(j *Job) {
		if keep {
			m.save(j)
		}
	})
}

// end is update for a change after which the job's file is not needed. The
// file goes once that is kept and before anybody hears of it.
func (m *Manager) end(id ids.ID, change func(*Job)) {
	m.settle(id, change, func(j *Job) {
		m.save(j)
		if err := m.files.removeData(id); err != nil {
			m.log.Warn("an import's file cannot be removed", "import", id, "error", err)
		}
	})
}

// settle changes a job that is still there, has the change kept, and tells those who watch.
func (m *Manager) settle(id ids.ID, change, keep func(*Job)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	j := m.jobs[id]
	if j == nil {
		return
	}
	change(j)
	j.UpdatedAt = m.clock.Now()
	keep(j)
	m.announce()
}

func (m *Manager) save(j *Job) {
	if err := m.files.save(j); err != nil {
		m.log.Error("an import's state cannot be kept", "import", j.ID, "error", err)
	}
}

// open opens the job's board, one at a time, and takes the creations to visit.
func (m *Manager) open(ctx context.Context, job Job, visit func(Creation) error) (*opened, error) {
	select {
	case m.scanning <- struct{}{}:
		defer func() { <-m.scanning }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	format := m.formats[job.Format]
	if format == nil {
		return nil, apperr.New(apperr.Invalid, "The format %q is not known here any more.", job.Format)
	}
	file, err := os.Open(m.files.data(job.ID))
	if err != nil {
		return nil, fmt.Errorf("opening the staged file: %w", err)
	}
	board, err := format.Open(ctx, Source{R: file, Size: job.Size, Name: job.Name, Workspace: job.Workspace}, visit)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &opened{board, job.ID, file}, nil
}

// check opens the board and finds out what the workspace has of it already.
func (m *Manager) check(ctx context.Context, job Job) (*opened, *tally, error) {
	at, err := m.target.Seq(ctx, job.Workspace)
	if err != nil {
		return nil, nil, err
	}
	t := &tally{already: map[string]int{}, at: at}
	batch := newBatch()
	ask := func() error {
		has, err := m.target.Existing(ctx, job.Workspace, batch.made)
		for i := range has {
			if has[i] {
				t.count(&batch.made[i])
			}
		}
		batch.reset()
		return err
	}
	board, err := m.open(ctx, job, func(c Creation) error {
		if c.Kind == KindProject {
			t.project = c.ID
		}
		if batch.add(c) {
			return ask()
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if err := ask(); err != nil {
		board.close()
		return nil, nil, err
	}
	return board, t, nil
}

// scan checks the file and writes the report.
func (m *Manager) scan(ctx context.Context, job Job) error {
	board, t, err := m.check(ctx, job)
	if err != nil {
		return err
	}
	report := t.fill(board.Report())
	m.keep(board)
	m.update(job.ID, true, func(j *Job) {
		j.State, j.Report, j.Total, j.Project, j.CountedAt = Ready, report, totals(report), t.project, t.at
	})
	return nil
}

// ready answers the job's board for applying. What was there before the first
// batch goes into the report, once: taken anew, unless the workspace has not
// changed since the scan took it.
func (m *Manager) ready(ctx context.Context, job Job) (*opened, error) {
	at, err := m.target.Seq(ctx, job.Workspace)
	if err != nil {
		return nil, err
	}
	known := job.Counted || job.Report != nil && at == job.CountedAt
	board := m.takeKept(job.ID)
	report := job.Report
	switch {
	case board != nil && known:
	case known:
		board, err = m.open(ctx, job, func(Creation) error { return nil })
	default:
		if board != nil {
			board.close()
		}
		var t *tally
		if board, t, err = m.check(ctx, job); err == nil {
			report = t.fill(board.Report())
		}
	}
	if err != nil {
		return nil, err
	}
	if !job.Counted {
		m.update(job.ID, true, func(j *Job) { j.Report, j.Counted, j.CountedAt, j.Total = report, true, at, totals(report) })
	}
	return board, nil
}

// apply records the board batch by batch, from where the job stands. While
// one batch is committed the next is read.
func (m *Manager) apply(ctx context.Context, job Job) error {
	board, err := m.ready(ctx, job)
	if err != nil {
		return err
	}
	defer board.close()
	// Batches on their way: two in use, so that reading stays one ahead.
	free, full := make(chan *batch, 2), make(chan *batch, 2)
	free <- newBatch()
	free <- newBatch()
	reading, stop := context.WithCancel(ctx)
	var read sync.WaitGroup
	var readErr error
	read.Go(func() {
		defer close(full)
		readErr = fillBatches(reading, board, job, free, full)
	})
	progress, saved := job.Progress, m.clock.Now()
	for b := range full {
		if err = ctx.Err(); err == nil {
			err = m.target.Apply(ctx, job.By, job.Workspace, job.ID, b.made)
		}
		if err != nil {
			break
		}
		for i := range b.made {
			progress.add(&b.made[i])
		}
		now := m.clock.Now()
		keep := now.Sub(saved) >= saveEvery
		if keep {
			saved = now
		}
		at := b.end
		m.update(job.ID, keep, func(j *Job) { j.Progress, j.Cursor = progress, at })
		b.reset()
		free <- b
	}
	stop()
	read.Wait()
	if err == nil {
		err = readErr
	}
	if err != nil {
		m.update(job.ID, true, func(*Job) {}) // keeps where it stopped
		return err
	}
	board.close() // ahead of the deferred one: an open file cannot be removed everywhere
	m.end(job.ID, func(j *Job) { j.State, j.Progress = Done, j.Total })
	return nil
}

// fillBatches reads the board into free batches and hands them on as full.
func fillBatches(ctx context.Context, board Board, job Job, free <-chan *batch, full chan<- *batch) error {
	var b *batch
	pass := func() error {
		select {
		case full <- b:
			b = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := board.Walk(ctx, job.Cursor, func(c Creation, at Cursor) error {
		if d, ok := c.Data.(*event.CommentData); ok && d.Comment.At.IsZero() {
			d.Comment.At = job.CreatedAt // the file does not say when
		}
		if b == nil {
			select {
			case b = <-free:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		b.end = at
		if b.add(c) {
			return pass()
		}
		return nil
	})
	if err == nil && b != nil && len(b.made) > 0 {
		err = pass()
	}
	return err
}
