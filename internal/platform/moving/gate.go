package moving

import (
	"sync"
	"sync/atomic"
	"time"

	"headway/internal/apperr"
)

// Gate is passed by every write of a process whose store cannot refuse writes
// by itself. The zero value is open.
type Gate struct {
	mu     sync.RWMutex // held for reading by the writes under way
	closed bool
	// lease is until when writes may begin, in Unix nanoseconds; 0 is for ever.
	lease atomic.Int64
}

// Enter answers what the caller calls when its write is done, or why it may not write.
func (g *Gate) Enter() (leave func(), err error) {
	g.mu.RLock()
	if g.closed {
		g.mu.RUnlock()
		return nil, Refused()
	}
	if until := g.lease.Load(); until != 0 && time.Now().UnixNano() > until {
		g.mu.RUnlock()
		return nil, &apperr.Error{Code: apperr.Unavailable, RetryAfter: time.Second, Message: "The database does not answer. Try again in a while."}
	}
	return g.mu.RUnlock, nil
}

// Close refuses writes from now on, and returns once none is under way.
func (g *Gate) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
}

// Open lets writes pass until a time, by which it should be called again: a
// process that has not looked for so long does not know whether there is a fence.
func (g *Gate) Open(until time.Time) {
	g.lease.Store(until.UnixNano())
	g.mu.RLock()
	closed := g.closed
	g.mu.RUnlock()
	if closed {
		g.mu.Lock()
		g.closed = false
		g.mu.Unlock()
	}
}
