package mongo

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/eventlog"
	logmongo "headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/mongo/internal/mutant"
)

const (
	// maxGroup is how many commands are committed together.
	maxGroup = 256
	// groupBytes is how large a group gets before the rest of it waits for the next.
	groupBytes = 2 << 20
	// maxAttempts is how often a group is decided where others commit first.
	maxAttempts = 30
	// rowsWithin is how long the rows of a commit are tried to be written before
	// its commands are answered that they are not.
	rowsWithin = 20 * time.Second
)

// job is one command that waits for its workspace's turn.
type job struct {
	ctx    context.Context
	decide func(command.Tx) error
	done   chan struct{}

	commit   readmodel.Commit
	err      error
	panicked any
	// finished is set once commit or err is what the command came to.
	finished bool
}

// Do implements command.Store.
func (s *Store) Do(ctx context.Context, id ids.ID, decide func(command.Tx) error) (readmodel.Commit, error) {
	if err := ctx.Err(); err != nil {
		return readmodel.Commit{}, err
	}
	if s.rebuilding.Load() {
		return readmodel.Commit{}, errRebuilding()
	}
	j := &job{ctx: ctx, decide: decide, done: make(chan struct{})}
	if !s.enqueue(id, j) {
		return readmodel.Commit{}, apperr.New(apperr.Unavailable, "The server is about to stop. Try again in a while.")
	}
	<-j.done
	if j.panicked != nil {
		panic(j.panicked) // where it can be seen whose command it was
	}
	return j.commit, j.err
}

// enqueue adds a job to its workspace's queue and sees to it that somebody works on that.
func (s *Store) enqueue(id ids.ID, j *job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	ws := s.keptWorkspace(id)
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.queue = append(ws.queue, j)
	if !ws.running {
		ws.running = true
		s.turns.Add(1)
		go s.work(ws)
	}
	return true
}

// work takes turns as long as there are jobs.
func (s *Store) work(ws *workspace) {
	defer s.turns.Done()
	for {
		ws.mu.Lock()
		n := min(len(ws.queue), maxGroup)
		if n == 0 {
			ws.running = false
			ws.mu.Unlock()
			return
		}
		jobs := ws.queue[:n:n]
		ws.queue = ws.queue[n:]
		ws.mu.Unlock()
		left := s.turn(context.Background(), ws, jobs)
		ws.letIn()
		if len(left) > 0 {
			ws.mu.Lock()
			ws.queue = append(left, ws.queue...)
			ws.mu.Unlock()
		}
	}
}

func (j *job) finish(commit readmodel.Commit, err error) {
	if j.finished {
		return
	}
	j.commit, j.err, j.finished = commit, err, true
	close(j.done)
}

func finishAll(jobs []*job, err error) {
	for _, j := range jobs {
		j.finish(readmodel.Commit{}, err)
	}
}

// turn decides and commits a group of jobs, and answers those that are left for the next.
func (s *Store) turn(ctx context.Context, ws *workspace, jobs []*job) (left []*job) {
	for attempt := 0; ; attempt++ {
		begun := time.Now()
		if attempt == maxAttempts {
			finishAll(jobs, apperr.New(apperr.Conflict, "Too many others are changing this workspace. Try again."))
			return nil
		}
		newest, err := s.load(ctx, ws)
		if err != nil {
			finishAll(jobs, wrap(err, "load a workspace"))
			return nil
		}
		g := newGroup(ctx, s, ws)
		left = g.decide(jobs, groupOf(attempt))
		if len(g.events) > 0 {
			err = s.commit(ctx, g)
		} else if !newest {
			err = s.unchanged(ctx, ws)
		}
		var reserved *logmongo.ReservedError
		switch {
		case err == nil:
			g.finish()
			return left
		case errors.As(err, &reserved):
			if err := ws.ids.learn(ctx, s, ws.id, g.reserve()); err != nil {
				finishAll(jobs, wrap(err, "look ids up"))
				return nil
			}
		case errors.Is(err, logmongo.ErrLost):
			ws.loaded, ws.behind = false, true
			if !errors.Is(err, logmongo.ErrLostUnsure) {
				ws.ids.left(g)
			}
			if attempt >= wishFrom {
				s.wish(ctx, ws, time.Since(begun))
			}
		default:
			ws.loaded = false
			finishAll(jobs[:len(jobs)-len(left)], wrap(err, "commit"))
			return left
		}
		pause(attempt)
	}
}

// groupOf is how many commands are decided together at an attempt. Each
// decision takes time in which another process may commit, so a process that
// keeps losing asks for less.
func groupOf(attempt int) int {
	if attempt == 0 {
		return maxGroup
	}
	return max(maxGroup>>(attempt+1), 1)
}

// unchanged answers nil where what was decided without a commit was decided
// on the newest state there is.
func (s *Store) unchanged(ctx context.Context, ws *workspace) error {
	head, err := s.log.Head(ctx, ws.id)
	if err == nil && head != ws.head {
		return logmongo.ErrLost
	}
	return err
}

// commit commits a group and writes its rows.
func (s *Store) commit(ctx context.Context, g *group) error {
	n, err := g.note()
	if err != nil {
		return err
	}
	packed, err := s.packer.pack(n)
	if err != nil {
		return err
	}
	ws := g.ws
	if mutant.TellFirst {
		s.tellAll(g.commits)
	}
	err = s.log.Commit(ctx, logmongo.Batch{
		Category: eventlog.Workspace, Stream: ws.id, Head: ws.head, Events: g.events, Reserve: g.reserve(), Note: packed,
	})
	if err != nil {
		var reserved *logmongo.ReservedError
		if !errors.Is(err, logmongo.ErrLost) && !errors.As(err, &reserved) {
			ws.untold = append(ws.untold, g.commits...) // should it turn out to be there
		}
		return err
	}
	ws.image = g.image
	ws.ids.took(g)
	err = s.writeFirst(ctx, ws.id, n)
	deadline := time.Now().Add(rowsWithin)
	for try := 0; err != nil; try++ {
		var at uint64
		if at, err = s.catchUp(ctx, ws.id, g.head); err == nil && at >= g.head {
			s.grant(ctx, ws)
			break
		}
		if err == nil {
			err = errBehind
		}
		if time.Now().After(deadline) {
			// The next turn, reader or sweep writes them.
			ws.untold = append(ws.untold, g.commits...)
			return &apperr.Error{Code: apperr.Unavailable, Message: "The change is recorded but does not show yet. Look again in a while.", Cause: err}
		}
		pause(try)
	}
	ws.wished = false
	s.remember(ws.id, g.head)
	if g.frame != nil {
		ws.shown.Store(&shown{g.frameSeq, g.frame})
	}
	if !mutant.TellFirst {
		s.tellAll(g.commits)
	}
	return nil
}

func (s *Store) tellAll(commits []readmodel.Commit) {
	for _, c := range commits {
		s.tell(c)
	}
}

// pause lets the process that was first write its rows.
func pause(attempt int) {
	time.Sleep(time.Duration(rand.Int64N(int64(time.Millisecond) << min(attempt, 6)))) // #nosec G404 -- spreads retries
}
