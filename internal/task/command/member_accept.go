package command

import (
	"headway/internal/platform/ids"
)

// AcceptInvitation makes the actor a member by an invitation.
type AcceptInvitation struct {
	// Workspace is the invitation's: the read side answers it by the token's hash.
	Workspace ids.ID
	TokenHash string
}
