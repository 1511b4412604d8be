package command

import (
	"context"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// CreateLabel makes a label of the workspace.
type CreateLabel struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID    ids.ID
	Name  string
	Color string
}

// ChangeLabel changes a label. A nil field stays as it is.
type ChangeLabel struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
	Name          *string
	Color         *string
}

// RemoveLabel removes a label. Tasks that carry it keep its id, which readers
// pass over; so bringing the label back brings it back on them.
type RemoveLabel struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

var errNoLabel = apperr.New(apperr.NotFound, "There is no such label.")

// CreateLabel carries out the command.
func (s *Service) CreateLabel(ctx context.Context, actor Actor, in CreateLabel) (Result, error) {
	if in.ID.IsZero() {
		in.ID = ids.New()
	}
	data, err := domain.CheckLabel("body", event.LabelData{Name: in.Name, Color: in.Color}, false)
	if err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.ChangeLabels); err != nil {
			return err
		}
		d.result.ID = in.ID
		if l := d.frame.Labels[in.ID]; l != nil {
			if l.Name != data.Name || l.Color != data.Color {
				return domain.Taken()
			}
			d.result.Repeated = true
			return nil
		}
		if err := domain.NewLabel(d.frame, data); err != nil {
			return err
		}
		d.record(in.ID, ids.Nil, event.LabelCreated, &data)
		return nil
	})
}

// ChangeLabel carries out the command.
func (s *Service) ChangeLabel(ctx context.Context, actor Actor, in ChangeLabel) (Result, error) {
	change := domain.LabelChange{Name: in.Name, Color: in.Color}
	if err := change.Check(); err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.ChangeLabels); err != nil {
			return err
		}
		l := d.frame.Labels[in.ID]
		if l == nil {
			return errNoLabel
		}
		if err := checkSeq(in.IfSeq, l.Seq); err != nil {
			return err
		}
		p, err := domain.EditLabel(d.frame, l, &change)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if p != nil {
			d.record(in.ID, ids.Nil, event.LabelChanged, p)
		}
		return nil
	})
}

// RemoveLabel carries out the command.
func (s *Service) RemoveLabel(ctx context.Context, actor Actor, in RemoveLabel) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.ChangeLabels); err != nil {
			return err
		}
		l := d.frame.Labels[in.ID]
		if l == nil {
			return errNoLabel
		}
		if err := checkSeq(in.IfSeq, l.Seq); err != nil {
			return err
		}
		d.result.ID = in.ID
		d.record(in.ID, ids.Nil, event.LabelRemoved, &event.LabelData{Name: l.Name, Color: l.Color})
		return nil
	})
}
