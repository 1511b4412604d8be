// Package projection is the pure step from one event to the rows of the read
// model. Every store runs it, live and in a rebuild, so that the rows are what
// the log says and nothing else.
package projection

import (
	"fmt"

	"headway/internal/platform/eventlog"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// Apply changes the rows by one event of a workspace's stream. payload is the
// event's data decoded; it may be kept, so it must not be changed afterwards.
// An error means that the log and the rows do not fit: nothing may be committed.
func Apply(rows readmodel.Rows, ev eventlog.Event, payload event.Payload) error {
	m := Meta(ev)
	var err error
	switch p := payload.(type) {
	case *event.TaskData:
		err = createTask(rows, m, p)
	case *event.TaskPatch, *event.TaskGone, *event.ItemsData, *event.ItemData, *event.ItemPatch, *event.AttachmentData:
		_, err = changeTask(rows, m, p)
	case *event.CommentData:
		err = comment(rows, m, p)
	case *event.CommentPatch:
		err = changeComment(rows, m, p)
	default:
		err = changeFrame(rows, m, p)
	}
	if err != nil {
		return fmt.Errorf("projection: workspace %s: %w", ev.Stream, err)
	}
	return nil
}

// ApplyRecorded is Apply for an event as the log holds it.
func ApplyRecorded(rows readmodel.Rows, ev eventlog.Event) error {
	p, err := event.Decode(event.Type(ev.Type), ev.Version, ev.Data)
	if err != nil {
		return fmt.Errorf("projection: workspace %s at seq %d: %w", ev.Stream, ev.Seq, err)
	}
	return Apply(rows, ev, p)
}

// Meta gives what the folds need of a recorded event.
func Meta(ev eventlog.Event) state.Meta {
	return state.Meta{
		Workspace: ev.Stream, Seq: ev.Seq, Entity: ev.Entity, Scope: ev.Scope,
		Type: event.Type(ev.Type), Actor: ev.Actor, At: ev.At,
	}
}

func changeFrame(rows readmodel.Rows, m state.Meta, p event.Payload) error {
	f, err := rows.Frame()
	if err != nil {
		return err
	}
	next, touched, err := f.Apply(m, p)
	if err != nil {
		return err
	}
	row := readmodel.FrameRow{ID: touched.ID, Removed: touched.Removed}
	switch touched.Part {
	case state.PartWorkspace:
		row.Kind = readmodel.KindWorkspace
	case state.PartMember:
		row.Kind = readmodel.KindMember
	case state.PartProject:
		row.Kind = readmodel.KindProject
	case state.PartLabel:
		row.Kind = readmodel.KindLabel
	default: // an invitation: part of the frame, but no row
		return rows.PutFrame(next)
	}
	return rows.PutFrame(next, row)
}

func createTask(rows readmodel.Rows, m state.Meta, p *event.TaskData) error {
	if m.Type != event.TaskCreated {
		return fmt.Errorf("%w: %s at seq %d with a %T", state.ErrUnexpected, m.Type, m.Seq, p)
	}
	// Whether the id is free was decided before the event was recorded, and the
	// rows' unique id holds it, so the hot path is spared a look-up here.
	next := state.NewTask(m, p)
	if err := rows.PutTask(nil, next); err != nil {
		return err
	}
	return rows.UseNumber(next.Project, next.Number)
}

// changeTask folds an event into its task's row and answers the row before and after.
func changeTask(rows readmodel.Rows, m state.Meta, p event.Payload) (*state.Task, error) {
	detail := state.NeedsDetail(p)
	prev, err := rows.Task(m.Entity, detail)
	if err != nil {
		return nil, err
	}
	next, err := prev.Apply(m, p)
	if err != nil {
		return nil, err
	}
	if next == nil {
		return nil, rows.DeleteTask(prev, m.Seq)
	}
	if !detail {
		next.Detail = nil // untouched: the store keeps what it has
	}
	if err := rows.PutTask(prev, next); err != nil {
		return nil, err
	}
	if next.Number != prev.Number || next.Project != prev.Project {
		return next, rows.UseNumber(next.Project, next.Number)
	}
	return next, nil
}

func comment(rows readmodel.Rows, m state.Meta, p *event.CommentData) error {
	if _, err := changeTask(rows, m, p); err != nil {
		return err
	}
	was, err := rows.Comment(p.Comment.ID)
	if err != nil {
		return err
	}
	switch {
	case m.Type == event.CommentAdded && was == nil:
		return rows.PutComment(state.NewComment(m, p.Comment))
	case m.Type == event.CommentRemoved && was != nil:
		return rows.DeleteComment(was, m.Seq)
	}
	return fmt.Errorf("%w: %s at seq %d", state.ErrUnexpected, m.Type, m.Seq)
}

func changeComment(rows readmodel.Rows, m state.Meta, p *event.CommentPatch) error {
	was, err := rows.Comment(p.ID)
	if err != nil {
		return err
	}
	if was == nil || was.Task != m.Entity {
		return fmt.Errorf("%w: %s at seq %d: the comment", state.ErrMissing, m.Type, m.Seq)
	}
	if _, err := changeTask(rows, m, p); err != nil {
		return err
	}
	return rows.PutComment(was.Apply(m, p))
}
