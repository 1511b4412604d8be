package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// ArchiveTask puts a task away.
type ArchiveTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// TrashTask puts a task into the trash.
type TrashTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// RestoreTask brings a task back from the archive or the trash.
type RestoreTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// PurgeTask deletes a trashed task for good, with its comments.
type PurgeTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// ArchiveTask carries out the command.
func (s *Service) ArchiveTask(ctx context.Context, actor Actor, in ArchiveTask) (Result, error) {
	return s.putTask(ctx, actor, in.Workspace, in.ID, in.IfSeq, event.Archived, event.TaskArchived)
}

// TrashTask carries out the command.
func (s *Service) TrashTask(ctx context.Context, actor Actor, in TrashTask) (Result, error) {
	return s.putTask(ctx, actor, in.Workspace, in.ID, in.IfSeq, event.Trashed, event.TaskTrashed)
}

// RestoreTask carries out the command.
func (s *Service) RestoreTask(ctx context.Context, actor Actor, in RestoreTask) (Result, error) {
	return s.putTask(ctx, actor, in.Workspace, in.ID, in.IfSeq, event.Live, event.TaskRestored)
}

func (s *Service) putTask(ctx context.Context, actor Actor, workspace, id ids.ID, ifSeq *uint64, to event.Lifecycle, kind event.Type) (Result, error) {
	return s.run(ctx, actor, workspace, func(d *decision) error {
		t, p, err := d.task(id, domain.ChangeTasks, ifSeq, false)
		if err != nil {
			return err
		}
		if err := domain.Writable(p); err != nil {
			return err
		}
		patch, err := domain.PutTask(t, to)
		if err != nil {
			return err
		}
		d.result.ID = id
		if patch != nil {
			d.record(id, p.ID, kind, patch)
		}
		return nil
	})
}

// PurgeTask carries out the command. It works in a project that is put away too.
func (s *Service) PurgeTask(ctx context.Context, actor Actor, in PurgeTask) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, p, err := d.task(in.ID, domain.PurgeTasks, in.IfSeq, false)
		if err != nil {
			return err
		}
		gone, err := domain.PurgeTask(t)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		d.record(in.ID, p.ID, event.TaskPurged, gone)
		return nil
	})
}
