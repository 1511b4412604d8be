package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/query"
)

// Page sizes.
const (
	pageSize    = 50
	maxPageSize = 200
)

func (h *Handlers) listTasks(q *request) error {
	list := query.TaskList{Cursor: q.query.Get("cursor")}
	var err error
	if list.Limit, err = q.limit(pageSize, maxPageSize); err != nil {
		return err
	}
	if list.Column, err = q.queryID("column"); err != nil {
		return err
	}
	if list.State, err = shelved(q, event.Live, event.Live, event.Archived, event.Trashed); err != nil {
		return err
	}
	v, project, seq, err := h.projectView(q)
	if err != nil || q.unchanged(seq, "") {
		return err
	}
	list.Project = project
	a, err := h.queries.Tasks(q.ctx(), &v, list, seq)
	if err != nil {
		return err
	}
	defer a.Done()
	return q.send(a.Body)
}

func (h *Handlers) listShelf(q *request) error {
	limit, err := q.limit(pageSize, maxPageSize)
	if err != nil {
		return err
	}
	st, err := shelved(q, event.Archived, event.Archived, event.Trashed)
	if err != nil {
		return err
	}
	v, err := h.view(q)
	if err != nil {
		return err
	}
	seq, err := h.queries.Seq(q.ctx(), &v)
	if err != nil || q.unchanged(seq, v.Class) {
		return err
	}
	a, err := h.queries.Shelf(q.ctx(), &v, st, q.query.Get("cursor"), limit)
	if err != nil {
		return err
	}
	return q.send(a.Body)
}

func (h *Handlers) readTask(q *request) error {
	v, err := h.view(q)
	if err != nil {
		return err
	}
	task, err := q.id("task")
	if err != nil {
		return err
	}
	if q.query != nil && q.query.Has("at") {
		at, err := q.number("at", 0, 1, maxSeq)
		if err != nil {
			return err
		}
		a, err := h.queries.TaskAt(q.ctx(), &v, task, at)
		if err != nil || q.unchanged(a.Seq, "") {
			return err
		}
		return q.send(a.Body)
	}
	a, err := h.queries.Task(q.ctx(), &v, task)
	if err != nil || q.unchanged(a.Seq, "") {
		return err
	}
	return q.send(a.Body)
}

// newItem is a line of a checklist in the body of a create.
type newItem struct {
	ID       ids.ID `json:"id,omitzero"`
	List     string `json:"list,omitempty" maxLength:"100" doc:"The checklist's name where a task has several."`
	Title    string `json:"title" minLength:"1" maxLength:"1000"`
	Done     bool   `json:"done,omitempty"`
	Position string `json:"position,omitempty" maxLength:"512" doc:"A fractional index; the end where absent."`
}

func items(in []newItem) []event.Item {
	out := make([]event.Item, len(in))
	for i := range in {
		out[i] = event.Item(in[i])
	}
	return out
}

type createTaskInput struct {
	InWorkspace
	Body struct {
		ID          ids.ID    `json:"id,omitzero" doc:"Made by the client, a UUIDv7, so that a create sent twice is one; made by the server where absent."`
		Project     ids.ID    `json:"project"`
		Column      ids.ID    `json:"column,omitzero" doc:"The project's first open or backlog column where absent."`
		Title       string    `json:"title" minLength:"1" maxLength:"500" example:"Draw the floor plan"`
		Description string    `json:"description,omitempty" maxLength:"100000" doc:"Markdown."`
		Priority    string    `json:"priority,omitempty" enum:"none,low,medium,high,urgent"`
		Labels      []ids.ID  `json:"labels,omitempty" maxItems:"50"`
		Assignees   []ids.ID  `json:"assignees,omitempty" maxItems:"50"`
		Start       string    `json:"start,omitempty" maxLength:"30" doc:"A day (2026-03-01, in the user's zone), a moment (RFC 3339, UTC) or empty."`
		Due         string    `json:"due,omitempty" maxLength:"30" doc:"Like start." example:"2026-03-01"`
		Position    string    `json:"position,omitempty" maxLength:"512" doc:"A fractional index; the end of the column where absent."`
		Items       []newItem `json:"items,omitempty" maxItems:"500"`
	}
}

