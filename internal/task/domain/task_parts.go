package domain

import (
	"slices"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain/position"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// items checks checklist lines and completes those without an id or position,
// in their order. The result is in the order in which it is shown.
func (f *Faults) items(path string, in []event.Item, most int) []event.Item {
	if len(in) == 0 {
		return nil
	}
	if len(in) > most {
		f.Add(path, "must have at most %d entries, has %d", most, len(in))
		return nil
	}
	out := slices.Clone(in)
	last := ""
	seen := make(map[ids.ID]bool, len(out))
	var g Faults
	for i := range out {
		it := &out[i]
		if it.ID.IsZero() {
			it.ID = ids.New()
		} else if seen[it.ID] {
			g.Add("id", "must not be there twice")
		}
		seen[it.ID] = true
		it.Title = g.line("title", it.Title, 1, MaxItemTitle)
		it.List = g.line("list", it.List, 0, MaxName)
		g.position("position", it.Position)
		if it.Position == "" {
			it.Position, _ = position.Between(last, "") // no error: last is valid or ""
		}
		if position.Valid(it.Position) && it.Position > last {
			last = it.Position
		}
		f.within(path, i, &g)
	}
	return out
}

func (f *Faults) attachments(path string, in []event.Attachment) []event.Attachment {
	if len(in) == 0 {
		return nil
	}
	if len(in) > MaxAttachments {
		f.Add(path, "must have at most %d entries, has %d", MaxAttachments, len(in))
		return nil
	}
	out := slices.Clone(in)
	seen := make(map[ids.ID]bool, len(out))
	var g Faults
	for i := range out {
		g.attachment(&out[i])
		if seen[out[i].ID] {
			g.Add("id", "must not be there twice")
		}
		seen[out[i].ID] = true
		f.within(path, i, &g)
	}
	return out
}

func (f *Faults) attachment(a *event.Attachment) {
	if a.ID.IsZero() {
		a.ID = ids.New()
	}
	f.link("url", a.URL)
	if a.Name == "" {
		a.Name = clip(a.URL, MaxLinkName)
	}
	a.Name = f.line("name", a.Name, 1, MaxLinkName)
}

// CheckItems checks new checklist lines. Those without a position keep it
// empty: AddItems puts them at the end.
func CheckItems(in []event.Item) ([]event.Item, error) {
	f := Faults{base: "body"}
	if len(in) == 0 {
		f.Add("items", "must have at least one entry")
	}
	given := make([]string, len(in))
	for i := range in {
		given[i] = in[i].Position
	}
	out := f.items("items", in, MaxItems)
	for i := range out {
		out[i].Position = given[i]
	}
	return out, f.Err()
}

// AddItems decides on adding checked lines to a task's checklist. Lines that
// the task has already, with the same text, are left out, so that a repeated
// command does nothing; another line of the same id is a conflict.
func AddItems(t *state.Task, in []event.Item) (*event.ItemsData, error) {
	out := make([]event.Item, 0, len(in))
	last := ""
	if n := len(t.Detail.Items); n > 0 {
		last = t.Detail.Items[n-1].Position
	}
	for _, it := range in {
		if was := t.Item(it.ID); was != nil {
			if was.Title != it.Title || was.List != it.List {
				return nil, Taken()
			}
			continue
		}
		if it.Position == "" {
			var err error
			if it.Position, err = After(last); err != nil {
				return nil, err
			}
		}
		last = max(last, it.Position)
		out = append(out, it)
	}
	if len(t.Detail.Items)+len(out) > MaxItems {
		return nil, apperr.InvalidField("body.items", "would make more than %d items on the task", MaxItems)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return &event.ItemsData{Items: out}, nil
}

// ItemChange is what to change about a checklist line; nil fields stay.
type ItemChange struct {
	List     *string
	Title    *string
	Done     *bool
	Position *string
}

// Check checks what needs no state.
func (c *ItemChange) Check() error {
	f := Faults{base: "body"}
	if c.List != nil {
		c.List = ptr(f.line("list", *c.List, 0, MaxName))
	}
	if c.Title != nil {
		c.Title = ptr(f.line("title", *c.Title, 1, MaxItemTitle))
	}
	if c.Position != nil {
		if *c.Position == "" {
			f.Add("position", "must not be empty")
		}
		f.position("position", *c.Position)
	}
	return f.Err()
}

// ChangeItem decides on changing a checklist line; nil where nothing differs.
func ChangeItem(t *state.Task, id ids.ID, c *ItemChange) (*event.ItemPatch, error) {
	it := t.Item(id)
	if it == nil {
		return nil, errNoItem
	}
	p := &event.ItemPatch{
		ID: id, List: differs(it.List, c.List), Title: differs(it.Title, c.Title),
		Done: differs(it.Done, c.Done), Position: differs(it.Position, c.Position),
	}
	if *p == (event.ItemPatch{ID: id}) {
		return nil, nil
	}
	return p, nil
}

var (
	errNoItem       = apperr.New(apperr.NotFound, "There is no such checklist item.")
	errNoAttachment = apperr.New(apperr.NotFound, "There is no such attachment.")
	errNoComment    = apperr.New(apperr.NotFound, "There is no such comment.")
)

// RemoveItem decides on removing a checklist line.
func RemoveItem(t *state.Task, id ids.ID) (*event.ItemData, error) {
	it := t.Item(id)
	if it == nil {
		return nil, errNoItem
	}
	return &event.ItemData{Item: *it}, nil
}

// CheckAttachment checks a new link and completes it.
func CheckAttachment(a event.Attachment) (event.Attachment, error) {
	f := Faults{base: "body"}
	f.attachment(&a)
	return a, f.Err()
}

// AddAttachment decides on hanging a checked link on a task; nil where it hangs there.
func AddAttachment(t *state.Task, a event.Attachment) (*event.AttachmentData, error) {
	if was := t.Attachment(a.ID); was != nil {
		if *was != a {
			return nil, Taken()
		}
		return nil, nil
	}
	if len(t.Detail.Attachments) >= MaxAttachments {
		return nil, apperr.New(apperr.Conflict, "A task can have at most %d attachments.", MaxAttachments)
	}
	return &event.AttachmentData{Attachment: a}, nil
}

// RemoveAttachment decides on taking a link off a task.
func RemoveAttachment(t *state.Task, id ids.ID) (*event.AttachmentData, error) {
	a := t.Attachment(id)
	if a == nil {
		return nil, errNoAttachment
	}
	return &event.AttachmentData{Attachment: *a}, nil
}

// CheckComment checks a comment's text and answers it as it is recorded.
func CheckComment(base, text string) (string, error) {
	f := Faults{base: base}
	text = f.lines("text", text, 1, MaxComment)
	return text, f.Err()
}

// CommentOn answers the comment where it hangs on the task, NotFound where not.
func CommentOn(t *state.Task, c *state.Comment) (*state.Comment, error) {
	if c == nil || c.Task != t.ID {
		return nil, errNoComment
	}
	return c, nil
}

// ChangeComment decides on changing a comment's text, which only its author may; nil where nothing differs.
func ChangeComment(c *state.Comment, user ids.ID, text string) (*event.CommentPatch, error) {
	if c.Author != user {
		return nil, apperr.New(apperr.Forbidden, "Only its author can change a comment.")
	}
	if c.Text == text {
		return nil, nil
	}
	return &event.CommentPatch{ID: c.ID, Text: &event.Change[string]{From: c.Text, To: text}}, nil
}

// RemoveComment decides on removing a comment: its author may, and an admin.
func RemoveComment(f *state.Frame, c *state.Comment, user ids.ID) (*event.CommentData, error) {
	if c.Author != user {
		if _, err := Allow(f, user, RemoveComments); err != nil {
			return nil, err
		}
	}
	return CommentRecord(c), nil
}

// CommentRecord gives a comment as events carry it.
func CommentRecord(c *state.Comment) *event.CommentData {
	return &event.CommentData{Comment: event.Comment{ID: c.ID, Text: c.Text, Author: c.Author, At: c.CreatedAt}}
}

// clip cuts text to at most n code points.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
