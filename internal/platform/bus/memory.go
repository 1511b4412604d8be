package bus

import (
	"context"
	"fmt"
	"sync"

	"headway/internal/platform/ids"
)

// Memory is the bus within one process. It holds one message per stream and
// subscriber, or group, at most.
type Memory struct {
	retry Retry

	mu          sync.Mutex
	subscribers map[*queue]struct{}
	groups      map[string]*group
}

var _ Bus = (*Memory)(nil)

// NewMemory makes a bus that tries messages as DefaultRetry says.
func NewMemory() *Memory { return NewMemoryRetry(DefaultRetry) }

// NewMemoryRetry makes a bus that tries messages as often as retry says.
func NewMemoryRetry(retry Retry) *Memory {
	return &Memory{retry: retry, subscribers: map[*queue]struct{}{}, groups: map[string]*group{}}
}

// queue keeps the newest seq of each stream, in the order in which the
// streams were first told of.
type queue struct {
	mu      sync.Mutex
	waiting map[ids.ID]uint64
	order   []ids.ID
	signal  chan struct{} // holds one token where something waits
}

func newQueue() *queue {
	return &queue{waiting: map[ids.ID]uint64{}, signal: make(chan struct{}, 1)}
}

// Publish implements Bus.
func (m *Memory) Publish(_ context.Context, message Reached) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.subscribers {
		s.put(message)
	}
	for _, g := range m.groups {
		g.put(message)
	}
	return nil
}

// Subscribe implements Bus.
func (m *Memory) Subscribe(ctx context.Context, ready chan<- struct{}, handle func(context.Context, Reached)) error {
	s := newQueue()
	m.mu.Lock()
	m.subscribers[s] = struct{}{}
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.subscribers, s)
	}()
	if ready != nil {
		close(ready)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.signal:
		}
		for message, ok := s.take(); ok && ctx.Err() == nil; message, ok = s.take() {
			handle(ctx, message)
		}
	}
}

func (s *queue) put(message Reached) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq, waits := s.waiting[message.Stream]
	if !waits {
		s.order = append(s.order, message.Stream)
	}
	s.waiting[message.Stream] = max(seq, message.Seq)
	s.wake()
}

// wake puts the token; the caller holds the lock.
func (s *queue) wake() {
	select {
	case s.signal <- struct{}{}:
	default: // woken already
	}
}

func (s *queue) take() (Reached, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.order) == 0 {
		s.order = nil // let go of what a burst needed
		return Reached{}, false
	}
	stream := s.order[0]
	s.order = s.order[1:]
	message := Reached{stream, s.waiting[stream]}
	delete(s.waiting, stream)
	if len(s.order) > 0 {
		s.wake() // where several take from one queue, the next one has work too
	}
	return message, true
}

// Consume implements Bus.
func (m *Memory) Consume(ctx context.Context, name string, ready chan<- struct{}, handle func(context.Context, Reached) error) error {
	if !ValidGroup(name) {
		return fmt.Errorf("bus: %q cannot name a group", name)
	}
	g := m.group(name)
	if ready != nil {
		close(ready)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.signal:
		}
		for ctx.Err() == nil {
			message, ok := g.take()
			if !ok {
				break
			}
			if err := handle(ctx, message); err == nil {
				g.succeeded(message)
			} else if ctx.Err() != nil {
				g.put(message) // the consumer goes; this try does not count
			} else {
				g.failed(message, err, m.retry)
			}
		}
		g.pass()
	}
}

func (m *Memory) group(name string) *group {
	m.mu.Lock()
	defer m.mu.Unlock()
	g, ok := m.groups[name]
	if !ok {
		g = &group{queue: newQueue(), tries: map[ids.ID]int{}}
		m.groups[name] = g
	}
	return g
}

// DeadLetters implements Bus.
func (m *Memory) DeadLetters(_ context.Context, name string, limit int) ([]DeadLetter, error) {
	m.mu.Lock()
	g, ok := m.groups[name]
	m.mu.Unlock()
	if !ok {
		return nil, nil
	}
	return g.letters(limit), nil
}
