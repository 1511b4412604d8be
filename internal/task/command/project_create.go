package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// CreateProject makes a project.
type CreateProject struct {
	Workspace ids.ID
	// ID is zero for a new one.
	ID   ids.ID
	Name string
	// Key is 1 to 10 capital letters and digits, a letter first; "" derives it from the name.
	Key string
	// Color is one of the names in domain; "" picks one.
	Color       string
	Description string
	// Columns are in board order, their ids and positions made where they are
	// zero; none gives the usual five.
	Columns []event.Column
}
