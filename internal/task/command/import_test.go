package command_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
)

// board is a small import: an archived project with everything in it.
func (o *office) board() command.ImportBatch {
	ada, bug, project, open, done := ids.New(), ids.New(), ids.New(), ids.New(), ids.New()
	created, completed := time.Date(2020, 1, 2, 3, 4, 5, 6789, time.UTC), time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC)
	task, old := ids.New(), ids.New()
	return command.ImportBatch{
		Workspace: o.ws, Import: ids.New(),
		Placeholders: []command.ImportPlaceholder{{ID: ada, Name: "Ada"}},
		Labels:       []command.ImportLabel{{ID: bug, Color: "red"}},
		Projects: []command.ImportProject{{
			ID: project, Name: "Board", State: event.Archived,
			Columns: []event.Column{{ID: open, Name: "Open", Category: event.Open}, {ID: done, Name: "Done", Category: event.Done, Archived: true}},
		}},
		Tasks: []command.ImportTask{
			{ID: task, TaskData: event.TaskData{
				Project: project, Column: open, Title: "Card", Labels: []ids.ID{bug}, Assignees: []ids.ID{ada}, Created: &created, Completed: &completed,
				Items:       []event.Item{{ID: ids.New(), Title: "Step", Done: true}},
				Attachments: []event.Attachment{{ID: ids.New(), URL: "https://example.org"}},
			}},
			{ID: old, TaskData: event.TaskData{Project: project, Column: done, Title: "Old", State: event.Archived, Position: "a5"}},
			{ID: ids.New(), TaskData: event.TaskData{Project: project, Column: done, Title: "Behind it"}},
			{ID: ids.New(), TaskData: event.TaskData{Project: project, Column: ids.New(), Title: "Stray"}},
		},
		Comments: []command.ImportComment{{Task: task, Comment: event.Comment{ID: ids.New(), Text: "Hi", Author: ada, At: created}}},
	}
}

func TestImportOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.board()
	r, err := o.s.Apply(o.ctx, o.as(o.member), b)
	if err != nil {
		t.Fatal(err)
	}
	o.recorded(r.Result, "member.added", "", "label.created", `{"name":"","color":"red"}`, "project.created", "",
		"task.created", "", "task.created", "", "task.created", "", "task.created", "", "comment.added", "")
	want := command.ImportCounts{Placeholders: 1, Labels: 1, Projects: 1, Tasks: 4, Comments: 1}
	if r.Added != want || r.Skipped != (command.ImportCounts{}) {
		t.Errorf("added %+v, skipped %+v", r.Added, r.Skipped)
	}
	for _, ev := range r.Commit.Events {
		if ev.Cause != "import:"+b.Import.String() || ev.Actor != o.member {
			t.Errorf("%s has cause %q and actor %s", ev.Type, ev.Cause, ev.Actor)
		}
	}
	project := b.Projects[0]
	if p := o.frame().Projects[project.ID]; p.State != event.Archived || p.Key != "BOA" || len(p.Columns) != 2 || !p.Columns[1].Archived {
		t.Errorf("made %+v", p)
	}
	card := o.task(b.Tasks[0].ID)
	if card.Number != 1 || card.Position != "a0" || card.CreatedAt != time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC) ||
		!card.Completed.Equal(*b.Tasks[0].Completed) || card.ItemsDone != 1 || card.Attachments != 1 || card.Comments != 1 {
		t.Errorf("made %+v", card)
	}
	if old, behind, stray := o.task(b.Tasks[1].ID), o.task(b.Tasks[2].ID), o.task(b.Tasks[3].ID); old.State != event.Archived || old.Completed != nil ||
		behind.Position != "a6" || behind.Number != 3 || stray.Column != project.Columns[0].ID || stray.Position != "a1" {
		t.Errorf("made %+v, %+v, %+v", old, behind, stray)
	}
	if c := o.comment(b.Comments[0].ID); c.Author != b.Placeholders[0].ID || c.CreatedAt.Year() != 2020 || c.Project != project.ID {
		t.Errorf("made %+v", c)
	}
	o.replays()

	// A second time adds nothing; a further card goes on where the first time ended.
	again, err := o.s.Apply(o.ctx, o.as(o.admin), b)
	if err != nil {
		t.Fatal(err)
	}
	o.nothing(again.Result)
	if again.Skipped != want || again.Added != (command.ImportCounts{}) {
		t.Errorf("again: added %+v, skipped %+v", again.Added, again.Skipped)
	}
	more := b
	more.Tasks = append(b.Tasks[:4:4], command.ImportTask{ID: ids.New(), TaskData: event.TaskData{Project: project.ID, Column: project.Columns[1].ID, Title: "More"}})
	more.Columns = []command.ImportColumn{{Project: project.ID, Column: event.Column{ID: ids.New(), Name: "Later", Category: event.Backlog}}, {Project: project.ID, Column: project.Columns[0]}}
	r, err = o.s.Apply(o.ctx, o.as(o.admin), more)
	if err != nil {
		t.Fatal(err)
	}
	o.recorded(r.Result, "column.created", "", "task.created", "")
	if got := o.task(more.Tasks[4].ID); got.Number != 5 || got.Position != "a7" || r.Skipped.Tasks != 4 || r.Skipped.Columns != 1 || r.Added.Columns != 1 {
		t.Errorf("made %+v; %+v", got, r)
	}
	o.replays()
}

