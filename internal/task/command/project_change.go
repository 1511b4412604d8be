package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// ChangeProject changes what a project is called and where it stands. A nil
// field stays as it is.
type ChangeProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
	Name          *string
	Key           *string
	Color         *string
	Description   *string
	Position      *string
}

// ChangeProject carries out the command.
func (s *Service) ChangeProject(ctx context.Context, actor Actor, in ChangeProject) (Result, error) {
	change := domain.ProjectChange{Name: in.Name, Key: in.Key, Color: in.Color, Description: in.Description, Position: in.Position}
	if err := change.Check(); err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		p, err := domain.AllowIn(d.frame, actor.User, domain.ChangeProject, in.ID)
		if err != nil {
			return err
		}
		if err := checkSeq(in.IfSeq, p.Seq); err != nil {
			return err
		}
		patch, err := domain.EditProject(d.frame, p, &change)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if patch != nil {
			d.record(in.ID, in.ID, event.ProjectChanged, patch)
		}
		return nil
	})
}
