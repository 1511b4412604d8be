package consumer

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"headway/internal/platform/eventlog"
)

// errResetting blocks all streams until a replay that was begun drops the effects.
var errResetting = errors.New("consumer: a replay has begun and not dropped the effects; run it again if it was cut off")

// againError has an event tried again after a while.
type againError time.Duration

// Error implements error.
func (againError) Error() string { return "consumer: tried again" }

// rival is how long a stream is left to another process that handles it too.
const rival = 20 * time.Millisecond

// turn handles one batch of a stream and says what becomes of the stream.
func (r *Runner) turn(ctx context.Context, q *queue, e *entry) {
	q.take(e)
	full, err := r.step(ctx, q, e)
	var moved *MovedError
	var wait againError
	switch {
	case ctx.Err() != nil:
		return // the run is over and the queue with it
	case errors.As(err, &wait):
		q.later(e, time.Duration(wait), "")
	case errors.As(err, &moved):
		r.counts.lost.Add(1)
		e.loaded, e.size, e.tries = false, 0, 0
		q.later(e, jitter(rival), "")
	case err != nil:
		r.block(q, e, err)
	case full:
		q.more(e)
	default:
		q.done(e)
	}
}

// block has a stream wait, for what is not the fault of an event.
func (r *Runner) block(q *queue, e *entry, err error) {
	e.loaded = false
	e.failures++
	r.counts.failed.Add(1)
	if r.counts.blocked.note(true) {
		r.o.Log.Warn("events cannot be handled; trying until they can", "stream", e.stream, "cause", err)
	}
	q.later(e, r.o.wait(e.failures), reasonOf(err))
}

// step handles the batch after the checkpoint, and answers whether there may be more.
func (r *Runner) step(ctx context.Context, q *queue, e *entry) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	if !e.loaded {
		state, err := r.o.Checkpoints.Load(ctx, r.o.Name, e.stream)
		switch {
		case err != nil:
			return false, err
		case state.Resetting:
			return false, errResetting
		}
		e.loaded, e.seq, e.generation = true, state.Seqs[e.stream], state.Generation
	}
	size := r.o.Batch
	if e.size > 0 {
		size = min(size, e.size)
	}
	events, err := r.o.Events.Read(ctx, e.stream, e.seq, size)
	if err != nil {
		return false, err
	}
	more = len(events) == size
	if events, err = inOrder(events, e.seq); err != nil {
		return false, err
	}
	if len(events) == 0 {
		return false, nil
	}
	if whole := len(events); len(cut(events, r.o.BatchBytes)) < whole {
		events, more = cut(events, r.o.BatchBytes), true
	}
	q.note(e, func(e *entry) {
		e.at, e.head = e.seq, max(e.head, events[len(events)-1].Seq)
		e.since = events[0].At
	})
	atFault, err := r.handle(ctx, e, events)
	if err == nil {
		r.advance(q, e, events)
		return more, nil
	}
	if !atFault {
		return false, err
	}
	return r.isolate(ctx, q, e, events, err)
}

// inOrder answers events up to the first that does not follow the one before.
func inOrder(events []eventlog.Event, after uint64) ([]eventlog.Event, error) {
	for i := range events {
		if events[i].Seq == after+uint64(i)+1 { // #nosec G115 -- an index
			continue
		}
		if i == 0 {
			return nil, fmt.Errorf("consumer: the log answers event %d after %d", events[0].Seq, after)
		}
		return events[:i], nil
	}
	return events, nil
}

// cut answers as many events as fit, at least one.
func cut(events []eventlog.Event, limit int) []eventlog.Event {
	size := 0
	for i := range events {
		if size += len(events[i].Data); size > limit && i > 0 {
			return events[:i]
		}
	}
	return events
}

// handle has the batch handled and committed, and says of an error whether the events are at fault.
func (r *Runner) handle(ctx context.Context, e *entry, events []eventlog.Event) (atFault bool, err error) {
	effect, err := r.plan(ctx, Batch{Stream: e.stream, Events: events, Generation: e.generation})
	if err != nil {
		return poisonous(err, true), err
	}
	err = r.o.Checkpoints.Commit(ctx, Move{
		Consumer: r.o.Name, Generation: e.generation, Stream: e.stream, From: e.seq, To: events[len(events)-1].Seq,
	}, effect)
	return err != nil && poisonous(err, false), err
}

// plan asks the handler; a panic, there or in the effect, is an error.
func (r *Runner) plan(ctx context.Context, batch Batch) (effect Effect, err error) {
	defer r.recovered(&err)
	planned, err := r.o.Handler.Handle(ctx, batch)
	if err != nil || planned == nil {
		return nil, err
	}
	return r.guard(planned), nil
}

func (r *Runner) guard(effect Effect) Effect {
	return func(ctx context.Context, tx Tx) (err error) {
		defer r.recovered(&err)
		return effect(ctx, tx)
	}
}

func (r *Runner) recovered(err *error) {
	if p := recover(); p != nil {
		r.o.Log.Error("a handler panicked", "cause", p, "stack", string(debug.Stack()))
		*err = Poison(fmt.Errorf("panic: %v", p))
	}
}

// advance notes a batch that is committed.
func (r *Runner) advance(q *queue, e *entry, events []eventlog.Event) {
	first, last := &events[0], &events[len(events)-1]
	e.seq, e.tries, e.failures = last.Seq, 0, 0
	e.size = min(2*e.size, r.o.Batch)
	q.note(e, func(e *entry) { e.at, e.since = e.seq, last.At })
	if r.counts.blocked.note(false) {
		r.o.Log.Info("events can be handled again")
	}
	r.counts.handled.Add(uint64(len(events)))
	r.counts.batches.Add(1)
	r.o.Observe(Observation{Events: len(events), Lag: max(0, r.o.Clock.Now().Sub(first.At))})
}
