package command

import (
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// InviteMember opens an invitation. The link's secret stays with the caller.
type InviteMember struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID   ids.ID
	Role event.Role
	// Projects are those that a guest will see; empty for other roles.
	Projects []ids.ID
	// TokenHash is the SHA-256 of the link's secret, base64url without padding.
	TokenHash string
	// Expires is when the invitation ends.
	Expires time.Time
}

// RevokeInvitation closes an invitation.
type RevokeInvitation struct {
	Workspace, ID ids.ID
}
