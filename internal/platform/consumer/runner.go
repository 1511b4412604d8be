package consumer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// Runner runs one consumer in one process. Several processes may run the same.
type Runner struct {
	o       Options
	running atomic.Bool
	queue   atomic.Pointer[queue] // of the run that goes on
	sweeper sweeper
	counts  counts
}

// New makes a Runner; Run starts it.
func New(o Options) (*Runner, error) {
	o, err := o.fill()
	if err != nil {
		return nil, err
	}
	return &Runner{o: o}, nil
}

// Name is the consumer's.
func (r *Runner) Name() string { return r.o.Name }

// errRunning is answered by a second run beside the first.
var errRunning = errors.New("consumer: it runs already")

// Run handles events until ctx ends; then it waits for what is being handled
// and returns nil. It returns an error only where the bus refuses the group.
func (r *Runner) Run(ctx context.Context) error {
	return r.work(ctx, func(ctx context.Context) error {
		var tasks sync.WaitGroup
		tasks.Go(func() { r.sweeps(ctx) })
		defer tasks.Wait()
		if r.o.Bus == nil {
			<-ctx.Done()
			return nil
		}
		return r.o.Bus.Consume(ctx, r.o.Name, nil, r.wake)
	})
}

// CatchUp handles what the log holds and nobody has handled, and returns when
// that is done, or with the error of ctx when it ends. It takes no wake-ups.
func (r *Runner) CatchUp(ctx context.Context) error {
	return r.work(ctx, func(ctx context.Context) error {
		if err := r.sweepUntilDone(ctx); err != nil {
			return err
		}
		select {
		case <-r.queue.Load().empty():
		case <-ctx.Done():
			return ctx.Err()
		}
		return r.saveCursor(ctx)
	})
}

// work runs the workers beside feed, and ends with it.
func (r *Runner) work(ctx context.Context, feed func(context.Context) error) error {
	if !r.running.CompareAndSwap(false, true) {
		return errRunning
	}
	defer r.running.Store(false)
	ctx, cancel := context.WithCancel(ctx)
	r.sweeper = sweeper{}
	q := newQueue(r.o.Queue, r.sweeper.left)
	r.queue.Store(q)
	var workers sync.WaitGroup
	for range r.o.Parallel {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case e := <-q.ready:
					r.turn(ctx, q, e)
				}
			}
		})
	}
	err := feed(ctx)
	cancel()
	workers.Wait()
	r.queue.Store(nil)
	q.close()
	return err
}

// wake takes a message. Its seq is not looked at: the log says what there is.
func (r *Runner) wake(ctx context.Context, m bus.Reached) error {
	r.counts.wakeUps.Add(1)
	return r.put(ctx, m.Stream, func(*entry) {})
}

func (r *Runner) put(ctx context.Context, stream ids.ID, note tell) error {
	q := r.queue.Load()
	if q == nil {
		return context.Canceled
	}
	return q.put(ctx, stream, r.o.Clock.Now(), note)
}
