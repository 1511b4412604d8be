package projection

import (
	"headway/internal/analytics/readmodel"
	"headway/internal/platform/eventlog"
	"headway/internal/task/event"
)

// needs says of a type whether its payload is looked at; of the others only
// who did it and when counts.
func needs(t event.Type) bool {
	switch t {
	case event.MemberAdded, event.MemberChanged, event.MemberRemoved,
		event.ProjectCreated, event.ProjectArchived, event.ProjectTrashed, event.ProjectRestored,
		event.ColumnCreated, event.ColumnChanged, event.ColumnRemoved,
		event.TaskCreated, event.TaskChanged, event.TaskMoved, event.TaskArchived, event.TaskTrashed, event.TaskRestored, event.TaskPurged:
		return true
	}
	return false
}

// applyFrame folds an event of members, projects and columns into the frame.
func applyFrame(f *readmodel.Frame, t event.Type, e *eventlog.Event, p event.Payload) {
	switch p := p.(type) {
	case *event.MemberData:
		if t == event.MemberRemoved {
			delete(f.Members, p.User)
		} else if p.Kind == event.Person {
			f.Members[p.User] = readmodel.Member{Role: p.Role, Projects: sorted(p.Projects)}
		}
	case *event.MemberPatch:
		m, ok := f.Members[p.User]
		if !ok {
			return // a placeholder
		}
		if p.Role != nil {
			m.Role = p.Role.To
		}
		if p.Projects != nil {
			m.Projects = sorted(p.Projects.To)
		}
		f.Members[p.User] = m
	case *event.ProjectData:
		f.Projects[e.Entity] = readmodel.Project{State: p.State}
		for i := range p.Columns {
			f.Columns[p.Columns[i].ID] = column(e, &p.Columns[i])
		}
	case *event.ProjectPatch:
		if p.State != nil {
			f.Projects[e.Entity] = readmodel.Project{State: p.State.To}
		}
	case *event.ColumnData:
		c := column(e, &p.Column)
		c.Removed = t == event.ColumnRemoved
		f.Columns[p.Column.ID] = c
	case *event.ColumnPatch:
		c, ok := f.Columns[p.ID]
		if !ok {
			return
		}
		if p.Category != nil {
			c.Category = p.Category.To
		}
		if p.Position != nil {
			c.Position = p.Position.To
		}
		f.Columns[p.ID] = c
	}
}

func column(e *eventlog.Event, c *event.Column) readmodel.Column {
	return readmodel.Column{Project: e.Entity, Category: c.Category, Position: c.Position}
}
