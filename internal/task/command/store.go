package command

import (
	"context"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// Store runs commands: it is the write side's port, implemented beside each
// read model because a decision, its events and its rows go together.
type Store interface {
	// Do runs decide in the workspace's turn: no other command of the workspace
	// is decided in between. What decide appended is durable, with its rows,
	// when Do returns; if decide answers an error, nothing of it stays and that
	// error is returned as it is. decide may run more than once and must have no
	// other effect. A decide that appends nothing is a commit of nothing (Last is the head).
	Do(ctx context.Context, workspace ids.ID, decide func(Tx) error) (readmodel.Commit, error)
}

// Tx is what a decision sees and does. It is valid inside decide only.
type Tx interface {
	// Head is the workspace's seq, counting what this decision has appended.
	Head() uint64
	// Frame answers the frame, or nil where there is no such workspace. It must not be changed.
	Frame() (*state.Frame, error)
	// Task answers a task, nil where there is none in this workspace; with detail its Detail too.
	Task(id ids.ID, detail bool) (*state.Task, error)
	Comment(id ids.ID) (*state.Comment, error)
	// Taken reports whether a task or comment id is in use anywhere, in this workspace or another.
	Taken(id ids.ID) (bool, error)
	// LastPosition answers the greatest position in a column, "" where it is empty.
	LastPosition(project, column ids.ID) (string, error)
	// NextNumber answers the number for the project's next task.
	NextNumber(project ids.ID) (uint64, error)
	// Occupied reports whether the column holds any task, in whatever lifecycle state.
	Occupied(project, column ids.ID) (bool, error)
	// Past reads the log: events with seq < before, newest first, up to limit.
	Past(before uint64, limit int) ([]eventlog.Event, error)
	// Append records events and projects them at once, so that later reads see them.
	Append(events ...New) error
}

// New is an event about to be recorded; the store gives it its seq.
type New struct {
	// ID is zero for a new one.
	ID     ids.ID
	Entity ids.ID
	Scope  ids.ID
	Type   event.Type
	Actor  ids.ID
	Cause  string
	Data   event.Payload
}
