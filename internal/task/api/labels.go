package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/query"
)

func (h *Handlers) listLabels(q *request) error { return h.whole(q, (*query.Viewer).Labels) }

type createLabelInput struct {
	InWorkspace
	Body struct {
		ID    ids.ID `json:"id,omitzero"`
		Name  string `json:"name" minLength:"1" maxLength:"100"`
		Color string `json:"color" enum:"gray,red,orange,yellow,green,teal,blue,indigo,purple,pink"`
	}
}

func (h *Handlers) labelAnswer(ctx context.Context, workspace, label ids.ID, status int, res command.Result) (*rest.Answer, error) {
	return h.answer(ctx, workspace, status, res, func(v *query.Viewer) (query.Answer, error) { return v.LabelRow(label) })
}

func (h *Handlers) createLabel(ctx context.Context, in *createLabelInput) (*rest.Answer, error) {
	res, err := run(ctx, rest.IfMatch{}, h.commands.CreateLabel, func(*uint64) command.CreateLabel {
		return command.CreateLabel{Workspace: in.Workspace, ID: in.Body.ID, Name: in.Body.Name, Color: in.Body.Color}
	})
	if err != nil {
		return nil, err
	}
	return h.labelAnswer(ctx, in.Workspace, res.ID, created(res), res)
}

// InLabel is the path of a request that changes a label.
type InLabel struct {
	InWorkspace
	Label ids.ID `path:"label"`
	rest.IfMatch
}

type changeLabelInput struct {
	InLabel
	Body struct {
		Name  rest.Optional[string] `json:"name,omitzero" minLength:"1" maxLength:"100"`
		Color rest.Optional[string] `json:"color,omitzero" enum:"gray,red,orange,yellow,green,teal,blue,indigo,purple,pink"`
	}
}

func (h *Handlers) changeLabel(ctx context.Context, in *changeLabelInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeLabel, func(ifSeq *uint64) command.ChangeLabel {
		return command.ChangeLabel{
			Workspace: in.Workspace, ID: in.Label, IfSeq: ifSeq, Name: in.Body.Name.Pointer(), Color: in.Body.Color.Pointer(),
		}
	})
	if err != nil {
		return nil, err
	}
	return h.labelAnswer(ctx, in.Workspace, in.Label, 200, res)
}

func (h *Handlers) removeLabel(ctx context.Context, in *InLabel) (*done, error) {
	return gone(run(ctx, in.IfMatch, h.commands.RemoveLabel, func(ifSeq *uint64) command.RemoveLabel {
		return command.RemoveLabel{Workspace: in.Workspace, ID: in.Label, IfSeq: ifSeq}
	}))
}
