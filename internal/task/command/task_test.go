package command_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
)

func TestCreateTaskFillsInWhatIsLeftOpen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := o.must(o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{Workspace: o.ws, Project: o.project, Title: "  Write it  "}))
	o.recorded(r, "task.created", fmt.Sprintf(
		`{"project":%q,"column":%q,"number":1,"title":"Write it","priority":"none","position":"a0","state":"live"}`, o.project, o.backlog))
	ev := r.Commit.Events[0]
	if ev.Entity != r.ID || ev.Scope != o.project || ev.Actor != o.member || ev.Cause != "" || r.Repeated {
		t.Errorf("recorded as %+v", ev)
	}
	// Number and position count up, in the column.
	r = o.must(o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{Workspace: o.ws, Project: o.project, Title: "Next"}))
	if got := o.task(r.ID); got.Number != 2 || got.Position != "a1" || got.CreatedBy != o.member || !got.CreatedAt.Equal(o.clock.Now()) {
		t.Errorf("the second is %+v", got)
	}
	r = o.must(o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{Workspace: o.ws, Project: o.project, Column: o.todo, Title: "Elsewhere"}))
	if got := o.task(r.ID); got.Number != 3 || got.Position != "a0" {
		t.Errorf("the third is %+v", got)
	}
	o.replays()
}

func TestCreateTaskKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	label := o.must(o.s.CreateLabel(o.ctx, o.as(o.member), command.CreateLabel{Workspace: o.ws, Name: "Bug", Color: "red"})).ID
	item := ids.New()
	r := o.must(o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{
		Workspace: o.ws, ID: ids.New(), Project: o.project, Column: o.done, Title: "T", Description: "a\r\nb", Priority: event.High,
		Labels: []ids.ID{label, label}, Assignees: []ids.ID{o.guest, o.admin}, Start: "2026-03-01", Due: "2026-03-02T10:00:00Z", Position: "a0V",
		Items: []event.Item{{ID: item, Title: "I", Done: true}, {Title: "II", List: "More"}},
	}))
	got := o.task(r.ID)
	if got.Completed == nil || !got.Completed.Equal(o.clock.Now()) {
		t.Errorf("made in a done column, completed %v", got.Completed)
	}
	if got.ItemsTotal != 2 || got.ItemsDone != 1 || got.Detail.Items[0].ID != item || got.Detail.Items[0].Position != "a0" || got.Detail.Items[1].Position != "a1" {
		t.Errorf("items %+v", got.Detail.Items)
	}
	if !got.HasDescription || got.Detail.Description != "a\nb" || got.Priority != event.High || got.Position != "a0V" ||
		got.Start != "2026-03-01" || got.Due != "2026-03-02T10:00:00Z" ||
		!reflect.DeepEqual(got.Labels, []ids.ID{label}) || !reflect.DeepEqual(got.Assignees, []ids.ID{o.guest, o.admin}) {
		t.Errorf("made %+v", got)
	}
}

func TestCreateTaskRefuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	many := make([]ids.ID, 51)
	for i := range many {
		many[i] = ids.New()
	}
	archived := o.must(o.s.CreateColumn(o.ctx, o.as(o.member), command.CreateColumn{Workspace: o.ws, Project: o.project, Name: "Old", Category: event.Open})).ID
	o.must(o.s.ChangeColumn(o.ctx, o.as(o.member), command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: archived, Archived: ptr(true)}))
	head := o.head()
	for _, tc := range []struct {
		name string
		edit func(*command.CreateTask)
		code apperr.Code
		says []string
	}{
		{"no title", func(c *command.CreateTask) { c.Title = " \n" }, apperr.Invalid, []string{"body.title"}},
		{"long title", func(c *command.CreateTask) { c.Title = strings.Repeat("ü", 501) }, apperr.Invalid, []string{"body.title", "500", "501"}},
		{"line break in title", func(c *command.CreateTask) { c.Title = "a\nb" }, apperr.Invalid, []string{"body.title"}},
		{"bad UTF-8", func(c *command.CreateTask) { c.Title = "a\xff" }, apperr.Invalid, []string{"body.title", "UTF-8"}},
		{"control character", func(c *command.CreateTask) { c.Description = "a\x00" }, apperr.Invalid, []string{"body.description"}},
		{"C1 control character", func(c *command.CreateTask) { c.Description = "a\u0085" }, apperr.Invalid, []string{"body.description"}},
		{"long description", func(c *command.CreateTask) { c.Description = strings.Repeat("x", 100_001) }, apperr.Invalid, []string{"body.description"}},
		{"priority", func(c *command.CreateTask) { c.Priority = "huge" }, apperr.Invalid, []string{"body.priority"}},
		{"no such day", func(c *command.CreateTask) { c.Due = "2026-02-30" }, apperr.Invalid, []string{"body.due"}},
		{"not UTC", func(c *command.CreateTask) { c.Start = "2026-02-03T10:00:00+01:00" }, apperr.Invalid, []string{"body.start"}},
		{"position", func(c *command.CreateTask) { c.Position = "a00" }, apperr.Invalid, []string{"body.position"}},
		{"many labels", func(c *command.CreateTask) { c.Labels = many }, apperr.Invalid, []string{"body.labels"}},
		{"unknown label", func(c *command.CreateTask) { c.Labels = many[:2] }, apperr.Invalid, []string{"body.labels[0]", "body.labels[1]"}},
		{"unknown assignee", func(c *command.CreateTask) { c.Assignees = []ids.ID{o.member, o.outsider} }, apperr.Invalid, []string{"body.assignees[1]"}},
		{"blind assignee", func(c *command.CreateTask) { c.Project, c.Column, c.Assignees = o.secret, ids.Nil, []ids.ID{o.guest} }, apperr.Invalid, []string{"body.assignees[0]", "guest"}},
		{"item without title", func(c *command.CreateTask) { c.Items = []event.Item{{Title: "a"}, {}} }, apperr.Invalid, []string{"body.items[1].title"}},
		{"501 items", func(c *command.CreateTask) { c.Items = make([]event.Item, 501) }, apperr.Invalid, []string{"body.items"}},
		{"all at once", func(c *command.CreateTask) { c.Title, c.Due = "", "x" }, apperr.Invalid, []string{"body.title", "body.due"}},
		{"no project", func(c *command.CreateTask) { c.Project = ids.Nil }, apperr.Invalid, []string{"body.project"}},
		{"unknown project", func(c *command.CreateTask) { c.Project = ids.New() }, apperr.NotFound, []string{"project"}},
		{"unknown column", func(c *command.CreateTask) { c.Column = o.secretTodo }, apperr.Invalid, []string{"body.column"}},
		{"archived column", func(c *command.CreateTask) { c.Column = archived }, apperr.Conflict, []string{"archived"}},
		{"unknown workspace", func(c *command.CreateTask) { c.Workspace = ids.New() }, apperr.NotFound, []string{"workspace"}},
	} {
		in := command.CreateTask{Workspace: o.ws, Project: o.project, Title: "T"}
		tc.edit(&in)
		t.Run(tc.name, func(t *testing.T) {
			o.t = t
			_, err := o.s.CreateTask(o.ctx, o.as(o.member), in)
			o.fails(err, tc.code, tc.says...)
		})
	}
	if o.head() != head {
		t.Error("a refused command recorded something")
	}
}

