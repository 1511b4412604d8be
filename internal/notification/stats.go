package notification

import (
	"context"
	"sync"
	"time"

	"headway/internal/notification/delivery"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/repeat"
)

// Stats are the service's figures.
type Stats struct {
	Delivery delivery.Stats
	// Queue is how the outbox stood a few seconds ago, for all processes.
	Queue state.Queue
	// OldestUnsent is how long the oldest mail waits.
	OldestUnsent time.Duration
}

// Stats answers the figures of now.
func (m *Module) Stats() Stats {
	out := Stats{Delivery: m.delivery.Stats(), Queue: m.queue.now()}
	if at := out.Queue.Oldest; !at.IsZero() {
		out.OldestUnsent = max(0, m.o.Clock.Now().Sub(at))
	}
	return out
}

// queue is how the outbox stood when it was asked last.
type queue struct {
	mu sync.Mutex
	is state.Queue
}

func (q *queue) now() state.Queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.is
}

// asking is how often the outbox is asked how it stands.
const asking = 10 * time.Second

// watch asks until ctx ends. Where it cannot, the last answer stands.
func (q *queue) watch(ctx context.Context, s store.Outbox) {
	repeat.Every(ctx, asking, func(ctx context.Context) {
		if is, err := s.Queue(ctx); err == nil {
			q.mu.Lock()
			q.is = is
			q.mu.Unlock()
		}
	})
}
