// Package importer brings boards from other systems into a workspace. A file
// is staged (checked and turned into UTF-8), opened by its format (a first
// pass that checks everything and builds the report) and then applied in
// batches whose ids are derived from the source's, so that a batch applied
// twice is applied once and an import broken off anywhere goes on where it
// stopped. Formats live in the folders below; jobs.go runs them.
package importer

import (
	"context"
	"io"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Source is a staged file: UTF-8 without a byte-order mark.
type Source struct {
	R    io.ReaderAt
	Size int64
	// Name is the file's name as the user knows it, for boards without one.
	Name string
	// Workspace is where the board goes; ids are derived from it.
	Workspace ids.ID
}

// Format reads one kind of export.
type Format interface {
	// Name is what the user calls the format, such as "Trello".
	Name() string
	// Open checks the whole file and answers the board, ready to walk. A file
	// that is not what the format says is an apperr.Invalid whose message is
	// one sentence that says what the file is instead. Memory grows with the
	// number of things in the file, by some tens of bytes each, not with its size.
	// visit is called with every creation on the way, in any order; its error ends the pass.
	Open(ctx context.Context, src Source, visit func(Creation) error) (Board, error)
}

// Board is an opened export.
type Board interface {
	// Title is the board's name.
	Title() string
	// Report says what the file holds and what of it comes over.
	Report() Report
	// Walk yields what the board creates, always in the same order: the frame
	// (project, columns, labels, members) first, then each task followed by its
	// comments. It starts after the place that from names and stops at the
	// first error of yield, which it answers as it is.
	Walk(ctx context.Context, from Cursor, yield func(Creation, Cursor) error) error
}

// Cursor is a place in a walk. The zero value is the beginning.
type Cursor struct {
	// Task counts the tasks that are done with, in the walk's order.
	Task int `json:"task"`
	// Part counts the creations done of what comes next: of the frame while
	// Task is 0 and Frame is not set, otherwise of the next task.
	Part int `json:"part"`
	// Frame is set once the frame is done.
	Frame bool `json:"frame"`
}

// Kind is what a creation makes.
type Kind string

// The kinds of creation.
const (
	KindProject Kind = "project"
	KindColumn  Kind = "column"
	KindLabel   Kind = "label"
	KindMember  Kind = "member"
	KindTask    Kind = "task"
	KindComment Kind = "comment"
)

// Creation is one thing that an import makes.
type Creation struct {
	Kind Kind
	// ID is derived from the source's id.
	ID ids.ID
	// Project is the project it belongs to; zero for labels and members.
	Project ids.ID
	// Task is the task that a comment hangs on.
	Task ids.ID
	// Fields is how many custom field values a task's description holds.
	Fields int
	// Part is set on the second and further parts of a comment that had to be split.
	Part bool
	// Data is *event.ProjectData, *event.ColumnData, *event.LabelData,
	// *event.MemberData, *event.TaskData (its number is given at commit) or
	// *event.CommentData.
	Data event.Payload
}

// Size estimates what the creation weighs in a batch, in bytes.
func (c *Creation) Size() int {
	const base = 400
	switch d := c.Data.(type) {
	case *event.TaskData:
		n := base + len(d.Title) + len(d.Description) + 40*(len(d.Labels)+len(d.Assignees))
		for i := range d.Items {
			n += 100 + len(d.Items[i].Title)
		}
		for i := range d.Attachments {
			n += 80 + len(d.Attachments[i].URL)
		}
		return n
	case *event.CommentData:
		return base + len(d.Comment.Text)
	}
	return base
}
