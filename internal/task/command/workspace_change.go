package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// ChangeWorkspace renames a workspace. A nil field stays as it is.
type ChangeWorkspace struct {
	Workspace ids.ID
	IfSeq     *uint64
	Name      *string
}

// ChangeWorkspace carries out the command.
func (s *Service) ChangeWorkspace(ctx context.Context, actor Actor, in ChangeWorkspace) (Result, error) {
	if in.Name != nil {
		name, err := domain.CheckName("body", *in.Name)
		if err != nil {
			return Result{}, err
		}
		in.Name = &name
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.ChangeWorkspace); err != nil {
			return err
		}
		if err := checkSeq(in.IfSeq, d.frame.Workspace.Seq); err != nil {
			return err
		}
		d.result.ID = in.Workspace
		if p := domain.RenameWorkspace(d.frame, in.Name); p != nil {
			d.record(in.Workspace, ids.Nil, event.WorkspaceChanged, p)
		}
		return nil
	})
}
