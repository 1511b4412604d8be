package domain

import (
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// TaskChange is what to change about a task; nil fields stay as they are.
type TaskChange struct {
	Title       *string
	Description *string
	Priority    *event.Priority
	Labels      *[]ids.ID
	Assignees   *[]ids.ID
	Start       *event.Date
	Due         *event.Date
	Project     *ids.ID
	Column      *ids.ID
	Position    *string
}

// Check checks what needs no state and puts the change into the form that is recorded.
func (c *TaskChange) Check() error {
	f := Faults{base: "body"}
	if c.Title != nil {
		c.Title = ptr(f.line("title", *c.Title, 1, MaxTitle))
	}
	if c.Description != nil {
		c.Description = ptr(f.lines("description", *c.Description, 0, MaxDescription))
	}
	if c.Priority != nil {
		f.priority("priority", *c.Priority)
	}
	if c.Labels != nil {
		c.Labels = ptr(f.idList("labels", *c.Labels, MaxTaskLabels))
	}
	if c.Assignees != nil {
		c.Assignees = ptr(f.idList("assignees", *c.Assignees, MaxAssignees))
	}
	if c.Start != nil {
		f.date("start", *c.Start)
	}
	if c.Due != nil {
		f.date("due", *c.Due)
	}
	if c.Project != nil && c.Project.IsZero() {
		f.Add("project", "must not be the zero id")
	}
	if c.Column != nil && c.Column.IsZero() {
		f.Add("column", "must not be the zero id")
	}
	if c.Position != nil {
		f.position("position", *c.Position)
	}
	return f.Err()
}

// Moves reports whether the change says anything about the task's place.
func (c *TaskChange) Moves() bool { return c.Project != nil || c.Column != nil || c.Position != nil }

// EditTask answers what the change sets anew about a task's content, nil where
// nothing differs. t needs its Detail where Description is given.
func EditTask(f *state.Frame, t *state.Task, c *TaskChange) (*event.TaskPatch, error) {
	p := &event.TaskPatch{
		Title:    differs(t.Title, c.Title),
		Priority: differs(t.Priority, c.Priority),
		Start:    differs(t.Start, c.Start),
		Due:      differs(t.Due, c.Due),
	}
	if c.Description != nil {
		p.Description = differs(t.Detail.Description, c.Description)
	}
	if c.Labels != nil && !sameIDs(t.Labels, *c.Labels) {
		p.Labels = &event.Change[[]ids.ID]{From: t.Labels, To: *c.Labels}
	}
	if c.Assignees != nil && !sameIDs(t.Assignees, *c.Assignees) {
		p.Assignees = &event.Change[[]ids.ID]{From: t.Assignees, To: *c.Assignees}
	}
	if *p == (event.TaskPatch{}) {
		return nil, nil
	}
	project := t.Project
	if c.Project != nil {
		project = *c.Project
	}
	var labels, assignees []ids.ID
	if p.Labels != nil {
		labels = p.Labels.To
	}
	if p.Assignees != nil {
		assignees = p.Assignees.To
	}
	return p, knownIDs(f, "body", project, t.Labels, labels, t.Assignees, assignees)
}

// MoveTask answers what the change sets anew about a task's place, nil where
// nothing differs. from is the task's project, to the one it goes to (the same
// where it stays).
func MoveTask(from, to *state.Project, t *state.Task, c *TaskChange, b Board, now time.Time) (*event.TaskPatch, error) {
	if err := Writable(to); err != nil {
		return nil, err
	}
	var p event.TaskPatch
	column := t.Column
	switch {
	case to.ID != t.Project:
		want := ids.Nil
		if c.Column != nil {
			want = *c.Column
		}
		target, err := columnFor(to, want)
		if err != nil {
			return nil, err
		}
		n, err := b.NextNumber(to.ID)
		if err != nil {
			return nil, err
		}
		column = target.ID
		p.Project = &event.Change[ids.ID]{From: t.Project, To: to.ID}
		p.Number = &event.Change[uint64]{From: t.Number, To: n}
	case c.Column != nil && *c.Column != t.Column:
		target, err := columnFor(to, *c.Column)
		if err != nil {
			return nil, err
		}
		column = target.ID
	}
	if column != t.Column {
		p.Column = &event.Change[ids.ID]{From: t.Column, To: column}
		p.Completed = completion(from.Column(t.Column), to.Column(column), t.Completed, now)
	}
	if err := place(&p, to.ID, column, t, c.Position, b); err != nil {
		return nil, err
	}
	if p == (event.TaskPatch{}) {
		return nil, nil
	}
	return &p, nil
}

// place sets the position: as asked, or the end where "" is asked or the column is another.
func place(p *event.TaskPatch, project, column ids.ID, t *state.Task, want *string, b Board) error {
	if want != nil && *want != "" {
		p.Position = differs(t.Position, want)
		return nil
	}
	moved := p.Project != nil || p.Column != nil
	if want == nil && !moved {
		return nil
	}
	last, err := b.LastPosition(project, column)
	if err != nil {
		return err
	}
	if !moved && last == t.Position {
		return nil // it is the last already
	}
	next, err := After(last)
	if err != nil {
		return err
	}
	p.Position = differs(t.Position, &next)
	return nil
}

// completion answers what entering or leaving a done column does to a task's
// completion time, nil where it stays.
func completion(from, to *event.Column, was *time.Time, now time.Time) *event.Change[*time.Time] {
	left := from != nil && from.Category == event.Done
	switch {
	case to.Category == event.Done && was == nil:
		return &event.Change[*time.Time]{To: Moment(now)}
	case to.Category != event.Done && left && was != nil:
		return &event.Change[*time.Time]{From: was}
	}
	return nil
}

// PutTask answers the change that takes a task to a lifecycle state, nil where it is there.
func PutTask(t *state.Task, to event.Lifecycle) (*event.TaskPatch, error) {
	if t.State == to {
		return nil, nil
	}
	if to == event.Archived && t.State == event.Trashed {
		return nil, apperr.New(apperr.Conflict, "The task is in the trash. Restore it first.")
	}
	return &event.TaskPatch{State: &event.Change[event.Lifecycle]{From: t.State, To: to}}, nil
}

// PurgeTask decides on deleting a task for good.
func PurgeTask(t *state.Task) (*event.TaskGone, error) {
	if t.State != event.Trashed {
		return nil, apperr.New(apperr.Conflict, "Only a task in the trash can be deleted for good.")
	}
	return &event.TaskGone{Project: t.Project, Title: t.Title}, nil
}

// differs answers a change from was to what is asked, nil where nothing is asked or nothing differs.
func differs[T comparable](was T, want *T) *event.Change[T] {
	if want == nil || *want == was {
		return nil
	}
	return &event.Change[T]{From: was, To: *want}
}

func ptr[T any](v T) *T { return &v }