// A create with the client's id happens once, however often it is sent and
// whatever became of the task in between.
func TestCreateTaskRepeated(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := command.CreateTask{Workspace: o.ws, ID: ids.New(), Project: o.project, Title: " T", Items: []event.Item{{Title: "I"}}}
	o.must(o.s.CreateTask(o.ctx, o.as(o.member), in))
	o.change(command.ChangeTask{ID: in.ID, Title: ptr("Other"), Column: &o.done})
	for range 30 { // so that the creation lies further back than the first look
		o.add("more")
	}
	r := o.must(o.s.CreateTask(o.ctx, o.as(o.member), in))
	if !r.Repeated || r.ID != in.ID || r.Seq != o.head() {
		t.Errorf("sent again: %+v", r)
	}
	o.nothing(r)

	other := in
	other.Title = "Else"
	_, err := o.s.CreateTask(o.ctx, o.as(o.member), other)
	o.fails(err, apperr.Conflict, "That id is taken. Use a new one.")
	_, err = o.s.CreateTask(o.ctx, o.as(o.admin), in)
	o.fails(err, apperr.Conflict, "That id is taken. Use a new one.")

	// In another workspace the same id is refused without saying where it is.
	ws := o.must(o.s.CreateWorkspace(o.ctx, o.as(o.member), command.CreateWorkspace{Name: "Home"})).ID
	p := o.must(o.s.CreateProject(o.ctx, o.as(o.member), command.CreateProject{Workspace: ws, Name: "P"})).ID
	in.Workspace, in.Project = ws, p
	_, err = o.s.CreateTask(o.ctx, o.as(o.member), in)
	o.fails(err, apperr.Conflict, "That id is taken. Use a new one.")
}

func TestChangeTaskRecordsFromAndTo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	label := o.must(o.s.CreateLabel(o.ctx, o.as(o.member), command.CreateLabel{Workspace: o.ws, Name: "Bug", Color: "red"})).ID
	id := o.add("Old")
	r := o.change(command.ChangeTask{
		ID: id, Title: ptr("New"), Description: ptr("Why"), Priority: ptr(event.Urgent), Labels: &[]ids.ID{label},
		Assignees: &[]ids.ID{o.admin}, Start: ptr(event.Date("2026-01-01")), Due: ptr(event.Date("2026-01-02")),
	})
	o.recorded(r, "task.changed", fmt.Sprintf(`{"title":{"from":"Old","to":"New"},"description":{"from":"","to":"Why"},
		"priority":{"from":"none","to":"urgent"},"labels":{"from":null,"to":[%q]},"assignees":{"from":null,"to":[%q]},
		"start":{"from":"","to":"2026-01-01"},"due":{"from":"","to":"2026-01-02"}}`, label, o.admin))
	got := o.task(id)
	if got.Title != "New" || got.Detail.Description != "Why" || !got.HasDescription || got.Seq != r.Seq {
		t.Errorf("changed to %+v", got)
	}
	// Saying it again is no change; emptying is.
	o.nothing(o.change(command.ChangeTask{ID: id, Title: ptr("New"), Description: ptr("Why"), Labels: &[]ids.ID{label}, Column: &o.todo, Position: ptr("a0")}))
	r = o.change(command.ChangeTask{ID: id, Description: ptr(""), Labels: &[]ids.ID{}, Due: ptr(event.Date(""))})
	o.recorded(r, "task.changed", fmt.Sprintf(`{"description":{"from":"Why","to":""},"labels":{"from":[%q],"to":null},"due":{"from":"2026-01-02","to":""}}`, label))
	if got := o.task(id); got.HasDescription || got.Labels != nil || got.Due != "" {
		t.Errorf("emptied to %+v", got)
	}
	o.replays()
}

// A label that was removed stays on its tasks unseen, and does not keep them from being changed.
func TestChangeTaskKeepsRemovedLabels(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	gone := o.must(o.s.CreateLabel(o.ctx, o.as(o.member), command.CreateLabel{Workspace: o.ws, Name: "Gone", Color: "red"})).ID
	kept := o.must(o.s.CreateLabel(o.ctx, o.as(o.member), command.CreateLabel{Workspace: o.ws, Name: "Kept", Color: "red"})).ID
	id := o.add("T")
	o.change(command.ChangeTask{ID: id, Labels: &[]ids.ID{gone}})
	o.must(o.s.RemoveLabel(o.ctx, o.as(o.member), command.RemoveLabel{Workspace: o.ws, ID: gone}))
	o.change(command.ChangeTask{ID: id, Labels: &[]ids.ID{gone, kept}})
	o.change(command.ChangeTask{ID: id, Labels: &[]ids.ID{kept}})
	_, err := o.s.ChangeTask(o.ctx, o.as(o.member), command.ChangeTask{Workspace: o.ws, ID: id, Labels: &[]ids.ID{gone}})
	o.fails(err, apperr.Invalid, "body.labels[0]")
}

