package authn

import (
	"crypto/sha256"
	"sync"

	"headway/internal/platform/clock"
)

// Remembering is a Verifier that keeps what another one verified, by the
// SHA-256 of the token, until the token expires. What failed is not kept. A
// key that is withdrawn therefore stays good for tokens seen before, up to
// their expiry, ten minutes at most.
type Remembering struct {
	verifier Verifier
	clock    clock.Clock
	shards   [shards]shard
}

const shards = 16

type shard struct {
	mu    sync.RWMutex
	known map[[sha256.Size]byte]Identity
	max   int
	_     [64]byte // keeps neighbours' locks off one cache line
}

var _ Verifier = (*Remembering)(nil)

// NewRemembering makes a Verifier that remembers up to about size tokens of v
// (about 200 bytes each); 0 is 50,000.
func NewRemembering(v Verifier, c clock.Clock, size int) *Remembering {
	if size <= 0 {
		size = 50_000
	}
	r := &Remembering{verifier: v, clock: c}
	for i := range r.shards {
		r.shards[i].known = make(map[[sha256.Size]byte]Identity)
		r.shards[i].max = (size + shards - 1) / shards
	}
	return r
}

// Verify implements Verifier.
func (r *Remembering) Verify(token string) (Identity, error) {
	if len(token) > MaxTokenBytes {
		return Identity{}, errInvalid
	}
	// The copy on the stack spares the allocation of a conversion to bytes.
	var buf [MaxTokenBytes]byte
	key := sha256.Sum256(buf[:copy(buf[:], token)])
	s := &r.shards[key[0]%shards]
	s.mu.RLock()
	id, ok := s.known[key]
	s.mu.RUnlock()
	if ok {
		if r.clock.Now().Before(id.Expires) {
			return id, nil
		}
		s.mu.Lock()
		delete(s.known, key)
		s.mu.Unlock()
		return Identity{}, errExpired
	}
	id, err := r.verifier.Verify(token)
	if err != nil {
		return Identity{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= s.max {
		r.evict(s)
	}
	s.known[key] = id
	return id, nil
}

// evict drops what has expired, or where nothing has, an arbitrary tenth.
func (r *Remembering) evict(s *shard) {
	now := r.clock.Now()
	for k, id := range s.known {
		if !now.Before(id.Expires) {
			delete(s.known, k)
		}
	}
	target := s.max - s.max/10 - 1
	for k := range s.known {
		if len(s.known) <= target {
			return
		}
		delete(s.known, k)
	}
}

// Len answers how many tokens are remembered, for metrics.
func (r *Remembering) Len() int {
	n := 0
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.RLock()
		n += len(s.known)
		s.mu.RUnlock()
	}
	return n
}
