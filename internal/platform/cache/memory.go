package cache

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/maypok86/otter/v2"
)

// entry keeps its own time of death, since each may have another.
type entry struct {
	value []byte
	ttl   time.Duration
}

// entryOverhead is about what an entry weighs beside its key and value.
const entryOverhead = 120

// Memory is the cache within one process (W-TinyLFU, by the otter library): it
// stays below its size by letting go of what is least likely to be asked for.
type Memory struct {
	entries      *otter.Cache[string, entry]
	hits, misses atomic.Uint64
}

var _ Cache = (*Memory)(nil)

// NewMemory makes a cache of up to maxBytes bytes.
func NewMemory(maxBytes uint64) (*Memory, error) {
	entries, err := otter.New(&otter.Options[string, entry]{
		MaximumWeight: maxBytes,
		Weigher: func(key string, e entry) uint32 {
			return uint32(len(key) + len(e.value) + entryOverhead) // #nosec G115 -- bounded by MaxKey and MaxValue
		},
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, entry]) time.Duration { return e.Value.ttl }),
	})
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return &Memory{entries: entries}, nil
}

// Get implements Cache.
func (m *Memory) Get(_ context.Context, key []byte) ([]byte, bool) {
	// The string lives only for the look-up, so the bytes need no copy.
	e, ok := m.entries.GetIfPresent(unsafe.String(unsafe.SliceData(key), len(key))) // #nosec G103 -- not kept
	if !ok {
		m.misses.Add(1)
		return nil, false
	}
	m.hits.Add(1)
	return e.value, true
}

// Set implements Cache.
func (m *Memory) Set(_ context.Context, key, value []byte, ttl time.Duration) {
	if ttl <= 0 || len(key) > MaxKey || len(value) > MaxValue {
		return
	}
	m.entries.Set(string(key), entry{value, ttl})
}

// Stats answers the cache's figures.
func (m *Memory) Stats() Stats {
	m.entries.CleanUp() // pending writes count too
	return Stats{Hits: m.hits.Load(), Misses: m.misses.Load(), Bytes: m.entries.WeightedSize()}
}
