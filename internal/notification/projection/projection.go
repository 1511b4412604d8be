// Package projection turns the events of workspaces into notices, and into
// what the notification service needs to know of tasks and members.
package projection

import (
	"context"
	"strings"
	"time"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/clock"
	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Handler implements consumer.Handler.
type Handler struct {
	Store store.Workspaces
	Clock clock.Clock
	// Began is when the service first ran.
	Began time.Time
}

var _ consumer.Handler = (*Handler)(nil)

// recorded is an event with its payload.
type recorded struct {
	*eventlog.Event
	typ     event.Type
	payload event.Payload
	version state.Version
}

// imported reports whether the event came with an import, of which nobody is told.
func (e *recorded) imported() bool { return strings.HasPrefix(e.Cause, "import:") }

// aboutTask reports whether an event type is about a task, and matters here.
func aboutTask(t event.Type) bool {
	switch t {
	case event.TaskCreated, event.TaskChanged, event.TaskMoved, event.TaskArchived, event.TaskTrashed, event.TaskRestored, event.TaskPurged,
		event.CommentAdded, event.CommentChanged, event.CommentRemoved:
		return true
	}
	return false
}

// aboutFrame reports whether an event type changes a frame.
func aboutFrame(t event.Type) bool {
	switch t {
	case event.WorkspaceCreated, event.WorkspaceChanged, event.MemberAdded, event.MemberChanged, event.MemberRemoved,
		event.InvitationCreated, event.InvitationAccepted, event.InvitationRevoked,
		event.ProjectCreated, event.ProjectChanged, event.ProjectArchived, event.ProjectTrashed, event.ProjectRestored:
		return true
	}
	return false
}

// Handle implements consumer.Handler.
func (h *Handler) Handle(ctx context.Context, batch consumer.Batch) (consumer.Effect, error) {
	var list []recorded
	seen := map[ids.ID]bool{}
	var tasks []ids.ID
	for i := range batch.Events {
		e := &batch.Events[i]
		t := event.Type(e.Type)
		of := aboutTask(t)
		if !of && !aboutFrame(t) {
			continue
		}
		p, err := event.Decode(t, e.Version, e.Data)
		if err != nil {
			return nil, err
		}
		if of && !seen[e.Entity] {
			seen[e.Entity] = true
			tasks = append(tasks, e.Entity)
		}
		list = append(list, recorded{e, t, p, state.At(batch.Generation, e.Seq)})
	}
	if len(list) == 0 {
		return nil, nil
	}
	frame, found, err := h.Store.Load(ctx, batch.Stream, batch.Generation, tasks)
	if err != nil {
		return nil, consumer.Temporary(err)
	}
	f := fold{
		workspace: batch.Stream, began: h.Began, now: h.Clock.Now(), frame: frame, tasks: found,
		changed: map[ids.ID]bool{}, reminders: map[ids.ID][]state.Reminder{},
	}
	for i := range list {
		if err := f.apply(&list[i]); err != nil {
			return nil, err
		}
	}
	plan := f.plan(tasks)
	if plan == nil {
		return nil, nil
	}
	return h.Store.Effect(*plan), nil
}

// Reset implements consumer.Handler.
func (h *Handler) Reset(ctx context.Context, tx consumer.Tx) error { return h.Store.Reset(ctx, tx) }

// fold is a workspace while a batch is folded into it.
type fold struct {
	workspace  ids.ID
	began, now time.Time

	frame     *state.Frame
	own       bool // the frame is not shared
	tasks     map[ids.ID]state.Task
	changed   map[ids.ID]bool
	steps     []store.Step
	reminders map[ids.ID][]state.Reminder
}

func (f *fold) plan(order []ids.ID) *store.Plan {
	plan := store.Plan{Workspace: f.workspace, Steps: f.steps, Reminders: f.reminders}
	for _, id := range order {
		if f.changed[id] {
			plan.Tasks = append(plan.Tasks, f.tasks[id])
		}
	}
	if f.own {
		plan.Frame = f.frame
	}
	if len(plan.Steps) == 0 && len(plan.Tasks) == 0 && plan.Frame == nil {
		return nil
	}
	return &plan
}

// apply folds an event, unless what it is about is there as it is after it: an
// earlier try wrote that, and with it, before it, all else that came of the event.
func (f *fold) apply(e *recorded) error {
	if !aboutTask(e.typ) {
		if f.frame != nil && f.frame.Version >= e.version {
			return nil
		}
		return f.applyFrame(e)
	}
	t, known := f.tasks[e.Entity]
	switch {
	case known && (t.Version >= e.version || t.Purged):
		return nil
	case !known && e.typ != event.TaskCreated:
		return nil // its creation was set aside
	case known && e.typ == event.TaskCreated:
		return nil
	}
	if err := f.applyTask(e, &t); err != nil {
		return err
	}
	t.Version = e.version
	f.tasks[t.ID], f.changed[t.ID] = t, true
	return nil
}

// sees reports whether a user may see a project.
func (f *fold) sees(user, project ids.ID) bool { return f.frame != nil && f.frame.Sees(user, project) }

// tell puts a notice into a user's inbox, unless it is the user's own act or
// about what they may not see, and reports whether it did.
func (f *fold) tell(e *recorded, n state.Notice) bool {
	if n.User == n.Actor || !f.sees(n.User, n.Project) || domain.Old(e.At, f.now) || e.imported() {
		return false
	}
	n.ID = domain.NoticeID(e.ID, n.User, n.Kind)
	n.Workspace, n.At, n.Version = f.workspace, e.At, e.version
	f.steps = append(f.steps, store.Step{Version: e.version, Put: &n, Send: domain.Mails(&n, f.began, f.now)})
	return true
}

// hide takes notices away for good.
func (f *fold) hide(e *recorded, m store.Match) {
	m.Workspace = f.workspace
	f.steps = append(f.steps, store.Step{Version: e.version, Match: m, To: state.Undone})
}

// turn hides notices for a while, or shows them again.
func (f *fold) turn(e *recorded, m store.Match, from, to state.Hidden) {
	m.Workspace = f.workspace
	f.steps = append(f.steps, store.Step{Version: e.version, Match: m, From: from, To: to})
}
