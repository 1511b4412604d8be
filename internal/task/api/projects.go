package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/query"
)

func (h *Handlers) listProjects(q *request) error { return h.whole(q, (*query.Viewer).Projects) }

func (h *Handlers) readProject(q *request) error {
	v, err := h.view(q)
	if err != nil {
		return err
	}
	id, err := q.id("project")
	if err != nil {
		return err
	}
	p, err := v.Project(id)
	if err != nil || q.unchanged(p.Seq, "") {
		return err
	}
	a, err := v.ProjectRow(id)
	if err != nil {
		return err
	}
	return q.send(a.Body)
}

// newColumn is a column in the body of a create.
type newColumn struct {
	ID       ids.ID `json:"id,omitzero"`
	Name     string `json:"name" minLength:"1" maxLength:"100"`
	Category string `json:"category,omitempty" enum:"backlog,open,active,done,cancelled" doc:"What work in it is; open where absent."`
	Position string `json:"position,omitempty" maxLength:"512" doc:"A fractional index; the end where absent."`
	Limit    int    `json:"limit,omitempty" minimum:"0" maximum:"10000" doc:"How many tasks it should hold at most; 0 is no limit."`
}

func (c *newColumn) category() event.Category {
	if c.Category == "" {
		return event.Open
	}
	return event.Category(c.Category)
}

type createProjectInput struct {
	InWorkspace
	Body struct {
		ID          ids.ID      `json:"id,omitzero" doc:"Made by the client, a UUIDv7, so that a create sent twice is one; made by the server where absent."`
		Name        string      `json:"name" minLength:"1" maxLength:"100" example:"App"`
		Key         string      `json:"key,omitempty" maxLength:"10" pattern:"^([A-Z][A-Z0-9]{0,9})?$" patternDescription:"1 to 10 capital letters and digits, a letter first" example:"APP" doc:"Made from the name where absent."`
		Color       string      `json:"color,omitempty" enum:"gray,red,orange,yellow,green,teal,blue,indigo,purple,pink" doc:"Picked where absent."`
		Description string      `json:"description,omitempty" maxLength:"100000"`
		Columns     []newColumn `json:"columns,omitempty" maxItems:"100" doc:"In board order; the usual five where absent."`
	}
}

