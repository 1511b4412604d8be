package command

import (
	"headway/internal/platform/ids"
)

// AddComment comments on a task. Result.ID is the comment.
type AddComment struct {
	Workspace, Task ids.ID
	// ID is zero for a new one.
	ID   ids.ID
	Text string
}

// ChangeComment changes the text of the actor's own comment. IfSeq is the comment's.
type ChangeComment struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
	Text                string
}

// RemoveComment removes the actor's own comment, or anybody's for an admin. IfSeq is the comment's.
type RemoveComment struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
}
