package consumer

import (
	"context"
	"errors"
	"fmt"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// isolate finds the event of a batch that is at fault, by handling fewer at a
// time, tries it a few times more, and sets it aside.
func (r *Runner) isolate(ctx context.Context, q *queue, e *entry, events []eventlog.Event, cause error) (more bool, err error) {
	if len(events) > 1 {
		e.size = len(events) / 2
		return true, nil
	}
	e.size = 1
	if e.tries++; e.tries < r.o.Tries {
		r.counts.retried.Add(1)
		return false, againError(r.o.wait(e.tries))
	}
	full, err := r.o.Checkpoints.SetAside(ctx, r.o.Name, Place{}, r.o.MaxAside)
	if err != nil {
		return false, err
	}
	if len(full) >= r.o.MaxAside {
		return false, fmt.Errorf("consumer: %d events are set aside, which is the most; mend the handler and retry them, or replay: %w", len(full), cause)
	}
	event := &events[0]
	aside := Aside{
		Place: Place{Stream: event.Stream, Seq: event.Seq}, Event: event.ID, Type: event.Type,
		Reason: reasonOf(cause), Tries: e.tries, At: r.now(),
	}
	err = r.o.Checkpoints.Commit(ctx, Move{
		Consumer: r.o.Name, Generation: e.generation, Stream: e.stream, From: e.seq, To: event.Seq, Aside: &aside,
	}, nil)
	if err != nil {
		return false, err
	}
	r.o.Log.Error("an event is set aside", "stream", aside.Stream, "seq", aside.Seq, "type", aside.Type, "tries", aside.Tries, "cause", cause)
	r.counts.setAside.Add(1)
	e.seq, e.tries, e.failures = event.Seq, 0, 0
	return true, nil
}

// SetAside answers up to limit events that could not be handled, in the order
// of their places, from the one after the place given.
func (r *Runner) SetAside(ctx context.Context, after Place, limit int) ([]Aside, error) {
	return r.o.Checkpoints.SetAside(ctx, r.o.Name, after, limit)
}

// Retry handles an event again that is set aside, late: those after it were
// handled without it. One that is not set aside answers ErrNotAside; one that
// fails again stays, with the new reason, and its error is answered.
func (r *Runner) Retry(ctx context.Context, place Place) error {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	state, err := r.o.Checkpoints.Load(ctx, r.o.Name)
	if err != nil {
		return err
	}
	if place.Seq == 0 {
		return ErrNotAside
	}
	found, err := r.o.Checkpoints.SetAside(ctx, r.o.Name, Place{place.Stream, place.Seq - 1}, 1)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].Place != place {
		return ErrNotAside
	}
	events, err := r.o.Events.Read(ctx, place.Stream, place.Seq-1, 1)
	if err != nil {
		return err
	}
	if events, err = inOrder(events, place.Seq-1); err != nil || len(events) == 0 {
		return errors.Join(fmt.Errorf("consumer: the log does not answer event %d of stream %s", place.Seq, place.Stream), err)
	}
	effect, err := r.plan(ctx, Batch{Stream: place.Stream, Events: events, Generation: state.Generation, Late: true})
	if err == nil {
		err = r.o.Checkpoints.Release(ctx, r.o.Name, state.Generation, place, effect)
	}
	switch {
	case err == nil:
		r.counts.handled.Add(1)
		return nil
	case errors.Is(err, ErrNotAside): // another was faster
		return err
	}
	aside := found[0]
	aside.Reason, aside.Tries, aside.At = reasonOf(err), aside.Tries+1, r.now()
	return errors.Join(err, r.o.Checkpoints.NoteAside(context.WithoutCancel(ctx), r.o.Name, state.Generation, aside))
}

// RetryAll retries up to limit events that are set aside, and answers how many
// went well and the errors of the others.
func (r *Runner) RetryAll(ctx context.Context, limit int) (done int, err error) {
	list, err := r.SetAside(ctx, Place{}, limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for i := range list {
		switch err := r.Retry(ctx, list[i].Place); {
		case err == nil:
			done++
		case !errors.Is(err, ErrNotAside):
			errs = append(errs, fmt.Errorf("event %d of stream %s: %w", list[i].Seq, list[i].Stream, err))
		}
	}
	return done, errors.Join(errs...)
}

// streamsOf are the streams of heads.
func streamsOf(heads []eventlog.StreamHead) []ids.ID {
	out := make([]ids.ID, len(heads))
	for i, h := range heads {
		out[i] = h.Stream
	}
	return out
}
