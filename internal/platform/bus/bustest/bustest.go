// Package bustest is the conformance suite of the bus port. Every adapter runs it.
package bustest

import (
	"context"
	"sync"
	"testing"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// Run holds an adapter to what the port promises. open makes an empty bus.
func Run(t *testing.T, open func(*testing.T) bus.Bus) {
	t.Run("every subscriber hears of every stream's newest seq", func(t *testing.T) { newestSeq(t, open(t)) })
	t.Run("a slow subscriber holds up nobody", func(t *testing.T) { slow(t, open(t)) })
	t.Run("a subscriber that left is not called", func(t *testing.T) { left(t, open(t)) })
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

func newestSeq(t *testing.T, b bus.Bus) {
	const streams, last = 20, 50
	names := make([]ids.ID, streams)
	for i := range names {
		names[i] = ids.New()
	}
	all := make(chan struct{}, 2)
	for range 2 {
		var mu sync.Mutex
		seen := map[ids.ID]uint64{}
		listen(t, b, func(_ context.Context, m bus.Reached) {
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
