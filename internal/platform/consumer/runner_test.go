package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/bus"
	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/memory"
	"headway/internal/platform/eventlog"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
)

// world is a consumer in memory, whose handler does as a test says.
type world struct {
	*testing.T
	log         *logmemory.Log
	bus         *bus.Memory
	checkpoints *memory.Checkpoints

	mu     sync.Mutex
	taken  map[ids.ID][]uint64
	calls  int
	judge  func(consumer.Batch) error // of Handle
	effect func(consumer.Batch) error
	reset  error
	news   chan struct{} // told of each commit
}

func newWorld(t *testing.T) *world {
	return &world{
		T: t, log: logmemory.New(), bus: bus.NewMemory(), checkpoints: memory.New(), taken: map[ids.ID][]uint64{}, news: make(chan struct{}, 1),
		judge: func(consumer.Batch) error { return nil }, effect: func(consumer.Batch) error { return nil },
	}
}

// Handle implements consumer.Handler.
func (w *world) Handle(_ context.Context, batch consumer.Batch) (consumer.Effect, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if err := w.judge(batch); err != nil {
		return nil, err
	}
	return func(_ context.Context, tx consumer.Tx) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if err := w.effect(batch); err != nil {
			return err
		}
		memory.Stage(tx, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range batch.Events {
				w.taken[e.Stream] = append(w.taken[e.Stream], e.Seq)
			}
		})
		tx.OnCommit(w.tell)
		return nil
	}, nil
}

func (w *world) tell() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// Reset implements consumer.Handler.
func (w *world) Reset(_ context.Context, tx consumer.Tx) error {
	memory.Stage(tx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		clear(w.taken)
	})
	return w.reset
}

// set changes what the handler does.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *world) append(stream ids.ID, n int) {
	w.Helper()
	head, err := w.log.Head(w.Context(), stream)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := w.log.Append(w.Context(), eventlog.Workspace, stream, head, newEvents(n)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) runner(change func(*consumer.Options)) *consumer.Runner {
	w.Helper()
	o := consumer.Options{
		Name: "test", Category: eventlog.Workspace, Events: w.log, Checkpoints: w.checkpoints, Handler: w,
		Backoff: time.Millisecond, MaxBackoff: 4 * time.Millisecond, SweepEvery: time.Hour,
	}
	if change != nil {
		change(&o)
	}
	r, err := consumer.New(o)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// start runs a runner until the test's end or stop.
func (w *world) start(r *consumer.Runner) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("Run: %v", err)
		}
	})
	w.Cleanup(stop)
	return stop
}

// until waits for what must come in the end.
func (w *world) until(what string, holds func() bool) {
	w.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatalf("never: %s", what)
		}
	}
}

func (w *world) has(stream ids.ID, want ...uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Equal(w.taken[stream], want)
}

func (w *world) want(stream ids.ID, want ...uint64) {
	w.Helper()
	if !w.has(stream, want...) {
		w.Errorf("taken are %v, want %v", w.taken[stream], want)
	}
}

func upTo(last uint64, but ...uint64) (out []uint64) {
	for seq := uint64(1); seq <= last; seq++ {
		if !slices.Contains(but, seq) {
			out = append(out, seq)
		}
	}
	return out
}

func TestAWakeUpIsHandledWithoutASweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.runner(func(o *consumer.Options) { o.Bus = w.bus })
	w.start(r)
	w.until("a first sweep", func() bool { return r.Stats().Sweeps == 1 })
	stream := ids.New()
	w.append(stream, 3)
	for _, seq := range []uint64{1, 999} { // what it says is not believed
		if err := w.bus.Publish(t.Context(), bus.Reached{Stream: stream, Seq: seq}); err != nil {
			t.Fatal(err)
		}
	}
	w.until("the events are handled", func() bool { return w.has(stream, 1, 2, 3) })
	w.until("nothing waits", func() bool { return r.Stats().Pending == 0 })
	if s := r.Stats(); s.Handled != 3 || s.Sweeps != 1 || s.LagEvents != 0 || s.LagSeconds != 0 {
		t.Errorf("%+v", s)
	}
}

func TestASweepFindsWhatNoMessageToldOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, fresh := ids.New(), ids.New()
	w.append(old, 2)
	r := w.runner(func(o *consumer.Options) { o.SweepEvery = time.Millisecond })
	w.start(r)
	w.until("what was there is handled", func() bool { return w.has(old, 1, 2) })
	w.append(fresh, 2)
	w.append(old, 1)
	w.until("what came is handled", func() bool { return w.has(fresh, 1, 2) && w.has(old, 1, 2, 3) })
}

// asked counts what is asked of the log.
type asked struct {
	*logmemory.Log
	mu     sync.Mutex
	reads  int
	told   int
	cursor eventlog.Cursor // the lowest asked for
}

func (a *asked) Read(ctx context.Context, stream ids.ID, after uint64, limit int) ([]eventlog.Event, error) {
	a.mu.Lock()
	a.reads++
	a.mu.Unlock()
	return a.Log.Read(ctx, stream, after, limit)
}

func (a *asked) Changed(ctx context.Context, category eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error) {
	heads, to, err := a.Log.Changed(ctx, category, after, limit)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.told += len(heads)
	a.cursor = min(a.cursor, after)
	return heads, to, err
}

// What a start costs hangs on what changed since, not on how much there is.
func TestASweepGoesOnWhereAllBeforeIsHandled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 1200 {
		w.append(ids.New(), 1)
	}
	if err := w.runner(nil).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	streams := []ids.ID{ids.New(), ids.New()}
	for _, s := range streams {
		w.append(s, 2)
	}
	log := &asked{Log: w.log, cursor: 1 << 60}
	r := w.runner(func(o *consumer.Options) { o.Events = log })
	if err := r.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range streams {
		w.want(s, 1, 2)
	}
	if log.told != 2 || log.reads != 2 || log.cursor != 1200 {
		t.Errorf("told of %d streams after %d, read %d times", log.told, log.cursor, log.reads)
	}
}

// The cursor waits for what is not handled, so that a start finds it.
func TestTheCursorWaitsForWhatIsBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad, good := ids.New(), ids.New()
	w.judge = func(b consumer.Batch) error {
		if b.Stream == bad {
			return apperr.New(apperr.Unavailable, "away")
		}
		return nil
	}
	w.append(bad, 1)
	r := w.runner(func(o *consumer.Options) { o.SweepEvery = time.Millisecond })
	stop := w.start(r)
	for n := uint64(1); n <= 5; n++ {
		w.append(good, 1)
		w.until("the other stream goes on", func() bool { return w.has(good, upTo(n)...) })
	}
	w.until("the stream is blocked", func() bool { return r.Stats().Blocked == 1 && r.Stats().Failed > 3 })
	if b := r.Blocked(10); len(b) != 1 || b[0].Stream != bad || !strings.Contains(b[0].Reason, "away") {
		t.Errorf("blocked are %+v", b)
	}
	stop()
	if state, err := w.checkpoints.Load(t.Context(), "test"); err != nil || state.Cursor != 0 {
		t.Errorf("the cursor is %d, %v", state.Cursor, err)
	}
	w.set(func() { w.judge = func(consumer.Batch) error { return nil } })
	if err := w.runner(nil).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.want(bad, 1)
	if state, err := w.checkpoints.Load(t.Context(), "test"); err != nil || state.Cursor != 6 {
		t.Errorf("the cursor is %d, %v", state.Cursor, err)
	}
	if list, err := r.SetAside(t.Context(), consumer.Place{}, 10); err != nil || len(list) != 0 {
		t.Errorf("set aside are %v, %v", list, err)
	}
}

