// Package query is the read side of the task service: it decides what a
// viewer may see, in one place, and answers encoded pages by joining the rows
// that the read model keeps as they are sent. History and time travel read
// the event log; everything else reads the read model alone.
package query

import (
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
}

// New makes the query side over a store's reader, the event log and a page
// cache; pages may be nil to keep none.
func New(reader readmodel.Reader, log eventlog.Log, pages cache.Cache) *Service {
	return &Service{reader: reader, log: log, pages: pages}
}

// Answer is an encoded JSON body and the seq that names it: with the request
// and the viewer's access class it names the answer for ever.
type Answer struct {
	Seq  uint64
	Body []byte
}
