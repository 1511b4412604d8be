package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// AddAttachment hangs a link on a task. Result.ID is the attachment.
type AddAttachment struct {
	Workspace, Task ids.ID
	// ID is zero for a new one.
	ID    ids.ID
	IfSeq *uint64
	// Name is "" for the link itself.
	Name string
	// URL is an absolute http or https address.
	URL string
}

// RemoveAttachment takes a link off a task.
type RemoveAttachment struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
}

// AddAttachment carries out the command.
func (s *Service) AddAttachment(ctx context.Context, actor Actor, in AddAttachment) (Result, error) {
	link, err := domain.CheckAttachment(event.Attachment{ID: in.ID, Name: in.Name, URL: in.URL})
	if err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, p, err := d.editable(in.Task, domain.ChangeTasks, in.IfSeq, true)
		if err != nil {
			return err
		}
		data, err := domain.AddAttachment(t, link)
		if err != nil {
			return err
		}
		d.result.ID = link.ID
		if data == nil {
			d.result.Repeated = true
			return nil
		}
		d.record(t.ID, p.ID, event.AttachmentAdded, data)
		return nil
	})
}

// RemoveAttachment carries out the command.
func (s *Service) RemoveAttachment(ctx context.Context, actor Actor, in RemoveAttachment) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, p, err := d.editable(in.Task, domain.ChangeTasks, in.IfSeq, true)
		if err != nil {
			return err
		}
		data, err := domain.RemoveAttachment(t, in.ID)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		d.record(t.ID, p.ID, event.AttachmentRemoved, data)
		return nil
	})
}
