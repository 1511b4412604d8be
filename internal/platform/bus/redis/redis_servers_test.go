//go:build servers

package redis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headway/internal/platform/bus"
	"headway/internal/platform/bus/bustest"
	"headway/internal/platform/ids"
	"headway/internal/platform/redisdb"
	"headway/test/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, servers.RedisLeftovers()...) }

// patience is how long a test waits for what must come in the end.
const patience = 60 * time.Second

// open makes what one process has.
func open(t testing.TB, address string, o Options) *Bus {
	t.Helper()
	target, err := redisdb.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if o.DB, err = redisdb.Open(context.Background(), redisdb.Options{Target: target}); err != nil {
		t.Fatal(err)
	}
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(b.Close(), o.DB.Close()); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestConformance(t *testing.T) {
	prefix := 0
	for name, address := range map[string]string{"alone": servers.Redis(t).URL(), "cluster": servers.Cluster(t).URL()} {
		t.Run(name, func(t *testing.T) {
			bustest.Run(t, func(t *testing.T) (bus.Bus, bus.Bus) {
				prefix++
				address := fmt.Sprintf("%s?timeout=5s&prefix=test%d", address, prefix)
				o := Options{Retry: bustest.Retry, Lease: 3 * time.Second}
				return open(t, address, o), open(t, address, o)
			})
		})
	}
}

// join runs a consumer until the test's end or stop.
func join(t *testing.T, b *Bus, group string, handle func(context.Context, bus.Reached) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- b.Consume(ctx, group, ready, handle) }()
	<-ready
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Consume: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func within(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("in vain: ", what)
	}
}

func publish(t *testing.T, b *Bus, m bus.Reached) {
	t.Helper()
	start := time.Now()
	if err := b.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("Publish took %s", took)
	}
}

// TestTheDeadAreRelieved: what a consumer read and never handled, because its
// process died, goes to another, and what kills each is given up.
func TestTheDeadAreRelieved(t *testing.T) {
	server := servers.Redis(t)
	o := Options{Lease: 300 * time.Millisecond, Retry: bus.Retry{Deliveries: 3, Delay: time.Millisecond, MaxDelay: time.Millisecond}}
	b := open(t, server.URL()+"?timeout=5s", o)
	stream := ids.New()
	// A consumer that reads and is gone: as if the process had been killed.
	dies := func() {
		c := &consumer{Bus: b, group: "g", name: ids.New().String(), backlog: newBacklog(), acks: newAcks()}
		if err := c.join(t.Context(), c.sets()[0]); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var reading sync.WaitGroup
		reading.Go(func() { c.read(ctx, c.sets()[0]) })
		for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			c.takeOver(t.Context())
			if _, ok := c.backlog.next(); ok {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("nothing came")
			}
		}
		cancel()
		reading.Wait()
	}
	publish(t, b, bus.Reached{Stream: stream, Seq: 9})
	dies()
	got := make(chan bus.Reached, 10)
	stop := join(t, b, "g", func(_ context.Context, m bus.Reached) error { got <- m; return nil })
	select {
	case m := <-got:
		if m.Stream != stream || m.Seq != 9 {
			t.Errorf("%+v", m)
		}
	case <-time.After(patience):
		t.Fatal("nobody took over")
	}
	stop()
	if s := b.Stats(); s.TakenOver == 0 {
		t.Errorf("%+v", s)
	}

	killer := bus.Reached{Stream: ids.New(), Seq: 4}
	publish(t, b, killer)
	for range o.Retry.Deliveries {
		dies()
	}
	join(t, b, "g", func(_ context.Context, m bus.Reached) error { got <- m; return nil })
	var letters []bus.DeadLetter
	for deadline := time.Now().Add(patience); len(letters) == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		letters, _ = b.DeadLetters(t.Context(), "g", 10)
	}
	if len(letters) != 1 || letters[0].Reached != killer || letters[0].Deliveries != o.Retry.Deliveries {
		t.Errorf("%+v", letters)
	}
	if len(got) != 0 {
		t.Errorf("handled: %+v", <-got)
	}
}

// TestASlowConsumerKeepsWhatItHas: a lease is renewed as long as its holder lives.
func TestASlowConsumerKeepsWhatItHas(t *testing.T) {
	server := servers.Redis(t)
	o := Options{Lease: time.Second}
	slow, other := open(t, server.URL()+"?timeout=5s", o), open(t, server.URL()+"?timeout=5s", o)
	var calls atomic.Int32
	release, began := make(chan struct{}), make(chan struct{})
	join(t, slow, "g", func(context.Context, bus.Reached) error {
		if calls.Add(1) == 1 {
			close(began)
			<-release
		}
		return nil
	})
	publish(t, slow, bus.Reached{Stream: ids.New(), Seq: 1})
	within(t, "the slow one began", began)
	join(t, other, "g", func(context.Context, bus.Reached) error { calls.Add(1); return nil })
	// Three leases pass by the server's own count of the other's looks.
	before := server.Commands(t)["xautoclaim"]
	for server.Commands(t)["xautoclaim"] < before+2*10*partitions {
		time.Sleep(50 * time.Millisecond)
	}
	close(release)
	if n := calls.Load(); n != 1 {
		t.Errorf("handled %d times", n)
	}
}

