package limit

import (
	"context"
	"sync"
	"time"

	"headway/internal/platform/clock"
)

// Memory is a Limiter for one process. It remembers a bounded number of keys.
type Memory struct {
	clock clock.Clock
	max   int

	mu   sync.Mutex
	keys map[string]time.Time
}

var _ Limiter = (*Memory)(nil)

// DefaultKeys is how many keys a Memory remembers where none is asked for.
const DefaultKeys = 100_000

// NewMemory makes a Limiter that remembers up to maxKeys keys (DefaultKeys
// where zero or less).
func NewMemory(c clock.Clock, maxKeys int) *Memory {
	if maxKeys <= 0 {
		maxKeys = DefaultKeys
	}
	return &Memory{clock: c, max: maxKeys, keys: make(map[string]time.Time)}
}

// Take implements Limiter.
func (m *Memory) Take(_ context.Context, key string, rate Rate) (Result, error) {
	if rate.Unlimited() {
		res, _ := Decide(time.Time{}, time.Time{}, rate)
		return res, nil
	}
	now := m.clock.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, known := m.keys[key]
	if !known && len(m.keys) >= m.max {
		m.evict(now)
	}
	res, next := Decide(stored, now, rate)
	m.keys[key] = next
	return res, nil
}

// evict makes room. Keys whose time has passed carry no information and go
// first; where there are none, an arbitrary tenth goes, so that a flood of new
// keys costs each of them a little and never more memory.
func (m *Memory) evict(now time.Time) {
	for k, t := range m.keys {
		if !t.After(now) {
			delete(m.keys, k)
		}
	}
	target := m.max - m.max/10 - 1
	for k := range m.keys {
		if len(m.keys) <= target {
			return
		}
		delete(m.keys, k)
	}
}

// Len answers how many keys are remembered, for metrics.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.keys)
}
