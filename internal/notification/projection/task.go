package projection

import (
	"fmt"
	"slices"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// applyTask folds an event into its task, which is zero before its creation.
func (f *fold) applyTask(e *recorded, t *state.Task) error {
	switch p := e.payload.(type) {
	case *event.TaskData:
		f.created(e, t, p)
	case *event.TaskPatch:
		f.patched(e, t, p)
	case *event.TaskGone:
		for _, user := range t.Told {
			f.hide(e, store.Match{User: user, Task: t.ID})
		}
		*t = state.Task{Workspace: t.Workspace, ID: t.ID, Purged: true}
		f.reminders[t.ID] = nil
	case *event.CommentData:
		if e.typ == event.CommentRemoved {
			for _, user := range t.Told {
				f.hide(e, store.Match{User: user, About: p.Comment.ID})
			}
			return nil
		}
		f.commented(e, t, p)
	case *event.CommentPatch:
		if p.Text != nil {
			f.mentions(e, t, p.ID, p.Text.From, p.Text.To)
		}
	default:
		return fmt.Errorf("notification: %s at seq %d with a %T", e.typ, e.Seq, e.payload)
	}
	return nil
}

// notice tells a user of a task, or of a comment on it.
func (f *fold) notice(e *recorded, t *state.Task, user ids.ID, kind state.Kind, about ids.ID) {
	if t.State == event.Trashed {
		return
	}
	n := state.Notice{User: user, Project: t.Project, Task: t.ID, About: about, Kind: kind, Actor: e.Actor}
	if f.tell(e, n) {
		t.Tell(user)
	}
}

func (f *fold) created(e *recorded, t *state.Task, p *event.TaskData) {
	*t = state.Task{
		Workspace: f.workspace, ID: e.Entity, Project: p.Project, Number: p.Number, Title: p.Title, Assignees: p.Assignees,
		Creator: e.Actor, Due: p.Due, State: p.State, Completed: p.Completed != nil,
	}
	if e.imported() {
		t.Creator = ids.Nil
	}
	t.Tell(t.Assignees...)
	for _, user := range t.Assignees {
		f.notice(e, t, user, state.Assigned, t.ID)
	}
	f.mentions(e, t, t.ID, "", p.Description)
	if t.Due != "" {
		f.remind(e, t)
	}
}

// remind has a task looked at when it is due.
func (f *fold) remind(e *recorded, t *state.Task) {
	list := domain.Reminders(t)
	for i := range list {
		list[i].Version = e.version
	}
	f.reminders[t.ID] = list
}

func set[T any](field *T, c *event.Change[T]) {
	if c != nil {
		*field = c.To
	}
}

func (f *fold) patched(e *recorded, t *state.Task, p *event.TaskPatch) {
	was := *t
	set(&t.Title, p.Title)
	set(&t.Number, p.Number)
	set(&t.Due, p.Due)
	set(&t.State, p.State)
	set(&t.Project, p.Project)
	set(&t.Assignees, p.Assignees)
	if p.Completed != nil {
		t.Completed = p.Completed.To != nil
	}
	t.Tell(t.Assignees...)
	// A notice takes one step of an event: what lasts comes first.
	for _, user := range was.Assignees {
		if !slices.Contains(t.Assignees, user) {
			for _, kind := range []state.Kind{state.Assigned, state.DueSoon, state.Overdue} {
				f.hide(e, store.Match{User: user, Task: t.ID, Kind: kind})
			}
		}
	}
	f.due(e, t, &was)
	if p.Description != nil {
		f.mentions(e, t, t.ID, p.Description.From, p.Description.To)
	}
	if t.Project != was.Project {
		f.moved(e, t)
	}
	f.trashed(e, t, was.State)
	for _, user := range t.Assignees {
		if !slices.Contains(was.Assignees, user) {
			f.notice(e, t, user, state.Assigned, t.ID)
		}
	}
}

// trashed hides the notices of a task while it is in the trash.
func (f *fold) trashed(e *recorded, t *state.Task, was event.Lifecycle) {
	for _, user := range t.Told {
		switch {
		case t.State == event.Trashed && was != event.Trashed:
			f.turn(e, store.Match{User: user, Task: t.ID}, state.Shown, state.WithTask)
		case t.State != event.Trashed && was == event.Trashed:
			f.turn(e, store.Match{User: user, Task: t.ID}, state.WithTask, state.Shown)
		}
	}
}

// due drops what was said of a due date that does not hold any more, and has
// the task looked at anew.
func (f *fold) due(e *recorded, t, was *state.Task) {
	if t.Due == was.Due && t.Completed == was.Completed && t.State == was.State && t.Project == was.Project && slices.Equal(t.Assignees, was.Assignees) {
		// Reminders stay, under the version that they were made with.
		return
	}
	if was.Due != "" && (t.Due != was.Due || t.Completed && !was.Completed || t.State != event.Live && was.State == event.Live) {
		for _, user := range t.Told {
			f.hide(e, store.Match{User: user, Task: t.ID, Kind: state.DueSoon})
			f.hide(e, store.Match{User: user, Task: t.ID, Kind: state.Overdue})
		}
	}
	if t.Due != "" || was.Due != "" {
		f.remind(e, t)
	}
}

// moved takes the notices of a task along into another project, and away from
// those who do not see that.
func (f *fold) moved(e *recorded, t *state.Task) {
	for _, user := range t.Told {
		m := store.Match{User: user, Task: t.ID}
		if !f.sees(user, t.Project) {
			f.hide(e, m)
			continue
		}
		m.Workspace = f.workspace
		f.steps = append(f.steps, store.Step{Version: e.version, Match: m, MoveTo: t.Project})
	}
}

// mentions tells those who are mentioned from now on, and not any more those
// who were. about is the task or the comment that the text is of.
func (f *fold) mentions(e *recorded, t *state.Task, about ids.ID, from, to string) {
	before, after := event.Mentions(from), event.Mentions(to)
	for _, user := range before {
		if !slices.Contains(after, user) {
			f.hide(e, store.Match{User: user, Task: t.ID, About: about, Kind: state.Mentioned})
		}
	}
	for _, user := range after {
		if !slices.Contains(before, user) {
			f.notice(e, t, user, state.Mentioned, about)
		}
	}
}

func (f *fold) commented(e *recorded, t *state.Task, p *event.CommentData) {
	f.mentions(e, t, p.Comment.ID, "", p.Comment.Text)
	told := event.Mentions(p.Comment.Text)
	for _, user := range append(slices.Clone(t.Assignees), t.Creator) {
		if !slices.Contains(told, user) {
			told = append(told, user)
			f.notice(e, t, user, state.Commented, p.Comment.ID)
		}
	}
}
