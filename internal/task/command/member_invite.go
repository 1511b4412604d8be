package command

import (
	"context"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
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

// InviteMember carries out the command.
func (s *Service) InviteMember(ctx context.Context, actor Actor, in InviteMember) (Result, error) {
	if in.ID.IsZero() {
		in.ID = ids.New()
	}
	data := &event.InvitationData{ID: in.ID, Role: in.Role, Projects: in.Projects, TokenHash: in.TokenHash, Expires: in.Expires}
	if err := domain.CheckInvitation(data, s.clock.Now()); err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if err := domain.Invite(d.frame, actor.User, data); err != nil {
			return err
		}
		d.result.ID = in.ID
		if d.frame.Invitations[in.ID] != nil {
			return domain.Taken() // its secret cannot be shown again, so it is not repeated
		}
		d.record(in.ID, ids.Nil, event.InvitationCreated, data)
		return nil
	})
}

// RevokeInvitation carries out the command.
func (s *Service) RevokeInvitation(ctx context.Context, actor Actor, in RevokeInvitation) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.ManageInvitations); err != nil {
			return err
		}
		inv := d.frame.Invitations[in.ID]
		if inv == nil {
			return apperr.New(apperr.NotFound, "There is no such invitation.")
		}
		d.result.ID = in.ID
		d.record(in.ID, ids.Nil, event.InvitationRevoked, &event.InvitationData{
			ID: inv.ID, Role: inv.Role, Projects: inv.Projects, TokenHash: inv.TokenHash, Expires: inv.Expires,
		})
		return nil
	})
}