func (h *Handlers) createTask(ctx context.Context, in *createTaskInput) (*rest.Answer, error) {
	res, err := run(ctx, rest.IfMatch{}, h.commands.CreateTask, func(*uint64) command.CreateTask {
		b := &in.Body
		return command.CreateTask{
			Workspace: in.Workspace, ID: b.ID, Project: b.Project, Column: b.Column, Title: b.Title,
			Description: b.Description, Priority: event.Priority(b.Priority), Labels: b.Labels,
			Assignees: b.Assignees, Start: event.Date(b.Start), Due: event.Date(b.Due),
			Position: b.Position, Items: items(b.Items),
		}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, res.ID, created(res), res)
}

type changeTaskInput struct {
	InTask
	Body struct {
		Title       rest.Optional[string]   `json:"title,omitzero" minLength:"1" maxLength:"500"`
		Description rest.Optional[string]   `json:"description,omitzero" maxLength:"100000"`
		Priority    rest.Optional[string]   `json:"priority,omitzero" enum:"none,low,medium,high,urgent"`
		Labels      rest.Optional[[]ids.ID] `json:"labels,omitzero" maxItems:"50"`
		Assignees   rest.Optional[[]ids.ID] `json:"assignees,omitzero" maxItems:"50"`
		Start       rest.Optional[string]   `json:"start,omitzero" maxLength:"30" doc:"Empty for none."`
		Due         rest.Optional[string]   `json:"due,omitzero" maxLength:"30" doc:"Empty for none."`
		Project     rest.Optional[ids.ID]   `json:"project,omitzero" doc:"Moves the task to another project, where it gets a new number."`
		Column      rest.Optional[ids.ID]   `json:"column,omitzero"`
		Position    rest.Optional[string]   `json:"position,omitzero" maxLength:"512" doc:"A fractional index; empty for the end of the column."`
	}
}

func (h *Handlers) changeTask(ctx context.Context, in *changeTaskInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeTask, func(ifSeq *uint64) command.ChangeTask {
		b := &in.Body
		return command.ChangeTask{
			Workspace: in.Workspace, ID: in.Task, IfSeq: ifSeq,
			Title: b.Title.Pointer(), Description: b.Description.Pointer(), Priority: optional[event.Priority](b.Priority),
			Labels: b.Labels.Pointer(), Assignees: b.Assignees.Pointer(),
			Start: optional[event.Date](b.Start), Due: optional[event.Date](b.Due),
			Project: b.Project.Pointer(), Column: b.Column.Pointer(), Position: b.Position.Pointer(),
		}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, 200, res)
}

func (h *Handlers) archiveTask(ctx context.Context, in *InTask) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ArchiveTask, func(ifSeq *uint64) command.ArchiveTask {
		return command.ArchiveTask{Workspace: in.Workspace, ID: in.Task, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, 200, res)
}

func (h *Handlers) trashTask(ctx context.Context, in *InTask) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.TrashTask, func(ifSeq *uint64) command.TrashTask {
		return command.TrashTask{Workspace: in.Workspace, ID: in.Task, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, 200, res)
}

func (h *Handlers) restoreTask(ctx context.Context, in *InTask) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.RestoreTask, func(ifSeq *uint64) command.RestoreTask {
		return command.RestoreTask{Workspace: in.Workspace, ID: in.Task, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, 200, res)
}

func (h *Handlers) purgeTask(ctx context.Context, in *InTask) (*done, error) {
	return gone(run(ctx, in.IfMatch, h.commands.PurgeTask, func(ifSeq *uint64) command.PurgeTask {
		return command.PurgeTask{Workspace: in.Workspace, ID: in.Task, IfSeq: ifSeq}
	}))
}
