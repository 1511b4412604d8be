// Package query is the read side of the task service: it decides what a
// viewer may see, in one place, and answers encoded pages by joining the rows
// that the read model keeps as they are sent. History and time travel read
// the event log; everything else reads the read model alone.
package query

import (
	"headway/internal/platform/eventlog"
	"headway/internal/task/readmodel"
)

// Pages keeps encoded answers by key. A key holds the seq that the answer was
// made at, so it names one answer for ever and nothing is ever invalidated.
// Keeping is best effort: Get may miss at any time.
type Pages interface {
	Get(key string) ([]byte, bool)
	Set(key string, page []byte)
}

// Service answers queries. It is safe for concurrent use.
type Service struct {
	reader readmodel.Reader
	log    eventlog.Log
	pages  Pages
}

// New makes the query side over a store's reader, the event log and a page
// cache; pages may be nil to keep none.
func New(reader readmodel.Reader, log eventlog.Log, pages Pages) *Service {
	return &Service{reader: reader, log: log, pages: pages}
}

// Answer is an encoded JSON body and the seq that names it: with the request
// and the viewer's access class it names the answer for ever.
type Answer struct {
	Seq  uint64
	Body []byte
}
