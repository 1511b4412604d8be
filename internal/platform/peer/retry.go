package peer

import (
	"math/rand/v2"
	"sync"
	"time"
)

// budget bounds repeats to a share of the calls, so that a service in trouble
// is not asked several times as often as one that is well.
type budget struct {
	mu     sync.Mutex
	tokens float64
	ratio  float64
	most   float64
}

// newBudget allows a share of the calls, and a few repeats ahead of them.
func newBudget(ratio, ahead float64) *budget {
	return &budget{tokens: ahead, ratio: ratio, most: ahead}
}

// call counts a call.
func (b *budget) call() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+b.ratio, b.most)
}

// repeat takes one repeat where there is one.
func (b *budget) repeat() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

const (
	backoffBase = 50 * time.Millisecond
	backoffMost = time.Second
)

// backoff is how long to wait before repeat n, from 0: anything up to twice as
// long each time, so that callers who failed together do not come back together.
func backoff(n int) time.Duration {
	most := min(backoffBase<<min(n, 10), backoffMost)
	return rand.N(most) + 1 // #nosec G404 -- spreads callers, guards nothing
}
