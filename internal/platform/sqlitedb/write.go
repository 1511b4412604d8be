package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// job is one call of Write.
type job struct {
	fn    func(*Conn) error
	state atomic.Int32
	done  chan error

	err                  error
	onCommit, onRollback []func()
}

// The states of a job: the writer and a caller that gives up race from queued.
const (
	queued int32 = iota
	taken
	givenUp
)

var jobs = sync.Pool{New: func() any { return &job{done: make(chan error, 1)} }}

// group is what one transaction holds.
//
// Its jobs run without savepoints at first: a savepoint has SQLite keep a copy
// of every page that is changed after it, which would cost about as much as
// the changes. A job that fails before it wrote leaves nothing behind anyway.
// Where one fails later, the transaction is rolled back and its jobs run
// again, carefully, each behind a savepoint.
type group struct {
	jobs    []*job // succeeded so far
	flushes []flush
	wrote   bool // some job of the group has written
	careful bool
	until   time.Time // how long the group may wait for more jobs, once it does
	err     error
	failed  []*job // answered an error and left nothing behind
}

type flush struct {
	key any
	fn  func(*Conn) error
}

// Write runs fn in the writer's turn and returns once all that it wrote is
// durable. If fn answers an error, nothing of it stays and that error is
// answered as it is; other jobs of the same transaction do not notice. If the
// commit fails, every job in it is answered that error and nothing of them stays.
// fn may run more than once, where another job of the transaction failed: each
// time on the database as if it had not run before, so that what it does
// beside must bear repeating. A context that ends while the job waits in the queue
// answers its error and fn does not run; once it runs, it is waited for.
func (db *DB) Write(ctx context.Context, fn func(*Conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.guest {
		return ErrGuest
	}
	j, _ := jobs.Get().(*job)
	j.fn = fn
	j.state.Store(queued)

	db.mu.RLock()
	if db.closed {
		db.mu.RUnlock()
		return ErrClosed
	}
	select {
	case db.queue <- j:
		db.mu.RUnlock()
	default:
		select {
		case db.queue <- j:
			db.mu.RUnlock()
		case <-ctx.Done():
			db.mu.RUnlock()
			return ctx.Err()
		}
	}
	var err error
	select {
	case err = <-j.done:
	case <-ctx.Done():
		if j.state.CompareAndSwap(queued, givenUp) {
			return ctx.Err() // the writer drops the job when it meets it
		}
		err = <-j.done
	}
	j.reset()
	jobs.Put(j)
	return coded(err)
}

func (j *job) reset() {
	j.fn, j.err = nil, nil
	j.dropHooks()
}

func (j *job) dropHooks() {
	clear(j.onCommit)
	clear(j.onRollback)
	j.onCommit, j.onRollback = j.onCommit[:0], j.onRollback[:0]
}

// runWriter is the one goroutine that writes.
func (db *DB) runWriter() {
	defer db.ended.Done()
	defer close(db.done)
	defer db.checkpoint.stop()
	for j := range db.queue {
		if !j.state.CompareAndSwap(queued, taken) {
			continue
		}
		g := db.runGroup(j)
		db.before = len(g.jobs) + len(g.failed)
		db.done <- g
		db.afterCommit()
	}
}

// runGroup runs the job and what queues meanwhile as one transaction.
func (db *DB) runGroup(j *job) *group {
	c, g := db.writer, &group{}
	c.group = g
	defer func() { c.group = nil }()
	if err := c.run("BEGIN IMMEDIATE"); err != nil {
		j.err = err
		g.failed = append(g.failed, j)
		return g
	}
	if err := db.fenced(); err != nil {
		db.lose(g, []*job{j}, err)
		return g
	}
	end := time.Now().Add(db.opts.MaxHold)
	for {
		db.runJob(c, g, j)
		if g.err != nil {
			return g
		}
		if j = db.next(g, end); j == nil {
			break
		}
	}
	db.commit(c, g)
	return g
}

// next takes one more job for the group, or nil where it is time to commit.
func (db *DB) next(g *group, end time.Time) *job {
	if len(g.jobs)+len(g.failed) >= db.opts.MaxGroup || time.Now().After(end) {
		return nil
	}
	for {
		select {
		case j, ok := <-db.queue:
			if !ok {
				return nil
			}
			if j.state.CompareAndSwap(queued, taken) {
				return j
			}
		default:
			j := db.linger(g)
			if j == nil || j.state.CompareAndSwap(queued, taken) {
				return j
			}
		}
	}
}

// linger waits a moment for a job to join a group that is small beside the one
// before: those who were told of that one are likely to come again, and a
// commit costs about the same for many jobs as for few. Where few write at a
// time nobody waits.
func (db *DB) linger(g *group) *job {
	if db.opts.Linger <= 0 || db.before < lingerFrom || len(g.jobs)+len(g.failed) >= db.before {
		return nil
	}
	if g.until.IsZero() {
		g.until = time.Now().Add(db.opts.Linger)
	}
	rest := time.Until(g.until)
	if rest <= 0 {
		return nil
	}
	db.timer.Reset(rest)
	defer db.timer.Stop()
	select {
	case j := <-db.queue: // nil once it is closed
		return j
	case <-db.timer.C:
		return nil
	}
}

// lingerFrom is how large a group must have been for the next one to wait for more.
const lingerFrom = 4

// runJob runs one job; it sets g.err where the whole transaction is lost.
func (db *DB) runJob(c *Conn, g *group, j *job) {
	flushes, clean := len(g.flushes), !g.wrote
	c.job, c.writing, c.savepoint, c.wrote = j, true, false, false
	j.err = call(c, j.fn)
	c.endRead()
	c.job, c.writing = nil, false

	switch {
	case c.raw.AutocommitEnabled():
		// SQLite has rolled back everything by itself, as it does on a full disk.
		db.lose(g, append(g.jobs, j), j.err)
		return
	case j.err == nil && c.savepoint:
		if err := c.run("RELEASE job"); err != nil {
			db.lose(g, append(g.jobs, j), err)
			return
		}
		fallthrough
	case j.err == nil:
		g.jobs = append(g.jobs, j)
		return
	}
	// The job leaves nothing behind.
	var err error
	switch {
	case !c.wrote:
	case c.savepoint:
		err = errors.Join(c.run("ROLLBACK TO job"), c.run("RELEASE job"))
	case clean:
		err = errors.Join(c.run("ROLLBACK"), c.run("BEGIN IMMEDIATE"))
		g.wrote = false
	default:
		db.again(c, g, j)
		return
	}
	if err != nil {
		db.lose(g, append(g.jobs, j), errors.Join(j.err, err))
		return
	}
	g.flushes = g.flushes[:flushes]
	j.rolledBack()
	g.failed = append(g.failed, j)
}

// again rolls the transaction back and runs its jobs and the one that failed
// once more, each behind a savepoint.
func (db *DB) again(c *Conn, g *group, failed *job) {
	retry := append(g.jobs, failed)
	if err := errors.Join(c.run("ROLLBACK"), c.run("BEGIN IMMEDIATE")); err != nil {
		db.lose(g, retry, errors.Join(failed.err, err))
		return
	}
	for i := len(retry) - 1; i >= 0; i-- {
		retry[i].rolledBack()
	}
	g.jobs, g.flushes, g.wrote, g.careful = nil, nil, false, true
	for i, j := range retry {
		j.err = nil
		j.dropHooks()
		db.runJob(c, g, j)
		if g.err != nil {
			for _, rest := range retry[i+1:] {
				rest.err = g.err
			}
			g.failed = append(g.failed, retry[i+1:]...)
			return
		}
	}
}

// call runs fn; a panic in it is an error of this job alone.
func call(c *Conn, fn func(*Conn) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("sqlitedb: panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(c)
}

func (db *DB) commit(c *Conn, g *group) {
	for i := 0; i < len(g.flushes); i++ {
		if err := call(c, g.flushes[i].fn); err != nil {
			db.lose(g, g.jobs, fmt.Errorf("sqlitedb: before commit: %w", err))
			return
		}
	}
	c.endRead()
	if err := c.run("COMMIT"); err != nil {
		db.lose(g, g.jobs, err)
		return
	}
	db.version.Add(1)
	db.stats.groups.Add(1)
	db.stats.jobs.Add(uint64(len(g.jobs)))
}

// lose rolls the transaction back and answers err to all the jobs.
func (db *DB) lose(g *group, lost []*job, err error) {
	if err == nil {
		err = errors.New("sqlitedb: the transaction was rolled back")
	}
	c := db.writer
	c.endRead()
	if !c.raw.AutocommitEnabled() {
		if e := c.run("ROLLBACK"); e != nil {
			err = errors.Join(err, e)
		}
	}
	g.err = err
	for i := len(lost) - 1; i >= 0; i-- {
		lost[i].err = err
		lost[i].rolledBack()
	}
	g.jobs = nil
	g.failed = append(g.failed, lost...)
}

func (j *job) rolledBack() {
	for i := len(j.onRollback) - 1; i >= 0; i-- {
		j.onRollback[i]()
	}
}

// runTeller tells those who wait what became of their jobs, while the writer
// is at the next group already.
func (db *DB) runTeller() {
	defer db.ended.Done()
	for g := range db.done {
		for _, j := range g.jobs {
			for _, fn := range j.onCommit {
				fn()
			}
		}
		db.stats.failed.Add(uint64(len(g.failed)))
		for _, j := range g.jobs {
			j.done <- nil
		}
		for _, j := range g.failed {
			j.done <- j.err
		}
	}
}
