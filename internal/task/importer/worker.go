package importer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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
	retry := job.State == Applying
	m.update(job.ID, true, func(j *Job) { j.State, j.Error, j.Retry = Failed, sentence, retry })
	if !retry {
		if err := m.files.removeData(job.ID); err != nil {
			m.log.Warn("an import's file cannot be removed", "import", job.ID, "error", err)
		}
	}
}

// update changes a job that is still there, and keeps it where keep is set.
func (m *Manager) update(id ids.ID, keep bool, change func(*Job)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	j := m.jobs[id]
	if j == nil {
		return
	}
	change(j)
	j.UpdatedAt = m.clock.Now()
	if keep {
		if err := m.files.save(j); err != nil {
			m.log.Error("an import's state cannot be kept", "import", id, "error", err)
		}
	}
	m.announce()
}

// opened is a board with the file it reads. The newest one is kept after its
// scan, so that applying it soon after does not read the file again.
type opened struct {
	Board
	job  ids.ID
	file *os.File
}

// close closes the file; it was only read, so nothing can be lost.
func (o *opened) close() { _ = o.file.Close() }

// keepBoard is how long a scanned board is kept open.
const keepBoard = 5 * time.Minute

// keep keeps a board for takeKept, in place of the one before.
func (m *Manager) keep(o *opened) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropKept(nil)
	if m.ctx.Err() != nil {
		o.close()
		return
	}
	m.kept = o
	m.keptFor = time.AfterFunc(keepBoard, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.dropKept(o)
	})
}

// dropKept closes the kept board, if it is the one given or that is nil. It needs the lock.
func (m *Manager) dropKept(only *opened) {
	if m.kept == nil || only != nil && m.kept != only {
		return
	}
	m.keptFor.Stop()
	m.kept.close()
	m.kept = nil
}

// takeKept answers the job's board where it is kept.
func (m *Manager) takeKept(job ids.ID) *opened {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.kept
	if o == nil || o.job != job {
		return nil
	}
	m.keptFor.Stop()
	m.kept = nil
	return o
}

// open opens the job's board, one at a time.
func (m *Manager) open(ctx context.Context, job Job) (*opened, error) {
	if o := m.takeKept(job.ID); o != nil {
		return o, nil
	}
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
	board, err := format.Open(ctx, Source{R: file, Size: job.Size, Name: job.Name, Workspace: job.Workspace})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &opened{board, job.ID, file}, nil
}

// scan checks the file and writes the report.
func (m *Manager) scan(ctx context.Context, job Job) error {
	board, err := m.open(ctx, job)
	if err != nil {
		return err
	}
	report := board.Report()
	project, at, err := m.count(ctx, job.Workspace, board, &report)
	if err != nil {
		board.close()
		return err
	}
	m.keep(board)
	m.update(job.ID, true, func(j *Job) {
		j.State, j.Report, j.Total, j.Project, j.CountedAt = Ready, &report, totals(&report), project, at
	})
	return nil
}

// count fills in what the workspace has already, and answers the project's id
// and the workspace's seq before.
func (m *Manager) count(ctx context.Context, workspace ids.ID, board Board, report *Report) (project ids.ID, at uint64, err error) {
	if at, err = m.target.Seq(ctx, workspace); err != nil {
		return ids.Nil, 0, err
	}
	report.Rows = slices.Clone(report.Rows) // those of the board are shared
	for i := range report.Rows {
		report.Rows[i].Already = 0
	}
	batch := newBatch()
	ask := func() error {
		has, err := m.target.Existing(ctx, workspace, batch.made)
		for i := range has {
			if has[i] {
				countAlready(report, &batch.made[i])
			}
		}
		batch.reset()
		return err
	}
	err = board.Walk(ctx, Cursor{}, func(c Creation, _ Cursor) error {
		if c.Kind == KindProject {
			project = c.ID
		}
		if batch.add(c) {
			return ask()
		}
		return nil
	})
	if err == nil {
		err = ask()
	}
	return project, at, err
}

// apply records the board batch by batch, from where the job stands.
func (m *Manager) apply(ctx context.Context, job Job) error {
	board, err := m.open(ctx, job)
	if err != nil {
		return err
	}
	defer board.close() // again after the early one, which lets the file be removed everywhere
	if !job.Counted {
		if err := m.recount(ctx, job, board); err != nil {
			return err
		}
	}
	batch := newBatch()
	progress, saved := job.Progress, m.clock.Now()
	flush := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(batch.made) == 0 {
			return nil
		}
		if err := m.target.Apply(ctx, job.By, job.Workspace, job.ID, batch.made); err != nil {
			return err
		}
		for i := range batch.made {
			progress.add(&batch.made[i])
		}
		now := m.clock.Now()
		keep := now.Sub(saved) >= saveEvery
		if keep {
			saved = now
		}
		m.update(job.ID, keep, func(j *Job) { j.Progress, j.Cursor = progress, batch.end })
		batch.reset()
		return nil
	}
	err = board.Walk(ctx, job.Cursor, func(c Creation, at Cursor) error {
		if d, ok := c.Data.(*event.CommentData); ok && d.Comment.At.IsZero() {
			d.Comment.At = job.CreatedAt // the file does not say when
		}
		full := batch.add(c)
		batch.end = at
		if full {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		m.update(job.ID, true, func(*Job) {}) // keeps where it stopped
		return err
	}
	board.close()
	if err := m.files.removeData(job.ID); err != nil {
		m.log.Warn("an import's file cannot be removed", "import", job.ID, "error", err)
	}
	m.update(job.ID, true, func(j *Job) { j.State, j.Progress = Done, j.Total })
	return nil
}

// recount takes what is there already before the first batch, unless the
// workspace has not changed since the scan took it.
func (m *Manager) recount(ctx context.Context, job Job, board Board) error {
	report := board.Report()
	at, err := m.target.Seq(ctx, job.Workspace)
	if err != nil {
		return err
	}
	if job.Report != nil && at == job.CountedAt {
		report = *job.Report
	} else if _, at, err = m.count(ctx, job.Workspace, board, &report); err != nil {
		return err
	}
	m.update(job.ID, true, func(j *Job) {
		j.Report, j.Counted, j.CountedAt, j.Total = &report, true, at, totals(&report)
	})
	return nil
}

// batch gathers creations up to the limits of one commit.
type batch struct {
	made []Creation
	size int
	end  Cursor
}

func newBatch() *batch { return &batch{made: make([]Creation, 0, batchLen)} }

// add reports whether the batch is full with it.
func (b *batch) add(c Creation) bool {
	b.made = append(b.made, c)
	b.size += c.Size()
	return len(b.made) >= batchLen || b.size >= batchBytes
}

func (b *batch) reset() {
	clear(b.made)
	b.made, b.size = b.made[:0], 0
}
