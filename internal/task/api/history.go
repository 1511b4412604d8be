package api

import (
	"context"

	"headway/internal/platform/rest"
	"headway/internal/task/command"
)

func (h *Handlers) taskHistory(q *request) error {
	limit, err := q.limit(pageSize, maxPageSize)
	if err != nil {
		return err
	}
	v, err := h.view(q)
	if err != nil {
		return err
	}
	task, err := q.id("task")
	if err != nil {
		return err
	}
	body, err := h.queries.TaskHistory(q.ctx(), &v, task, q.query.Get("cursor"), limit)
	if err != nil {
		return err
	}
	return q.send(body)
}

func (h *Handlers) workspaceHistory(q *request) error {
	limit, err := q.limit(pageSize, maxPageSize)
	if err != nil {
		return err
	}
	project, err := q.queryID("project")
	if err != nil {
		return err
	}
	v, err := h.view(q)
	if err != nil {
		return err
	}
	seq, err := h.queries.Seq(q.ctx(), &v)
	if err != nil || q.unchanged(seq, v.Class+string(v.User[:])) {
		return err
	}
	body, err := h.queries.History(q.ctx(), &v, project, q.query.Get("cursor"), limit)
	if err != nil {
		return err
	}
	return q.send(body)
}

type undoInput struct {
	InWorkspace
	Body struct {
		Seq rest.Optional[uint64] `json:"seq,omitzero" minimum:"1" maximum:"9007199254740991" doc:"The Headway-Seq of the change to undo; the caller's newest one where absent."`
	}
}

type undoOutput struct {
	rest.Seq
	Body UndoReport
}

func (h *Handlers) undo(ctx context.Context, in *undoInput) (*undoOutput, error) {
	who, err := actor(ctx)
	if err != nil {
		return nil, err
	}
	report, err := h.commands.Undo(ctx, who, command.Undo{Workspace: in.Workspace, Seq: in.Body.Seq.Pointer()})
	if err != nil {
		return nil, err
	}
	out := &undoOutput{Seq: rest.Seq{N: report.Seq}, Body: UndoReport{Undone: report.Undone, Left: make([]UndoLeft, len(report.Left))}}
	for i, l := range report.Left {
		out.Body.Left[i] = UndoLeft{Entity: l.Entity.String(), Field: l.Field, Why: l.Why}
	}
	return out, nil
}
