package importer

import (
	"context"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
)

// Target is the workspace that an import goes into.
type Target interface {
	// May answers nil where the user may import into the workspace; otherwise
	// apperr.NotFound or apperr.Forbidden.
	May(ctx context.Context, user, workspace ids.ID) error
	// Seq answers the workspace's seq: what exists does not change while it stays.
	Seq(ctx context.Context, workspace ids.ID) (uint64, error)
	// Existing tells for each creation whether the workspace has it.
	Existing(ctx context.Context, workspace ids.ID, batch []Creation) ([]bool, error)
	// Apply records the creations that the workspace does not have, all in one
	// commit or none.
	Apply(ctx context.Context, user, workspace, job ids.ID, batch []Creation) error
}

// Tasks is the task service as an import's target.
type Tasks struct {
	commands *command.Service
	store    command.Store
	reader   readmodel.Reader
}

var _ Target = (*Tasks)(nil)

// NewTasks makes the target over the service's commands, its store and its reader.
func NewTasks(commands *command.Service, store command.Store, reader readmodel.Reader) *Tasks {
	return &Tasks{commands: commands, store: store, reader: reader}
}

// May implements Target: members and above import.
func (t *Tasks) May(ctx context.Context, user, workspace ids.ID) error {
	frame, err := t.reader.Frame(ctx, workspace)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return err
	}
	if err != nil || frame == nil || frame.Members[user] == nil || frame.Members[user].Removed {
		return apperr.New(apperr.NotFound, "There is no such workspace.")
	}
	switch frame.Members[user].Role {
	case event.Owner, event.Admin, event.Member:
		return nil
	}
	return apperr.New(apperr.Forbidden, "Guests cannot import. Ask a member of the workspace.")
}

// Seq implements Target.
func (t *Tasks) Seq(ctx context.Context, workspace ids.ID) (uint64, error) {
	return t.reader.Seq(ctx, workspace)
}

// Existing implements Target. It asks in the workspace's turn, so that it sees what every commit before it made.
func (t *Tasks) Existing(ctx context.Context, workspace ids.ID, batch []Creation) ([]bool, error) {
	var has []bool
	_, err := t.store.Do(ctx, workspace, func(tx command.Tx) error {
		has = make([]bool, len(batch))
		frame, err := tx.Frame()
		if err != nil {
			return err
		}
		if frame == nil {
			return apperr.New(apperr.NotFound, "There is no such workspace.")
		}
		for i := range batch {
			c := &batch[i]
			switch c.Kind {
			case KindProject:
				has[i] = frame.Projects[c.ID] != nil
			case KindColumn:
				if p := frame.Projects[c.Project]; p != nil {
					for j := range p.Columns {
						has[i] = has[i] || p.Columns[j].ID == c.ID
					}
				}
			case KindLabel:
				has[i] = frame.Labels[c.ID] != nil
			case KindMember:
				m := frame.Members[c.ID]
				has[i] = m != nil && !m.Removed
			case KindTask:
				task, err := tx.Task(c.ID, false)
				if err != nil {
					return err
				}
				has[i] = task != nil
			case KindComment:
				comment, err := tx.Comment(c.ID)
				if err != nil {
					return err
				}
				has[i] = comment != nil
			}
		}
		return nil
	})
	return has, err
}

// Apply implements Target.
func (t *Tasks) Apply(ctx context.Context, user, workspace, job ids.ID, batch []Creation) error {
	in := command.ImportBatch{Workspace: workspace, Import: job}
	for i := range batch {
		c := &batch[i]
		switch d := c.Data.(type) {
		case *event.MemberData:
			in.Placeholders = append(in.Placeholders, command.ImportPlaceholder{ID: c.ID, Name: d.Name})
		case *event.LabelData:
			in.Labels = append(in.Labels, command.ImportLabel{ID: c.ID, Name: d.Name, Color: d.Color})
		case *event.ProjectData:
			in.Projects = append(in.Projects, command.ImportProject{
				ID: c.ID, Name: d.Name, Key: d.Key, Color: d.Color, Description: d.Description, Columns: d.Columns, State: d.State,
			})
		case *event.ColumnData:
			in.Columns = append(in.Columns, command.ImportColumn{Project: c.Project, Column: d.Column})
		case *event.TaskData:
			in.Tasks = append(in.Tasks, command.ImportTask{ID: c.ID, TaskData: *d})
		case *event.CommentData:
			in.Comments = append(in.Comments, command.ImportComment{Task: c.Task, Comment: d.Comment})
		default:
			return apperr.New(apperr.Internal, "An import cannot make %T.", c.Data)
		}
	}
	_, err := t.commands.Apply(ctx, command.Actor{User: user}, in)
	return err
}
