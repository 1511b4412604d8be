// Package consumer runs what a service makes of the event log: a handler
// turns the events of all streams of a category into effects, such as rows or
// points of a time series, each once and in order within its stream.
//
// A Runner learns of new events by wake-ups of the bus and, where none came,
// by a sweep over what changed in the log; a wake-up says only where to look.
// How far a stream is handled is its checkpoint, kept by an adapter of
// Checkpoints: the folders beside this one. Where the effect goes into the
// database that the checkpoint is in, both are one transaction. Elsewhere
// (Apart) the effect comes first and must bear repeating.
package consumer

import (
	"context"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Batch is what a handler is given at once.
type Batch struct {
	Stream ids.ID
	// Events are consecutive, oldest first, at least one.
	Events []eventlog.Event
	// Generation counts the replays of the consumer, from 1. Effects that are
	// kept apart from the checkpoints can carry it, so that a process that
	// slept through a replay does not mix its own into the new ones.
	Generation uint64
	// Late says that the one event was set aside before, and that those after it
	// were handled without it.
	Late bool
}

// Effect writes what a batch brings about. Nothing but tx may be used to write
// what is to commit with the checkpoint. It may run more than once, each time
// as if it had not run before; what it does beside its writes goes to
// tx.OnCommit. Where tx is not Together, it must leave the same behind when it
// runs again, whole or for a part of the batch, by another process, or late:
// write each event under a key made of it, or under a guard that a row takes
// an event only if its own seq is lower.
type Effect func(ctx context.Context, tx Tx) error

// Tx is one commit of a checkpoint with its effect. The adapters say how to
// write through theirs: sqlite.Conn, memory.Stage.
type Tx interface {
	// Together reports whether what is written through it commits with the checkpoint.
	Together() bool
	// Generation is that of the batch, or in a Reset the new one.
	Generation() uint64
	// OnCommit runs fn after the commit, for what others are to be told. A
	// process that dies in between does not come to it. fn must not write.
	OnCommit(fn func())
}

// Handler is what a service makes of events. It is used by several goroutines
// at once, for different streams.
//
// An error of Handle, or a panic, is held to be the event's fault: after
// Options.Tries the event is set aside with it, and the stream goes on. An
// error of the effect is held to be the store's: the stream waits, and tries
// again until it goes well. Poison and Temporary say otherwise, and so do the
// codes of apperr: unavailable, rate_limited and timeout are temporary,
// internal says nothing, the others are the event's fault.
type Handler interface {
	// Handle decodes and decides, outside of any transaction. A nil effect is
	// none: the events do not concern the consumer.
	Handle(ctx context.Context, batch Batch) (Effect, error)

	// Reset drops all effects, before a replay from the beginning. Those that
	// carry a generation may be dropped by that: all below tx.Generation.
	Reset(ctx context.Context, tx Tx) error
}

// Source is the part of eventlog.Log that a consumer reads.
type Source interface {
	Read(ctx context.Context, stream ids.ID, after uint64, limit int) ([]eventlog.Event, error)
	Changed(ctx context.Context, category eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error)
	Newest(ctx context.Context, category eventlog.Category) (eventlog.Cursor, error)
}
