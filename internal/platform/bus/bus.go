// Package bus is the port that wakes consumers of the event log: it only says
// "stream W has reached seq N". A consumer reads the log from its checkpoint,
// so a message that is lost, doubled or late loses nothing; a sweep over
// changed streams finds what no message told of.
package bus

import (
	"context"
	"time"

	"headway/internal/platform/ids"
)

// Reached says that a stream's log holds everything up to Seq.
type Reached struct {
	Stream ids.ID
	Seq    uint64
}

// Bus delivers wake-ups at least once, in no particular order. Messages about
// one stream may be merged into the newest.
type Bus interface {
	// Publish tells the subscribers and the groups. It does not wait for them.
	Publish(ctx context.Context, message Reached) error

	// Subscribe calls handle for messages published from now on, one at a time,
	// until ctx ends; then it returns nil. Every subscriber hears of them. A
	// slow handle delays only itself. ready, if not nil, is closed once
	// messages are being taken.
	Subscribe(ctx context.Context, ready chan<- struct{}, handle func(context.Context, Reached)) error

	// Consume calls handle for the messages of a group, one at a time, until
	// ctx ends; then it returns nil. Each message goes to one of the group's
	// consumers, in whichever process. A group begins with its first consumer
	// and hears of what is published from then on, perhaps of some earlier,
	// also while none of its consumers is there, as far as that is kept. ready,
	// if not nil, is closed once the group is there.
	//
	// A message whose handle answers an error comes again after a while; one
	// whose consumer goes, without having handled it, goes to another. What
	// failed too often (Retry) becomes a dead letter. The group's name is made
	// of the characters a to z, 0 to 9 and the hyphen.
	Consume(ctx context.Context, group string, ready chan<- struct{}, handle func(context.Context, Reached) error) error

	// DeadLetters answers up to limit of a group's newest dead letters, newest
	// first. Only so many are kept.
	DeadLetters(ctx context.Context, group string, limit int) ([]DeadLetter, error)
}

// DeadLetter is a message that a group gave up.
type DeadLetter struct {
	Reached
	// Deliveries is how often it was tried.
	Deliveries int
	// Reason is what handle answered last, or that its consumers went.
	Reason string
	At     time.Time
}

// Retry says how often a message is tried.
type Retry struct {
	// Deliveries is after how many tries a message is given up.
	Deliveries int
	// Delay is the time before the second try; it doubles with each, up to MaxDelay.
	Delay, MaxDelay time.Duration
}

// DefaultRetry gives a message up after about a quarter of an hour.
var DefaultRetry = Retry{Deliveries: 12, Delay: 250 * time.Millisecond, MaxDelay: 3 * time.Minute}

// Wait answers the time before the next try, after so many have failed.
func (r Retry) Wait(failed int) time.Duration {
	wait := r.Delay
	for ; failed > 1 && wait < r.MaxDelay; failed-- {
		wait *= 2
	}
	return min(wait, r.MaxDelay)
}

// ValidGroup reports whether a text can name a group.
func ValidGroup(name string) bool {
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}
