package consumer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// State is where a consumer stands.
type State struct {
	// Generation is 1 at first and rises with each replay.
	Generation uint64
	// Resetting says that a replay was begun and its effects are not dropped yet.
	Resetting bool
	// Cursor is a place in the order of changes: whatever changed before it is
	// handled. It is there where no streams were asked for.
	Cursor eventlog.Cursor
	// Seqs are the checkpoints that were asked for, without those that are 0.
	Seqs map[ids.ID]uint64
}

// Move is a step of a checkpoint.
type Move struct {
	Consumer   string
	Generation uint64
	Stream     ids.ID
	// From is where the checkpoint must be, To is where it goes.
	From, To uint64
	// Aside, if not nil, is recorded with the step.
	Aside *Aside
}

// Place is that of an event in the log.
type Place struct {
	Stream ids.ID
	Seq    uint64
}

// Aside is an event that could not be handled.
type Aside struct {
	Place
	// Event and Type are those of the event.
	Event ids.ID
	Type  string
	// Reason is the error of the last try, at most MaxReason bytes of UTF-8.
	Reason string
	// Tries is how often it was tried, Retry included.
	Tries int
	// At is when it was tried last, in UTC, to the millisecond.
	At time.Time
}

// MaxReason bounds the text of a reason, in bytes.
const MaxReason = 1000

// MaxLoad is how many checkpoints Load is asked for at most.
const MaxLoad = 500

// Checkpoints keep how far consumers have come. All processes of a consumer
// share them, and any of them may be late: a step is a compare-and-set, by
// generation and seq. A consumer begins with its first Load.
type Checkpoints interface {
	// Load answers a consumer's state with the checkpoints of up to MaxLoad streams.
	Load(ctx context.Context, consumer string, streams ...ids.ID) (State, error)

	// Commit runs effect, unless nil, and moves the checkpoint. Where that is
	// not where the move begins, because another process was faster or a replay
	// has begun, it answers *MovedError, and what was written through a Tx that
	// is Together is undone, as with every other error.
	Commit(ctx context.Context, move Move, effect Effect) error

	// SaveCursor moves the consumer's cursor, forward only, and not in another generation.
	SaveCursor(ctx context.Context, consumer string, generation uint64, to eventlog.Cursor) error

	// BeginReset begins the next generation: all checkpoints and the cursor are
	// 0, no event is set aside. A move of an earlier generation changes nothing
	// of that any more; it answers *MovedError, or succeeds unseen where
	// effects are apart.
	BeginReset(ctx context.Context, consumer string) (generation uint64, err error)

	// EndReset runs effect, which drops the effects, and lets moves of the
	// generation begin. Another generation answers ErrReset.
	EndReset(ctx context.Context, consumer string, generation uint64, effect Effect) error

	// SetAside answers up to limit events that are set aside, in the order of
	// their places, from the one after the place given.
	SetAside(ctx context.Context, consumer string, after Place, limit int) ([]Aside, error)

	// NoteAside records that an event that is set aside was tried again in
	// vain: reason, tries and time. It does nothing where it is not.
	NoteAside(ctx context.Context, consumer string, generation uint64, aside Aside) error

	// Release runs effect, and the event is no longer set aside. One that is
	// not answers ErrNotAside.
	Release(ctx context.Context, consumer string, generation uint64, place Place, effect Effect) error
}

// MovedError says that a checkpoint is not where a move begins.
type MovedError struct {
	Move Move
}

// Error implements error.
func (e *MovedError) Error() string {
	return fmt.Sprintf("consumer: the checkpoint of %s in stream %s is not at %d in generation %d", e.Move.Consumer, e.Move.Stream, e.Move.From, e.Move.Generation)
}

// Errors of Checkpoints.
var (
	ErrNotAside = errors.New("consumer: the event is not set aside")
	ErrReset    = errors.New("consumer: another replay has begun")
)
