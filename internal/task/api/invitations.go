package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/query"
)

func (h *Handlers) listInvitations(q *request) error { return h.whole(q, (*query.Viewer).Invitations) }

type inviteMemberInput struct {
	InWorkspace
	Body struct {
		Role     string   `json:"role" enum:"owner,admin,member,guest"`
		Projects []ids.ID `json:"projects,omitempty" maxItems:"500" doc:"The projects that a guest will see."`
	}
}

type inviteMemberOutput struct {
	rest.Seq
	Body NewInvitation
}

// inviteMember answers a fresh secret, so it is the one create that is not joined from rows.
func (h *Handlers) inviteMember(ctx context.Context, in *inviteMemberInput) (*inviteMemberOutput, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails, see its documentation
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	expires := h.clock.Now().UTC().Add(h.settings.InvitationAge).Truncate(time.Millisecond)
	res, err := run(ctx, rest.IfMatch{}, h.commands.InviteMember, func(*uint64) command.InviteMember {
		return command.InviteMember{
			Workspace: in.Workspace, Role: event.Role(in.Body.Role), Projects: in.Body.Projects,
			TokenHash: tokenHash(token), Expires: expires,
		}
	})
	if err != nil {
		return nil, err
	}
	return &inviteMemberOutput{Seq: rest.Seq{N: res.Seq}, Body: NewInvitation{
		ID: res.ID.String(), Token: token, Expires: expires.Format(time.RFC3339Nano),
		// The token is in the fragment, which browsers send to no server, so no log holds it.
		URL: h.settings.PublicURL + "/join#" + token,
	}}, nil
}

// tokenHash is how an invitation's secret is kept: it has 256 random bits, so
// one round of SHA-256 is enough.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// InInvitation is the path of a request about an invitation.
type InInvitation struct {
	InWorkspace
	Invitation ids.ID `path:"invitation"`
}

func (h *Handlers) revokeInvitation(ctx context.Context, in *InInvitation) (*done, error) {
	return gone(run(ctx, rest.IfMatch{}, h.commands.RevokeInvitation, func(*uint64) command.RevokeInvitation {
		return command.RevokeInvitation{Workspace: in.Workspace, ID: in.Invitation}
	}))
}

type acceptInvitationInput struct {
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"100"`
	}
}

type acceptInvitationOutput struct {
	rest.Seq
	Body Joined
}

func (h *Handlers) acceptInvitation(ctx context.Context, in *acceptInvitationInput) (*acceptInvitationOutput, error) {
	hash := tokenHash(in.Body.Token)
	workspace, err := h.queries.InvitationWorkspace(ctx, hash)
	if err != nil {
		if apperr.Is(err, apperr.NotFound) {
			return nil, apperr.New(apperr.NotFound, "There is no such invitation, or it is no longer open. Ask for a new one.")
		}
		return nil, err
	}
	res, err := run(ctx, rest.IfMatch{}, h.commands.AcceptInvitation, func(*uint64) command.AcceptInvitation {
		return command.AcceptInvitation{Workspace: workspace, TokenHash: hash}
	})
	if err != nil {
		return nil, err
	}
	return &acceptInvitationOutput{Seq: rest.Seq{N: res.Seq}, Body: Joined{Workspace: workspace.String()}}, nil
}
