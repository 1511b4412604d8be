package command

import (
	"headway/internal/platform/ids"
)

// CreateLabel makes a label of the workspace.
type CreateLabel struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID    ids.ID
	Name  string
	Color string
}

// ChangeLabel changes a label. A nil field stays as it is.
type ChangeLabel struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
	Name          *string
	Color         *string
}

// RemoveLabel removes a label. Tasks that carry it keep its id, which readers
// pass over; so bringing the label back brings it back on them.
type RemoveLabel struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}
