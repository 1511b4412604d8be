package domain

import (
	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// CheckColumn checks a new column and answers it as it is recorded, its position perhaps still open.
func CheckColumn(base string, c event.Column) (event.Column, error) {
	f := Faults{base: base}
	f.column(&c)
	return c, f.Err()
}

// ImportColumn answers the column for an imported task: the one it names,
// archived or not, or where the project has none of that id its first open one.
func ImportColumn(p *state.Project, want ids.ID) (ids.ID, error) {
	if p.Column(want) != nil {
		return want, nil
	}
	c, err := columnFor(p, ids.Nil)
	if err != nil {
		return ids.Nil, err
	}
	return c.ID, nil
}

// AddColumn decides on adding a checked column to a project.
func AddColumn(p *state.Project, c event.Column, most int) (*event.ColumnData, error) {
	if err := Writable(p); err != nil {
		return nil, err
	}
	if len(p.Columns) >= most {
		return nil, apperr.New(apperr.Conflict, "The project has %d columns and can take no more.", len(p.Columns))
	}
	if c.Position == "" {
		last := ""
		if n := len(p.Columns); n > 0 {
			last = p.Columns[n-1].Position
		}
		var err error
		if c.Position, err = After(last); err != nil {
			return nil, err
		}
	}
	return &event.ColumnData{Column: c}, nil
}

// SameColumn reports whether a draft asks for a column as it is; a position left open matches any.
func SameColumn(draft, has event.Column) bool {
	if draft.Position == "" {
		draft.Position = has.Position
	}
	return draft == has
}

// ColumnChange is what to change about a column; nil fields stay as they are.
type ColumnChange struct {
	Name     *string
	Category *event.Category
	Position *string
	Limit    *int
	Archived *bool
}

// Check checks what needs no state.
func (c *ColumnChange) Check() error {
	f := Faults{base: "body"}
	if c.Name != nil {
		c.Name = ptr(f.line("name", *c.Name, 1, MaxName))
	}
	if c.Category != nil {
		f.category("category", *c.Category)
	}
	if c.Position != nil {
		if *c.Position == "" {
			f.Add("position", "must not be empty")
		}
		f.position("position", *c.Position)
	}
	if c.Limit != nil {
		f.columnLimit("limit", *c.Limit)
	}
	return f.Err()
}

var errNoColumn = apperr.New(apperr.NotFound, "There is no such column.")

// EditColumn decides on a checked change; nil where nothing differs. Tasks in a
// column whose category changes keep their completion time.
func EditColumn(p *state.Project, id ids.ID, c *ColumnChange) (*event.ColumnPatch, error) {
	if err := Writable(p); err != nil {
		return nil, err
	}
	was := p.Column(id)
	if was == nil {
		return nil, errNoColumn
	}
	patch := &event.ColumnPatch{
		ID: id, Name: differs(was.Name, c.Name), Category: differs(was.Category, c.Category),
		Position: differs(was.Position, c.Position), Limit: differs(was.Limit, c.Limit), Archived: differs(was.Archived, c.Archived),
	}
	if *patch == (event.ColumnPatch{ID: id}) {
		return nil, nil
	}
	return patch, nil
}

// RemoveColumn decides on removing a column; occupied says whether it holds any task.
func RemoveColumn(p *state.Project, id ids.ID, occupied bool) (*event.ColumnData, error) {
	if err := Writable(p); err != nil {
		return nil, err
	}
	c := p.Column(id)
	if c == nil {
		return nil, errNoColumn
	}
	if occupied {
		return nil, apperr.New(apperr.Conflict, "The column still holds tasks, perhaps archived or trashed ones. Move them to another column first.")
	}
	return &event.ColumnData{Column: *c}, nil
}
