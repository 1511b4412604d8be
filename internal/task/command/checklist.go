package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// AddItems adds lines to a task's checklist, in order. Ids are made where they
// are zero, positions where they are "" (the end). Result.ID is the task.
type AddItems struct {
	Workspace, Task ids.ID
	IfSeq           *uint64
	Items           []event.Item
}

// ChangeItem changes a line of a task's checklist. A nil field stays as it is.
type ChangeItem struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
	List                *string
	Title               *string
	Done                *bool
	Position            *string
}

// RemoveItem removes a line of a task's checklist.
type RemoveItem struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
}
