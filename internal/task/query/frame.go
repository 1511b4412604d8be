package query

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/state"
)

// The answers in this file come from the frame, which is in memory; their
// lists are bounded by the domain's limits, so they come whole.

// list is the shape of an answer that is not paged.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, apperr.Wrap(err, "encoding an answer")
	}
	return b, nil
}

func encodeList[T any](items []T) ([]byte, error) {
	if items == nil {
		items = []T{}
	}
	return encode(list[T]{Items: items})
}

// Workspaces answers the workspaces of a user, oldest membership first.
func (s *Service) Workspaces(ctx context.Context, user ids.ID) ([]byte, error) {
	all, err := s.reader.WorkspacesOf(ctx, user)
	if err != nil {
		return nil, err
	}
	type mine struct {
		state.Workspace
		Role string `json:"role"`
	}
	items := make([]mine, 0, len(all))
	for _, w := range all {
		v, err := s.Viewer(ctx, w.ID, user)
		if apperr.Is(err, apperr.NotFound) {
			continue // left between the two reads
		}
		if err != nil {
			return nil, err
		}
		items = append(items, mine{Workspace: v.Frame.Workspace, Role: string(v.Member.Role)})
	}
	return encodeList(items)
}

// WorkspaceRow answers the workspace's own row.
func (v *Viewer) WorkspaceRow() (Answer, error) {
	body, err := encode(v.Frame.Workspace)
	return Answer{Seq: v.Frame.Workspace.Seq, Body: body}, err
}

// Members answers the members who were not removed, longest first.
func (v *Viewer) Members() ([]byte, error) {
	items := make([]*state.Member, 0, len(v.Frame.Members))
	for _, m := range v.Frame.Members {
		if !m.Removed {
			items = append(items, v.member(m))
		}
	}
	slices.SortFunc(items, func(a, b *state.Member) int {
		return cmp.Or(a.JoinedAt.Compare(b.JoinedAt), compareIDs(a.User, b.User))
	})
	return encodeList(items)
}

// MemberRow answers one member, else apperr.NotFound.
func (v *Viewer) MemberRow(user ids.ID) (Answer, error) {
	m := v.Frame.Members[user]
	if m == nil || m.Removed {
		return Answer{}, apperr.New(apperr.NotFound, "There is no such member.")
	}
	body, err := encode(v.member(m))
	return Answer{Seq: m.Seq, Body: body}, err
}

// member answers a member as the viewer may see them: what other guests were
// granted is not a guest's business.
func (v *Viewer) member(m *state.Member) *state.Member {
	if v.Access.All || m.User == v.User {
		return m
	}
	shown := *m
	shown.Projects, shown.Granted, shown.Revoked = nil, nil, nil
	return &shown
}

// Projects answers the projects that the viewer may see, in their order.
func (v *Viewer) Projects() ([]byte, error) {
	items := make([]*state.Project, 0, len(v.Frame.Projects))
	for id, p := range v.Frame.Projects {
		if v.Access.Allows(id) {
			items = append(items, p)
		}
	}
	slices.SortFunc(items, func(a, b *state.Project) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), compareIDs(a.ID, b.ID))
	})
	return encodeList(items)
}

// ProjectRow answers one project, else apperr.NotFound.
func (v *Viewer) ProjectRow(id ids.ID) (Answer, error) {
	p, err := v.Project(id)
	if err != nil {
		return Answer{}, err
	}
	body, err := encode(p)
	return Answer{Seq: p.Seq, Body: body}, err
}

// Labels answers the workspace's labels by name.
func (v *Viewer) Labels() ([]byte, error) {
	items := make([]*state.Label, 0, len(v.Frame.Labels))
	for _, l := range v.Frame.Labels {
		items = append(items, l)
	}
	slices.SortFunc(items, func(a, b *state.Label) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), compareIDs(a.ID, b.ID))
	})
	return encodeList(items)
}

// LabelRow answers one label, else apperr.NotFound.
func (v *Viewer) LabelRow(id ids.ID) (Answer, error) {
	l := v.Frame.Labels[id]
	if l == nil {
		return Answer{}, apperr.New(apperr.NotFound, "There is no such label.")
	}
	body, err := encode(l)
	return Answer{Seq: l.Seq, Body: body}, err
}

// invitationRow is an open invitation without what its secret could be tested against.
type invitationRow struct {
	state.Invitation
	TokenHash string `json:"tokenHash,omitempty"` // hides the embedded one and stays empty
}

// Invitations answers the open invitations, newest first; owners and admins only.
func (v *Viewer) Invitations() ([]byte, error) {
	if !v.Manages() {
		return nil, apperr.New(apperr.Forbidden, "Only owners and admins see invitations.")
	}
	items := make([]invitationRow, 0, len(v.Frame.Invitations))
	for _, i := range v.Frame.Invitations {
		items = append(items, invitationRow{Invitation: *i})
	}
	slices.SortFunc(items, func(a, b invitationRow) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), compareIDs(a.ID, b.ID))
	})
	return encodeList(items)
}

func compareIDs(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) }
