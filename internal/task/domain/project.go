package domain

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain/position"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// DefaultColumns are the columns of a project that is made without any.
func DefaultColumns() []event.Column {
	return []event.Column{
		{Name: "Backlog", Category: event.Backlog},
		{Name: "To do", Category: event.Open},
		{Name: "In progress", Category: event.Active},
		{Name: "Review", Category: event.Active},
		{Name: "Done", Category: event.Done},
	}
}

// CheckNewProject checks what needs no state and completes the draft's
// columns. Key and Color may be empty: NewProject chooses them.
func CheckNewProject(base string, d *event.ProjectData, maxColumns int) error {
	f := Faults{base: base}
	d.Name = f.line("name", d.Name, 1, MaxName)
	if d.Key != "" {
		f.projectKey("key", d.Key)
	}
	if d.Color != "" {
		f.color("color", d.Color)
	}
	d.Description = f.lines("description", d.Description, 0, MaxDescription)
	f.position("position", d.Position)
	d.Columns = f.columns("columns", d.Columns, maxColumns)
	return f.Err()
}

func (f *Faults) columns(path string, in []event.Column, most int) []event.Column {
	if len(in) > most {
		f.Add(path, "must have at most %d entries, has %d", most, len(in))
		return nil
	}
	out := slices.Clone(in)
	seen := make(map[ids.ID]bool, len(out))
	last := ""
	var g Faults
	for i := range out {
		c := &out[i]
		if c.ID.IsZero() {
			c.ID = ids.New()
		} else if seen[c.ID] {
			g.Add("id", "must not be there twice")
		}
		seen[c.ID] = true
		g.column(c)
		if c.Position == "" {
			c.Position, _ = position.Between(last, "") // no error: last is valid or ""
		}
		if position.Valid(c.Position) && c.Position > last {
			last = c.Position
		}
		f.within(path, i, &g)
	}
	return out
}

func (f *Faults) column(c *event.Column) {
	c.Name = f.line("name", c.Name, 1, MaxName)
	f.category("category", c.Category)
	f.position("position", c.Position)
	f.columnLimit("limit", c.Limit)
}

func (f *Faults) columnLimit(path string, n int) {
	if n < 0 || n > MaxColumnLimit {
		f.Add(path, "must be from 0 (no limit) to %d", MaxColumnLimit)
	}
}

// NewProject completes a checked draft by the state: key, colour, position. It
// answers a new value, since a decision may run more than once.
func NewProject(f *state.Frame, d *event.ProjectData) (*event.ProjectData, error) {
	if len(f.Projects) >= MaxProjects {
		return nil, apperr.New(apperr.Conflict, "The workspace has %d projects and can take no more.", MaxProjects)
	}
	next := *d
	last := ""
	for _, p := range f.Projects {
		last = max(last, p.Position)
	}
	switch {
	case next.Key == "":
		next.Key = FreeKey(f, KeyFor(d.Name))
	case keyTaken(f, next.Key, ids.Nil):
		return nil, apperr.InvalidField("body.key", "is the key of another project, perhaps one in the archive or the trash")
	}
	if next.Color == "" {
		next.Color = Colors[1+len(f.Projects)%(len(Colors)-1)]
	}
	if next.Position == "" {
		var err error
		if next.Position, err = After(last); err != nil {
			return nil, err
		}
	}
	if next.State == "" {
		next.State = event.Live
	}
	return &next, nil
}

func keyTaken(f *state.Frame, key string, except ids.ID) bool {
	for id, p := range f.Projects {
		if p.Key == key && id != except {
			return true
		}
	}
	return false
}

// FreeKey answers the key, or where it is taken the first of key2, key3 … that is not.
func FreeKey(f *state.Frame, key string) string {
	if !keyTaken(f, key, ids.Nil) {
		return key
	}
	for n := 2; ; n++ {
		suffix := fmt.Sprint(n)
		next := key[:min(len(key), 10-len(suffix))] + suffix
		if !keyTaken(f, next, ids.Nil) {
			return next
		}
	}
}

// KeyFor derives a project's key from its name: the initials of several words,
// the first three letters of one, "P" where there are no Latin letters.
func KeyFor(name string) string {
	var words []string
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for _, r := range norm.NFKD.String(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			b.WriteRune(unicode.ToUpper(r))
		case unicode.Is(unicode.Mn, r): // a mark taken off its letter
		default:
			end()
		}
	}
	end()
	key := ""
	if len(words) > 1 {
		for _, w := range words {
			key += w[:1]
		}
	} else if len(words) == 1 {
		key = words[0][:min(3, len(words[0]))]
	}
	key = strings.TrimLeft(key, "0123456789")
	if key == "" {
		return "P"
	}
	return key[:min(4, len(key))]
}

// ProjectChange is what to change about a project; nil fields stay as they are.
type ProjectChange struct {
	Name, Key, Color, Description, Position *string
}

// Check checks what needs no state.
func (c *ProjectChange) Check() error {
	f := Faults{base: "body"}
	if c.Name != nil {
		c.Name = ptr(f.line("name", *c.Name, 1, MaxName))
	}
	if c.Key != nil {
		f.projectKey("key", *c.Key)
	}
	if c.Color != nil {
		f.color("color", *c.Color)
	}
	if c.Description != nil {
		c.Description = ptr(f.lines("description", *c.Description, 0, MaxDescription))
	}
	if c.Position != nil {
		if *c.Position == "" {
			f.Add("position", "must not be empty")
		}
		f.position("position", *c.Position)
	}
	return f.Err()
}

// EditProject decides on a checked change; nil where nothing differs.
func EditProject(f *state.Frame, p *state.Project, c *ProjectChange) (*event.ProjectPatch, error) {
	if err := Writable(p); err != nil {
		return nil, err
	}
	patch := &event.ProjectPatch{
		Name: differs(p.Name, c.Name), Key: differs(p.Key, c.Key), Color: differs(p.Color, c.Color),
		Description: differs(p.Description, c.Description), Position: differs(p.Position, c.Position),
	}
	if *patch == (event.ProjectPatch{}) {
		return nil, nil
	}
	if patch.Key != nil && keyTaken(f, patch.Key.To, p.ID) {
		return nil, apperr.InvalidField("body.key", "is the key of another project, perhaps one in the archive or the trash")
	}
	return patch, nil
}

// PutProject answers the change that takes a project to a lifecycle state, nil where it is there.
func PutProject(p *state.Project, to event.Lifecycle) (*event.ProjectPatch, error) {
	if p.State == to {
		return nil, nil
	}
	if to == event.Archived && p.State == event.Trashed {
		return nil, apperr.New(apperr.Conflict, "The project is in the trash. Restore it first.")
	}
	return &event.ProjectPatch{State: &event.Change[event.Lifecycle]{From: p.State, To: to}}, nil
}
