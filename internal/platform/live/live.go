// Package live sends what changes in a workspace to everyone who has it open,
// as Server-Sent Events (WHATWG HTML, section 9.2), from one process's memory.
//
// The hub holds a short ring of recent deltas per topic; the event log holds
// the rest. A stream says where it is by the seq of the last event that it
// saw. It is first subscribed, then brought up to date from the log by its
// Replay function, then fed from the ring; where the ring does not reach back
// to where the stream is, the log is read again. So each change arrives once,
// in order, however often the connection breaks.
//
// A delta is encoded once for all streams that may see the same. Many changes
// at once are sent as one write per stream: the first goes out at once, what
// follows within some milliseconds goes out together.
package live

import (
	"bytes"
	"strconv"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
)

// Options bound a hub. Zero values take the defaults.
type Options struct {
	// MaxStreams bounds the streams of the process; 10,000.
	MaxStreams int
	// MaxPerUser bounds the streams of one user; 50.
	MaxPerUser int
	// Ring is how many deltas a topic keeps; 512.
	Ring int
	// RingBytes is how many encoded bytes a topic keeps; 8 MiB.
	RingBytes int
	// Gather is how long changes gather behind one that went out; 15 ms. With
	// many streams it grows, up to 40 ms, so that writing never takes a whole core.
	Gather time.Duration
	// Heartbeat is how often an idle stream looks for what nobody told of, and
	// gets a comment, so that proxies keep it open and both ends notice a dead one; 15 s.
	Heartbeat time.Duration
	// WriteTimeout is how long a reader may take; a slower one is dropped, and resumes. 10 s.
	WriteTimeout time.Duration
}

func (o Options) withDefaults() Options {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	span := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.MaxStreams, 10_000)
	set(&o.MaxPerUser, 50)
	set(&o.Ring, 512)
	set(&o.RingBytes, 8<<20)
	span(&o.Gather, 15*time.Millisecond)
	span(&o.Heartbeat, 15*time.Second)
	span(&o.WriteTimeout, 10*time.Second)
	return o
}

// Hub brings deltas to streams. A is what a viewer may see; the service
// decides what it is. A Hub is safe for concurrent use.
type Hub[A any] struct {
	o       Options
	drained chan struct{}
	drain   sync.Once

	mu      sync.Mutex
	topics  map[ids.ID]*topic[A]
	streams int
	users   map[ids.ID]int
}

// New makes a hub.
func New[A any](o Options) *Hub[A] {
	return &Hub[A]{o: o.withDefaults(), drained: make(chan struct{}), topics: map[ids.ID]*topic[A]{}, users: map[ids.ID]int{}}
}

// Publish tells the topic's streams of a commit with the seqs first to last.
// Commits of one topic are published in order, after they are durable. encode
// makes the frames for a viewer (see AppendFrame), nil where there is nothing
// to see; it is called once per access class, by a stream's goroutine. Without
// a stream on the topic Publish costs next to nothing.
func (h *Hub[A]) Publish(id ids.ID, first, last uint64, encode func(A) []byte) {
	h.mu.Lock()
	t := h.topics[id]
	h.mu.Unlock()
	if t != nil {
		t.publish(&delta[A]{first: first, last: last, encode: encode})
	}
}

// Reach tells the topic's streams that another process committed up to seq.
// They read it from the log.
func (h *Hub[A]) Reach(id ids.ID, seq uint64) {
	h.mu.Lock()
	t := h.topics[id]
	h.mu.Unlock()
	if t != nil {
		t.reach(seq)
	}
}

// Kick ends the user's streams on the topic with `event: reset`, so that the
// client starts afresh: the user's access has changed.
func (h *Hub[A]) Kick(id, user ids.ID) {
	h.mu.Lock()
	t := h.topics[id]
	h.mu.Unlock()
	if t != nil {
		t.kick(user)
	}
}

// Drain tells every stream to come back a little later, and ends it. New
// streams are refused from now on. It does not wait for the streams.
func (h *Hub[A]) Drain() { h.drain.Do(func() { close(h.drained) }) }

// Stats are a hub's figures for metrics.
type Stats struct{ Streams, Topics int }

// Stats answers the hub's figures.
func (h *Hub[A]) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{Streams: h.streams, Topics: len(h.topics)}
}

// join counts a stream in and answers its topic.
func (h *Hub[A]) join(s *Stream[A]) (*topic[A], error) {
	select {
	case <-h.drained:
		return nil, &apperr.Error{Code: apperr.Unavailable, Message: "The server is about to restart. Try again in a moment.", RetryAfter: time.Second}
	default:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users[s.User] >= h.o.MaxPerUser {
		return nil, &apperr.Error{Code: apperr.RateLimited, Message: "You have too many live connections open. Close some windows.", RetryAfter: 30 * time.Second}
	}
	if h.streams >= h.o.MaxStreams {
		return nil, &apperr.Error{Code: apperr.Unavailable, Message: "The server has no room for more live connections.", RetryAfter: 30 * time.Second}
	}
	t := h.topics[s.Topic]
	if t == nil {
		t = newTopic[A](h.o)
		h.topics[s.Topic] = t
	}
	h.streams++
	h.users[s.User]++
	t.add(s)
	return t, nil
}

func (h *Hub[A]) leave(s *Stream[A], t *topic[A]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams--
	if h.users[s.User]--; h.users[s.User] == 0 {
		delete(h.users, s.User)
	}
	if t.remove(s) == 0 {
		delete(h.topics, s.Topic)
	}
}

// AppendFrame appends one event to b. id becomes the client's Last-Event-ID; 0
// sends none.
func AppendFrame(b []byte, id uint64, event string, data []byte) []byte {
	if id != 0 {
		b = append(b, "id: "...)
		b = strconv.AppendUint(b, id, 10)
		b = append(b, '\n')
	}
	b = append(b, "event: "...)
	b = append(b, event...)
	for more := true; more; {
		var line []byte
		line, data, more = bytes.Cut(data, []byte{'\n'})
		b = append(b, "\ndata: "...)
		b = append(b, line...)
	}
	return append(b, "\n\n"...)
}
