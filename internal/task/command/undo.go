package command

import (
	"headway/internal/platform/ids"
)

// Undo sets back the actor's last change that can be undone, or the one that
// the event Seq belongs to.
type Undo struct {
	Workspace ids.ID
	Seq       *uint64
}

// UndoReport tells what an undo did. Its Seq is that of the workspace after it.
type UndoReport struct {
	Result
	// Undone is how many events of the undone change were set back, in whole or in part.
	Undone int
	// Left is what could not be set back.
	Left []UndoLeft
}

// UndoLeft names something that an undo left as it is.
type UndoLeft struct {
	Entity ids.ID
	// Field is as in the API, "" for the whole entity.
	Field string
	// Why is one sentence for a person.
	Why string
}
