package domain

import (
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain/position"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// Board answers what a decision about a task's place asks of the rows.
type Board interface {
	// LastPosition answers the greatest position in a column, "" where it is empty.
	LastPosition(project, column ids.ID) (string, error)
	// NextNumber answers the number for the project's next task.
	NextNumber(project ids.ID) (uint64, error)
}

// CheckNewTask checks what needs no state and puts the draft into the form
// that is recorded. Paths in errors start with base ("body").
func CheckNewTask(base string, d *event.TaskData) error {
	f := Faults{base: base}
	if d.Project.IsZero() {
		f.Add("project", "must be given")
	}
	d.Title = f.line("title", d.Title, 1, MaxTitle)
	d.Description = f.lines("description", d.Description, 0, MaxDescription)
	if d.Priority == "" {
		d.Priority = event.NoPriority
	}
	f.priority("priority", d.Priority)
	d.Labels = f.idList("labels", d.Labels, MaxTaskLabels)
	d.Assignees = f.idList("assignees", d.Assignees, MaxAssignees)
	f.date("start", d.Start)
	f.date("due", d.Due)
	f.position("position", d.Position)
	d.Items = f.items("items", d.Items, MaxItems)
	d.Attachments = f.attachments("attachments", d.Attachments)
	return f.Err()
}

// PlaceTask completes a checked draft by the state: column, number, position,
// completion. It answers a new value, since a decision may run more than once.
func PlaceTask(f *state.Frame, p *state.Project, b Board, d *event.TaskData, now time.Time) (*event.TaskData, error) {
	if err := Writable(p); err != nil {
		return nil, err
	}
	next := *d
	column, err := columnFor(p, d.Column)
	if err != nil {
		return nil, err
	}
	next.Column, next.State = column.ID, event.Live
	if err := knownIDs(f, "body", p.ID, nil, d.Labels, nil, d.Assignees); err != nil {
		return nil, err
	}
	if next.Position == "" {
		if next.Position, err = end(b, p.ID, column.ID); err != nil {
			return nil, err
		}
	}
	if column.Category == event.Done {
		next.Completed = Moment(now)
	}
	if next.Number, err = b.NextNumber(p.ID); err != nil {
		return nil, err
	}
	return &next, nil
}

// columnFor answers the column that a task goes into: the one asked for, or
// the first that is open or backlog, or the first at all. Archived columns take none.
func columnFor(p *state.Project, want ids.ID) (*event.Column, error) {
	if !want.IsZero() {
		c := p.Column(want)
		switch {
		case c == nil:
			return nil, apperr.InvalidField("body.column", "is not a column of the project")
		case c.Archived:
			return nil, apperr.New(apperr.Conflict, "The column is archived. Choose another or bring it back first.")
		}
		return c, nil
	}
	var first *event.Column
	for i := range p.Columns {
		c := &p.Columns[i]
		if c.Archived {
			continue
		}
		if c.Category == event.Open || c.Category == event.Backlog {
			return c, nil
		}
		if first == nil {
			first = c
		}
	}
	if first == nil {
		return nil, apperr.New(apperr.Conflict, "The project has no column. Add one first.")
	}
	return first, nil
}

// end answers the position after everything in a column.
func end(b Board, project, column ids.ID) (string, error) {
	last, err := b.LastPosition(project, column)
	if err != nil {
		return "", err
	}
	return After(last)
}

// After answers the position after one; "" is the first of all.
func After(last string) (string, error) {
	next, err := position.Between(last, "")
	if err != nil {
		return "", &apperr.Error{Code: apperr.Conflict, Message: "There is no room after the last entry. Move that one first.", Cause: err}
	}
	return next, nil
}

// knownIDs checks the labels and assignees that a task did not have before.
func knownIDs(f *state.Frame, base string, project ids.ID, hadLabels, labels, hadAssignees, assignees []ids.ID) error {
	faults := Faults{base: base}
	for i, id := range labels {
		if f.Labels[id] == nil && !contains(hadLabels, id) {
			faults.Add(at("labels", i), "is not a label of this workspace")
		}
	}
	for i, id := range assignees {
		if contains(hadAssignees, id) {
			continue
		}
		if m := f.Members[id]; m == nil || m.Removed {
			faults.Add(at("assignees", i), "is not a member of this workspace")
		} else if !Sees(m, project) {
			faults.Add(at("assignees", i), "is a guest who may not see this project")
		}
	}
	return faults.Err()
}

// KnownIDs checks the labels and assignees of an imported task; paths start with base.
func KnownIDs(f *state.Frame, base string, project ids.ID, labels, assignees []ids.ID) error {
	return knownIDs(f, base, project, nil, labels, nil, assignees)
}

func contains(list []ids.ID, id ids.ID) bool {
	for i := range list {
		if list[i] == id {
			return true
		}
	}
	return false
}

// Moment gives a time as it is recorded: in UTC, to the millisecond.
func Moment(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

// SameTask reports whether a draft, as checked, asks for what was recorded: a
// column, position or id that the draft left open matches any.
func SameTask(draft, recorded *event.TaskData) bool {
	if draft.Project != recorded.Project || draft.Title != recorded.Title || draft.Description != recorded.Description ||
		draft.Priority != recorded.Priority || draft.Start != recorded.Start || draft.Due != recorded.Due ||
		!draft.Column.IsZero() && draft.Column != recorded.Column ||
		draft.Position != "" && draft.Position != recorded.Position ||
		!sameIDs(draft.Labels, recorded.Labels) || !sameIDs(draft.Assignees, recorded.Assignees) ||
		len(draft.Items) != len(recorded.Items) {
		return false
	}
	for i, it := range draft.Items {
		was := recorded.Items[i]
		if it.Title != was.Title || it.List != was.List || it.Done != was.Done {
			return false
		}
	}
	return true
}

func sameIDs(a, b []ids.ID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
