package consumer

import (
	"context"
	"fmt"
	"time"
)

// Reset drops the consumer's effects, by its handler, and its checkpoints:
// everything is handled anew, here and in other processes, as they notice.
// One that was cut off is done again. With effects that are kept apart and
// carry no generation, no two may run at once, and processes of an older
// version should have ended.
func (r *Runner) Reset(ctx context.Context) error {
	generation, err := r.o.Checkpoints.BeginReset(ctx, r.o.Name)
	if err != nil {
		return err
	}
	if err := r.o.Checkpoints.EndReset(ctx, r.o.Name, generation, r.guard(r.o.Handler.Reset)); err != nil {
		return fmt.Errorf("consumer: drop the effects of %s before the replay: %w", r.o.Name, err)
	}
	return nil
}

// Progress is how far a replay is.
type Progress struct {
	// Handled and SetAside are events; Streams are those that wait.
	Handled, SetAside uint64
	Streams           int
}

// Replay resets the consumer and handles the log from the beginning, until
// nothing is left that nobody has handled. Other processes of the consumer may
// run meanwhile and take part. progress, if not nil, is called about every
// second and at the end.
func (r *Runner) Replay(ctx context.Context, progress func(Progress)) error {
	if err := r.Reset(ctx); err != nil {
		return err
	}
	if progress == nil {
		return r.CatchUp(ctx)
	}
	before := r.Stats()
	tell := func() {
		now := r.Stats()
		progress(Progress{Handled: now.Handled - before.Handled, SetAside: now.SetAside - before.SetAside, Streams: now.Pending})
	}
	done := make(chan error, 1)
	go func() { done <- r.CatchUp(ctx) }()
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	for {
		select {
		case err := <-done:
			tell()
			return err
		case <-ticks.C:
			tell()
		}
	}
}
