package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// ArchiveProject puts a project away: it can be read, and changed only once restored.
type ArchiveProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// TrashProject puts a project, with all that is in it, into the trash.
type TrashProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// RestoreProject brings a project back from the archive or the trash.
type RestoreProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// ArchiveProject carries out the command.
func (s *Service) ArchiveProject(ctx context.Context, actor Actor, in ArchiveProject) (Result, error) {
	return s.putProject(ctx, actor, in.Workspace, in.ID, in.IfSeq, event.Archived, event.ProjectArchived)
}

// TrashProject carries out the command.
func (s *Service) TrashProject(ctx context.Context, actor Actor, in TrashProject) (Result, error) {
	return s.putProject(ctx, actor, in.Workspace, in.ID, in.IfSeq, event.Trashed, event.ProjectTrashed)
}

// RestoreProject carries out the command.
func (s *Service) RestoreProject(ctx context.Context, actor Actor, in RestoreProject) (Result, error) {
	return s.putProject(ctx, actor, in.Workspace, in.ID, in.IfSeq, event.Live, event.ProjectRestored)
}

func (s *Service) putProject(ctx context.Context, actor Actor, workspace, id ids.ID, ifSeq *uint64, to event.Lifecycle, t event.Type) (Result, error) {
	return s.run(ctx, actor, workspace, func(d *decision) error {
		p, err := domain.AllowIn(d.frame, actor.User, domain.ChangeProject, id)
		if err != nil {
			return err
		}
		if to == event.Trashed || p.State == event.Trashed {
			if _, err := domain.Allow(d.frame, actor.User, domain.TrashProject); err != nil {
				return err
			}
		}
		if err := checkSeq(ifSeq, p.Seq); err != nil {
			return err
		}
		patch, err := domain.PutProject(p, to)
		if err != nil {
			return err
		}
		d.result.ID = id
		if patch != nil {
			d.record(id, id, t, patch)
		}
		return nil
	})
}
