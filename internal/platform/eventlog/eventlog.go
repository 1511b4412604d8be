// Package eventlog is the port of Headway's log of events: append-only
// streams, one per workspace and one per account, each numbered 1, 2, 3 …
// without a gap. Adapters live in the folders beside it; eventlogtest holds
// the conformance suite that each of them passes.
package eventlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headway/internal/platform/ids"
)

// Category is the kind of a stream.
type Category string

// The categories.
const (
	Workspace Category = "workspace"
	Account   Category = "account"
)

// Event is one recorded change. Once written it is never changed.
type Event struct {
	// ID makes an append idempotent: an event whose ID the stream holds already is not written again.
	ID ids.ID
	// Stream is the workspace or account that the event belongs to.
	Stream ids.ID
	// Seq is the event's number in its stream, from 1. The log gives it at commit.
	Seq uint64
	// Entity is what the event is about (a task, a project …); history reads by it.
	Entity ids.ID
	// Scope is the project that the event belongs to, or zero for the whole stream; access filters read it.
	Scope ids.ID
	// Type is the name in the published language, such as "task.created".
	Type string
	// Version is the version of the payload's shape, from 1.
	Version uint16
	// Actor is the user who did it.
	Actor ids.ID
	// At is when, in UTC, to the millisecond.
	At time.Time
	// Cause says what brought it about where that is not a plain command: "undo:SEQ", "import:ID" or "".
	Cause string
	// Data is the payload, JSON.
	Data []byte
}

// Appended tells where an append landed.
type Appended struct {
	// First and Last are the seqs of the batch's events.
	First, Last uint64
	// Repeated is set when every event was in the stream before, so nothing was written.
	Repeated bool
}

// StreamHead is a stream and its newest seq.
type StreamHead struct {
	Stream ids.ID
	Head   uint64
}

// Cursor is a place in the order in which streams changed. The zero value is the beginning.
type Cursor uint64

// Log is an event log.
type Log interface {
	// Append adds events to the stream, all or none, durably before it returns.
	// expected is the stream's head as the caller knows it (0 for a new stream);
	// a different head answers *ConflictError and writes nothing. If every event's
	// ID is in the stream already, nothing is written and Repeated is set; if only
	// some are, it answers ErrPartlyRepeated. IDs count before expected.
	// Seq and Stream of the given events are ignored; an empty batch is ErrEmpty.
	Append(ctx context.Context, category Category, stream ids.ID, expected uint64, events []Event) (Appended, error)

	// Read answers up to limit events with seq > after, oldest first.
	Read(ctx context.Context, stream ids.ID, after uint64, limit int) ([]Event, error)

	// ReadBack answers up to limit events with seq < before, newest first.
	ReadBack(ctx context.Context, stream ids.ID, before uint64, limit int) ([]Event, error)

	// ReadEntity answers up to limit events of one entity with after < seq <= upTo, oldest first.
	// It costs by the entity's events, not by the stream's.
	ReadEntity(ctx context.Context, stream, entity ids.ID, after, upTo uint64, limit int) ([]Event, error)

	// ReadEntityBack answers up to limit events of one entity with seq < before, newest first.
	ReadEntityBack(ctx context.Context, stream, entity ids.ID, before uint64, limit int) ([]Event, error)

	// Head answers the stream's newest seq, 0 for a stream without events.
	Head(ctx context.Context, stream ids.ID) (uint64, error)

	// Changed answers up to limit streams of the category that changed after the
	// cursor, each once with its head, in the order of their last change, and the
	// cursor to go on from. It costs by what changed, not by how many streams there are.
	Changed(ctx context.Context, category Category, after Cursor, limit int) ([]StreamHead, Cursor, error)

	// Newest answers a cursor of the category that whatever is appended from now
	// on comes after, and perhaps some of what was appended just before. Its
	// cost does not depend on how much there is.
	Newest(ctx context.Context, category Category) (Cursor, error)
}

// Errors of Append. Match them with errors.Is and errors.As.
var (
	ErrEmpty          = errors.New("eventlog: nothing to append")
	ErrPartlyRepeated = errors.New("eventlog: some of the batch is in the stream already, some is not")
)

// ConflictError says that the stream's head was not the expected one.
type ConflictError struct {
	Expected, Head uint64
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("eventlog: expected head %d, found %d", e.Expected, e.Head)
}
