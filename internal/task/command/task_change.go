package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// ChangeTask changes a task, moves it, or both. A nil field stays as it is.
type ChangeTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
	Title         *string
	Description   *string
	Priority      *event.Priority
	Labels        *[]ids.ID
	Assignees     *[]ids.ID
	Start         *event.Date
	Due           *event.Date
	// Project moves the task to another project, where it gets a new number.
	Project *ids.ID
	Column  *ids.ID
	// Position is "" for the end of the column.
	Position *string
}