func TestChangeTaskMoves(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, other := o.add("T"), o.add("U")
	o.change(command.ChangeTask{ID: other, Column: &o.done})

	// Into a done column: completed, at its end.
	r := o.change(command.ChangeTask{ID: id, Column: &o.done})
	o.recorded(r, "task.moved", fmt.Sprintf(`{"column":{"from":%q,"to":%q},"position":{"from":"a0","to":"a1"},"completed":{"from":null,"to":"2026-03-01T09:00:00Z"}}`, o.todo, o.done))
	// Within it: no completion anew.
	o.clock.Advance(time.Hour)
	o.recorded(o.change(command.ChangeTask{ID: id, Position: ptr("Zz")}), "task.moved", `{"position":{"from":"a1","to":"Zz"}}`)
	o.recorded(o.change(command.ChangeTask{ID: id, Position: ptr("")}), "task.moved", `{"position":{"from":"Zz","to":"a1"}}`)
	o.nothing(o.change(command.ChangeTask{ID: id, Position: ptr("")})) // it is the last
	if got := o.task(id); got.Completed.Hour() != 9 {
		t.Errorf("completed anew at %v", got.Completed)
	}
	// Out of it, with a content change: two events of one commit.
	r = o.change(command.ChangeTask{ID: id, Title: ptr("New"), Column: &o.doing, Position: ptr("a5")})
	o.recorded(r, "task.changed", "", "task.moved", fmt.Sprintf(
		`{"column":{"from":%q,"to":%q},"position":{"from":"a1","to":"a5"},"completed":{"from":"2026-03-01T09:00:00Z","to":null}}`, o.done, o.doing))
	if o.task(id).Completed != nil {
		t.Error("still completed")
	}
	o.replays()
}

func TestChangeTaskToAnotherProject(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.must(o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{Workspace: o.ws, Project: o.secret, Title: "There"}))
	o.add("First")
	id := o.add("T")
	r := o.change(command.ChangeTask{ID: id, Project: &o.secret})
	backlog := o.frame().Projects[o.secret].Columns[0].ID
	o.recorded(r, "task.moved", fmt.Sprintf(`{"project":{"from":%q,"to":%q},"number":{"from":2,"to":2},"column":{"from":%q,"to":%q}}`,
		o.project, o.secret, o.todo, backlog))
	if r.Commit.Events[0].Scope != o.secret {
		t.Error("the event is not in the project that the task went to")
	}
	// The number it left is not given out again.
	if n := o.task(o.add("Next")).Number; n != 3 {
		t.Errorf("the next got number %d", n)
	}
	_, err := o.s.ChangeTask(o.ctx, o.as(o.member), command.ChangeTask{Workspace: o.ws, ID: id, Column: &o.todo})
	o.fails(err, apperr.Invalid, "body.column")
	_, err = o.s.ChangeTask(o.ctx, o.as(o.member), command.ChangeTask{Workspace: o.ws, ID: id, Project: ptr(ids.New())})
	o.fails(err, apperr.NotFound, "project")
	o.must(o.s.ArchiveProject(o.ctx, o.as(o.member), command.ArchiveProject{Workspace: o.ws, ID: o.project}))
	_, err = o.s.ChangeTask(o.ctx, o.as(o.member), command.ChangeTask{Workspace: o.ws, ID: id, Project: &o.project})
	o.fails(err, apperr.Conflict, "archived")
	o.replays()
}

