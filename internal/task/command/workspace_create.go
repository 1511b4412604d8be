package command

import (
	"headway/internal/platform/ids"
)

// CreateWorkspace makes a workspace, whose first owner is the actor.
type CreateWorkspace struct {
	// ID is zero for a new one.
	ID   ids.ID
	Name string
}
