package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// CreateColumn adds a column to a project's board. Result.ID is the column.
type CreateColumn struct {
	Workspace, Project ids.ID
	// ID is zero for a new one.
	ID       ids.ID
	Name     string
	Category event.Category
	// Position is "" for the end.
	Position string
	// Limit is how many tasks the column should hold at most; 0 is no limit.
	Limit int
}

// ChangeColumn changes a column. A nil field stays as it is. IfSeq is the project's.
type ChangeColumn struct {
	Workspace, Project, ID ids.ID
	IfSeq                  *uint64
	Name                   *string
	Category               *event.Category
	Position               *string
	Limit                  *int
	Archived               *bool
}

// RemoveColumn removes a column that holds no task, not even an archived or
// trashed one. IfSeq is the project's.
type RemoveColumn struct {
	Workspace, Project, ID ids.ID
	IfSeq                  *uint64
}

// CreateColumn carries out the command.
func (s *Service) CreateColumn(ctx context.Context, actor Actor, in CreateColumn) (Result, error) {
	if in.ID.IsZero() {
		in.ID = ids.New()
	}
	draft, err := domain.CheckColumn("body", event.Column{
		ID: in.ID, Name: in.Name, Category: in.Category, Position: in.Position, Limit: in.Limit,
	})
	if err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		p, err := domain.AllowIn(d.frame, actor.User, domain.ChangeProject, in.Project)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if c := p.Column(in.ID); c != nil && domain.SameColumn(draft, *c) {
			d.result.Repeated = true
			return nil
		} else if columnTaken(d.frame, in.ID) {
			return domain.Taken()
		}
		data, err := domain.AddColumn(p, draft, domain.MaxColumns)
		if err != nil {
			return err
		}
		d.record(p.ID, p.ID, event.ColumnCreated, data)
		return nil
	})
}

// columnTaken reports whether any project of the workspace has a column of that id.
func columnTaken(f *state.Frame, id ids.ID) bool {
	for _, p := range f.Projects {
		if p.Column(id) != nil {
			return true
		}
	}
	return false
}

// ChangeColumn carries out the command.
func (s *Service) ChangeColumn(ctx context.Context, actor Actor, in ChangeColumn) (Result, error) {
	change := domain.ColumnChange{Name: in.Name, Category: in.Category, Position: in.Position, Limit: in.Limit, Archived: in.Archived}
	if err := change.Check(); err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		p, err := domain.AllowIn(d.frame, actor.User, domain.ChangeProject, in.Project)
		if err != nil {
			return err
		}
		if err := checkSeq(in.IfSeq, p.Seq); err != nil {
			return err
		}
		patch, err := domain.EditColumn(p, in.ID, &change)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if patch != nil {
			d.record(p.ID, p.ID, event.ColumnChanged, patch)
		}
		return nil
	})
}

// RemoveColumn carries out the command.
func (s *Service) RemoveColumn(ctx context.Context, actor Actor, in RemoveColumn) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		p, err := domain.AllowIn(d.frame, actor.User, domain.ChangeProject, in.Project)
		if err != nil {
			return err
		}
		if err := checkSeq(in.IfSeq, p.Seq); err != nil {
			return err
		}
		occupied, err := d.Occupied(in.Project, in.ID)
		if err != nil {
			return err
		}
		data, err := domain.RemoveColumn(p, in.ID, occupied)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		d.record(p.ID, p.ID, event.ColumnRemoved, data)
		return nil
	})
}
