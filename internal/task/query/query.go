// Package query is the read side of the task service: it decides what a
// viewer may see, in one place, and answers encoded pages by joining the rows
// that the read model keeps as they are sent. History and time travel read
// the event log; everything else reads the read model alone.
package query

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"headway/internal/platform/cache"
	"headway/internal/platform/eventlog"
	"headway/internal/task/readmodel"
)

// pageAge is how long a page is kept at most; what is asked for less often
// than that is as well read again.
const pageAge = time.Hour

// Service answers queries. It is safe for concurrent use.
type Service struct {
	reader readmodel.Reader
	log    eventlog.Log
	pages  cache.Cache
	asked  asked
}

// New makes the query side over a store's reader, the event log and a page
// cache; pages may be nil to keep none.
func New(reader readmodel.Reader, log eventlog.Log, pages cache.Cache) *Service {
	return &Service{reader: reader, log: log, pages: pages, asked: asked{seed: maphash.MakeSeed()}}
}

// Answer is an encoded JSON body and the seq that names it: with the request
// and the viewer's access class it names the answer for ever.
type Answer struct {
	Seq uint64
	// Body must not be changed, nor used after Done.
	Body []byte

	lent *[]byte
}

// Done says that the body is sent, so that its memory may serve another
// answer. It may be left out.
func (a *Answer) Done() {
	if a.lent != nil {
		*a.lent, a.Body = a.Body[:0], nil
		bodies.Put(a.lent)
		a.lent = nil
	}
}

// maxLent is how large a body may be for its memory to be kept for the next one.
const maxLent = 256 << 10

// bodies is memory for bodies that are sent once and not kept.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// lend answers an answer whose body has room for size bytes.
func lend(seq uint64, size int) Answer {
	if size > maxLent {
		return Answer{Seq: seq, Body: make([]byte, 0, size)}
	}
	b := bodies.Get().(*[]byte)
	if cap(*b) < size {
		*b = make([]byte, 0, size+size/8)
	}
	return Answer{Seq: seq, Body: *b, lent: b}
}

// asked remembers which pages were asked for lately. Most pages of a board
// that changes are asked for once: keeping those would cost more than it saves.
type asked struct {
	seed  maphash.Seed
	slots [4096]atomic.Uint64
}

// before reports whether the page was asked for lately, and remembers that it is now.
func (a *asked) before(key []byte) bool {
	h := maphash.Bytes(a.seed, key)
	slot := &a.slots[h%uint64(len(a.slots))]
	if slot.Load() == h {
		return true
	}
	slot.Store(h)
	return false
}
