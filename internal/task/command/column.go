package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// CreateColumn adds a column to a project's board. Result.ID is the column.
type CreateColumn struct {
	Workspace, Project ids.ID
	// ID is zero for a new one.
	ID       ids.ID
	Name     string
	Category event.Category
	// Position is "" for the end.
	Position string
	// Limit is how many tasks the column should hold at most; 0 is no limit.
	Limit int
}

// ChangeColumn changes a column. A nil field stays as it is. IfSeq is the project's.
type ChangeColumn struct {
	Workspace, Project, ID ids.ID
	IfSeq                  *uint64
	Name                   *string
	Category               *event.Category
	Position               *string
	Limit                  *int
	Archived               *bool
}

// RemoveColumn removes a column that holds no task, not even an archived or
// trashed one. IfSeq is the project's.
type RemoveColumn struct {
	Workspace, Project, ID ids.ID
	IfSeq                  *uint64
}
