package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/query"
)

func (h *Handlers) listWorkspaces(q *request) error {
	body, err := h.queries.Workspaces(q.ctx(), q.user)
	if err != nil {
		return err
	}
	return q.send(body)
}

type createWorkspaceInput struct {
	Body struct {
		ID   ids.ID `json:"id,omitzero" doc:"Made by the client, a UUIDv7, so that a create sent twice is one; made by the server where absent."`
		Name string `json:"name" minLength:"1" maxLength:"100" example:"Harbour Studio"`
	}
}

func (h *Handlers) createWorkspace(ctx context.Context, in *createWorkspaceInput) (*rest.Answer, error) {
	res, err := run(ctx, rest.IfMatch{}, h.commands.CreateWorkspace, func(*uint64) command.CreateWorkspace {
		return command.CreateWorkspace{ID: in.Body.ID, Name: in.Body.Name}
	})
	if err != nil {
		return nil, err
	}
	return h.answer(ctx, res.ID, created(res), res, (*query.Viewer).WorkspaceRow)
}

func (h *Handlers) readWorkspace(q *request) error {
	v, err := h.view(q)
	if err != nil || q.unchanged(v.Frame.Workspace.Seq, "") {
		return err
	}
	a, err := v.WorkspaceRow()
	if err != nil {
		return err
	}
	return q.send(a.Body)
}

type changeWorkspaceInput struct {
	InWorkspace
	rest.IfMatch
	Body struct {
		Name rest.Optional[string] `json:"name,omitzero" minLength:"1" maxLength:"100"`
	}
}

func (h *Handlers) changeWorkspace(ctx context.Context, in *changeWorkspaceInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeWorkspace, func(ifSeq *uint64) command.ChangeWorkspace {
		return command.ChangeWorkspace{Workspace: in.Workspace, IfSeq: ifSeq, Name: in.Body.Name.Pointer()}
	})
	if err != nil {
		return nil, err
	}
	return h.answer(ctx, in.Workspace, 200, res, (*query.Viewer).WorkspaceRow)
}
