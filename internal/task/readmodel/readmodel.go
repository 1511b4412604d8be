// Package readmodel is the port of the task service's read side: rows that
// hold the JSON as it is sent, and the queries over them. Adapters live in
// the folders beside it; readmodeltest holds the suite that each passes.
package readmodel

import (
	"context"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// Kind is a kind of row.
type Kind string

// The kinds of row that sync and the live stream carry.
const (
	KindWorkspace Kind = "workspace"
	KindMember    Kind = "member"
	KindProject   Kind = "project"
	KindLabel     Kind = "label"
	KindTask      Kind = "task"
	KindComment   Kind = "comment"
)

// Row is one row of the read model as it is sent.
type Row struct {
	Kind Kind
	ID   ids.ID
	// Scope is the project the row belongs to, zero for rows of the whole workspace.
	Scope ids.ID
	// Was is the project that the row left with this change, zero where it did not.
	Was ids.ID
	Seq uint64
	// JSON is the row encoded; nil where Removed.
	JSON []byte
	// Detail is a task's Detail as TaskRow has it, in commits whose store had it
	// at hand; else nil. Live streams and sync do not send it.
	Detail  []byte
	Removed bool
}

// TaskRow is one task as stored.
type TaskRow struct {
	Project ids.ID
	State   event.Lifecycle
	Seq     uint64
	// Card is the JSON object that lists, sync and the live stream send.
	Card []byte
	// Detail is the further members of the same object that only the task's
	// own page sends, without braces: `"description":"…","items":[…],"attachmentLinks":[…]`.
	Detail []byte
}

// Commit is what one command changed: the unit that live streams send.
type Commit struct {
	Workspace ids.ID
	// First and Last are the seqs of its events.
	First, Last uint64
	Events      []eventlog.Event
	// Rows are the rows it touched, each once, as they are after it.
	Rows []Row
}

// TaskQuery asks for a page of tasks in board order: column, position, id.
type TaskQuery struct {
	Project ids.ID
	// Column narrows to one column; zero is all.
	Column ids.ID
	State  event.Lifecycle
	// After is where the page before ended; zero is the start.
	After TaskCursor
	// Limit is the page's size, 1 to 500.
	Limit int
}

// TaskCursor is a place in board order.
type TaskCursor struct {
	Column   ids.ID
	Position string
	ID       ids.ID
}

// Page is a page of encoded rows.
type Page struct {
	Rows [][]byte
	// Next is where the next page starts; nil on the last one.
	Next *TaskCursor
}

// CommentCursor is a place among a task's comments, oldest first.
type CommentCursor struct {
	At int64 // Unix milliseconds
	ID ids.ID
}

// SearchCursor is a place among hits, newest change first.
type SearchCursor struct {
	Seq uint64
	ID  ids.ID
}

// Access is what a viewer may see in a workspace: everything, or some projects.
type Access struct {
	All      bool
	Projects []ids.ID
}

// Allows reports whether rows of the scope are visible. Workspace-wide rows always are.
func (a Access) Allows(scope ids.ID) bool {
	if a.All || scope.IsZero() {
		return true
	}
	for _, p := range a.Projects {
		if p == scope {
			return true
		}
	}
	return false
}

// Counts is how many live tasks each column of a project holds.
type Counts map[ids.ID]int

// Reader is the query side of a store. Each call costs by its answer, never
// by the rest of the data. A thing that is not there is apperr.NotFound.
type Reader interface {
	// Seq answers how far the workspace's rows have got, 0 where there is none.
	Seq(ctx context.Context, workspace ids.ID) (uint64, error)
	// ProjectSeq answers the newest seq of anything in the project, also of what left it.
	ProjectSeq(ctx context.Context, workspace, project ids.ID) (uint64, error)
	// Frame answers the workspace's frame. It must not be changed.
	Frame(ctx context.Context, workspace ids.ID) (*state.Frame, error)
	// WorkspacesOf answers the workspaces in which the user is a member that was not removed, oldest membership first.
	WorkspacesOf(ctx context.Context, user ids.ID) ([]state.Workspace, error)
	// InvitationWorkspace answers the workspace of an open invitation by its token's hash.
	InvitationWorkspace(ctx context.Context, tokenHash string) (ids.ID, error)

	Task(ctx context.Context, workspace, id ids.ID) (TaskRow, error)
	Tasks(ctx context.Context, workspace ids.ID, q TaskQuery) (Page, error)
	// Tasks of the whole workspace in one lifecycle state other than live (archive, trash), newest change first.
	Shelf(ctx context.Context, workspace ids.ID, st event.Lifecycle, access Access, after SearchCursor, limit int) ([][]byte, *SearchCursor, error)
	Counts(ctx context.Context, workspace, project ids.ID) (Counts, error)
	Comments(ctx context.Context, workspace, task ids.ID, after CommentCursor, limit int) ([][]byte, *CommentCursor, error)
	// Changes answers the rows with since < seq <= upTo in order of seq, up to
	// limit of them, and how far the answer reaches (upTo where all are in it).
	// Removed rows are answered as such. Task and comment rows outside access are left out.
	Changes(ctx context.Context, workspace ids.ID, since, upTo uint64, access Access, limit int) (rows []Row, reaches uint64, err error)
	// ProjectRows pages through every task and comment row of one project, for a backfill.
	ProjectRows(ctx context.Context, workspace, project ids.ID, after ids.ID, limit int) (rows []Row, next ids.ID, err error)
	// Search answers live tasks whose title, description or comments hold a word
	// that starts with each of the folded words, newest change first.
	Search(ctx context.Context, workspace ids.ID, words []string, access Access, after SearchCursor, limit int) ([][]byte, *SearchCursor, error)
}

// Rows is what a projection reads and writes inside one commit. Reads see
// the commit's own writes.
type Rows interface {
	// Frame answers the frame, or nil before the workspace is created. Copy before changing.
	Frame() (*state.Frame, error)
	// PutFrame publishes a changed frame with the commit; changed are its rows that this event touched.
	PutFrame(next *state.Frame, changed ...FrameRow) error
	// Task answers the card of a task, nil where there is none; with detail its Detail too.
	Task(id ids.ID, detail bool) (*state.Task, error)
	// PutTask writes a task. prev is what Task answered before, nil for a new one.
	// next.Detail nil leaves the stored detail as it is.
	PutTask(prev, next *state.Task) error
	// DeleteTask removes a task with its detail and comments, and leaves a tombstone at seq.
	DeleteTask(prev *state.Task, seq uint64) error
	Comment(id ids.ID) (*state.Comment, error)
	PutComment(c *state.Comment) error
	// DeleteComment removes a comment and leaves a tombstone at seq.
	DeleteComment(c *state.Comment, seq uint64) error
	// UseNumber records that the project's tasks are numbered up to n.
	UseNumber(project ids.ID, n uint64) error
}

// FrameRow names a row of the frame.
type FrameRow struct {
	Kind Kind
	ID   ids.ID
	// Removed is set where the row is gone and a tombstone takes its place.
	Removed bool
}

type minSeqKey struct{}

// WithMinSeq has Reader.Seq know that the caller was told of a seq: a store
// whose rows may be behind its log writes them before it answers less.
func WithMinSeq(ctx context.Context, seq uint64) context.Context {
	return context.WithValue(ctx, minSeqKey{}, seq)
}

// MinSeq answers the seq of WithMinSeq, 0 where there is none.
func MinSeq(ctx context.Context) uint64 {
	seq, _ := ctx.Value(minSeqKey{}).(uint64)
	return seq
}
