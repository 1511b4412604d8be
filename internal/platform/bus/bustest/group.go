package bustest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// consume joins a group until the test's end or stop.
func consume(t *testing.T, b bus.Bus, group string, handle func(context.Context, bus.Reached) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- b.Consume(ctx, group, ready, handle) }()
	select {
	case <-ready:
	case err := <-done:
		cancel()
		t.Fatalf("Consume: %v", err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Consume: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// tally counts the calls of handlers and tells when every stream reached a seq.
type tally struct {
	mu      sync.Mutex
	calls   map[ids.ID]int
	reached map[ids.ID]uint64
	last    uint64
	left    int
	all     chan struct{}
}

func newTally(streams int, last uint64) *tally {
	return &tally{calls: map[ids.ID]int{}, reached: map[ids.ID]uint64{}, last: last, left: streams, all: make(chan struct{})}
}

func (c *tally) handle(_ context.Context, m bus.Reached) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[m.Stream]++
	before := c.reached[m.Stream]
	c.reached[m.Stream] = max(before, m.Seq)
	if before < c.last && m.Seq >= c.last {
		if c.left--; c.left == 0 {
			close(c.all)
		}
	}
	return nil
}

func (c *tally) total() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, calls := range c.calls {
		n += calls
	}
	return n
}

// groupsShare: each group gets every stream to its newest seq, and within a
// group a message goes to one consumer.
func groupsShare(t *testing.T, b, other bus.Bus) {
	const streams, last = 20, 10
	one, two := newTally(streams, last), newTally(streams, last)
	consume(t, b, "one", one.handle)
	consume(t, other, "one", one.handle)
	consume(t, b, "two", two.handle)
	names := make([]ids.ID, streams)
	for i := range names {
		names[i] = ids.New()
	}
	var writers sync.WaitGroup
	for _, name := range names {
		writers.Go(func() {
			for seq := uint64(1); seq <= last; seq++ {
				publish(t, b, name, seq)
			}
		})
	}
	writers.Wait()
	<-one.all
	<-two.all
	if n := one.total(); n > streams*last {
		t.Errorf("%d messages were handled %d times by one group", streams*last, n)
	}
}

// groupWaits: what is published while no consumer is there comes later.
func groupWaits(t *testing.T, b, other bus.Bus) {
	stop := consume(t, b, "waits", func(context.Context, bus.Reached) error { return nil })
	stop()
	late := newTally(3, 5)
	for range 3 {
		name := ids.New()
		for seq := uint64(1); seq <= 5; seq++ {
			publish(t, b, name, seq)
		}
	}
	consume(t, other, "waits", late.handle)
	<-late.all
}

// groupMerges: a consumer that lags is told of each stream's newest seq, not of all.
func groupMerges(t *testing.T, b, _ bus.Bus) {
	busy, release := make(chan struct{}, 1), make(chan struct{})
	const streams, last = 10, 40
	count := newTally(streams+1, last)
	consume(t, b, "merges", func(ctx context.Context, m bus.Reached) error {
		select {
		case busy <- struct{}{}:
			<-release
		default:
		}
		return count.handle(ctx, m)
	})
	first := ids.New()
	publish(t, b, first, last)
	for len(busy) == 0 { // the handler has the first message
		yield()
	}
	names := make([]ids.ID, streams)
	for i := range names {
		names[i] = ids.New()
	}
	for seq := uint64(1); seq <= last; seq++ {
		for _, name := range names {
			publish(t, b, name, seq)
		}
	}
	settle(t, b)
	close(release)
	<-count.all
	if n := count.total(); n > streams*last/4 {
		t.Errorf("%d messages of %d streams took %d calls", streams*last+1, streams, n)
	}
}

var errHandler = errors.New("the handler's own error")

// groupRetries: what failed comes again, and others are handled meanwhile.
func groupRetries(t *testing.T, b, _ bus.Bus) {
	bad, good := ids.New(), ids.New()
	goodDone := make(chan struct{})
	badDone := make(chan struct{})
	tries := 0
	consume(t, b, "retries", func(_ context.Context, m bus.Reached) error {
		if m.Stream == good {
			close(goodDone)
			return nil
		}
		if tries++; tries < 3 {
			return errHandler
		}
		close(badDone)
		return nil
	})
	publish(t, b, bad, 7)
	publish(t, b, good, 1)
	<-goodDone
	<-badDone
	if letters, err := b.DeadLetters(t.Context(), "retries", 10); err != nil || len(letters) != 0 {
		t.Errorf("dead letters of what went well in the end: %v, %v", letters, err)
	}
}

// groupGivesUp: what fails each time becomes a dead letter, and only that.
func groupGivesUp(t *testing.T, b, _ bus.Bus) {
	bad, good := ids.New(), ids.New()
	handled := make(chan bus.Reached, 100)
	var mu sync.Mutex
	tries := 0
	consume(t, b, "gives-up", func(_ context.Context, m bus.Reached) error {
		if m.Stream == bad {
			mu.Lock()
			tries++
			mu.Unlock()
			return errHandler
		}
		handled <- m
		return nil
	})
	publish(t, b, bad, 7)
	var letters []bus.DeadLetter
	for len(letters) == 0 {
		var err error
		if letters, err = b.DeadLetters(t.Context(), "gives-up", 10); err != nil {
			t.Fatal(err)
		}
		yield()
	}
	mu.Lock()
	n := tries
	mu.Unlock()
	l := letters[0]
	if len(letters) != 1 || l.Stream != bad || l.Seq != 7 || l.Deliveries != Retry.Deliveries || n != Retry.Deliveries || l.Reason != errHandler.Error() || l.At.IsZero() {
		t.Errorf("after %d tries: %+v", n, letters)
	}
	publish(t, b, good, 1)
	if m := <-handled; m.Stream != good || m.Seq != 1 {
		t.Errorf("%+v", m)
	}
	if letters, err := b.DeadLetters(t.Context(), "nobody", 10); err != nil || len(letters) != 0 {
		t.Errorf("dead letters of a group that is not: %v, %v", letters, err)
	}
}

// groupTakesOver: what a consumer leaves unhandled goes to another.
func groupTakesOver(t *testing.T, b, other bus.Bus) {
	const streams = 30
	got := make(chan struct{}, 1)
	stop := consume(t, b, "takes-over", func(ctx context.Context, _ bus.Reached) error {
		select {
		case got <- struct{}{}:
		default:
		}
		<-ctx.Done()
		return ctx.Err()
	})
	rest := newTally(streams, 3)
	for range streams {
		publish(t, b, ids.New(), 3)
	}
	<-got
	stop()
	consume(t, other, "takes-over", rest.handle)
	<-rest.all
	if letters, err := b.DeadLetters(t.Context(), "takes-over", 10); err != nil || len(letters) != 0 {
		t.Errorf("dead letters of what was only handed on: %v, %v", letters, err)
	}
}

// groupNames: a name that could mean something to a store is refused.
func groupNames(t *testing.T, b, _ bus.Bus) {
	for _, name := range []string{"", "a b", "A", "a:b", "{a}", "ä"} {
		if err := b.Consume(t.Context(), name, nil, func(context.Context, bus.Reached) error { return nil }); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}
