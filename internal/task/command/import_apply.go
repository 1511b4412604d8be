package command

import (
	"context"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// maxImport is how many parts one batch may have.
const maxImport = 10_000

// importCause marks the events of an import; its id follows.
const importCause = "import:"

// Apply carries out a batch of an import, as one commit or not at all. A part
// whose id is in use already is skipped and counted. A wrong value is Invalid,
// with a path such as "tasks[3].title".
func (s *Service) Apply(ctx context.Context, actor Actor, in ImportBatch) (ImportResult, error) {
	if err := in.check(); err != nil {
		return ImportResult{}, err
	}
	var out ImportResult
	result, err := s.run(ctx, actor, in.Workspace, func(d *decision) error {
		if _, err := domain.Allow(d.frame, actor.User, domain.Import); err != nil {
			return err
		}
		d.cause = importCause + in.Import.String()
		out = ImportResult{} // decide may run again
		b := importing{decision: d, in: &in, out: &out, places: map[[2]ids.ID]string{}, numbers: map[ids.ID]uint64{}, tasks: map[ids.ID]ids.ID{}}
		return b.all()
	})
	if err != nil {
		return ImportResult{}, err
	}
	out.Result = result
	out.ID = in.Import
	return out, nil
}

// importing is one batch at work.
type importing struct {
	*decision
	in  *ImportBatch
	out *ImportResult
	// places holds the last position given out in each column (project, column).
	places map[[2]ids.ID]string
	// numbers holds the next number of each project.
	numbers map[ids.ID]uint64
	// tasks holds the project of each task that comments ask for.
	tasks map[ids.ID]ids.ID
}

func (b *importing) all() error {
	for _, step := range []func() error{b.placeholders, b.labels, b.projects, b.columns, b.allTasks, b.comments} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (b *importing) placeholders() error {
	seen := make(map[ids.ID]bool, len(b.in.Placeholders))
	for _, p := range b.in.Placeholders {
		m, again := b.frame.Members[p.ID], seen[p.ID]
		seen[p.ID] = true
		if again || m != nil && !m.Removed {
			b.out.Skipped.Placeholders++
			continue
		}
		data, err := domain.AddPlaceholder(b.frame, p.ID, p.Name)
		if err != nil {
			return err
		}
		b.record(p.ID, ids.Nil, event.MemberAdded, data)
		b.out.Added.Placeholders++
	}
	if len(b.frame.Members)+b.out.Added.Placeholders > domain.MaxMembers {
		return apperr.New(apperr.Conflict, "The import would bring the workspace to more than %d members.", domain.MaxMembers)
	}
	return b.settle()
}

func (b *importing) labels() error {
	seen := make(map[ids.ID]bool, len(b.in.Labels))
	for _, l := range b.in.Labels {
		again := seen[l.ID]
		seen[l.ID] = true
		if again || b.frame.Labels[l.ID] != nil {
			b.out.Skipped.Labels++
			continue
		}
		b.record(l.ID, ids.Nil, event.LabelCreated, &event.LabelData{Name: l.Name, Color: l.Color})
		b.out.Added.Labels++
	}
	if len(b.frame.Labels)+b.out.Added.Labels > domain.MaxLabels {
		return apperr.New(apperr.Conflict, "The import would bring the workspace to more than %d labels.", domain.MaxLabels)
	}
	return b.settle()
}

func (b *importing) projects() error {
	for _, p := range b.in.Projects {
		if b.frame.Projects[p.ID] != nil {
			b.out.Skipped.Projects++
			continue
		}
		draft := &event.ProjectData{
			Name: p.Name, Color: p.Color, Description: p.Description, Columns: p.Columns, State: p.State,
		}
		if p.Key != "" {
			draft.Key = domain.FreeKey(b.frame, p.Key)
		}
		data, err := domain.NewProject(b.frame, draft)
		if err != nil {
			return err
		}
		b.record(p.ID, p.ID, event.ProjectCreated, data)
		b.out.Added.Projects++
		if err := b.settle(); err != nil { // the next one's key and position depend on it
			return err
		}
	}
	return nil
}

func (b *importing) columns() error {
	for _, c := range b.in.Columns {
		p := b.frame.Projects[c.Project]
		if p == nil {
			return apperr.New(apperr.NotFound, "The project of an imported column is not there.")
		}
		if p.Column(c.Column.ID) != nil {
			b.out.Skipped.Columns++
			continue
		}
		if p.State == event.Trashed {
			return domain.Writable(p)
		}
		open := *p
		open.State = event.Live // an archived board still takes what its import brings
		data, err := domain.AddColumn(&open, c.Column, domain.MaxImportedColumns)
		if err != nil {
			return err
		}
		b.record(p.ID, p.ID, event.ColumnCreated, data)
		b.out.Added.Columns++
		if err := b.settle(); err != nil {
			return err
		}
	}
	return nil
}

func (b *importing) allTasks() error {
	for i := range b.in.Tasks {
		t := &b.in.Tasks[i]
		taken, err := b.Taken(t.ID)
		if err != nil {
			return err
		}
		if _, again := b.tasks[t.ID]; again || taken {
			b.out.Skipped.Tasks++
			continue
		}
		data, err := b.task(i, &t.TaskData)
		if err != nil {
			return err
		}
		b.record(t.ID, data.Project, event.TaskCreated, data)
		b.tasks[t.ID] = data.Project
		b.out.Added.Tasks++
	}
	return nil
}

// task completes one task by the state.
func (b *importing) task(i int, draft *event.TaskData) (*event.TaskData, error) {
	p := b.frame.Projects[draft.Project]
	switch {
	case p == nil:
		return nil, apperr.New(apperr.NotFound, "The project of an imported task is not there.")
	case p.State == event.Trashed:
		return nil, domain.Writable(p)
	}
	data := *draft
	column, err := domain.ImportColumn(p, data.Column)
	if err != nil {
		return nil, err
	}
	data.Column = column
	if err := domain.KnownIDs(b.frame, importPath("tasks", i), p.ID, data.Labels, data.Assignees); err != nil {
		return nil, err
	}
	if err := b.place(&data); err != nil {
		return nil, err
	}
	n, ok := b.numbers[p.ID]
	if !ok {
		if n, err = b.NextNumber(p.ID); err != nil {
			return nil, err
		}
	}
	data.Number = n
	b.numbers[p.ID] = n + 1
	return &data, nil
}

// place gives a task without a position the end of its column.
func (b *importing) place(data *event.TaskData) error {
	key := [2]ids.ID{data.Project, data.Column}
	if data.Position != "" {
		if last, ok := b.places[key]; ok {
			b.places[key] = max(last, data.Position)
		}
		return nil
	}
	last, ok := b.places[key]
	if !ok {
		var err error
		if last, err = b.LastPosition(data.Project, data.Column); err != nil {
			return err
		}
		for i := range b.events { // those of this batch that are not appended yet
			if d, ok := b.events[i].Data.(*event.TaskData); ok && d.Project == data.Project && d.Column == data.Column {
				last = max(last, d.Position)
			}
		}
	}
	next, err := domain.After(last)
	if err != nil {
		return err
	}
	data.Position, b.places[key] = next, next
	return nil
}

func (b *importing) comments() error {
	seen := make(map[ids.ID]bool, len(b.in.Comments))
	for i := range b.in.Comments {
		c := &b.in.Comments[i]
		taken, err := b.Taken(c.ID)
		if err != nil {
			return err
		}
		if taken || seen[c.ID] {
			b.out.Skipped.Comments++
			continue
		}
		seen[c.ID] = true
		project, err := b.projectOf(c.Task)
		if err != nil {
			return err
		}
		if b.frame.Members[c.Author] == nil {
			return apperr.InvalidField(importPath("comments", i)+".author", "is not a member of this workspace")
		}
		b.record(c.Task, project, event.CommentAdded, &event.CommentData{Comment: c.Comment})
		b.out.Added.Comments++
	}
	return nil
}

// projectOf answers the project of a task, of this batch or an earlier one.
func (b *importing) projectOf(id ids.ID) (ids.ID, error) {
	if p, ok := b.tasks[id]; ok {
		return p, nil
	}
	t, err := b.Task(id, false)
	if err != nil {
		return ids.Nil, err
	}
	if t == nil {
		return ids.Nil, apperr.New(apperr.NotFound, "The task of an imported comment is not there.")
	}
	if p := b.frame.Projects[t.Project]; p.State == event.Trashed {
		return ids.Nil, domain.Writable(p)
	}
	b.tasks[id] = t.Project
	return t.Project, nil
}
