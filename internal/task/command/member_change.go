package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// ChangeMember changes a member's role, and which projects a guest may see. A
// nil field stays as it is.
type ChangeMember struct {
	Workspace, User ids.ID
	IfSeq           *uint64
	Role            *event.Role
	Projects        *[]ids.ID
}

// RemoveMember takes somebody out of a workspace; with the actor as User it is leaving.
type RemoveMember struct {
	Workspace, User ids.ID
	IfSeq           *uint64
}

// AddPlaceholder adds a name without an account, for work that came from elsewhere.
type AddPlaceholder struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID   ids.ID
	Name string
}