func TestWhatIsAtFaultIsSetAsideAndTheStreamGoesOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("no such shape " + strings.Repeat("ä", 2000))
	for name, fault := range map[string]struct {
		plan, effect func() error
	}{
		"an error":             {plan: func() error { return broken }},
		"a panic":              {plan: func() error { panic(broken.Error()) }},
		"a coded error":        {plan: func() error { return apperr.InvalidField("title", "is too long") }},
		"poison in the effect": {effect: func() error { return consumer.Poison(broken) }},
		"a coded effect":       {effect: func() error { return apperr.New(apperr.NotFound, "no such project") }},
		"a panic's effect":     {effect: func() error { panic(broken.Error()) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			stream := ids.New()
			w.append(stream, 100)
			when := func(fail func() error) func(consumer.Batch) error {
				return func(b consumer.Batch) error {
					if fail != nil && slices.ContainsFunc(b.Events, func(e eventlog.Event) bool { return e.Seq == 41 || e.Seq == 42 }) {
						return fail()
					}
					return nil
				}
			}
			w.judge, w.effect = when(fault.plan), when(fault.effect)
			r := w.runner(nil)
			if err := r.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.want(stream, upTo(100, 41, 42)...)
			list, err := r.SetAside(t.Context(), consumer.Place{}, 10)
			if err != nil || len(list) != 2 {
				t.Fatalf("set aside are %+v, %v", list, err)
			}
			a := list[0]
			events, _ := w.log.Read(t.Context(), stream, 40, 1)
			if a.Place != (consumer.Place{Stream: stream, Seq: 41}) || a.Event != events[0].ID || a.Type != "task.created" || a.Tries != 3 ||
				a.Reason == "" || len(a.Reason) > consumer.MaxReason || a.At.IsZero() {
				t.Errorf("set aside is %+v", a)
			}
			if w.calls > 60 {
				t.Errorf("it took %d calls to find two of a hundred", w.calls)
			}
			if s := r.Stats(); s.Handled != 98 || s.SetAside != 2 || s.Retried != 4 || s.Failed != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestWhatIsSetAsideIsRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream := ids.New()
	w.append(stream, 5)
	reason := errors.New("first reason")
	w.judge = func(b consumer.Batch) error {
		for _, e := range b.Events {
			if e.Seq == 2 || e.Seq == 4 {
				return reason
			}
		}
		return nil
	}
	r := w.runner(nil)
	if err := r.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := errors.New("second reason")
	w.set(func() { reason = second })
	place := consumer.Place{Stream: stream, Seq: 2}
	if err := r.Retry(t.Context(), place); !errors.Is(err, second) {
		t.Errorf("answered %v", err)
	}
	if list, err := r.SetAside(t.Context(), consumer.Place{}, 1); err != nil || len(list) != 1 || list[0].Reason != "second reason" || list[0].Tries != 4 {
		t.Errorf("set aside is %+v, %v", list, err)
	}
	w.set(func() {
		w.judge = func(b consumer.Batch) error {
			if !b.Late || len(b.Events) != 1 {
				return fmt.Errorf("not told that it is late: %+v", b)
			}
			return nil
		}
	})
	if err := r.Retry(t.Context(), place); err != nil {
		t.Error(err)
	}
	if n, err := r.RetryAll(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("the rest: %d, %v", n, err)
	}
	w.want(stream, 1, 3, 5, 2, 4)
	for _, p := range []consumer.Place{place, {Stream: stream, Seq: 1}, {Stream: ids.New(), Seq: 2}, {Stream: stream}} {
		if err := r.Retry(t.Context(), p); !errors.Is(err, consumer.ErrNotAside) {
			t.Errorf("of %+v: %v", p, err)
		}
	}
}

// A handler that fails at everything sets aside only so much.
func TestAConsumerThatSetsTooMuchAsideStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream := ids.New()
	w.append(stream, 50)
	w.judge = func(consumer.Batch) error { return errors.New("a fault of the handler") }
	r := w.runner(func(o *consumer.Options) { o.MaxAside = 7; o.SweepEvery = time.Millisecond })
	stop := w.start(r)
	w.until("it is blocked", func() bool { return r.Stats().Blocked == 1 && r.Stats().Failed > 3 })
	b := r.Blocked(10)
	if len(b) != 1 || !strings.Contains(b[0].Reason, "a fault of the handler") || !strings.Contains(b[0].Reason, "7 events are set aside") {
		t.Errorf("blocked are %+v", b)
	}
	stop()
	w.set(func() { w.judge = func(consumer.Batch) error { return nil } })
	if n, err := r.RetryAll(t.Context(), 100); n != 7 || err != nil {
		t.Errorf("retried %d, %v", n, err)
	}
	if err := r.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.want(stream, upTo(50)...)
}