func (h *Handlers) createProject(ctx context.Context, in *createProjectInput) (*rest.Answer, error) {
	res, err := run(ctx, rest.IfMatch{}, h.commands.CreateProject, func(*uint64) command.CreateProject {
		b := &in.Body
		columns := make([]event.Column, len(b.Columns))
		for i := range b.Columns {
			c := &b.Columns[i]
			columns[i] = event.Column{ID: c.ID, Name: c.Name, Category: c.category(), Position: c.Position, Limit: c.Limit}
		}
		return command.CreateProject{
			Workspace: in.Workspace, ID: b.ID, Name: b.Name, Key: b.Key, Color: b.Color,
			Description: b.Description, Columns: columns,
		}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, res.ID, created(res), res)
}

type changeProjectInput struct {
	InProject
	Body struct {
		Name        rest.Optional[string] `json:"name,omitzero" minLength:"1" maxLength:"100"`
		Key         rest.Optional[string] `json:"key,omitzero" pattern:"^[A-Z][A-Z0-9]{0,9}$" patternDescription:"1 to 10 capital letters and digits, a letter first"`
		Color       rest.Optional[string] `json:"color,omitzero" enum:"gray,red,orange,yellow,green,teal,blue,indigo,purple,pink"`
		Description rest.Optional[string] `json:"description,omitzero" maxLength:"100000"`
		Position    rest.Optional[string] `json:"position,omitzero" minLength:"1" maxLength:"512" doc:"A fractional index."`
	}
}

func (h *Handlers) changeProject(ctx context.Context, in *changeProjectInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeProject, func(ifSeq *uint64) command.ChangeProject {
		b := &in.Body
		return command.ChangeProject{
			Workspace: in.Workspace, ID: in.Project, IfSeq: ifSeq, Name: b.Name.Pointer(), Key: b.Key.Pointer(),
			Color: b.Color.Pointer(), Description: b.Description.Pointer(), Position: b.Position.Pointer(),
		}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, in.Project, 200, res)
}

func (h *Handlers) archiveProject(ctx context.Context, in *InProject) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ArchiveProject, func(ifSeq *uint64) command.ArchiveProject {
		return command.ArchiveProject{Workspace: in.Workspace, ID: in.Project, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, in.Project, 200, res)
}

func (h *Handlers) trashProject(ctx context.Context, in *InProject) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.TrashProject, func(ifSeq *uint64) command.TrashProject {
		return command.TrashProject{Workspace: in.Workspace, ID: in.Project, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, in.Project, 200, res)
}

func (h *Handlers) restoreProject(ctx context.Context, in *InProject) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.RestoreProject, func(ifSeq *uint64) command.RestoreProject {
		return command.RestoreProject{Workspace: in.Workspace, ID: in.Project, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, in.Project, 200, res)
}

// projectView reads the project of a request about what is in it, and the seq that
// names the answer.
func (h *Handlers) projectView(q *request) (v query.Viewer, project ids.ID, seq uint64, err error) {
	if v, err = h.view(q); err != nil {
		return v, project, 0, err
	}
	if project, err = q.id("project"); err != nil {
		return v, project, 0, err
	}
	seq, err = h.queries.ProjectSeq(q.ctx(), &v, project)
	return v, project, seq, err
}

func (h *Handlers) countTasks(q *request) error {
	v, project, seq, err := h.projectView(q)
	if err != nil || q.unchanged(seq, "") {
		return err
	}
	a, err := h.queries.Counts(q.ctx(), &v, project, seq)
	if err != nil {
		return err
	}
	return q.send(a.Body)
}

type createColumnInput struct {
	InWorkspace
	Project ids.ID `path:"project"`
	Body    newColumn
}

func (h *Handlers) createColumn(ctx context.Context, in *createColumnInput) (*rest.Answer, error) {
	res, err := run(ctx, rest.IfMatch{}, h.commands.CreateColumn, func(*uint64) command.CreateColumn {
		b := &in.Body
		return command.CreateColumn{
			Workspace: in.Workspace, Project: in.Project, ID: b.ID, Name: b.Name,
			Category: b.category(), Position: b.Position, Limit: b.Limit,
		}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, in.Project, created(res), res)
}

// InColumn is the path of a request that changes a column.
type InColumn struct {
	InProject
	Column ids.ID `path:"column"`
}

type changeColumnInput struct {
	InColumn
	Body struct {
		Name     rest.Optional[string] `json:"name,omitzero" minLength:"1" maxLength:"100"`
		Category rest.Optional[string] `json:"category,omitzero" enum:"backlog,open,active,done,cancelled"`
		Position rest.Optional[string] `json:"position,omitzero" minLength:"1" maxLength:"512" doc:"A fractional index."`
		Limit    rest.Optional[int]    `json:"limit,omitzero" minimum:"0" maximum:"10000" doc:"0 is no limit."`
		Archived rest.Optional[bool]   `json:"archived,omitzero"`
	}
}

func (h *Handlers) changeColumn(ctx context.Context, in *changeColumnInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeColumn, func(ifSeq *uint64) command.ChangeColumn {
		b := &in.Body
		return command.ChangeColumn{
			Workspace: in.Workspace, Project: in.Project, ID: in.Column, IfSeq: ifSeq,
			Name: b.Name.Pointer(), Category: optional[event.Category](b.Category), Position: b.Position.Pointer(),
			Limit: b.Limit.Pointer(), Archived: b.Archived.Pointer(),
		}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, in.Project, 200, res)
}

func (h *Handlers) removeColumn(ctx context.Context, in *InColumn) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.RemoveColumn, func(ifSeq *uint64) command.RemoveColumn {
		return command.RemoveColumn{Workspace: in.Workspace, Project: in.Project, ID: in.Column, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.projectAnswer(ctx, in.Workspace, in.Project, 200, res)
}
