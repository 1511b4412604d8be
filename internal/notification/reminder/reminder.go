// Package reminder tells people of due dates: what time brings, not an event.
//
// The projection keeps the moments at which a task is to be looked at. Workers
// of all processes take those that are due, each with a lease, and make the
// notices of the task what they should be at that moment. That may be done
// twice, or late, or by a process that others took for dead: the notices have
// ids made of task, due date and recipient, and versions above that of the task.
package reminder

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/clock"
	"headway/internal/platform/repeat"
)

// Worker looks at tasks when they are due.
type Worker struct {
	Store store.Workspaces
	Clock clock.Clock
	Log   *slog.Logger
	// Began is when the service first ran.
	Began time.Time
}

const (
	// every is how often the worker asks what is due.
	every = 5 * time.Second
	// lease is how long a reminder is left to the process that took it.
	lease = time.Minute
	// batch is how many are taken at once.
	batch = 100
)

// Run does that until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	repeat.Watched(ctx, every, w.All, func(err error) {
		if err != nil {
			w.Log.WarnContext(ctx, "reminders cannot be looked at; trying until they can", "cause", err)
		} else {
			w.Log.InfoContext(ctx, "reminders can be looked at again")
		}
	})
}

// All looks at what is due now.
func (w *Worker) All(ctx context.Context) error {
	for {
		now := w.Clock.Now()
		due, err := w.Store.Reminders(ctx, now, now.Add(lease), batch)
		if err != nil {
			return err
		}
		for _, r := range due {
			err := w.Store.Remind(ctx, r, func(f *state.Frame, t *state.Task) []store.Step {
				return Steps(f, t, w.Began, w.Clock.Now())
			})
			if err != nil {
				return err
			}
		}
		if len(due) < batch {
			return nil
		}
	}
}

// Steps make the notices of a task's due date what they should be now.
func Steps(f *state.Frame, t *state.Task, began, now time.Time) []store.Step {
	if t == nil {
		return nil
	}
	kind, at := domain.Stage(f, t, now)
	stage := map[state.Kind]uint{state.DueSoon: 1, state.Overdue: 2}[kind]
	if stage == 0 {
		return nil // the projection took away what was said before
	}
	version := t.Version.Stage(stage)
	var steps []store.Step
	for _, user := range t.Told {
		wanted := slices.Contains(t.Assignees, user) && f.Sees(user, t.Project)
		for _, k := range []state.Kind{state.DueSoon, state.Overdue} {
			if wanted && k == kind {
				n := domain.DueNotice(t, user, kind, at)
				n.Version = version
				steps = append(steps, store.Step{Version: version, Put: &n, Send: domain.Mails(&n, began, now)})
				continue
			}
			// Above what is put: access may have gone while it was.
			steps = append(steps, store.Step{
				Version: t.Version.Stage(3), Match: store.Match{User: user, Workspace: t.Workspace, Task: t.ID, Kind: k}, To: state.Undone,
			})
		}
	}
	return steps
}