func TestImportRefusesAsAWhole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	head := o.head()
	for _, tc := range []struct {
		name string
		edit func(*command.ImportBatch)
		code apperr.Code
		says string
	}{
		{"no import id", func(b *command.ImportBatch) { b.Import = ids.Nil }, apperr.Invalid, "import"},
		{"placeholder", func(b *command.ImportBatch) { b.Placeholders[0].Name = "" }, apperr.Invalid, "placeholders[0].name"},
		{"placeholder without id", func(b *command.ImportBatch) { b.Placeholders[0].ID = ids.Nil }, apperr.Invalid, "placeholders[0].id"},
		{"label", func(b *command.ImportBatch) { b.Labels[0].Color = "mauve" }, apperr.Invalid, "labels[0].color"},
		{"project", func(b *command.ImportBatch) { b.Projects[0].Name = strings.Repeat("x", 101) }, apperr.Invalid, "projects[0].name"},
		{"project state", func(b *command.ImportBatch) { b.Projects[0].State = event.Trashed }, apperr.Invalid, "projects[0].state"},
		{"column of a project", func(b *command.ImportBatch) { b.Projects[0].Columns[1].Category = "odd" }, apperr.Invalid, "projects[0].columns[1].category"},
		{"task", func(b *command.ImportBatch) { b.Tasks[2].Title = "" }, apperr.Invalid, "tasks[2].title"},
		{"task without id", func(b *command.ImportBatch) { b.Tasks[2].ID = ids.Nil }, apperr.Invalid, "tasks[2].id"},
		{"task state", func(b *command.ImportBatch) { b.Tasks[2].State = event.Trashed }, apperr.Invalid, "tasks[2].state"},
		{"link", func(b *command.ImportBatch) { b.Tasks[0].Attachments[0].URL = "file:///x" }, apperr.Invalid, "tasks[0].attachments[0].url"},
		{"label of a task", func(b *command.ImportBatch) { b.Tasks[1].Labels = []ids.ID{ids.New()} }, apperr.Invalid, "tasks[1].labels[0]"},
		{"project of a task", func(b *command.ImportBatch) { b.Tasks[1].Project = ids.New() }, apperr.NotFound, "project"},
		{"comment", func(b *command.ImportBatch) { b.Comments[0].Text = "" }, apperr.Invalid, "comments[0].text"},
		{"author", func(b *command.ImportBatch) { b.Comments[0].Author = ids.New() }, apperr.Invalid, "comments[0].author"},
		{"task of a comment", func(b *command.ImportBatch) { b.Comments[0].Task = ids.New() }, apperr.NotFound, "task"},
		{"project of a column", func(b *command.ImportBatch) {
			b.Columns = []command.ImportColumn{{Project: ids.New(), Column: event.Column{ID: ids.New(), Name: "C", Category: event.Open}}}
		}, apperr.NotFound, "project"},
		{"too many parts", func(b *command.ImportBatch) { b.Comments = make([]command.ImportComment, 10_001) }, apperr.Invalid, "10000"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o.t = t
			b := o.board()
			tc.edit(&b)
			_, err := o.s.Apply(o.ctx, o.as(o.member), b)
			o.fails(err, tc.code, tc.says)
		})
	}
	if o.head() != head {
		t.Error("a refused batch recorded something")
	}
}

