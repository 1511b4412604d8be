package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// AddItems adds lines to a task's checklist, in order. Ids are made where they
// are zero, positions where they are "" (the end). Result.ID is the task.
type AddItems struct {
	Workspace, Task ids.ID
	IfSeq           *uint64
	Items           []event.Item
}

// ChangeItem changes a line of a task's checklist. A nil field stays as it is.
type ChangeItem struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
	List                *string
	Title               *string
	Done                *bool
	Position            *string
}

// RemoveItem removes a line of a task's checklist.
type RemoveItem struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
}

// AddItems carries out the command. Lines whose id the task has already, with
// the same text, are left out, so that it may be repeated.
func (s *Service) AddItems(ctx context.Context, actor Actor, in AddItems) (Result, error) {
	items, err := domain.CheckItems(in.Items)
	if err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, p, err := d.editable(in.Task, domain.ChangeTasks, in.IfSeq, true)
		if err != nil {
			return err
		}
		data, err := domain.AddItems(t, items)
		if err != nil {
			return err
		}
		d.result.ID = in.Task
		if data == nil {
			d.result.Repeated = true
			return nil
		}
		d.record(t.ID, p.ID, event.ItemsAdded, data)
		return nil
	})
}

// ChangeItem carries out the command.
func (s *Service) ChangeItem(ctx context.Context, actor Actor, in ChangeItem) (Result, error) {
	change := domain.ItemChange{List: in.List, Title: in.Title, Done: in.Done, Position: in.Position}
	if err := change.Check(); err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, p, err := d.editable(in.Task, domain.ChangeTasks, in.IfSeq, true)
		if err != nil {
			return err
		}
		patch, err := domain.ChangeItem(t, in.ID, &change)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if patch != nil {
			d.record(t.ID, p.ID, event.ItemChanged, patch)
		}
		return nil
	})
}

// RemoveItem carries out the command.
func (s *Service) RemoveItem(ctx context.Context, actor Actor, in RemoveItem) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, p, err := d.editable(in.Task, domain.ChangeTasks, in.IfSeq, true)
		if err != nil {
			return err
		}
		data, err := domain.RemoveItem(t, in.ID)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		d.record(t.ID, p.ID, event.ItemRemoved, data)
		return nil
	})
}
