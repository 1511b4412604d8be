// Package readmodel is the port of what analytics remembers of a workspace
// between two events: who may see what, what the columns mean, and where each
// task stands. It also names the metrics whose points the time series hold.
// Adapters live in the folders beside it; readmodeltest holds the conformance
// suite that each of them passes.
package readmodel

import (
	"context"
	"maps"
	"slices"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Version orders what is kept: by the generation of the consumer, which rises
// with each replay, and by the seq of the event that it reflects.
type Version uint64

// seqBits leaves room for a million million events of a workspace.
const seqBits = 40

// At makes a version.
func At(generation, seq uint64) Version { return Version(generation<<seqBits | seq&(1<<seqBits-1)) }

// Generation is the consumer's generation, from 1.
func (v Version) Generation() uint64 { return uint64(v) >> seqBits }

// Seq is the workspace's seq.
func (v Version) Seq() uint64 { return uint64(v) & (1<<seqBits - 1) }

// Frame is what analytics knows of a workspace but for its tasks.
type Frame struct {
	Workspace ids.ID  `json:"-"`
	Version   Version `json:"-"`
	// Members are the people who may look, by user. Who left is not in it.
	Members map[ids.ID]Member `json:"members"`
	// Projects and Columns are all that ever were, since points speak of them.
	Projects map[ids.ID]Project `json:"projects"`
	Columns  map[ids.ID]Column  `json:"columns"`
}

// Member is what somebody may see.
type Member struct {
	Role event.Role `json:"role"`
	// Projects are those that a guest may see.
	Projects []ids.ID `json:"projects,omitempty"`
}

// Project is a project's state.
type Project struct {
	State event.Lifecycle `json:"state"`
}

// Column is a column's project and meaning.
type Column struct {
	Project  ids.ID         `json:"project"`
	Category event.Category `json:"category"`
	// Position orders the columns of a project.
	Position string `json:"position"`
	Removed  bool   `json:"removed,omitempty"`
}

// NewFrame is an empty frame at a version.
func NewFrame(workspace ids.ID, v Version) *Frame {
	return &Frame{Workspace: workspace, Version: v, Members: map[ids.ID]Member{}, Projects: map[ids.ID]Project{}, Columns: map[ids.ID]Column{}}
}

// Clone answers a frame that may be changed without changing f.
func (f *Frame) Clone() *Frame {
	next := *f
	next.Members, next.Projects, next.Columns = maps.Clone(f.Members), maps.Clone(f.Projects), maps.Clone(f.Columns)
	return &next
}

// Task is where a task stands. Times are in UTC, to the millisecond; a zero
// time is none.
type Task struct {
	ID      ids.ID
	Version Version
	Project ids.ID
	Column  ids.ID
	// Assignees are sorted.
	Assignees []ids.ID
	State     event.Lifecycle
	Created   time.Time
	// Started is when it first came into a column that was active at that time.
	Started   time.Time
	Completed time.Time
	// Gone says that the task was deleted for good.
	Gone bool
}

// Counted reports whether the task is part of the flow: on the board, or done
// and archived.
func (t *Task) Counted() bool {
	return !t.Gone && (t.State == event.Live || t.State == event.Archived && !t.Completed.IsZero())
}

// Equal reports whether two tasks are the same in everything.
func (t *Task) Equal(o *Task) bool {
	return t.ID == o.ID && t.Version == o.Version && t.Project == o.Project && t.Column == o.Column && t.State == o.State && t.Gone == o.Gone &&
		t.Created.Equal(o.Created) && t.Started.Equal(o.Started) && t.Completed.Equal(o.Completed) && slices.Equal(t.Assignees, o.Assignees)
}

// MaxTasks is how many tasks Load is asked for, and Save is given, at most.
const MaxTasks = 512

// Store keeps frames and tasks. It is safe for concurrent use, also by several
// processes: each row takes only what has a higher version, so that it does
// not matter who writes what how often.
type Store interface {
	// Frame answers a workspace's frame, nil where there is none. It must not be changed.
	Frame(ctx context.Context, workspace ids.ID) (*Frame, error)

	// Tasks answers those of up to MaxTasks tasks that are there.
	Tasks(ctx context.Context, workspace ids.ID, tasks []ids.ID) (map[ids.ID]*Task, error)

	// Save writes up to MaxTasks tasks and, once they are durable, the frame:
	// a frame at a seq says that the tasks are at least as far. Each is written
	// only where what is there has a lower version.
	Save(ctx context.Context, frame *Frame, tasks []*Task) error

	// Counts answers how many counted tasks each column holds, those of one
	// assignee alone where one is named.
	Counts(ctx context.Context, workspace, assignee ids.ID) (map[ids.ID]int, error)

	// Forget removes a workspace's frame and tasks.
	Forget(ctx context.Context, workspace ids.ID) error

	// OptedOut reports whether a user wants no usage to be recorded.
	OptedOut(ctx context.Context, user ids.ID) (bool, error)

	// SetOptedOut records that.
	SetOptedOut(ctx context.Context, user ids.ID, out bool) error
}
