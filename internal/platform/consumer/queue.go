package consumer

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"headway/internal/platform/ids"
)

// entry is a stream that has, or may have, events to be handled. It is in
// the queue once, however often it is told of.
type entry struct {
	stream ids.ID

	// Of the worker that has it.
	loaded     bool // seq and generation are known
	seq        uint64
	generation uint64
	size       int // of the next batch, 0 for the full one
	tries      int // of the one event after seq, by its own fault
	failures   int // in a row, by the store's

	// Under the queue's lock.
	running bool
	again   bool   // told of while it ran
	epoch   uint64 // of the sweep that waits for it, 0 for none
	head    uint64 // the newest seq that the log was seen to have
	at      uint64 // the checkpoint, as last seen
	since   time.Time
	reason  string // why it is blocked, "" while it is not
}

// queue holds the streams that are to be looked at.
type queue struct {
	slots chan struct{}
	ready chan *entry // has room for all there can be

	mu      sync.Mutex
	entries map[ids.ID]*entry
	timers  map[*entry]*time.Timer
	closed  bool
	idle    chan struct{} // closed while there is no entry
	left    func(epoch uint64)
}

// newQueue makes a queue; left hears of each entry with an epoch that leaves.
func newQueue(limit int, left func(epoch uint64)) *queue {
	q := &queue{
		slots: make(chan struct{}, limit), ready: make(chan *entry, limit),
		entries: map[ids.ID]*entry{}, timers: map[*entry]*time.Timer{}, idle: make(chan struct{}), left: left,
	}
	close(q.idle)
	return q
}

// tell notes something about an entry, under the lock.
type tell func(*entry)

// put has a stream looked at, where it is not waiting for that already. It
// waits while the queue is full, until ctx ends.
func (q *queue) put(ctx context.Context, stream ids.ID, now time.Time, note tell) error {
	if q.merge(stream, note) {
		return nil
	}
	select {
	case q.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if e := q.entries[stream]; e != nil || q.closed { // another was faster
		<-q.slots
		if e != nil {
			e.again = e.running
			note(e)
		}
		return nil
	}
	e := &entry{stream: stream, since: now}
	note(e)
	if len(q.entries) == 0 {
		q.idle = make(chan struct{})
	}
	q.entries[stream] = e
	q.ready <- e
	return nil
}

func (q *queue) merge(stream ids.ID, note tell) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.entries[stream]
	if e == nil {
		return false
	}
	e.again = e.running
	note(e)
	return true
}

// take marks that a worker has the entry.
func (q *queue) take(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.running, e.again = true, false
}

// note writes down how far an entry is.
func (q *queue) note(e *entry, note tell) {
	q.mu.Lock()
	defer q.mu.Unlock()
	note(e)
}

// more puts an entry back, behind the others.
func (q *queue) more(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.running, e.reason = false, ""
	q.ready <- e
}

// later puts an entry back after a while; what tells of it meanwhile changes nothing.
func (q *queue) later(e *entry, wait time.Duration, reason string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.running, e.reason = false, reason
	if q.closed {
		return
	}
	q.timers[e] = time.AfterFunc(wait, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.closed {
			return
		}
		delete(q.timers, e)
		q.ready <- e
	})
}

// done lets go of an entry that is handled, or puts it back where it was told of meanwhile.
func (q *queue) done(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.running, e.reason = false, ""
	if e.again {
		e.again = false
		q.ready <- e
		return
	}
	delete(q.entries, e.stream)
	if e.epoch > 0 {
		q.left(e.epoch)
	}
	<-q.slots
	if len(q.entries) == 0 {
		close(q.idle)
	}
}

// empty answers a channel that is closed once no stream waits or runs.
func (q *queue) empty() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.idle
}

// close stops the timers.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, t := range q.timers {
		t.Stop()
	}
	clear(q.timers)
}

// jitter answers between half of d and d.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) // #nosec G404 -- no secret
}
