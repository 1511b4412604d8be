package command

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// AddComment comments on a task. Result.ID is the comment.
type AddComment struct {
	Workspace, Task ids.ID
	// ID is zero for a new one.
	ID   ids.ID
	Text string
}

// ChangeComment changes the text of the actor's own comment. IfSeq is the comment's.
type ChangeComment struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
	Text                string
}

// RemoveComment removes the actor's own comment, or anybody's for an admin. IfSeq is the comment's.
type RemoveComment struct {
	Workspace, Task, ID ids.ID
	IfSeq               *uint64
}

// AddComment carries out the command.
func (s *Service) AddComment(ctx context.Context, actor Actor, in AddComment) (Result, error) {
	text, err := domain.CheckComment("body", in.Text)
	if err != nil {
		return Result{}, err
	}
	given := !in.ID.IsZero()
	if !given {
		in.ID = ids.New()
	}
	now := domain.Moment(s.clock.Now())
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		t, p, err := d.editable(in.Task, domain.Comment, nil, false)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if given {
			if again, err := d.repeatsComment(in.Task, in.ID, text); again || err != nil {
				d.result.Repeated = again
				return err
			}
		}
		d.record(t.ID, p.ID, event.CommentAdded, &event.CommentData{
			Comment: event.Comment{ID: in.ID, Text: text, Author: actor.User, At: *now},
		})
		return nil
	})
}

// repeatsComment reports whether the actor wrote this very comment with the id
// before. An id that is in use for anything else is a Conflict.
func (d *decision) repeatsComment(task, id ids.ID, text string) (bool, error) {
	taken, err := d.Taken(id)
	if err != nil || !taken {
		return false, err
	}
	c, err := d.Comment(id)
	if err != nil {
		return false, err
	}
	if c == nil || c.Author != d.actor {
		return false, domain.Taken()
	}
	was, err := d.original(task, event.CommentAdded, func(p event.Payload) bool {
		data, ok := p.(*event.CommentData)
		return ok && data.Comment.ID == id && data.Comment.Text == text
	})
	if err != nil {
		return false, err
	}
	if !was {
		return false, domain.Taken()
	}
	return true, nil
}

// comment loads a comment of an editable task.
func (d *decision) comment(task, id ids.ID, ifSeq *uint64) (*state.Comment, *state.Project, error) {
	t, p, err := d.editable(task, domain.Comment, nil, false)
	if err != nil {
		return nil, nil, err
	}
	c, err := d.Comment(id)
	if err != nil {
		return nil, nil, err
	}
	if c, err = domain.CommentOn(t, c); err != nil {
		return nil, nil, err
	}
	return c, p, checkSeq(ifSeq, c.Seq)
}

// ChangeComment carries out the command.
func (s *Service) ChangeComment(ctx context.Context, actor Actor, in ChangeComment) (Result, error) {
	text, err := domain.CheckComment("body", in.Text)
	if err != nil {
		return Result{}, err
	}
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		c, p, err := d.comment(in.Task, in.ID, in.IfSeq)
		if err != nil {
			return err
		}
		patch, err := domain.ChangeComment(c, actor.User, text)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		if patch != nil {
			d.record(in.Task, p.ID, event.CommentChanged, patch)
		}
		return nil
	})
}

// RemoveComment carries out the command.
func (s *Service) RemoveComment(ctx context.Context, actor Actor, in RemoveComment) (Result, error) {
	return s.run(ctx, actor, in.Workspace, func(d *decision) error {
		c, p, err := d.comment(in.Task, in.ID, in.IfSeq)
		if err != nil {
			return err
		}
		data, err := domain.RemoveComment(d.frame, c, actor.User)
		if err != nil {
			return err
		}
		d.result.ID = in.ID
		d.record(in.Task, p.ID, event.CommentRemoved, data)
		return nil
	})
}