func TestChangeTaskRefuses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("T")
	seq := o.task(id).Seq
	o.change(command.ChangeTask{ID: id, Title: ptr("U"), IfSeq: &seq})
	_, err := o.s.ChangeTask(o.ctx, o.as(o.member), command.ChangeTask{Workspace: o.ws, ID: id, Title: ptr("V"), IfSeq: &seq})
	o.fails(err, apperr.PreconditionFailed)
	for _, in := range []command.ChangeTask{
		{Title: ptr("")}, {Description: ptr("\x01")}, {Priority: ptr(event.Priority(""))}, {Start: ptr(event.Date("soon"))}, {Due: ptr(event.Date("soon"))},
		{Labels: &[]ids.ID{ids.New()}}, {Assignees: &[]ids.ID{ids.New()}}, {Column: &ids.ID{}}, {Project: &ids.ID{}}, {Position: ptr("!")},
	} {
		in.Workspace, in.ID = o.ws, id
		_, err := o.s.ChangeTask(o.ctx, o.as(o.member), in)
		o.fails(err, apperr.Invalid, "body.")
	}
	if got := o.task(id); got.Title != "U" {
		t.Errorf("title is %q", got.Title)
	}
}

func TestTaskLifecycle(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("T")
	me := o.as(o.member)
	state := func(from, to string) string { return fmt.Sprintf(`{"state":{"from":%q,"to":%q}}`, from, to) }

	o.nothing(o.must(o.s.RestoreTask(o.ctx, me, command.RestoreTask{Workspace: o.ws, ID: id})))
	o.recorded(o.must(o.s.ArchiveTask(o.ctx, me, command.ArchiveTask{Workspace: o.ws, ID: id})), "task.archived", state("live", "archived"))
	o.nothing(o.must(o.s.ArchiveTask(o.ctx, me, command.ArchiveTask{Workspace: o.ws, ID: id})))
	o.change(command.ChangeTask{ID: id, Title: ptr("Archived ones can be worked on")})
	_, err := o.s.PurgeTask(o.ctx, o.as(o.owner), command.PurgeTask{Workspace: o.ws, ID: id})
	o.fails(err, apperr.Conflict, "trash")
	o.recorded(o.must(o.s.TrashTask(o.ctx, me, command.TrashTask{Workspace: o.ws, ID: id})), "task.trashed", state("archived", "trashed"))
	_, err = o.s.ArchiveTask(o.ctx, me, command.ArchiveTask{Workspace: o.ws, ID: id})
	o.fails(err, apperr.Conflict, "trash")
	_, err = o.s.ChangeTask(o.ctx, me, command.ChangeTask{Workspace: o.ws, ID: id, Title: ptr("No")})
	o.fails(err, apperr.Conflict, "trash")
	_, err = o.s.AddComment(o.ctx, me, command.AddComment{Workspace: o.ws, Task: id, Text: "No"})
	o.fails(err, apperr.Conflict, "trash")
	o.recorded(o.must(o.s.RestoreTask(o.ctx, me, command.RestoreTask{Workspace: o.ws, ID: id})), "task.restored", state("trashed", "live"))

	stale := o.task(id).Seq - 1
	_, err = o.s.TrashTask(o.ctx, me, command.TrashTask{Workspace: o.ws, ID: id, IfSeq: &stale})
	o.fails(err, apperr.PreconditionFailed)
	o.must(o.s.TrashTask(o.ctx, me, command.TrashTask{Workspace: o.ws, ID: id}))
	r := o.must(o.s.PurgeTask(o.ctx, o.as(o.owner), command.PurgeTask{Workspace: o.ws, ID: id}))
	o.recorded(r, "task.purged", fmt.Sprintf(`{"project":%q,"title":"Archived ones can be worked on"}`, o.project))
	if o.task(id) != nil {
		t.Error("the purged task is still there")
	}
	_, err = o.s.RestoreTask(o.ctx, me, command.RestoreTask{Workspace: o.ws, ID: id})
	o.fails(err, apperr.NotFound, "task")
	o.replays()
}

