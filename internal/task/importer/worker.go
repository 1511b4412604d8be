package importer

import (
	"context"
	"errors"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/task/event"
)

// saveEvery is how often progress is kept while applying. What is applied
// after the last time is applied again, which changes nothing.
const saveEvery = time.Second

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
	file, err := m.openFile(ctx, job)
	if err != nil {
		return nil, err
	}
	board, err := format.Open(ctx, Source{R: file.at, Size: job.Size, Name: job.Name, Workspace: job.Workspace}, visit)
	if err != nil {
		return nil, errors.Join(err, file.close())
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
func (r *run) scan(ctx context.Context, job Job) error {
	board, t, err := r.m.check(ctx, job)
	if err != nil {
		return err
	}
	report := t.fill(board.Report())
	r.m.keep(board)
	r.conclude(false, func(j *Job) {
		j.State, j.Report, j.Total, j.Project, j.CountedAt = Ready, report, totals(report), t.project, t.at
	})
	return nil
}

// ready answers the job's board for applying. What was there before the first
// batch goes into the report, once: taken anew, unless the workspace has not
// changed since the scan took it.
func (r *run) ready(ctx context.Context, job Job) (*opened, error) {
	at, err := r.m.target.Seq(ctx, job.Workspace)
	if err != nil {
		return nil, err
	}
	known := job.Counted || job.Report != nil && at == job.CountedAt
	board := r.m.takeKept(job.ID)
	report := job.Report
	switch {
	case board != nil && known:
	case known:
		board, err = r.m.open(ctx, job, func(Creation) error { return nil })
	default:
		if board != nil {
			board.close()
		}
		var t *tally
		if board, t, err = r.m.check(ctx, job); err == nil {
			report = t.fill(board.Report())
		}
	}
	if err != nil {
		return nil, err
	}
	if !job.Counted {
		r.update(true, func(j *Job) { j.Report, j.Counted, j.CountedAt, j.Total = report, true, at, totals(report) })
	}
	return board, nil
}

// apply records the board batch by batch, from where the job stands. While
// one batch is committed the next is read.
func (r *run) apply(ctx context.Context, job Job) error {
	board, err := r.ready(ctx, job)
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
	progress, saved := job.Progress, r.m.clock.Now()
	for b := range full {
		if err = ctx.Err(); err == nil {
			err = r.m.target.Apply(ctx, job.By, job.Workspace, job.ID, b.made)
		}
		if err != nil {
			break
		}
		for i := range b.made {
			progress.add(&b.made[i])
		}
		now := r.m.clock.Now()
		keep := now.Sub(saved) >= saveEvery
		if keep {
			saved = now
		}
		at := b.end
		r.update(keep, func(j *Job) { j.Progress, j.Cursor = progress, at })
		b.reset()
		free <- b
	}
	stop()
	read.Wait()
	if err == nil {
		err = readErr
	}
	if err != nil {
		r.update(true, func(*Job) {}) // keeps where it stopped
		return err
	}
	board.close() // ahead of the deferred one: an open file cannot be removed everywhere
	r.conclude(true, func(j *Job) { j.State, j.Progress = Done, j.Total })
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
