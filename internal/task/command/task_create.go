package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// CreateTask makes a task.
type CreateTask struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID      ids.ID
	Project ids.ID
	// Column is zero for the project's first open or backlog column.
	Column      ids.ID
	Title       string
	Description string
	// Priority is "" for none.
	Priority  event.Priority
	Labels    []ids.ID
	Assignees []ids.ID
	Start     event.Date
	Due       event.Date
	// Position is "" for the end of the column.
	Position string
	// Items are the checklist, in order; ids and positions are made where they are zero.
	Items []event.Item
}