func TestChecklist(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me, id := o.as(o.member), o.add("T")
	one, two := ids.New(), ids.New()
	add := command.AddItems{Workspace: o.ws, Task: id, Items: []event.Item{{ID: one, Title: " One "}, {ID: two, Title: "Two", List: "More"}}}
	o.recorded(o.must(o.s.AddItems(o.ctx, me, add)), "checklist.items_added", fmt.Sprintf(
		`{"items":[{"id":%q,"title":"One","done":false,"position":"a0"},{"id":%q,"list":"More","title":"Two","done":false,"position":"a1"}]}`, one, two))
	if r := o.must(o.s.AddItems(o.ctx, me, add)); !r.Repeated {
		t.Error("sent again, it was not taken as a repeat")
	}
	clash := add
	clash.Items = []event.Item{{ID: one, Title: "Else"}}
	_, err := o.s.AddItems(o.ctx, me, clash)
	o.fails(err, apperr.Conflict, "taken")

	r := o.must(o.s.ChangeItem(o.ctx, me, command.ChangeItem{Workspace: o.ws, Task: id, ID: two, Done: ptr(true), Title: ptr("2"), Position: ptr("Zz"), List: ptr("")}))
	o.recorded(r, "checklist.item_changed", fmt.Sprintf(
		`{"id":%q,"list":{"from":"More","to":""},"title":{"from":"Two","to":"2"},"done":{"from":false,"to":true},"position":{"from":"a1","to":"Zz"}}`, two))
	o.nothing(o.must(o.s.ChangeItem(o.ctx, me, command.ChangeItem{Workspace: o.ws, Task: id, ID: two, Done: ptr(true)})))
	got := o.task(id)
	if got.ItemsDone != 1 || got.ItemsTotal != 2 || got.Detail.Items[0].ID != two {
		t.Errorf("items %d of %d, %+v", got.ItemsDone, got.ItemsTotal, got.Detail.Items)
	}
	o.recorded(o.must(o.s.RemoveItem(o.ctx, me, command.RemoveItem{Workspace: o.ws, Task: id, ID: two})),
		"checklist.item_removed", fmt.Sprintf(`{"item":{"id":%q,"title":"2","done":true,"position":"Zz"}}`, two))
	if got := o.task(id); got.ItemsDone != 0 || got.ItemsTotal != 1 {
		t.Errorf("items %d of %d", got.ItemsDone, got.ItemsTotal)
	}
	_, err = o.s.RemoveItem(o.ctx, me, command.RemoveItem{Workspace: o.ws, Task: id, ID: two})
	o.fails(err, apperr.NotFound, "item")
	_, err = o.s.ChangeItem(o.ctx, me, command.ChangeItem{Workspace: o.ws, Task: id, ID: two, Done: ptr(true)})
	o.fails(err, apperr.NotFound, "item")
	_, err = o.s.ChangeItem(o.ctx, me, command.ChangeItem{Workspace: o.ws, Task: id, ID: one, Title: ptr(""), Position: ptr("")})
	o.fails(err, apperr.Invalid, "body.title", "body.position")
	_, err = o.s.AddItems(o.ctx, me, command.AddItems{Workspace: o.ws, Task: id})
	o.fails(err, apperr.Invalid, "body.items")
	full := command.AddItems{Workspace: o.ws, Task: id}
	for range 500 {
		full.Items = append(full.Items, event.Item{Title: "x"})
	}
	_, err = o.s.AddItems(o.ctx, me, full)
	o.fails(err, apperr.Invalid, "500")
	full.Items = full.Items[1:]
	o.must(o.s.AddItems(o.ctx, me, full))
	o.replays()
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me, id := o.as(o.member), o.add("T")
	in := command.AddAttachment{Workspace: o.ws, Task: id, ID: ids.New(), URL: "https://example.org/x?a=1"}
	o.recorded(o.must(o.s.AddAttachment(o.ctx, me, in)), "attachment.added", fmt.Sprintf(
		`{"attachment":{"id":%q,"name":"https://example.org/x?a=1","url":"https://example.org/x?a=1"}}`, in.ID))
	if r := o.must(o.s.AddAttachment(o.ctx, me, in)); !r.Repeated {
		t.Error("sent again, it was not taken as a repeat")
	}
	if o.task(id).Attachments != 1 {
		t.Error("not counted")
	}
	in.Name = "Else"
	_, err := o.s.AddAttachment(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")
	for _, url := range []string{"", "javascript:alert(1)", "/etc/passwd", "ftp://example.org", "https://", "http:// x", "data:text/html,x", "https://e.org/\x01", "https://e.org/" + strings.Repeat("x", 2000)} {
		_, err := o.s.AddAttachment(o.ctx, me, command.AddAttachment{Workspace: o.ws, Task: id, URL: url, Name: "n"})
		o.fails(err, apperr.Invalid, "body.url")
	}
	remove := command.RemoveAttachment{Workspace: o.ws, Task: id, ID: in.ID}
	o.recorded(o.must(o.s.RemoveAttachment(o.ctx, me, remove)), "attachment.removed", "")
	_, err = o.s.RemoveAttachment(o.ctx, me, remove)
	o.fails(err, apperr.NotFound, "attachment")
	o.replays()
}

func TestComments(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me, id, other := o.as(o.guest), o.add("T"), o.add("U")
	in := command.AddComment{Workspace: o.ws, Task: id, ID: ids.New(), Text: "Hi\nthere"}
	o.recorded(o.must(o.s.AddComment(o.ctx, me, in)), "comment.added", fmt.Sprintf(
		`{"comment":{"id":%q,"text":"Hi\nthere","author":%q,"at":"2026-03-01T09:00:00Z"}}`, in.ID, o.guest))
	if o.task(id).Comments != 1 {
		t.Error("not counted")
	}
	change := command.ChangeComment{Workspace: o.ws, Task: id, ID: in.ID, Text: "Ho"}
	o.clock.Advance(time.Minute)
	o.recorded(o.must(o.s.ChangeComment(o.ctx, me, change)), "comment.changed", fmt.Sprintf(`{"id":%q,"text":{"from":"Hi\nthere","to":"Ho"}}`, in.ID))
	o.nothing(o.must(o.s.ChangeComment(o.ctx, me, change)))
	if c := o.comment(in.ID); c.EditedAt == nil || !c.EditedAt.Equal(o.clock.Now()) || c.Text != "Ho" || c.Task != id || c.Project != o.project {
		t.Errorf("changed to %+v", c)
	}
	if r := o.must(o.s.AddComment(o.ctx, me, in)); !r.Repeated {
		t.Error("sent again, it was not taken as a repeat")
	}
	_, err := o.s.AddComment(o.ctx, o.as(o.member), in)
	o.fails(err, apperr.Conflict, "taken")
	in.Text = "Else"
	_, err = o.s.AddComment(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")
	_, err = o.s.ChangeComment(o.ctx, me, command.ChangeComment{Workspace: o.ws, Task: other, ID: in.ID, Text: "x"})
	o.fails(err, apperr.NotFound, "comment")
	for _, text := range []string{"", " \n", strings.Repeat("x", 20_001), "a\x00"} {
		_, err = o.s.AddComment(o.ctx, me, command.AddComment{Workspace: o.ws, Task: id, Text: text})
		o.fails(err, apperr.Invalid, "body.text")
	}
	o.recorded(o.must(o.s.RemoveComment(o.ctx, me, command.RemoveComment{Workspace: o.ws, Task: id, ID: in.ID})), "comment.removed", "")
	if o.comment(in.ID) != nil || o.task(id).Comments != 0 {
		t.Error("not removed")
	}
	_, err = o.s.RemoveComment(o.ctx, me, command.RemoveComment{Workspace: o.ws, Task: id, ID: in.ID})
	o.fails(err, apperr.NotFound, "comment")
	o.replays()
}
