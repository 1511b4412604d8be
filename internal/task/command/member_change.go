package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// ChangeMember changes a member's role, and which projects a guest may see. A
// nil field stays as it is.
type ChangeMember struct {
	Workspace, User ids.ID
	IfSeq           *uint64
	Role            *event.Role
	Projects        *[]ids.ID
}

// RemoveMember takes somebody out of a workspace; with the actor as User it is leaving.
type RemoveMember struct {
	Workspace, User ids.ID
	IfSeq           *uint64
}

// AddPlaceholder adds a name without an account, for work that came from elsewhere.
type AddPlaceholder struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID   ids.ID
	Name string
}

// ChangeMember carries out the command.
func (s *Service) ChangeMember(ctx context.Context, actor Actor, in ChangeMember) (Result, error) {
	if in.Projects != nil {
		list := *in.Projects
		in.Projects = &list
	}
	if err := domain.CheckMemberChange(in.Role, in.Projects); err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		m, err := domain.MemberNamed(d.frame, actor.User, in.User)
		if err != nil {
			return err
		}
		p, err := domain.ChangeMember(d.frame, actor.User, m, in.Role, in.Projects)
		if err != nil {
			return err
		}
		if err := checkSeq(in.IfSeq, m.Seq); err != nil {
			return err
		}
		d.result.ID = in.User
		if p != nil {
			d.record(in.User, ids.Nil, event.MemberChanged, p)
		}
		return nil
	})
}

// RemoveMember carries out the command.
func (s *Service) RemoveMember(ctx context.Context, actor Actor, in RemoveMember) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		m, err := domain.MemberNamed(d.frame, actor.User, in.User)
		if err != nil {
			return err
		}
		data, err := domain.RemoveMember(d.frame, actor.User, m)
		if err != nil {
			return err
		}
		if err := checkSeq(in.IfSeq, m.Seq); err != nil {
			return err
		}
		d.result.ID = in.User
		d.record(in.User, ids.Nil, event.MemberRemoved, data)
		return nil
	})
}

// AddPlaceholder carries out the command.
func (s *Service) AddPlaceholder(ctx context.Context, actor Actor, in AddPlaceholder) (Result, error) {
	name, err := domain.CheckName("body", in.Name)
	if err != nil {
		return Result{}, err
	}
	if in.ID.IsZero() {
		in.ID = ids.New()
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.Import); err != nil {
			return err
		}
		data, err := domain.AddPlaceholder(d.frame, in.ID, name)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if data == nil {
			d.result.Repeated = true
			return nil
		}
		d.record(in.ID, ids.Nil, event.MemberAdded, data)
		return nil
	})
}
