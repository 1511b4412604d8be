package consumer

import (
	"context"
	"errors"
	"slices"
	"sync"

	"headway/internal/platform/repeat"

	"headway/internal/platform/eventlog"
)

// sweeper goes through what changed. It keeps a place in the order of
// changes, and looks on from there each time. The durable cursor follows once
// all that was found before it is handled, by whomever: a process that dies
// leaves a cursor from which another finds what it left.
//
// What a sweep finds belongs to an epoch. An epoch that nothing waits for any
// more gives its cursor to be kept.
type sweeper struct {
	begun      bool
	generation uint64
	at         eventlog.Cursor
	saved      eventlog.Cursor

	mu     sync.Mutex
	epochs []epoch // oldest first; the last one is being filled
	next   uint64
}

type epoch struct {
	number uint64
	cursor eventlog.Cursor // before which all belongs to this epoch or an earlier one
	left   int
}

// maxEpochs bounds the epochs; what is found beyond joins the last.
const maxEpochs = 64

// page is how many streams are asked of the log at once.
const page = MaxLoad

// begin starts from a cursor.
func (s *sweeper) begin(generation uint64, cursor eventlog.Cursor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun, s.generation, s.at, s.saved = true, generation, cursor, cursor
	s.next++
	s.epochs = []epoch{{number: s.next}}
}

// mark has the epoch that is being filled wait for an entry.
func (s *sweeper) mark(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.epoch >= s.epochs[0].number {
		return // an earlier one waits for it
	}
	last := &s.epochs[len(s.epochs)-1]
	e.epoch = last.number
	last.left++
}

// left is called for an entry that leaves the queue.
func (s *sweeper) left(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.epochs, func(p epoch) bool { return p.number == number }); i >= 0 {
		s.epochs[i].left--
	}
}

// turn ends the epoch that is being filled at the place reached, and answers
// the cursor before which everything is handled.
func (s *sweeper) turn() eventlog.Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := &s.epochs[len(s.epochs)-1]
	last.cursor = s.at
	done := s.saved
	for len(s.epochs) > 0 && s.epochs[0].left == 0 {
		done = s.epochs[0].cursor
		s.epochs = s.epochs[1:]
	}
	if len(s.epochs) < maxEpochs {
		s.next++
		s.epochs = append(s.epochs, epoch{number: s.next})
	}
	return done
}

// sweeps sweeps at once and then at intervals, until ctx ends.
func (r *Runner) sweeps(ctx context.Context) {
	failed := false
	for {
		err := r.sweep(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed:
			r.o.Log.Warn("the log cannot be swept; trying until it can", "cause", err)
		case err == nil && failed:
			r.o.Log.Info("the log can be swept again")
		}
		failed = err != nil
		if !repeat.Pause(ctx, jitter(r.o.SweepEvery)) {
			return
		}
	}
}

// sweepUntilDone sweeps once, however often that has to be tried.
func (r *Runner) sweepUntilDone(ctx context.Context) error {
	for failed := 1; ; failed++ {
		err := r.sweep(ctx)
		if err == nil {
			return nil
		}
		if !repeat.Pause(ctx, r.o.wait(failed)) {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// sweep looks at what changed since the last one, and has looked at what
// nobody has handled.
func (r *Runner) sweep(ctx context.Context) error {
	s := &r.sweeper
	newest, err := r.o.Events.Newest(ctx, r.o.Category)
	if err != nil {
		return err
	}
	if err := r.follow(ctx); err != nil {
		return err
	}
	for {
		heads, to, err := r.o.Events.Changed(ctx, r.o.Category, s.at, page)
		if err != nil {
			return err
		}
		if err := r.find(ctx, heads); err != nil {
			return err
		}
		moved := to != s.at
		s.at = to
		// An adapter may answer fewer than it was asked for and yet have more.
		if !moved || to >= newest {
			break
		}
	}
	r.counts.sweeps.Add(1)
	return r.saveCursor(ctx)
}

// follow begins, or begins again where a replay has.
func (r *Runner) follow(ctx context.Context) error {
	state, err := r.o.Checkpoints.Load(ctx, r.o.Name)
	switch s := &r.sweeper; {
	case err != nil:
		return err
	case state.Resetting:
		return errResetting
	case !s.begun || s.generation != state.Generation:
		s.begin(state.Generation, state.Cursor)
	}
	return nil
}

// find queues those of the streams that are not handled up to their heads.
func (r *Runner) find(ctx context.Context, heads []eventlog.StreamHead) error {
	if len(heads) == 0 {
		return nil
	}
	for part := range slices.Chunk(heads, MaxLoad) {
		state, err := r.o.Checkpoints.Load(ctx, r.o.Name, streamsOf(part)...)
		if err != nil {
			return err
		}
		for _, h := range part {
			if state.Generation == r.sweeper.generation && state.Seqs[h.Stream] >= h.Head {
				continue
			}
			r.counts.found.Add(1)
			err := r.put(ctx, h.Stream, func(e *entry) {
				e.head, e.at = max(e.head, h.Head), max(e.at, state.Seqs[h.Stream])
				r.sweeper.mark(e)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// saveCursor keeps the place before which everything is handled.
func (r *Runner) saveCursor(ctx context.Context) error {
	s := &r.sweeper
	done := s.turn()
	if done <= s.saved {
		return nil
	}
	if err := r.o.Checkpoints.SaveCursor(ctx, r.o.Name, s.generation, done); err != nil {
		return err
	}
	s.saved = done
	return nil
}
