package redis

import (
	"sync"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// Bounds of what a consumer holds. It reads far ahead, since messages are
// merged only with those that are here.
const (
	maxStreams = 16 << 10
	maxEntries = 128 << 10
)

// item is what a consumer has to do about one stream: the newest of the
// entries that said so.
type item struct {
	bus.Reached
	// entries are all that were merged into this.
	entries []string
	// tries have failed.
	tries int
	// seen is when Redis last heard that these entries are held here.
	seen time.Time
	// delayed items wait for their next try.
	delayed *time.Timer
}

// backlog is what a consumer has read and not handled yet.
type backlog struct {
	mu      sync.Mutex
	items   map[ids.ID]*item
	order   []ids.ID // of the items that are not delayed
	current *item    // being handled, and no longer in items
	entries int
	closed  bool
	held    *time.Timer   // while reading ahead, nothing is handled
	work    chan struct{} // holds a token where something is to do
	room    chan struct{} // holds one where something became less
}

func newBacklog() *backlog {
	return &backlog{items: map[ids.ID]*item{}, work: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // there is one
	}
}

// add takes an entry that was read, or taken over after so many failed tries.
func (b *backlog) add(m bus.Reached, entry string, tries int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.merge(&item{Reached: m, entries: []string{entry}, tries: tries, seen: now}, 1)
}

// merge puts an item beside, or into, what there is about its stream.
func (b *backlog) merge(n *item, entries int) {
	b.entries += entries
	old, ok := b.items[n.Stream]
	if !ok {
		b.items[n.Stream] = n
		b.order = append(b.order, n.Stream)
		token(b.work)
		return
	}
	old.Seq = max(old.Seq, n.Seq)
	old.entries = append(old.entries, n.entries...)
	old.tries = max(old.tries, n.tries)
	if n.seen.Before(old.seen) {
		old.seen = n.seen
	}
	if old.delayed != nil { // news are no reason to wait
		old.delayed.Stop()
		old.delayed = nil
		b.order = append(b.order, n.Stream)
		token(b.work)
	}
}

// full reports whether no more should be read.
func (b *backlog) full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries >= maxEntries || len(b.items) >= maxStreams
}

// readAhead bounds how long handling waits for the reading of a backlog that
// is met, since what is here is merged, and what comes later is not.
const readAhead = 500 * time.Millisecond

// idle reports whether there is nothing to handle.
func (b *backlog) idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.order) == 0 && b.current == nil
}

// hold has handling wait until release, or for readAhead.
func (b *backlog) hold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil && !b.closed {
		b.held = time.AfterFunc(readAhead, b.release)
	}
}

// release ends a hold.
func (b *backlog) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held != nil {
		b.held.Stop()
		b.held = nil
		token(b.work)
	}
}

// next answers the item to be handled, which stays current until done or later.
func (b *backlog) next() (*item, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held != nil {
		return nil, false
	}
	if len(b.order) == 0 {
		b.order = nil // let go of what a burst needed
		return nil, false
	}
	stream := b.order[0]
	b.order = b.order[1:]
	b.current = b.items[stream]
	delete(b.items, stream)
	return b.current, true
}

// done lets go of the current item.
func (b *backlog) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries -= len(b.current.entries)
	b.current = nil
	token(b.room)
}

// later has the current item come again after wait, or with what is newer.
func (b *backlog) later(wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.current
	b.current = nil
	if _, ok := b.items[n.Stream]; ok {
		b.merge(n, 0)
		return
	}
	b.items[n.Stream] = n
	n.delayed = time.AfterFunc(wait, func() { b.ripe(n) })
}

// ripe puts a delayed item in line.
func (b *backlog) ripe(n *item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || n.delayed == nil || b.items[n.Stream] != n {
		return
	}
	n.delayed = nil
	b.order = append(b.order, n.Stream)
	token(b.work)
}

// stale answers the entries, by partition, of items of which Redis has not
// heard since the time, and notes that it is about to.
func (b *backlog) stale(before, now time.Time) (out [partitions][]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	look := func(n *item) {
		if n.seen.Before(before) {
			n.seen = now
			p := partition(n.Stream)
			out[p] = append(out[p], n.entries...)
		}
	}
	if b.current != nil {
		look(b.current)
	}
	for _, n := range b.items {
		look(n)
	}
	return out
}

// close answers what was not handled.
func (b *backlog) close() []*item {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.held != nil {
		b.held.Stop()
	}
	var left []*item
	if b.current != nil {
		left = append(left, b.current)
	}
	for _, n := range b.items {
		if n.delayed != nil {
			n.delayed.Stop()
		}
		left = append(left, n)
	}
	return left
}
