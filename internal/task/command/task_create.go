package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// CreateTask makes a task.
type CreateTask struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID      ids.ID
	Project ids.ID
	// Column is zero for the project's first open or backlog column.
	Column      ids.ID
	Title       string
	Description string
	// Priority is "" for none.
	Priority  event.Priority
	Labels    []ids.ID
	Assignees []ids.ID
	Start     event.Date
	Due       event.Date
	// Position is "" for the end of the column.
	Position string
	// Items are the checklist, in order; ids and positions are made where they are zero.
	Items []event.Item
}

// CreateTask carries out the command.
func (s *Service) CreateTask(ctx context.Context, actor Actor, in CreateTask) (Result, error) {
	given := !in.ID.IsZero()
	if !given {
		in.ID = ids.New()
	}
	draft := &event.TaskData{
		Project: in.Project, Column: in.Column, Title: in.Title, Description: in.Description, Priority: in.Priority,
		Labels: in.Labels, Assignees: in.Assignees, Start: in.Start, Due: in.Due, Position: in.Position, Items: in.Items,
	}
	if err := domain.CheckNewTask("body", draft); err != nil {
		return Result{}, err
	}
	now := s.clock.Now()
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		p, err := domain.AllowIn(d.frame, actor.User, domain.ChangeTasks, in.Project)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if given {
			if again, err := d.repeatsTask(in.ID, draft); again || err != nil {
				d.result.Repeated = again
				return err
			}
		}
		data, err := domain.PlaceTask(d.frame, p, d, draft, now)
		if err != nil {
			return err
		}
		d.record(in.ID, p.ID, event.TaskCreated, data)
		return nil
	})
}

// repeatsTask reports whether the actor made this very task with the id
// before. An id that is in use for anything else is a Conflict.
func (d *decision) repeatsTask(id ids.ID, draft *event.TaskData) (bool, error) {
	taken, err := d.Taken(id)
	if err != nil || !taken {
		return false, err
	}
	t, err := d.Task(id, false)
	if err != nil {
		return false, err
	}
	if t == nil || t.CreatedBy != d.actor {
		return false, domain.Taken()
	}
	was, err := d.original(id, event.TaskCreated, func(p event.Payload) bool {
		data, ok := p.(*event.TaskData)
		return ok && domain.SameTask(draft, data)
	})
	if err != nil {
		return false, err
	}
	if !was {
		return false, domain.Taken()
	}
	return true, nil
}
