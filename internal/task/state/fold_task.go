package state

import (
	"cmp"
	"slices"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// NewTask folds TaskCreated. The task answered has its Detail.
func NewTask(m Meta, d *event.TaskData) *Task {
	t := &Task{
		ID:        m.Entity,
		Project:   d.Project,
		Column:    d.Column,
		Number:    d.Number,
		Title:     d.Title,
		Priority:  d.Priority,
		Labels:    list(d.Labels),
		Assignees: list(d.Assignees),
		Start:     d.Start,
		Due:       d.Due,
		Position:  d.Position,
		State:     d.State,
		Completed: moment(d.Completed),

		HasDescription: d.Description != "",
		CreatedAt:      m.At,
		CreatedBy:      m.Actor,
		UpdatedAt:      m.At,
		Seq:            m.Seq,
		Detail:         &Detail{Description: d.Description},
	}
	if d.Created != nil {
		t.CreatedAt = d.Created.UTC()
	}
	if len(d.Items) > 0 {
		t.setItems(sortItems(slices.Clone(d.Items)))
	}
	if len(d.Attachments) > 0 {
		t.setAttachments(slices.Clone(d.Attachments))
	}
	return t
}

// NeedsDetail reports whether folding an event of the type with this payload
// reads or writes a task's Detail.
func NeedsDetail(p event.Payload) bool {
	switch p := p.(type) {
	case *event.TaskPatch:
		return p.Description != nil
	case *event.ItemsData, *event.ItemData, *event.ItemPatch, *event.AttachmentData:
		return true
	}
	return false
}

// Apply folds one event of the task and answers the task after it; t is left
// as it was. It is nil on t for TaskCreated, and answers nil for TaskPurged.
// Where NeedsDetail says so, t must have its Detail.
func (t *Task) Apply(m Meta, p event.Payload) (*Task, error) {
	if d, ok := p.(*event.TaskData); ok && m.Type == event.TaskCreated {
		if t != nil {
			return nil, m.fault(ErrExists, "the task")
		}
		return NewTask(m, d), nil
	}
	if t == nil {
		return nil, m.fault(ErrMissing, "the task")
	}
	if t.Detail == nil && NeedsDetail(p) {
		return nil, m.fault(ErrMissing, "the task's detail")
	}
	next := *t
	next.Seq, next.UpdatedAt = m.Seq, m.At
	var err error
	switch p := p.(type) {
	case *event.TaskPatch:
		err = next.patch(m, p)
	case *event.TaskGone:
		if m.Type != event.TaskPurged {
			return nil, m.unexpected(p)
		}
		return nil, nil
	case *event.ItemsData, *event.ItemData, *event.ItemPatch:
		err = next.changeItems(m, p)
	case *event.AttachmentData:
		err = next.changeAttachments(m, p)
	case *event.CommentData:
		switch m.Type {
		case event.CommentAdded:
			next.Comments++
		case event.CommentRemoved:
			next.Comments--
		default:
			err = m.unexpected(p)
		}
	case *event.CommentPatch:
		if m.Type != event.CommentChanged {
			err = m.unexpected(p)
		}
	default:
		err = m.unexpected(p)
	}
	if err != nil {
		return nil, err
	}
	return &next, nil
}

// patch works on a copy of the task that is not published yet.
func (t *Task) patch(m Meta, p *event.TaskPatch) error {
	switch m.Type {
	case event.TaskChanged, event.TaskMoved, event.TaskArchived, event.TaskTrashed, event.TaskRestored:
	default:
		return m.unexpected(p)
	}
	set(&t.Title, p.Title)
	set(&t.Priority, p.Priority)
	set(&t.Start, p.Start)
	set(&t.Due, p.Due)
	set(&t.Project, p.Project)
	set(&t.Number, p.Number)
	set(&t.Column, p.Column)
	set(&t.Position, p.Position)
	set(&t.State, p.State)
	if p.Labels != nil {
		t.Labels = list(p.Labels.To)
	}
	if p.Assignees != nil {
		t.Assignees = list(p.Assignees.To)
	}
	if p.Completed != nil {
		t.Completed = moment(p.Completed.To)
	}
	if p.Description != nil {
		d := *t.Detail
		d.Description = p.Description.To
		t.Detail = &d
		t.HasDescription = d.Description != ""
	}
	return nil
}

func (t *Task) changeItems(m Meta, p event.Payload) error {
	items := slices.Clone(t.Detail.Items)
	switch p := p.(type) {
	case *event.ItemsData:
		if m.Type != event.ItemsAdded {
			return m.unexpected(p)
		}
		for _, it := range p.Items {
			if itemAt(items, it.ID) >= 0 {
				return m.fault(ErrExists, "the checklist item")
			}
			items = append(items, it)
		}
	case *event.ItemData:
		if m.Type != event.ItemRemoved {
			return m.unexpected(p)
		}
		i := itemAt(items, p.Item.ID)
		if i < 0 {
			return m.fault(ErrMissing, "the checklist item")
		}
		items = slices.Delete(items, i, i+1)
	case *event.ItemPatch:
		i := itemAt(items, p.ID)
		if i < 0 {
			return m.fault(ErrMissing, "the checklist item")
		}
		if m.Type != event.ItemChanged {
			return m.unexpected(p)
		}
		set(&items[i].List, p.List)
		set(&items[i].Title, p.Title)
		set(&items[i].Done, p.Done)
		set(&items[i].Position, p.Position)
	}
	t.setItems(sortItems(items))
	return nil
}

func (t *Task) changeAttachments(m Meta, p *event.AttachmentData) error {
	links := slices.Clone(t.Detail.Attachments)
	i := slices.IndexFunc(links, func(a event.Attachment) bool { return a.ID == p.Attachment.ID })
	switch m.Type {
	case event.AttachmentAdded:
		if i >= 0 {
			return m.fault(ErrExists, "the attachment")
		}
		links = append(links, p.Attachment)
	case event.AttachmentRemoved:
		if i < 0 {
			return m.fault(ErrMissing, "the attachment")
		}
		links = slices.Delete(links, i, i+1)
	default:
		return m.unexpected(p)
	}
	t.setAttachments(links)
	return nil
}

func (t *Task) setItems(items []event.Item) {
	var d Detail
	if t.Detail != nil {
		d = *t.Detail
	}
	if len(items) == 0 {
		items = nil
	}
	d.Items = items
	t.Detail = &d
	t.ItemsTotal, t.ItemsDone = len(items), 0
	for i := range items {
		if items[i].Done {
			t.ItemsDone++
		}
	}
}

func (t *Task) setAttachments(links []event.Attachment) {
	var d Detail
	if t.Detail != nil {
		d = *t.Detail
	}
	if len(links) == 0 {
		links = nil
	}
	d.Attachments = links
	t.Detail = &d
	t.Attachments = len(links)
}

// Item answers a checklist item of a task whose Detail is loaded, nil where there is none.
func (t *Task) Item(id ids.ID) *event.Item {
	if i := itemAt(t.Detail.Items, id); i >= 0 {
		return &t.Detail.Items[i]
	}
	return nil
}

// Attachment answers an attachment of a task whose Detail is loaded, nil where there is none.
func (t *Task) Attachment(id ids.ID) *event.Attachment {
	for i := range t.Detail.Attachments {
		if t.Detail.Attachments[i].ID == id {
			return &t.Detail.Attachments[i]
		}
	}
	return nil
}

func itemAt(items []event.Item, id ids.ID) int {
	return slices.IndexFunc(items, func(it event.Item) bool { return it.ID == id })
}

// sortItems puts items in the order they are shown in: by position, over all
// checklists of the task, then by id.
func sortItems(items []event.Item) []event.Item {
	slices.SortFunc(items, func(a, b event.Item) int {
		if c := cmp.Compare(a.Position, b.Position); c != 0 {
			return c
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	return items
}

// TaskAsOf folds the events of one task, oldest first, to the task as it was
// after the last of them: nil before it was created and after it was purged.
func TaskAsOf(events []Recorded) (*Task, error) {
	var t *Task
	for _, e := range events {
		next, err := t.Apply(e.Meta, e.Payload)
		if err != nil {
			return nil, err
		}
		t = next
	}
	return t, nil
}

// NewComment folds CommentAdded.
func NewComment(m Meta, c event.Comment) *Comment {
	return &Comment{
		ID: c.ID, Task: m.Entity, Project: m.Scope, Author: c.Author, Text: c.Text,
		CreatedAt: c.At.UTC(), Seq: m.Seq,
	}
}

// Apply folds CommentChanged and answers the comment after it; c is left as it was.
func (c *Comment) Apply(m Meta, p *event.CommentPatch) *Comment {
	next := *c
	set(&next.Text, p.Text)
	at := m.At
	next.EditedAt, next.Project, next.Seq = &at, m.Scope, m.Seq
	return &next
}
