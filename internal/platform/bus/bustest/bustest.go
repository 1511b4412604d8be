// Package bustest is the conformance suite of the bus port. Every adapter runs it.
package bustest

import (
	"context"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// Retry is how often a bus under test tries a message.
var Retry = bus.Retry{Deliveries: 4, Delay: time.Millisecond, MaxDelay: 10 * time.Millisecond}

// Open makes an empty bus that tries messages as Retry says, as two processes
// see it; within one process both are the same.
type Open func(t *testing.T) (b, other bus.Bus)

// Run holds an adapter to what the port promises.
func Run(t *testing.T, open Open) {
	one := func(test func(*testing.T, bus.Bus)) func(*testing.T, bus.Bus, bus.Bus) {
		return func(t *testing.T, b, _ bus.Bus) { test(t, b) }
	}
	for name, test := range map[string]func(t *testing.T, b, other bus.Bus){
		"every subscriber hears of every stream's newest seq": newestSeq,
		"a slow subscriber holds up nobody":                   one(slow),
		"a subscriber that left is not called":                one(left),
		"a group's consumers share its messages":              groupsShare,
		"a group's messages wait for its consumers":           groupWaits,
		"a group that lags hears of the newest":               groupMerges,
		"a group's message that failed comes again":           groupRetries,
		"a group gives up what always fails":                  groupGivesUp,
		"a group's message outlives its consumer":             groupTakesOver,
		"a group's name is plain":                             groupNames,
	} {
		t.Run(name, func(t *testing.T) {
			b, other := open(t)
			test(t, b, other)
		})
	}
}

// yield lets others run, between two looks at what they do.
func yield() { time.Sleep(time.Millisecond) }

// settle returns once what was published has come to a group that takes it at once.
func settle(t *testing.T, b bus.Bus) {
	t.Helper()
	last := ids.New()
	seen := make(chan struct{})
	var once sync.Once
	consume(t, b, "settle", func(_ context.Context, m bus.Reached) error {
		if m.Stream == last {
			once.Do(func() { close(seen) })
		}
		return nil
	})
	publish(t, b, last, 1)
	<-seen
}

// listen subscribes until the test's end or stop.
func listen(t *testing.T, b bus.Bus, handle func(context.Context, bus.Reached)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- b.Subscribe(ctx, ready, handle) }()
	<-ready
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Subscribe: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func publish(t *testing.T, b bus.Bus, stream ids.ID, seq uint64) {
	t.Helper()
	if err := b.Publish(context.Background(), bus.Reached{Stream: stream, Seq: seq}); err != nil {
		t.Fatal(err)
	}
}

func newestSeq(t *testing.T, b, other bus.Bus) {
	const streams, last = 20, 50
	names := make([]ids.ID, streams)
	for i := range names {
		names[i] = ids.New()
	}
	all := make(chan struct{}, 2)
	for _, at := range []bus.Bus{b, other} {
		var mu sync.Mutex
		seen := map[ids.ID]uint64{}
		listen(t, at, func(_ context.Context, m bus.Reached) {
			mu.Lock()
			defer mu.Unlock()
			before := len(seen)
			if m.Seq == last {
				seen[m.Stream] = last
			}
			if len(seen) == streams && before < streams {
				all <- struct{}{}
			}
		})
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
	<-all
	<-all
}

func slow(t *testing.T, b bus.Bus) {
	release := make(chan struct{})
	listen(t, b, func(context.Context, bus.Reached) { <-release })
	heard := make(chan uint64, 1000)
	listen(t, b, func(_ context.Context, m bus.Reached) { heard <- m.Seq })
	stream := ids.New()
	for seq := uint64(1); seq <= 200; seq++ {
		publish(t, b, stream, seq)
	}
	for seq := range heard {
		if seq == 200 {
			break
		}
	}
	close(release)
}

func left(t *testing.T, b bus.Bus) {
	var mu sync.Mutex
	calls := 0
	stop := listen(t, b, func(context.Context, bus.Reached) { mu.Lock(); calls++; mu.Unlock() })
	stop()
	heard := make(chan struct{}, 1)
	listen(t, b, func(context.Context, bus.Reached) { heard <- struct{}{} })
	publish(t, b, ids.New(), 1)
	<-heard
	mu.Lock()
	defer mu.Unlock()
	if calls != 0 {
		t.Errorf("called %d times", calls)
	}
}
