package domain

import (
	"time"

	"headway/internal/notification/state"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Soon is how long before its deadline a task is due soon.
const Soon = 24 * time.Hour

// Deadline is the moment from which on a task is overdue: the moment of a due
// date with a time, the end of the day of one without. Neither workspaces nor
// people have a time zone so far, so days are those of UTC.
func Deadline(due event.Date) (time.Time, bool) {
	if day, err := time.Parse(time.DateOnly, string(due)); err == nil {
		return day.AddDate(0, 0, 1), true
	}
	at, err := time.Parse(time.RFC3339, string(due))
	return at.UTC(), err == nil
}

// Reminders are the moments at which a task is to be looked at.
func Reminders(t *state.Task) []state.Reminder {
	at, ok := Deadline(t.Due)
	if !ok || !waits(t) {
		return nil
	}
	r := state.Reminder{Workspace: t.Workspace, Task: t.ID, Version: t.Version}
	first, second := r, r
	first.At, second.At = at.Add(-Soon), at
	return []state.Reminder{first, second}
}

// waits reports whether somebody should do something about a task.
func waits(t *state.Task) bool {
	return !t.Purged && t.State == event.Live && !t.Completed && len(t.Assignees) > 0
}

// Stage answers what there is to say of a task's due date, "" where nothing,
// and since when.
func Stage(f *state.Frame, t *state.Task, now time.Time) (state.Kind, time.Time) {
	at, ok := Deadline(t.Due)
	switch {
	case !ok || !waits(t) || f == nil || f.Projects[t.Project].State != event.Live || Old(at, now):
		return "", time.Time{}
	case !now.Before(at):
		return state.Overdue, at
	case !now.Before(at.Add(-Soon)):
		return state.DueSoon, at.Add(-Soon)
	}
	return "", time.Time{}
}

// DueNotice is what a user is told of a task's due date.
func DueNotice(t *state.Task, user ids.ID, kind state.Kind, at time.Time) state.Notice {
	origin := ids.Derive(space, "due", t.Workspace.String(), t.ID.String(), string(t.Due))
	return state.Notice{
		User: user, ID: NoticeID(origin, user, kind), Workspace: t.Workspace, Project: t.Project, Task: t.ID, About: t.ID,
		Kind: kind, At: at, Version: t.Version,
	}
}
