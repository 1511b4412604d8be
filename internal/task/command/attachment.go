package command

import (
	"headway/internal/platform/ids"
)

// AddAttachment hangs a link on a task. Result.ID is the attachment.
type AddAttachment struct {
	Workspace, Task ids.ID
	// ID is zero for a new one.
	ID    ids.ID
	IfSeq *uint64
	// Name is "" for the link itself.
	Name string
	// URL is an absolute http or https address.
	URL string
}

// RemoveAttachment takes a link off a task.
type RemoveAttachment struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
}
