package consumer_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream := ids.New()
	w.append(stream, 100)
	var most, bytes int
	w.judge = func(b consumer.Batch) error {
		size := 0
		for i := range b.Events {
			size += len(b.Events[i].Data)
		}
		most, bytes = max(most, len(b.Events)), max(bytes, size)
		return nil
	}
	if err := w.runner(func(o *consumer.Options) { o.Name, o.Batch = "by-number", 9 }).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if most != 9 {
		t.Errorf("batches of up to %d events", most)
	}
	bytes = 0
	limit := 3 * len(newEvents(1)[0].Data)
	if err := w.runner(func(o *consumer.Options) { o.Name, o.BatchBytes = "by-size", limit+1 }).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bytes != limit {
		t.Errorf("batches of up to %d bytes, want %d", bytes, limit)
	}
	// One that is too large for any batch is a batch.
	if err := w.runner(func(o *consumer.Options) { o.Name, o.BatchBytes = "by-one", 1 }).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.taken[stream] == nil || len(w.taken[stream]) != 300 {
		t.Errorf("%d events were taken", len(w.taken[stream]))
	}
}

// While the queue is full, wake-ups wait in the bus; none is lost.
func TestTheQueueIsBounded(t *testing.T) {
	t.Parallel()
	const limit, parallel = 5, 2
	w := newWorld(t)
	var open atomic.Bool
	w.judge = func(consumer.Batch) error {
		if !open.Load() {
			return consumer.Temporary(errors.New("not yet"))
		}
		return nil
	}
	r := w.runner(func(o *consumer.Options) { o.Bus, o.Queue, o.Parallel = w.bus, limit, parallel })
	w.start(r)
	w.until("a first sweep", func() bool { return r.Stats().Sweeps == 1 })
	streams := make([]ids.ID, 40)
	for i := range streams {
		streams[i] = ids.New()
		w.append(streams[i], 2)
		if err := w.bus.Publish(t.Context(), bus.Reached{Stream: streams[i], Seq: 2}); err != nil {
			t.Fatal(err)
		}
	}
	w.until("the queue is full", func() bool { return r.Stats().Pending == limit && r.Stats().Failed > limit })
	if n := r.Stats().WakeUps; n > limit+1 {
		t.Errorf("%d wake-ups were taken", n)
	}
	open.Store(true)
	for _, s := range streams {
		w.until("all are handled", func() bool { return w.has(s, 1, 2) })
	}
}

func TestStreamsRunSideBySideAndEachInOrder(t *testing.T) {
	t.Parallel()
	const parallel = 3
	w := newWorld(t)
	streams := make([]ids.ID, 6)
	for i := range streams {
		streams[i] = ids.New()
		w.append(streams[i], 40)
	}
	together := make(chan struct{}, parallel)
	full := make(chan struct{})
	var most, now atomic.Int32
	first := func() {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		select {
		case together <- struct{}{}:
			if len(together) == parallel {
				close(full)
			}
			<-full
		default:
		}
	}
	r := w.runner(func(o *consumer.Options) {
		o.Parallel, o.Batch = parallel, 7
		o.Handler = sideBySide{w, first}
	})
	if err := r.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range streams {
		w.want(s, upTo(40)...)
	}
	if n := most.Load(); n != parallel {
		t.Errorf("%d at once", n)
	}
}

type sideBySide struct {
	*world
	meet func()
}

// Handle implements consumer.Handler.
func (s sideBySide) Handle(ctx context.Context, batch consumer.Batch) (consumer.Effect, error) {
	s.meet()
	return s.world.Handle(ctx, batch)
}

func TestATryEndsAtItsTimeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream := ids.New()
	w.append(stream, 1)
	var tries atomic.Int32
	r := w.runner(func(o *consumer.Options) { o.Timeout, o.Handler = 5*time.Millisecond, slow{w, &tries} })
	if err := r.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.want(stream, 1)
	if n := tries.Load(); n != 3 {
		t.Errorf("%d tries", n)
	}
}

// slow takes for ever, twice.
type slow struct {
	*world
	tries *atomic.Int32
}

// Handle implements consumer.Handler.
func (s slow) Handle(ctx context.Context, batch consumer.Batch) (consumer.Effect, error) {
	if s.tries.Add(1) < 3 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.world.Handle(ctx, batch)
}

func TestReplayBeginsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := ids.New(), ids.New()
	w.append(one, 30)
	w.append(two, 3)
	w.judge = func(b consumer.Batch) error {
		if b.Generation == 1 && b.Stream == two {
			return errors.New("an old version's fault")
		}
		return nil
	}
	old := w.runner(nil)
	if err := old.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Another process runs on, and takes part.
	other := w.runner(func(o *consumer.Options) { o.SweepEvery = time.Millisecond })
	w.start(other)
	w.until("it has swept", func() bool { return other.Stats().Sweeps > 0 })
	var last consumer.Progress
	r := w.runner(nil)
	if err := r.Replay(t.Context(), func(p consumer.Progress) { last = p }); err != nil {
		t.Fatal(err)
	}
	w.want(one, upTo(30)...)
	w.want(two, upTo(3)...)
	if list, err := r.SetAside(t.Context(), consumer.Place{}, 10); err != nil || len(list) != 0 {
		t.Errorf("set aside are %v, %v", list, err)
	}
	if last.Streams != 0 || last.Handled > 33 {
		t.Errorf("the progress at the end: %+v", last)
	}
	w.append(two, 1)
	w.until("the other goes on in the new generation", func() bool { return w.has(two, upTo(4)...) })
}

// A replay that was cut off before the effects were dropped keeps everybody
// from handling events until it is done again.
func TestAReplayThatWasCutOffIsDoneAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		stream := ids.New()
		w.append(stream, 3)
		r := w.runner(nil)
		if err := r.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.reset = errors.New("cut off")
		if err := r.Replay(t.Context(), nil); !errors.Is(err, w.reset) {
			t.Errorf("answered %v", err)
		}
		w.append(stream, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.runner(nil).CatchUp(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "a replay has begun") {
			t.Errorf("answered %v", err)
		}
		w.want(stream, 1, 2, 3)
		w.reset = nil
		if err := r.Replay(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		w.want(stream, upTo(4)...)
	})
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for what, change := range map[string]func(*consumer.Options){
		"cannot name a consumer":      func(o *consumer.Options) { o.Name = "a/b" },
		"Category is required":        func(o *consumer.Options) { o.Category = "" },
		"Handler is required":         func(o *consumer.Options) { o.Handler = nil },
		"Checkpoints is required":     func(o *consumer.Options) { o.Checkpoints = nil },
		"Events is required":          func(o *consumer.Options) { o.Events = nil },
		"Batch must not be negative":  func(o *consumer.Options) { o.Batch = -1 },
		"SweepEvery must not be nega": func(o *consumer.Options) { o.SweepEvery = -1 },
	} {
		o := consumer.Options{Name: "test", Category: eventlog.Workspace, Events: w.log, Checkpoints: w.checkpoints, Handler: w}
		change(&o)
		if _, err := consumer.New(o); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: answered %v", what, err)
		}
	}
}
