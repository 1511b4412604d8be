package bus

import (
	"context"
	"sync"

	"headway/internal/platform/ids"
)

// Memory is the bus within one process. It holds one message per stream and
// subscriber at most.
type Memory struct {
	mu          sync.Mutex
	subscribers map[*subscriber]struct{}
}

var _ Bus = (*Memory)(nil)

// NewMemory makes a bus.
func NewMemory() *Memory { return &Memory{subscribers: map[*subscriber]struct{}{}} }

// subscriber keeps the newest seq of each stream, in the order in which the
// streams were first told of.
type subscriber struct {
	mu      sync.Mutex
	waiting map[ids.ID]uint64
	order   []ids.ID
	signal  chan struct{} // holds one token where something waits
}

// Publish implements Bus.
func (m *Memory) Publish(_ context.Context, message Reached) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.subscribers {
		s.put(message)
	}
	return nil
}

// Subscribe implements Bus.
func (m *Memory) Subscribe(ctx context.Context, ready chan<- struct{}, handle func(context.Context, Reached)) error {
	s := &subscriber{waiting: map[ids.ID]uint64{}, signal: make(chan struct{}, 1)}
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

func (s *subscriber) put(message Reached) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq, waits := s.waiting[message.Stream]
	if !waits {
		s.order = append(s.order, message.Stream)
	}
	s.waiting[message.Stream] = max(seq, message.Seq)
	select {
	case s.signal <- struct{}{}:
	default: // woken already
	}
}

func (s *subscriber) take() (Reached, bool) {
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
	return message, true
}
