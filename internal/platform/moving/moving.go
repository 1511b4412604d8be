// Package moving is how the processes of an installation know of a move of
// its data to another store: the port by which a store tells of it, and the
// gate at which writes wait for nothing and are refused while it is fenced.
package moving

import (
	"context"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
)

// Phase is how far a move has got, as one of its two stores has it.
type Phase string

// The phases. The store that is left goes from None to Copying, Fenced and
// Moved, the other one from None to Receiving and Received.
const (
	None Phase = ""
	// Copying: what is there is copied, and writes go on.
	Copying Phase = "copying"
	// Fenced: nothing is written, so that the rest can be copied and compared.
	Fenced Phase = "fenced"
	// Moved: the data is elsewhere; nothing is written here again.
	Moved Phase = "moved"
	// Receiving: not all of the data is here yet.
	Receiving Phase = "receiving"
	// Received: all of it is.
	Received Phase = "received"
)

// State is what a store knows of a move.
type State struct {
	// Move names the move, the same in both stores.
	Move  ids.ID
	Phase Phase
	// Peer is the other store, without its password.
	Peer string
	At   time.Time
}

// Closed reports whether nothing may be written.
func (s State) Closed() bool { return s.Phase == Fenced || s.Phase == Moved }

// Control keeps the state of a move in one of its stores.
type Control interface {
	// MoveState answers the state, the zero value where there never was a move.
	MoveState(ctx context.Context) (State, error)
	// SetMoveState replaces it, durably. Where the store's writes are one
	// transaction with it (SQLite), none is committed after one that closes it.
	SetMoveState(ctx context.Context, s State) error
}

// Refused is what a write is answered that comes to a fence.
func Refused() error {
	return &apperr.Error{
		Code: apperr.Unavailable, RetryAfter: time.Second,
		Message: "Headway is moving its data to another store; try again in a moment.",
	}
}
