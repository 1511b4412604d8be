package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// CreateProject makes a project.
type CreateProject struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID   ids.ID
	Name string
	// Key is 1 to 10 capital letters and digits, a letter first; "" derives it from the name.
	Key string
	// Color is one of the names in domain; "" picks one.
	Color       string
	Description string
	// Columns are in board order, their ids and positions made where they are
	// zero; none gives the usual five.
	Columns []event.Column
}

// CreateProject carries out the command.
func (s *Service) CreateProject(ctx context.Context, actor Actor, in CreateProject) (Result, error) {
	if in.ID.IsZero() {
		in.ID = ids.New()
	}
	draft := &event.ProjectData{Name: in.Name, Key: in.Key, Color: in.Color, Description: in.Description, Columns: in.Columns}
	if len(draft.Columns) == 0 {
		draft.Columns = domain.DefaultColumns()
	}
	if err := domain.CheckNewProject("body", draft, domain.MaxColumns); err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.CreateProject); err != nil {
			return err
		}
		d.result.ID = in.ID
		if p := d.frame.Projects[in.ID]; p != nil {
			if p.CreatedBy != actor.User || p.Name != draft.Name || p.Description != draft.Description ||
				draft.Key != "" && p.Key != draft.Key || draft.Color != "" && p.Color != draft.Color {
				return domain.Taken()
			}
			d.result.Repeated = true
			return nil
		}
		data, err := domain.NewProject(d.frame, draft)
		if err != nil {
			return err
		}
		d.record(in.ID, in.ID, event.ProjectCreated, data)
		return nil
	})
}
