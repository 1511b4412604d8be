package domain

import (
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// Left names a field that an undo leaves as it is, and why.
type Left struct {
	// Field is as in the API, "" for the whole entity.
	Field string
	// Why is one sentence for a person.
	Why string
}

// changedSince is why a field is left that does not hold any more what the undone change wrote.
const changedSince = "It was changed again since."

// Reversal gathers what an undo of one event leaves.
type Reversal struct {
	Left []Left
}

func (r *Reversal) leave(field, why string) { r.Left = append(r.Left, Left{Field: field, Why: why}) }

// back answers the opposite of a change where the field still holds what it
// wrote; where it does not, the field is left.
func back[T comparable](r *Reversal, field string, now T, c *event.Change[T]) *event.Change[T] {
	if c == nil {
		return nil
	}
	if now != c.To {
		r.leave(field, changedSince)
		return nil
	}
	return &event.Change[T]{From: now, To: c.From}
}

func backIDs(r *Reversal, field string, now []ids.ID, c *event.Change[[]ids.ID]) *event.Change[[]ids.ID] {
	if c == nil {
		return nil
	}
	if !sameIDs(now, c.To) {
		r.leave(field, changedSince)
		return nil
	}
	return &event.Change[[]ids.ID]{From: now, To: c.From}
}

func backTime(r *Reversal, field string, now *time.Time, c *event.Change[*time.Time]) *event.Change[*time.Time] {
	if c == nil {
		return nil
	}
	if !sameTime(now, c.To) {
		r.leave(field, changedSince)
		return nil
	}
	return &event.Change[*time.Time]{From: now, To: c.From}
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// TaskEdit answers the opposite of a TaskChanged, nil where nothing of it can
// be set back. t needs its Detail where the description was changed.
func (r *Reversal) TaskEdit(t *state.Task, p *event.TaskPatch) *event.TaskPatch {
	out := event.TaskPatch{
		Title:     back(r, "title", t.Title, p.Title),
		Priority:  back(r, "priority", t.Priority, p.Priority),
		Labels:    backIDs(r, "labels", t.Labels, p.Labels),
		Assignees: backIDs(r, "assignees", t.Assignees, p.Assignees),
		Start:     back(r, "start", t.Start, p.Start),
		Due:       back(r, "due", t.Due, p.Due),
	}
	if p.Description != nil {
		out.Description = back(r, "description", t.Detail.Description, p.Description)
	}
	return orNil(out)
}

// TaskMove answers the opposite of a TaskMoved, nil where nothing of it can be
// set back. to is the project that the task goes back to (its own where the
// move stayed in it), nil where that is gone or cannot take it.
func (r *Reversal) TaskMove(to *state.Project, t *state.Task, p *event.TaskPatch) *event.TaskPatch {
	var out event.TaskPatch
	if p.Project != nil {
		switch {
		case t.Project != p.Project.To || p.Column != nil && t.Column != p.Column.To:
			r.leave("project", changedSince)
			return nil
		case to == nil:
			r.leave("project", "The project it came from cannot take it back.")
			return nil
		}
		out.Project = back(r, "project", t.Project, p.Project)
		out.Number = back(r, "number", t.Number, p.Number) // its own number of before, which nothing else got
	}
	if p.Column != nil {
		out.Column = back(r, "column", t.Column, p.Column)
		if out.Column != nil && to.Column(out.Column.To) == nil {
			r.leave("column", "The column it came from was removed.")
			return nil
		}
	}
	if p.Column == nil || out.Column != nil {
		out.Position = back(r, "position", t.Position, p.Position)
		out.Completed = backTime(r, "completedAt", t.Completed, p.Completed)
	}
	return orNil(out)
}

// TaskState answers the opposite of a change of lifecycle state, nil where it stays.
func (r *Reversal) TaskState(t *state.Task, p *event.TaskPatch) *event.TaskPatch {
	return orNil(event.TaskPatch{State: back(r, "state", t.State, p.State)})
}

func orNil(p event.TaskPatch) *event.TaskPatch {
	if p == (event.TaskPatch{}) {
		return nil
	}
	return &p
}

// TaskCreated answers the trashing of a task that is to be unmade.
func (r *Reversal) TaskCreated(t *state.Task) *event.TaskPatch {
	if t.State == event.Trashed {
		r.leave("", "It is in the trash already.")
		return nil
	}
	return &event.TaskPatch{State: &event.Change[event.Lifecycle]{From: t.State, To: event.Trashed}}
}

// Item answers the opposite of an ItemChanged, nil where nothing of it can be set back.
func (r *Reversal) Item(t *state.Task, p *event.ItemPatch) *event.ItemPatch {
	it := t.Item(p.ID)
	if it == nil {
		r.leave("items", "The checklist item was removed since.")
		return nil
	}
	out := event.ItemPatch{
		ID: p.ID, List: back(r, "items.list", it.List, p.List), Title: back(r, "items.title", it.Title, p.Title),
		Done: back(r, "items.done", it.Done, p.Done), Position: back(r, "items.position", it.Position, p.Position),
	}
	if out == (event.ItemPatch{ID: p.ID}) {
		return nil
	}
	return &out
}

// ItemAdded answers the removal of an added item, nil where it has changed since.
func (r *Reversal) ItemAdded(t *state.Task, added event.Item) *event.ItemData {
	it := t.Item(added.ID)
	if it == nil || *it != added {
		r.leave("items", changedSince)
		return nil
	}
	return &event.ItemData{Item: *it}
}

// ItemRemoved answers the return of a removed item, nil where there is no room.
func (r *Reversal) ItemRemoved(t *state.Task, removed event.Item) *event.ItemsData {
	switch {
	case t.Item(removed.ID) != nil:
		r.leave("items", changedSince)
	case len(t.Detail.Items) >= MaxItems:
		r.leave("items", "The checklist is full.")
	default:
		return &event.ItemsData{Items: []event.Item{removed}}
	}
	return nil
}

// Attachment answers the opposite of adding or removing a link, nil where it was done since.
func (r *Reversal) Attachment(t *state.Task, a event.Attachment, added bool) *event.AttachmentData {
	has := t.Attachment(a.ID) != nil
	switch {
	case has != added:
		r.leave("attachmentLinks", changedSince)
	case !added && len(t.Detail.Attachments) >= MaxAttachments:
		r.leave("attachmentLinks", "The task has no room for another attachment.")
	default:
		return &event.AttachmentData{Attachment: a}
	}
	return nil
}

// CommentAdded answers the removal of an added comment, nil where it has changed since.
func (r *Reversal) CommentAdded(c *state.Comment, added event.Comment) *event.CommentData {
	if c == nil || c.Text != added.Text {
		r.leave("comment", changedSince)
		return nil
	}
	return CommentRecord(c)
}

// CommentChanged answers the comment's text of before, nil where it has changed since.
func (r *Reversal) CommentChanged(c *state.Comment, p *event.CommentPatch) *event.CommentPatch {
	if c == nil {
		r.leave("comment", changedSince)
		return nil
	}
	if text := back(r, "comment", c.Text, p.Text); text != nil {
		return &event.CommentPatch{ID: p.ID, Text: text}
	}
	return nil
}

// Project answers the opposite of a change of a project, nil where nothing of it can be set back.
func (r *Reversal) Project(f *state.Frame, p *state.Project, c *event.ProjectPatch) *event.ProjectPatch {
	out := event.ProjectPatch{
		Name: back(r, "name", p.Name, c.Name), Key: back(r, "key", p.Key, c.Key), Color: back(r, "color", p.Color, c.Color),
		Description: back(r, "description", p.Description, c.Description), Position: back(r, "position", p.Position, c.Position),
		State: back(r, "state", p.State, c.State),
	}
	if out.Key != nil && keyTaken(f, out.Key.To, p.ID) {
		r.leave("key", "Another project has that key now.")
		out.Key = nil
	}
	if out == (event.ProjectPatch{}) {
		return nil
	}
	return &out
}

// Column answers the opposite of a ColumnChanged, nil where nothing of it can be set back.
func (r *Reversal) Column(p *state.Project, c *event.ColumnPatch) *event.ColumnPatch {
	was := p.Column(c.ID)
	if was == nil {
		r.leave("columns", "The column was removed since.")
		return nil
	}
	out := event.ColumnPatch{
		ID: c.ID, Name: back(r, "columns.name", was.Name, c.Name), Category: back(r, "columns.category", was.Category, c.Category),
		Position: back(r, "columns.position", was.Position, c.Position), Limit: back(r, "columns.limit", was.Limit, c.Limit),
		Archived: back(r, "columns.archived", was.Archived, c.Archived),
	}
	if out == (event.ColumnPatch{ID: c.ID}) {
		return nil
	}
	return &out
}

// Label answers the opposite of a LabelChanged, nil where nothing of it can be set back.
func (r *Reversal) Label(f *state.Frame, l *state.Label, c *event.LabelPatch) *event.LabelPatch {
	out := event.LabelPatch{Name: back(r, "name", l.Name, c.Name), Color: back(r, "color", l.Color, c.Color)}
	if out.Name != nil && out.Name.To != "" && labelFree(f, out.Name.To, l.ID) != nil {
		r.leave("name", "Another label has that name now.")
		out.Name = nil
	}
	if out == (event.LabelPatch{}) {
		return nil
	}
	return &out
}

// Workspace answers the opposite of a WorkspaceChanged, nil where it was changed since.
func (r *Reversal) Workspace(f *state.Frame, c *event.WorkspacePatch) *event.WorkspacePatch {
	if name := back(r, "name", f.Workspace.Name, c.Name); name != nil {
		return &event.WorkspacePatch{Name: name}
	}
	return nil
}

// Undoable reports whether changes of a type can be undone. Purging cannot,
// which is an error of its own; membership and invitations are changed by hand.
func Undoable(t event.Type, p event.Payload) bool {
	switch t {
	case event.WorkspaceCreated, event.MemberChanged, event.MemberRemoved,
		event.InvitationCreated, event.InvitationAccepted, event.InvitationRevoked:
		return false
	case event.MemberAdded:
		d, ok := p.(*event.MemberData)
		return ok && d.Kind == event.Placeholder
	}
	return true
}

// Errors of undo.
var (
	ErrNothingToUndo = apperr.New(apperr.NotFound, "There is no recent change of yours to undo.")
	ErrPurged        = apperr.New(apperr.Conflict, "A task that was deleted for good cannot be brought back.")
)
