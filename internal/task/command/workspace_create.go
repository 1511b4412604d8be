package command

import (
	"context"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// CreateWorkspace makes a workspace, whose first owner is the actor.
type CreateWorkspace struct {
	// ID is zero for a new one.
	ID   ids.ID
	Name string
}

// CreateWorkspace carries out the command. An id that is in use is a Conflict,
// unless the same actor made this very workspace with it.
func (s *Service) CreateWorkspace(ctx context.Context, actor Actor, in CreateWorkspace) (Result, error) {
	if actor.User.IsZero() {
		return Result{}, apperr.New(apperr.Unauthenticated, "Sign in first.")
	}
	name, err := domain.CheckName("body", in.Name)
	if err != nil {
		return Result{}, err
	}
	if in.ID.IsZero() {
		in.ID = ids.New()
	}
	return s.run(ctx, actor, in.ID, func(d *decision) error {
		d.result.ID = in.ID
		if f := d.frame; f != nil {
			if f.Workspace.CreatedBy != actor.User || f.Workspace.Name != name {
				return domain.Taken()
			}
			d.result.Repeated = true
			return nil
		}
		if d.Head() != 0 { // a stream of another kind has this id
			return domain.Taken()
		}
		d.record(in.ID, ids.Nil, event.WorkspaceCreated, &event.WorkspaceData{Name: name})
		d.record(actor.User, ids.Nil, event.MemberAdded, &event.MemberData{User: actor.User, Role: event.Owner, Kind: event.Person})
		return nil
	})
}
