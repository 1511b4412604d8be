package command

import (
	"fmt"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
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

// ImportTask is a task with its checklist and attachments. Number is not read:
// the project's next is taken. A zero Column, or one that the project has no
// more, stands for the first open one; Position "" for the column's end. State
// is live ("" too) or archived. Completed and Created are taken as given.
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

// importPath names a part in the path of a fault.
func importPath(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// check checks what needs no state, before the workspace's turn. It completes
// the parts in slices of its own; the caller's stay as they are.
func (in *ImportBatch) check() error {
	n := len(in.Placeholders) + len(in.Labels) + len(in.Projects) + len(in.Columns) + len(in.Tasks) + len(in.Comments)
	if n > maxImport {
		return apperr.New(apperr.Invalid, "A batch may have at most %d parts.", maxImport)
	}
	if in.Import.IsZero() {
		return apperr.InvalidField("import", "must be given")
	}
	for _, step := range []func() error{in.checkFrame, in.checkTasks, in.checkComments} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (in *ImportBatch) checkFrame() error {
	var err error
	in.Placeholders = append([]ImportPlaceholder(nil), in.Placeholders...)
	for i := range in.Placeholders {
		p := &in.Placeholders[i]
		if p.ID.IsZero() {
			return noID("placeholders", i)
		}
		if p.Name, err = domain.CheckName(importPath("placeholders", i), p.Name); err != nil {
			return err
		}
	}
	in.Labels = append([]ImportLabel(nil), in.Labels...)
	for i := range in.Labels {
		l := &in.Labels[i]
		if l.ID.IsZero() {
			return noID("labels", i)
		}
		data, err := domain.CheckLabel(importPath("labels", i), event.LabelData{Name: l.Name, Color: l.Color}, true)
		if err != nil {
			return err
		}
		l.Name, l.Color = data.Name, data.Color
	}
	in.Projects = append([]ImportProject(nil), in.Projects...)
	for i := range in.Projects {
		p := &in.Projects[i]
		if p.ID.IsZero() {
			return noID("projects", i)
		}
		d := event.ProjectData{Name: p.Name, Key: p.Key, Color: p.Color, Description: p.Description, Columns: p.Columns}
		if err := domain.CheckNewProject(importPath("projects", i), &d, domain.MaxImportedColumns); err != nil {
			return err
		}
		p.Name, p.Description, p.Columns = d.Name, d.Description, d.Columns
		if p.State, err = importState("projects", i, p.State); err != nil {
			return err
		}
	}
	in.Columns = append([]ImportColumn(nil), in.Columns...)
	for i := range in.Columns {
		c := &in.Columns[i]
		if c.Column.ID.IsZero() {
			return noID("columns", i)
		}
		if c.Column, err = domain.CheckColumn(importPath("columns", i), c.Column); err != nil {
			return err
		}
	}
	return nil
}

func (in *ImportBatch) checkTasks() error {
	var err error
	in.Tasks = append([]ImportTask(nil), in.Tasks...)
	for i := range in.Tasks {
		t := &in.Tasks[i]
		if t.ID.IsZero() {
			return noID("tasks", i)
		}
		if err := domain.CheckNewTask(importPath("tasks", i), &t.TaskData); err != nil {
			return err
		}
		if t.State, err = importState("tasks", i, t.State); err != nil {
			return err
		}
		if t.Completed != nil {
			t.Completed = domain.Moment(*t.Completed)
		}
		if t.Created != nil {
			t.Created = domain.Moment(*t.Created)
		}
	}
	return nil
}

func (in *ImportBatch) checkComments() error {
	var err error
	in.Comments = append([]ImportComment(nil), in.Comments...)
	for i := range in.Comments {
		c := &in.Comments[i]
		if c.ID.IsZero() {
			return noID("comments", i)
		}
		if c.Text, err = domain.CheckComment(importPath("comments", i), c.Text); err != nil {
			return err
		}
		c.At = *domain.Moment(c.At)
	}
	return nil
}

func noID(list string, i int) error {
	return apperr.InvalidField(importPath(list, i)+".id", "must not be the zero id")
}

func importState(list string, i int, s event.Lifecycle) (event.Lifecycle, error) {
	switch s {
	case "":
		return event.Live, nil
	case event.Live, event.Archived:
		return s, nil
	}
	return "", apperr.InvalidField(importPath(list, i)+".state", "must be live or archived")
}
