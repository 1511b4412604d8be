package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// ImportBatch is a part of an import: things made elsewhere, each with an id
// derived from what it was there, so that importing twice adds nothing. The
// parts are applied in the order of the fields; a part may name what an
// earlier one (or an earlier batch) made.
type ImportBatch struct {
	Workspace ids.ID
	// Import names the import; its events have the cause "import:ID".
	Import       ids.ID
	Placeholders []ImportPlaceholder
	Labels       []ImportLabel
	Projects     []ImportProject
	Columns      []ImportColumn
	Tasks        []ImportTask
	Comments     []ImportComment
}

// ImportPlaceholder is somebody without an account here.
type ImportPlaceholder struct {
	ID   ids.ID
	Name string
}

// ImportLabel is a label. Name may be empty.
type ImportLabel struct {
	ID    ids.ID
	Name  string
	Color string
}

// ImportProject is a project with its columns, whose ids are given.
type ImportProject struct {
	ID   ids.ID
	Name string
	// Key is "" to derive it from the name. A key that is taken is numbered.
	Key         string
	Color       string
	Description string
	// Columns have their ids and positions.
	Columns []event.Column
	// State is live or archived.
	State event.Lifecycle
}

// ImportColumn is a further column of a project that an earlier import made.
type ImportColumn struct {
	Project ids.ID
	Column  event.Column
}

// ImportTask is a task with its checklist and attachments. Number 0 takes the
// next one, Position "" the end of the column. Completed is taken as given.
type ImportTask struct {
	ID ids.ID
	event.TaskData
}

// ImportComment is a comment on a task.
type ImportComment struct {
	Task ids.ID
	event.Comment
}

// ImportCounts counts a batch's parts.
type ImportCounts struct {
	Placeholders, Labels, Projects, Columns, Tasks, Comments int
}

// ImportResult tells what a batch came to. Its Seq is that of the workspace after it.
type ImportResult struct {
	Result
	// Added is what was recorded now, Skipped what was there before.
	Added, Skipped ImportCounts
}
