package command

import (
	"context"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// AcceptInvitation makes the actor a member by an invitation.
type AcceptInvitation struct {
	// Workspace is the invitation's: the read side answers it by the token's hash.
	Workspace ids.ID
	TokenHash string
}

// AcceptInvitation carries out the command. Who is a member already stays as
// they are, and the invitation stays open. Result.ID is the workspace.
func (s *Service) AcceptInvitation(ctx context.Context, actor Actor, in AcceptInvitation) (Result, error) {
	if actor.User.IsZero() {
		return Result{}, apperr.New(apperr.Unauthenticated, "Sign in first.")
	}
	now := s.clock.Now()
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		inv, err := domain.OpenInvitation(d.frame, in.TokenHash, now)
		if err != nil {
			return err
		}
		d.result.ID = in.Workspace
		if _, err := domain.MemberOf(d.frame, actor.User); err == nil {
			d.result.Repeated = true
			return nil
		}
		member, err := domain.Join(d.frame, actor.User, inv)
		if err != nil {
			return err
		}
		d.record(inv.ID, ids.Nil, event.InvitationAccepted, &event.InvitationUse{ID: inv.ID, User: actor.User})
		d.record(actor.User, ids.Nil, event.MemberAdded, member)
		return nil
	})
}
