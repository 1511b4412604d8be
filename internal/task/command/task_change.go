package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// ChangeTask changes a task, moves it, or both. A nil field stays as it is.
type ChangeTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
	Title         *string
	Description   *string
	Priority      *event.Priority
	Labels        *[]ids.ID
	Assignees     *[]ids.ID
	Start         *event.Date
	Due           *event.Date
	// Project moves the task to another project, where it gets a new number.
	Project *ids.ID
	Column  *ids.ID
	// Position is "" for the end of the column.
	Position *string
}

// ChangeTask carries out the command. A change of content and one of place
// are two events of one commit.
func (s *Service) ChangeTask(ctx context.Context, actor Actor, in ChangeTask) (Result, error) {
	change := domain.TaskChange{
		Title: in.Title, Description: in.Description, Priority: in.Priority, Labels: in.Labels, Assignees: in.Assignees,
		Start: in.Start, Due: in.Due, Project: in.Project, Column: in.Column, Position: in.Position,
	}
	if err := change.Check(); err != nil {
		return Result{}, err
	}
	now := s.clock.Now()
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, from, err := d.editable(in.ID, domain.ChangeTasks, in.IfSeq, change.Description != nil)
		if err != nil {
			return err
		}
		to := from
		if change.Project != nil && *change.Project != from.ID {
			if to, err = domain.AllowIn(d.frame, actor.User, domain.ChangeTasks, *change.Project); err != nil {
				return err
			}
		}
		d.result.ID = in.ID
		edit, err := domain.EditTask(d.frame, t, &change)
		if err != nil {
			return err
		}
		if edit != nil {
			d.record(t.ID, from.ID, event.TaskChanged, edit)
		}
		if !change.Moves() {
			return nil
		}
		move, err := domain.MoveTask(from, to, t, &change, d, now)
		if err != nil {
			return err
		}
		if move != nil {
			d.record(t.ID, to.ID, event.TaskMoved, move)
		}
		return nil
	})
}

// task loads a task that the actor may do something with, and its project.
func (d *decision) task(id ids.ID, a domain.Action, ifSeq *uint64, detail bool) (*state.Task, *state.Project, error) {
	if _, err := domain.MemberOf(d.frame, d.actor); err != nil {
		return nil, nil, err
	}
	t, err := d.Task(id, detail)
	if err != nil {
		return nil, nil, err
	}
	p, err := domain.AllowOn(d.frame, d.actor, a, t)
	if err != nil {
		return nil, nil, err
	}
	return t, p, checkSeq(ifSeq, t.Seq)
}

// editable is task for one that can be changed now: neither it nor its project is put away.
func (d *decision) editable(id ids.ID, a domain.Action, ifSeq *uint64, detail bool) (*state.Task, *state.Project, error) {
	t, p, err := d.task(id, a, ifSeq, detail)
	if err != nil {
		return nil, nil, err
	}
	return t, p, domain.Editable(p, t)
}
