package command

import (
	"errors"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// undoing is one undo at work.
type undoing struct {
	*decision
	// made holds the projects and tasks that the undone commit made: what it did
	// inside them goes with them.
	made   map[ids.ID]bool
	report *UndoReport
}

// all sets back a commit's events, newest first, each on the state that the one before left.
func (u *undoing) all(commit []pastEvent) error {
	for _, ev := range commit {
		if t := event.Type(ev.Type); t == event.ProjectCreated || t == event.TaskCreated {
			u.made[ev.Entity] = true
		}
	}
	for _, ev := range commit {
		if u.goesWith(ev) {
			u.report.Undone++
			continue
		}
		before := len(u.events)
		r := &domain.Reversal{}
		if err := u.one(r, ev); err != nil {
			var refused *apperr.Error
			if !errors.As(err, &refused) || refused.Code == apperr.Internal || refused.Code == apperr.Unavailable {
				return err
			}
			r.Left = []domain.Left{{Why: refused.Message}}
		}
		for _, l := range r.Left {
			u.report.Left = append(u.report.Left, UndoLeft{Entity: ev.Entity, Field: l.Field, Why: l.Why})
		}
		if len(u.events) > before {
			u.report.Undone++
		}
		if err := u.settle(); err != nil {
			return err
		}
	}
	return nil
}

// goesWith reports whether the event is about the inside of something that the same commit made.
func (u *undoing) goesWith(ev pastEvent) bool {
	switch event.Type(ev.Type) {
	case event.ProjectCreated:
		return false
	case event.TaskCreated:
		return u.made[ev.Scope]
	}
	return u.made[ev.Entity] || u.made[ev.Scope]
}

// one records what sets back an event. An error with a code of the caller's
// kind (not allowed any more, gone, put away) means that it is left.
func (u *undoing) one(r *domain.Reversal, ev pastEvent) error {
	switch p := ev.payload.(type) {
	case *event.TaskData:
		return u.taskCreated(r, ev)
	case *event.TaskPatch:
		return u.taskPatch(r, ev, p)
	case *event.ItemsData, *event.ItemData, *event.ItemPatch, *event.AttachmentData:
		return u.parts(r, ev)
	case *event.CommentData:
		return u.comment(r, ev, p)
	case *event.CommentPatch:
		return u.commentPatch(r, ev, p)
	case *event.ProjectData, *event.ProjectPatch:
		return u.project(r, ev)
	case *event.ColumnData, *event.ColumnPatch:
		return u.column(r, ev)
	case *event.LabelData, *event.LabelPatch:
		return u.label(r, ev)
	case *event.WorkspacePatch:
		if _, err := domain.Allow(u.frame, u.actor, domain.ChangeWorkspace); err != nil {
			return err
		}
		if back := r.Workspace(u.frame, p); back != nil {
			u.record(ev.Entity, ids.Nil, event.WorkspaceChanged, back)
		}
		return nil
	case *event.MemberData:
		return u.member(ev, p)
	}
	return errByHand
}

var errByHand = apperr.New(apperr.Conflict, "A change of this kind cannot be undone. Change it back by hand.")

func (u *undoing) taskCreated(r *domain.Reversal, ev pastEvent) error {
	t, p, err := u.task(ev.Entity, domain.ChangeTasks, nil, false)
	if err != nil {
		return err
	}
	if err := domain.Writable(p); err != nil {
		return err
	}
	if back := r.TaskCreated(t); back != nil {
		u.record(t.ID, p.ID, event.TaskTrashed, back)
	}
	return nil
}

func (u *undoing) taskPatch(r *domain.Reversal, ev pastEvent, p *event.TaskPatch) error {
	t, in, err := u.task(ev.Entity, domain.ChangeTasks, nil, p.Description != nil)
	if err != nil {
		return err
	}
	if err := domain.Writable(in); err != nil {
		return err
	}
	kind, to := event.TaskChanged, in
	var back *event.TaskPatch
	switch event.Type(ev.Type) {
	case event.TaskChanged:
		if err := domain.Editable(in, t); err != nil {
			return err
		}
		back = r.TaskEdit(t, p)
	case event.TaskMoved:
		if err := domain.Editable(in, t); err != nil {
			return err
		}
		if p.Project != nil {
			to, err = domain.AllowIn(u.frame, u.actor, domain.ChangeTasks, p.Project.From)
			if err != nil || domain.Writable(to) != nil {
				to = nil
			}
		}
		kind, back = event.TaskMoved, r.TaskMove(to, t, p)
	default:
		if back = r.TaskState(t, p); back != nil {
			kind = stateEvent(back.State.To)
		}
	}
	if back != nil {
		scope := in.ID
		if back.Project != nil {
			scope = back.Project.To
		}
		u.record(t.ID, scope, kind, back)
	}
	return nil
}

// stateEvent names the event that takes a task to a lifecycle state.
func stateEvent(to event.Lifecycle) event.Type {
	switch to {
	case event.Archived:
		return event.TaskArchived
	case event.Trashed:
		return event.TaskTrashed
	}
	return event.TaskRestored
}

// parts sets back what was done to a task's checklist or attachments.
func (u *undoing) parts(r *domain.Reversal, ev pastEvent) error {
	t, in, err := u.editable(ev.Entity, domain.ChangeTasks, nil, true)
	if err != nil {
		return err
	}
	switch p := ev.payload.(type) {
	case *event.ItemsData:
		for _, it := range p.Items {
			if back := r.ItemAdded(t, it); back != nil {
				u.record(t.ID, in.ID, event.ItemRemoved, back)
			}
		}
	case *event.ItemData:
		if back := r.ItemRemoved(t, p.Item); back != nil {
			u.record(t.ID, in.ID, event.ItemsAdded, back)
		}
	case *event.ItemPatch:
		if back := r.Item(t, p); back != nil {
			u.record(t.ID, in.ID, event.ItemChanged, back)
		}
	case *event.AttachmentData:
		added := event.Type(ev.Type) == event.AttachmentAdded
		if back := r.Attachment(t, p.Attachment, added); back != nil {
			kind := event.AttachmentAdded
			if added {
				kind = event.AttachmentRemoved
			}
			u.record(t.ID, in.ID, kind, back)
		}
	}
	return nil
}

// commentOf loads a comment of an editable task, nil where it is gone.
func (u *undoing) commentOf(task, id ids.ID) (*state.Comment, *state.Project, error) {
	_, in, err := u.editable(task, domain.Comment, nil, false)
	if err != nil {
		return nil, nil, err
	}
	c, err := u.Comment(id)
	return c, in, err
}

func (u *undoing) comment(r *domain.Reversal, ev pastEvent, p *event.CommentData) error {
	c, in, err := u.commentOf(ev.Entity, p.Comment.ID)
	if err != nil {
		return err
	}
	if event.Type(ev.Type) == event.CommentAdded {
		if back := r.CommentAdded(c, p.Comment); back != nil {
			u.record(ev.Entity, in.ID, event.CommentRemoved, back)
		}
		return nil
	}
	if c != nil {
		return apperr.New(apperr.Conflict, "The comment is there again already.")
	}
	u.record(ev.Entity, in.ID, event.CommentAdded, p)
	return nil
}

func (u *undoing) commentPatch(r *domain.Reversal, ev pastEvent, p *event.CommentPatch) error {
	c, in, err := u.commentOf(ev.Entity, p.ID)
	if err != nil {
		return err
	}
	if back := r.CommentChanged(c, p); back != nil {
		u.record(ev.Entity, in.ID, event.CommentChanged, back)
	}
	return nil
}

func (u *undoing) project(r *domain.Reversal, ev pastEvent) error {
	p, err := domain.AllowIn(u.frame, u.actor, domain.ChangeProject, ev.Entity)
	if err != nil {
		return err
	}
	var back *event.ProjectPatch
	kind := event.ProjectChanged
	switch change := ev.payload.(type) {
	case *event.ProjectData:
		// Whoever made a project may unmake it, also where trashing others' takes a higher role.
		if back, err = domain.PutProject(p, event.Trashed); err != nil {
			return err
		}
		if back == nil {
			return apperr.New(apperr.Conflict, "It is in the trash already.")
		}
		kind = event.ProjectTrashed
	case *event.ProjectPatch:
		if change.State == nil {
			if err := domain.Writable(p); err != nil {
				return err
			}
		}
		if back = r.Project(u.frame, p, change); back != nil && back.State != nil {
			if back.State.To == event.Trashed || back.State.From == event.Trashed {
				if _, err := domain.Allow(u.frame, u.actor, domain.TrashProject); err != nil {
					return err
				}
			}
			kind = map[event.Lifecycle]event.Type{
				event.Live: event.ProjectRestored, event.Archived: event.ProjectArchived, event.Trashed: event.ProjectTrashed,
			}[back.State.To]
		}
	}
	if back != nil {
		u.record(p.ID, p.ID, kind, back)
	}
	return nil
}

func (u *undoing) column(r *domain.Reversal, ev pastEvent) error {
	p, err := domain.AllowIn(u.frame, u.actor, domain.ChangeProject, ev.Entity)
	if err != nil {
		return err
	}
	if err := domain.Writable(p); err != nil {
		return err
	}
	switch change := ev.payload.(type) {
	case *event.ColumnPatch:
		if back := r.Column(p, change); back != nil {
			u.record(p.ID, p.ID, event.ColumnChanged, back)
		}
	case *event.ColumnData:
		if event.Type(ev.Type) == event.ColumnRemoved {
			if columnTaken(u.frame, change.Column.ID) {
				return apperr.New(apperr.Conflict, "The column is there again already.")
			}
			back, err := domain.AddColumn(p, change.Column, domain.MaxImportedColumns)
			if err != nil {
				return err
			}
			u.record(p.ID, p.ID, event.ColumnCreated, back)
			return nil
		}
		occupied, err := u.Occupied(p.ID, change.Column.ID)
		if err != nil {
			return err
		}
		back, err := domain.RemoveColumn(p, change.Column.ID, occupied)
		if err != nil {
			return err
		}
		u.record(p.ID, p.ID, event.ColumnRemoved, back)
	}
	return nil
}

func (u *undoing) label(r *domain.Reversal, ev pastEvent) error {
	if _, err := domain.Allow(u.frame, u.actor, domain.ChangeLabels); err != nil {
		return err
	}
	l := u.frame.Labels[ev.Entity]
	if event.Type(ev.Type) == event.LabelRemoved {
		if l != nil {
			return apperr.New(apperr.Conflict, "The label is there again already.")
		}
		u.record(ev.Entity, ids.Nil, event.LabelCreated, ev.payload)
		return nil
	}
	if l == nil {
		return errNoLabel
	}
	switch change := ev.payload.(type) {
	case *event.LabelPatch:
		if back := r.Label(u.frame, l, change); back != nil {
			u.record(l.ID, ids.Nil, event.LabelChanged, back)
		}
	case *event.LabelData:
		u.record(l.ID, ids.Nil, event.LabelRemoved, &event.LabelData{Name: l.Name, Color: l.Color})
	}
	return nil
}

// member takes out a placeholder that an import brought. People stay: that is for their admins.
func (u *undoing) member(ev pastEvent, p *event.MemberData) error {
	if event.Type(ev.Type) != event.MemberAdded || p.Kind != event.Placeholder {
		return errByHand
	}
	if _, err := domain.Allow(u.frame, u.actor, domain.Import); err != nil {
		return err
	}
	m := u.frame.Members[p.User]
	if m == nil || m.Removed {
		return apperr.New(apperr.Conflict, "It was removed already.")
	}
	u.record(p.User, ids.Nil, event.MemberRemoved, p)
	return nil
}
