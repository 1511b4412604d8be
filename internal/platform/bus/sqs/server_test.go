//go:build servers

package sqs_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/bus/bustest"
	"headway/internal/platform/bus/poll"
	"headway/internal/platform/bus/sqs"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/test/servers"
)

func environment(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// heads stands for the event log that the processes share: what is published
// was appended to it before.
type heads struct {
	mu    sync.Mutex
	order []eventlog.StreamHead // each change, oldest first; a cursor is a place in it
	asked int
}

func (h *heads) append(m bus.Reached) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.order = append(h.order, eventlog.StreamHead{Stream: m.Stream, Head: m.Seq})
}

// Changed is that of eventlog.Log.
func (h *heads) Changed(_ context.Context, _ eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	rest := h.order[after:]
	rest = rest[:min(limit, len(rest))]
	return rest, after + eventlog.Cursor(len(rest)), nil
}

// Newest is that of eventlog.Log.
func (h *heads) Newest(context.Context, eventlog.Category) (eventlog.Cursor, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	return eventlog.Cursor(len(h.order)), nil
}

// process is a bus whose publishers have appended to the log before.
type process struct {
	*sqs.Bus
	log *heads
}

func (p process) Publish(ctx context.Context, m bus.Reached) error {
	p.log.append(m)
	return p.Bus.Publish(ctx, m)
}

var prefixes atomic.Int64

// installation makes the options of processes that share queues and a log.
func installation(t *testing.T, server *servers.SQSServer) (sqs.Options, *heads) {
	t.Helper()
	target, err := sqs.Parse(server.URL(fmt.Sprintf("test-%d", prefixes.Add(1))))
	if err != nil {
		t.Fatal(err)
	}
	log := &heads{}
	return sqs.Options{
		Target: target, Retry: bustest.Retry, Lease: 3 * time.Second, Wait: time.Second, Discover: 100 * time.Millisecond,
		Changes: poll.Options{Source: log, Categories: []eventlog.Category{eventlog.Workspace}, Every: 5 * time.Millisecond},
	}, log
}

func open(t *testing.T, o sqs.Options, log *heads) process {
	t.Helper()
	b, err := sqs.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return process{b, log}
}

func TestConformance(t *testing.T) {
	environment(t)
	server := servers.SQS(t)
	bustest.Run(t, func(t *testing.T) (b, other bus.Bus) {
		o, log := installation(t, server)
		return open(t, o, log), open(t, o, log)
	})
}

// consume joins a group and answers when its messages can be published.
func consume(t *testing.T, b bus.Bus, group string, handle func(context.Context, bus.Reached) error) (stop func()) {
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

func TestTheLogIsAskedForSubscribersAlone(t *testing.T) {
	environment(t)
	o, log := installation(t, servers.SQS(t))
	b := open(t, o, log)
	asked := func() int {
		log.mu.Lock()
		defer log.mu.Unlock()
		return log.asked
	}
	handled := make(chan struct{}, 1)
	consume(t, b, "work", func(context.Context, bus.Reached) error { handled <- struct{}{}; return nil })
	if err := b.Publish(t.Context(), bus.Reached{Stream: ids.New(), Seq: 1}); err != nil {
		t.Fatal(err)
	}
	<-handled
	if n := asked(); n != 0 {
		t.Errorf("with a consumer alone the log was asked %d times", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- b.Subscribe(ctx, ready, func(context.Context, bus.Reached) {}) }()
	<-ready
	if asked() == 0 {
		t.Error("with a subscriber the log was not asked")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestALongHandlerKeepsItsMessages(t *testing.T) {
	environment(t)
	o, log := installation(t, servers.SQS(t))
	o.Lease = 2 * time.Second
	b, other := open(t, o, log), open(t, o, log)
	var calls atomic.Int64
	started, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	handle := func(context.Context, bus.Reached) error {
		if calls.Add(1) == 1 {
			close(started)
			<-release
			close(done)
		}
		return nil
	}
	consume(t, b, "long", handle)
	consume(t, other, "long", handle)
	if err := b.Publish(t.Context(), bus.Reached{Stream: ids.New(), Seq: 1}); err != nil {
		t.Fatal(err)
	}
	<-started
	<-time.After(3 * o.Lease) // as long as two consumers would have lost it in between
	if n := calls.Load(); n != 1 {
		t.Errorf("%d consumers have the message in hand", n)
	}
	close(release)
	<-done
}

func TestMessagesWaitWhileSQSIsAway(t *testing.T) {
	environment(t)
	server := servers.SQS(t)
	o, log := installation(t, server)
	b := open(t, o, log)
	heard := make(chan bus.Reached, 100)
	consume(t, b, "waits", func(_ context.Context, m bus.Reached) error { heard <- m; return nil })
	server.Kill() // with all that it knew, so the queues are to be made again
	stream := ids.New()
	for seq := uint64(1); seq <= 10; seq++ {
		if err := b.Publish(t.Context(), bus.Reached{Stream: stream, Seq: seq}); err != nil {
			t.Fatal(err)
		}
	}
	for b.Ping(t.Context()) == nil { // until it was tried in vain
		time.Sleep(time.Millisecond)
	}
	server.Start(t)
	// The queue is there again once its consumer has come back; what was sent
	// before went nowhere, as to a new group.
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case m := <-heard:
			if m.Stream != stream {
				t.Errorf("heard %+v", m)
			}
			tick.Stop()
			for b.Ping(t.Context()) != nil { // the answer to what was just received may be on its way
				time.Sleep(time.Millisecond)
			}
			return
		case <-tick.C:
			if err := b.Publish(t.Context(), bus.Reached{Stream: stream, Seq: 11}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestWhatIsNoMessageIsRemoved(t *testing.T) {
	environment(t)
	server := servers.SQS(t)
	o, log := installation(t, server)
	b := open(t, o, log)
	heard := make(chan bus.Reached, 1)
	consume(t, b, "odd", func(_ context.Context, m bus.Reached) error { heard <- m; return nil })
	b.SendRaw(t, "odd", "not a message", `{"stream":"x"}`, `{}`)
	want := bus.Reached{Stream: ids.New(), Seq: 7}
	if err := b.Publish(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != want {
		t.Errorf("heard %+v", got)
	}
	if letters, err := b.DeadLetters(t.Context(), "odd", 10); err != nil || len(letters) != 0 {
		t.Errorf("%+v, %v", letters, err)
	}
}

func TestOnePublishIsOneMessageForEachGroup(t *testing.T) {
	environment(t)
	o, log := installation(t, servers.SQS(t))
	b := open(t, o, log)
	done := make(chan struct{}, 2)
	var stops []func()
	for _, group := range []string{"one", "two"} {
		stops = append(stops, consume(t, b, group, func(context.Context, bus.Reached) error { done <- struct{}{}; return nil }))
	}
	if err := b.Publish(t.Context(), bus.Reached{Stream: ids.New(), Seq: 1}); err != nil {
		t.Fatal(err)
	}
	<-done
	<-done
	for _, stop := range stops {
		stop()
	}
	if s := b.Stats(); s.Sent != 2 || s.Read != 2 || s.Handled != 2 || s.Failed != 0 || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}