// Undoing an import's commit puts the project away as a whole, and takes back
// what it brought to the workspace; what is imported again then says why not.
func TestImportUndone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.board()
	if _, err := o.s.Apply(o.ctx, o.as(o.member), b); err != nil {
		t.Fatal(err)
	}
	o.undo(o.member, 8, 0, "project.trashed", `{"state":{"from":"archived","to":"trashed"}}`, "label.removed", "", "member.removed", "")
	b.Tasks = append(b.Tasks, command.ImportTask{ID: ids.New(), TaskData: event.TaskData{Project: b.Projects[0].ID, Title: "More"}})
	_, err := o.s.Apply(o.ctx, o.as(o.member), b)
	o.fails(err, apperr.Conflict, "in the trash")
	o.must(o.s.RestoreProject(o.ctx, o.as(o.admin), command.RestoreProject{Workspace: o.ws, ID: b.Projects[0].ID}))
	r, err := o.s.Apply(o.ctx, o.as(o.member), b)
	if err != nil {
		t.Fatal(err)
	}
	o.recorded(r.Result, "member.added", "", "label.created", "", "task.created", "")
	o.replays()
}

func TestImportOfALargeBatch(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := command.ImportBatch{Workspace: o.ws, Import: ids.New()}
	for i := range 1001 {
		b.Tasks = append(b.Tasks, command.ImportTask{ID: ids.New(), TaskData: event.TaskData{Project: o.project, Title: fmt.Sprint(i)}})
	}
	r, err := o.s.Apply(o.ctx, o.as(o.member), b)
	if err != nil || r.Added.Tasks != 1001 {
		t.Fatalf("%+v, %v", r.Added, err)
	}
	if last := o.task(b.Tasks[1000].ID); last.Number != 1001 || o.task(b.Tasks[0].ID).Position >= last.Position {
		t.Errorf("the last is %+v", last)
	}
	_, err = o.s.Undo(o.ctx, o.as(o.member), command.Undo{Workspace: o.ws})
	o.fails(err, apperr.Conflict, "too large")
	// Of 1,000 it goes.
	b.Import, b.Tasks = ids.New(), b.Tasks[:1000]
	for i := range b.Tasks {
		b.Tasks[i].ID = ids.New()
	}
	if _, err := o.s.Apply(o.ctx, o.as(o.member), b); err != nil {
		t.Fatal(err)
	}
	u, err := o.s.Undo(o.ctx, o.as(o.member), command.Undo{Workspace: o.ws})
	if err != nil || u.Undone != 1000 || len(u.Left) != 0 {
		t.Errorf("undone %d, left %d, %v", u.Undone, len(u.Left), err)
	}
}

// A file may name the same thing twice: it comes once.
func TestImportOfRepetitions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.board()
	b.Placeholders = append(b.Placeholders, b.Placeholders...)
	b.Labels = append(b.Labels, b.Labels...)
	b.Projects = append(b.Projects, b.Projects...)
	b.Tasks = append(b.Tasks, b.Tasks...)
	b.Comments = append(b.Comments, b.Comments...)
	r, err := o.s.Apply(o.ctx, o.as(o.member), b)
	if err != nil {
		t.Fatal(err)
	}
	want := command.ImportCounts{Placeholders: 1, Labels: 1, Projects: 1, Tasks: 4, Comments: 1}
	if r.Added != want || r.Skipped != want {
		t.Errorf("added %+v, skipped %+v", r.Added, r.Skipped)
	}
	// Comments of a later batch find their task; a project in the trash takes none.
	later := command.ImportBatch{Workspace: o.ws, Import: b.Import, Comments: []command.ImportComment{b.Comments[0], b.Comments[0]}}
	later.Comments[1].ID = ids.New()
	if r, err = o.s.Apply(o.ctx, o.as(o.member), later); err != nil || r.Added.Comments != 1 || r.Skipped.Comments != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if got := o.task(b.Tasks[0].ID).Comments; got != 2 {
		t.Errorf("%d comments", got)
	}
	o.must(o.s.TrashProject(o.ctx, o.as(o.owner), command.TrashProject{Workspace: o.ws, ID: b.Projects[0].ID}))
	later.Comments[0].ID = ids.New()
	_, err = o.s.Apply(o.ctx, o.as(o.member), later)
	o.fails(err, apperr.Conflict, "in the trash")
}
