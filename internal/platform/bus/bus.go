// Package bus is the port that wakes consumers of the event log: it only says
// "stream W has reached seq N". A consumer reads the log from its checkpoint,
// so a message that is lost, doubled or late loses nothing; a sweep over
// changed streams finds what no message told of.
package bus

import (
	"context"

	"headway/internal/platform/ids"
)

// Reached says that a stream's log holds everything up to Seq.
type Reached struct {
	Stream ids.ID
	Seq    uint64
}

// Bus delivers wake-ups at least once to subscribers that are there, in no
// particular order. Messages about one stream may be merged into the newest.
type Bus interface {
	// Publish tells the subscribers. It does not wait for them.
	Publish(ctx context.Context, message Reached) error

	// Subscribe calls handle for messages published from now on, one at a time,
	// until ctx ends; then it returns nil. A slow handle delays only itself.
	// ready, if not nil, is closed once messages are being taken.
	Subscribe(ctx context.Context, ready chan<- struct{}, handle func(context.Context, Reached)) error
}
