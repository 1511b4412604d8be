package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/query"
)

// whole answers a list from the frame, which the workspace's seq and the
// viewer's class name.
func (h *Handlers) whole(q *request, list func(*query.Viewer) ([]byte, error)) error {
	v, err := h.view(q)
	if err != nil {
		return err
	}
	seq, err := h.queries.Seq(q.ctx(), &v)
	if err != nil || q.unchanged(seq, v.Class+string(v.User[:])) {
		return err
	}
	body, err := list(&v)
	if err != nil {
		return err
	}
	return q.send(body)
}

func (h *Handlers) listMembers(q *request) error { return h.whole(q, (*query.Viewer).Members) }

// InMember is the path of a request that changes a member.
type InMember struct {
	InWorkspace
	User ids.ID `path:"user"`
	rest.IfMatch
}

type changeMemberInput struct {
	InMember
	Body struct {
		Role     rest.Optional[string]   `json:"role,omitzero" enum:"owner,admin,member,guest"`
		Projects rest.Optional[[]ids.ID] `json:"projects,omitzero" maxItems:"500" doc:"The projects that a guest may see."`
	}
}

func (h *Handlers) changeMember(ctx context.Context, in *changeMemberInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeMember, func(ifSeq *uint64) command.ChangeMember {
		return command.ChangeMember{
			Workspace: in.Workspace, User: in.User, IfSeq: ifSeq,
			Role: optional[event.Role](in.Body.Role), Projects: in.Body.Projects.Pointer(),
		}
	})
	if err != nil {
		return nil, err
	}
	return h.answer(ctx, in.Workspace, 200, res, func(v *query.Viewer) (query.Answer, error) { return v.MemberRow(in.User) })
}

func (h *Handlers) removeMember(ctx context.Context, in *InMember) (*done, error) {
	return gone(run(ctx, in.IfMatch, h.commands.RemoveMember, func(ifSeq *uint64) command.RemoveMember {
		return command.RemoveMember{Workspace: in.Workspace, User: in.User, IfSeq: ifSeq}
	}))
}