// TestStreamsAreTrimmed: a group that nobody reads does not fill the memory.
func TestStreamsAreTrimmed(t *testing.T) {
	server := servers.Redis(t)
	b := open(t, server.URL()+"?timeout=5s", Options{MaxLen: 100})
	for range 20 {
		messages := make([]bus.Reached, 1000)
		for i := range messages {
			messages[i] = bus.Reached{Stream: ids.New(), Seq: 1}
		}
		if unsent := b.deliver(t.Context(), messages); len(unsent) > 0 {
			t.Fatalf("%d unsent", len(unsent))
		}
	}
	for p := range partitions {
		all, ok := b.entries(p, "0-0")
		if !ok || len(all) < 100 || len(all) > 400 {
			t.Errorf("partition %d holds %d entries, want about 100", p, len(all))
		}
	}
}

// TestGoesOnWithoutRedis: publishing blocks nobody, subscribers in the process
// hear all the same, and afterwards everybody hears of everything.
func TestGoesOnWithoutRedis(t *testing.T) {
	kinds := map[string]func(*testing.T) servers.Breakable{
		"alone":    func(t *testing.T) servers.Breakable { return servers.Redis(t) },
		"cluster":  func(t *testing.T) servers.Breakable { return servers.Cluster(t) },
		"one node": func(t *testing.T) servers.Breakable { return servers.OneNode(servers.Cluster(t)) },
	}
	ways := map[string]struct {
		off, on func(*testing.T, servers.Breakable)
	}{
		"killed": {func(_ *testing.T, s servers.Breakable) { s.Kill() }, func(t *testing.T, s servers.Breakable) { s.Start(t) }},
		"paused": {func(t *testing.T, s servers.Breakable) { s.Pause(t) }, func(t *testing.T, s servers.Breakable) { s.Resume(t) }},
	}
	for kind, start := range kinds {
		for name, c := range ways {
			t.Run(kind+" "+name, func(t *testing.T) { goesOn(t, start(t), c.off, c.on) })
		}
	}
}

func goesOn(t *testing.T, server servers.Breakable, off, on func(*testing.T, servers.Breakable)) {
	o := Options{Lease: time.Second}
	here, there := open(t, server.URL()+"?timeout=200ms", o), open(t, server.URL()+"?timeout=200ms", o)
	newSet := func() *heard { return &heard{seqs: map[ids.ID]uint64{}, change: make(chan struct{}, 1)} }
	consumed, remote, local := newSet(), newSet(), newSet()
	join(t, there, "g", func(_ context.Context, m bus.Reached) error { consumed.add(m); return nil })
	listen(t, there, remote)
	listen(t, here, local)
	first := bus.Reached{Stream: ids.New(), Seq: 1}
	publish(t, here, first)
	for _, h := range []*heard{consumed, remote, local} {
		h.wait(t, first)
	}
	off(t, server)
	streams := make([]ids.ID, 50)
	for i := range streams {
		streams[i] = ids.New()
	}
	for seq := uint64(1); seq <= 20; seq++ {
		for _, s := range streams {
			publish(t, here, bus.Reached{Stream: s, Seq: seq})
		}
	}
	for _, s := range streams {
		local.wait(t, bus.Reached{Stream: s, Seq: 20})
	}
	on(t, server)
	for _, s := range streams {
		consumed.wait(t, bus.Reached{Stream: s, Seq: 20})
		remote.wait(t, bus.Reached{Stream: s, Seq: 20})
	}
	last := bus.Reached{Stream: ids.New(), Seq: 1}
	publish(t, there, last)
	for _, h := range []*heard{consumed, remote, local} {
		h.wait(t, last)
	}
}

// TestABrokenSubscriptionMissesNothing: what was published while only the
// subscriber was cut off is told from the streams.
func TestABrokenSubscriptionMissesNothing(t *testing.T) {
	server := servers.Redis(t)
	here, there := open(t, server.URL()+"?timeout=5s", Options{}), open(t, server.URL()+"?timeout=5s", Options{})
	remote := &heard{seqs: map[ids.ID]uint64{}, change: make(chan struct{}, 1)}
	listen(t, there, remote)
	for round := range 5 {
		var all []bus.Reached
		for range 200 {
			m := bus.Reached{Stream: ids.New(), Seq: uint64(round) + 1}
			all = append(all, m)
			publish(t, here, m)
			if len(all) == 100 {
				server.Do(t, "CLIENT KILL TYPE pubsub")
			}
		}
		for _, m := range all {
			remote.wait(t, m)
		}
	}
}

// heard are the newest seqs that somebody was told of.
type heard struct {
	mu     sync.Mutex
	seqs   map[ids.ID]uint64
	change chan struct{}
}

func (h *heard) add(m bus.Reached) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seqs[m.Stream] = max(h.seqs[m.Stream], m.Seq)
	token(h.change)
}

func (h *heard) wait(t *testing.T, m bus.Reached) {
	t.Helper()
	t.Helper()
	deadline := time.After(patience)
	for {
		h.mu.Lock()
		seq := h.seqs[m.Stream]
		h.mu.Unlock()
		if seq >= m.Seq {
			return
		}
		select {
		case <-h.change:
		case <-deadline:
			t.Fatalf("heard of seq %d, not of %d", seq, m.Seq)
		}
	}
}

func listen(t *testing.T, b *Bus, h *heard) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- b.Subscribe(ctx, ready, func(_ context.Context, m bus.Reached) { h.add(m) }) }()
	within(t, "the subscription stands", ready)
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Subscribe: %v", err)
		}
	})
}
