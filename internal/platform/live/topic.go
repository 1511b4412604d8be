package live

import (
	"sync"
	"time"

	"headway/internal/platform/ids"
)

// delta is one commit, encoded at most once per access class.
type delta[A any] struct {
	first, last uint64
	encode      func(A) []byte

	mu     sync.Mutex
	frames map[string][]byte
}

// frame answers the delta for an access class, and how many bytes are new.
func (d *delta[A]) frame(class string, access A) (frame []byte, added int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f, ok := d.frames[class]; ok {
		return f, 0
	}
	f := d.encode(access)
	if d.frames == nil {
		d.frames = make(map[string][]byte, 1)
	}
	d.frames[class] = f
	return f, len(f)
}

// topic is one workspace's streams and its ring of recent deltas.
type topic[A any] struct {
	o Options

	mu      sync.Mutex
	streams map[*Stream[A]]struct{}
	ring    []*delta[A] // oldest first, without a gap between neighbours
	bytes   int
	reached uint64        // how far the log is known to be, where the ring does not hold it
	wake    chan struct{} // closed and replaced at each wake-up
	woken   time.Time
	pending bool
	batches map[batchKey][]byte // joined frames of the newest wake-up, shared by streams in step
}

// batchKey names what a stream gets at a wake-up.
type batchKey struct {
	class    string
	from, to uint64
}

func newTopic[A any](o Options) *topic[A] {
	return &topic[A]{o: o, streams: map[*Stream[A]]struct{}{}, wake: make(chan struct{}), batches: map[batchKey][]byte{}}
}

func (t *topic[A]) add(s *Stream[A]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams[s] = struct{}{}
}

func (t *topic[A]) remove(s *Stream[A]) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.streams, s)
	return len(t.streams)
}

func (t *topic[A]) kick(user ids.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.streams {
		if s.User == user && !s.ended {
			s.ended = true
			close(s.kicked)
		}
	}
}

func (t *topic[A]) publish(d *delta[A]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.ring); n > 0 && t.ring[n-1].last+1 != d.first {
		if d.last <= t.ring[n-1].last {
			return // told twice
		}
		t.ring, t.bytes = t.ring[:0:0], 0 // something was not told of; streams read it from the log
	}
	t.ring = append(t.ring, d)
	for len(t.ring) > t.o.Ring || (t.bytes > t.o.RingBytes && len(t.ring) > 1) {
		for _, f := range t.ring[0].frames {
			t.bytes -= len(f)
		}
		t.ring = t.ring[1:]
	}
	t.rouse()
}

// reach tells of a commit that this process knows the seq of and no more.
func (t *topic[A]) reach(seq uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.ring); seq <= t.reached || n > 0 && seq <= t.ring[n-1].last {
		return
	}
	t.reached = seq
	t.rouse()
}

// rouse wakes every stream, soon. t.mu is held.
func (t *topic[A]) rouse() {
	if t.pending {
		return
	}
	gather := min(max(t.o.Gather, time.Duration(len(t.streams))*20*time.Microsecond), max(t.o.Gather, 40*time.Millisecond))
	wait := gather - time.Since(t.woken)
	if wait <= 0 {
		t.wakeAll()
		return
	}
	t.pending = true
	time.AfterFunc(wait, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.wakeAll()
	})
}

// wakeAll wakes every stream. t.mu is held.
func (t *topic[A]) wakeAll() {
	t.pending = false
	t.woken = time.Now()
	clear(t.batches)
	close(t.wake)
	t.wake = make(chan struct{})
}

// collect answers what follows cursor as one piece, how far it reaches, and
// the channel that closes at the next wake-up. gap says that the ring does not
// reach back to cursor.
func (t *topic[A]) collect(s *Stream[A], cursor uint64) (batch []byte, reaches uint64, gap bool, wake <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.ended {
		return nil, cursor, false, nil // what comes now is not for this access
	}
	n := len(t.ring)
	if n == 0 || t.ring[n-1].last <= cursor {
		return nil, cursor, t.reached > cursor, t.wake
	}
	start := n - 1
	for start > 0 && t.ring[start-1].last > cursor {
		start--
	}
	if t.ring[start].first > cursor+1 {
		return nil, cursor, true, t.wake
	}
	reaches = t.ring[n-1].last
	key := batchKey{s.Class, t.ring[start].first, reaches}
	if joined, ok := t.batches[key]; ok {
		return joined, reaches, false, t.wake
	}
	for i, d := range t.ring[start:] {
		f, added := d.frame(s.Class, s.Access)
		t.bytes += added
		if i == 0 {
			batch = f[:len(f):len(f)]
		} else {
			batch = append(batch, f...)
		}
	}
	t.batches[key] = batch
	return batch, reaches, false, t.wake
}
