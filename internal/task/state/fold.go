package state

import (
	"errors"
	"fmt"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Errors of the folds. They mean that the log holds something that this
// program cannot have written: nothing may be guessed from there on.
var (
	// ErrMissing is answered for an event about something that is not there.
	ErrMissing = errors.New("state: event about something that is not there")
	// ErrExists is answered for a creation of what is there already.
	ErrExists = errors.New("state: event creates what is there already")
	// ErrUnexpected is answered for an event that this fold does not take, or whose payload has another shape.
	ErrUnexpected = errors.New("state: unexpected event")
)

// Meta is what a fold needs of an event beside its payload.
type Meta struct {
	// Workspace is the event's stream.
	Workspace ids.ID
	Seq       uint64
	Entity    ids.ID
	Scope     ids.ID
	Type      event.Type
	Actor     ids.ID
	At        time.Time
}

// Recorded is an event with its payload decoded.
type Recorded struct {
	Meta
	Payload event.Payload
}

func (m Meta) fault(kind error, what string) error {
	return fmt.Errorf("%w: %s at seq %d: %s", kind, m.Type, m.Seq, what)
}

func (m Meta) unexpected(p event.Payload) error {
	return fmt.Errorf("%w: %s at seq %d with a %T", ErrUnexpected, m.Type, m.Seq, p)
}

// set takes over a change where there is one.
func set[T any](field *T, c *event.Change[T]) {
	if c != nil {
		*field = c.To
	}
}

// list gives an id list as it is kept: nil where empty, so that a state read
// from its stored JSON equals one folded from events.
func list(in []ids.ID) []ids.ID {
	if len(in) == 0 {
		return nil
	}
	return in
}

func moment(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
