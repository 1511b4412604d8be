package command_test

import (
	"fmt"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
)

// undo undoes the user's last change and asserts what was recorded and left.
func (o *office) undo(user ids.ID, undone, left int, want ...string) command.UndoReport {
	o.t.Helper()
	r, err := o.s.Undo(o.ctx, o.as(user), command.Undo{Workspace: o.ws})
	if err != nil {
		o.t.Fatal(err)
	}
	o.recorded(r.Result, want...)
	if r.Undone != undone || len(r.Left) != left {
		o.t.Errorf("undone %d, left %+v; want %d and %d", r.Undone, r.Left, undone, left)
	}
	o.replays()
	return r
}

func (o *office) undoSeq(user ids.ID, seq uint64) error {
	o.t.Helper()
	_, err := o.s.Undo(o.ctx, o.as(user), command.Undo{Workspace: o.ws, Seq: &seq})
	return err
}

func TestUndoGoesBackChangeByChange(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("One")
	first := o.change(command.ChangeTask{ID: id, Title: ptr("Two")})
	o.change(command.ChangeTask{ID: id, Title: ptr("Three"), Description: ptr("Why"), Column: &o.done}) // two events
	o.must(o.s.AddComment(o.ctx, o.as(o.admin), command.AddComment{Workspace: o.ws, Task: id, Text: "Another's, in between"}))

	r := o.undo(o.member, 2, 0,
		"task.moved", fmt.Sprintf(`{"column":{"from":%q,"to":%q},"completed":{"from":"2026-03-01T09:00:00Z","to":null}}`, o.done, o.todo),
		"task.changed", `{"title":{"from":"Three","to":"Two"},"description":{"from":"Why","to":""}}`)
	if got := r.Commit.Events[0].Cause; got != fmt.Sprintf("undo:%d", first.Seq+1) {
		t.Errorf("cause %q", got)
	}
	o.undo(o.member, 1, 0, "task.changed", `{"title":{"from":"Two","to":"One"}}`)
	o.undo(o.member, 1, 0, "task.trashed", `{"state":{"from":"live","to":"trashed"}}`)
	if got := o.task(id); got.Title != "One" || got.State != event.Trashed || got.Comments != 1 {
		t.Errorf("went back to %+v", got)
	}
	_, err := o.s.Undo(o.ctx, o.as(o.member), command.Undo{Workspace: o.ws})
	o.fails(err, apperr.NotFound, "to undo")
}

func TestUndoLeavesWhatWasChangedSince(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("One")
	mine := o.change(command.ChangeTask{ID: id, Title: ptr("Mine"), Priority: ptr(event.High), Due: ptr(event.Date("2026-01-01"))})
	o.must(o.s.ChangeTask(o.ctx, o.as(o.admin), command.ChangeTask{Workspace: o.ws, ID: id, Title: ptr("Theirs"), Due: ptr(event.Date("2026-02-02"))}))
	r := o.undo(o.member, 1, 2, "task.changed", `{"priority":{"from":"high","to":"none"}}`)
	if r.Left[0].Field != "title" || r.Left[1].Field != "due" || r.Left[0].Entity != id || r.Left[0].Why == "" {
		t.Errorf("left %+v", r.Left)
	}
	if got := o.task(id); got.Title != "Theirs" || got.Due != "2026-02-02" {
		t.Errorf("set back %+v", got)
	}
	o.fails(o.undoSeq(o.member, mine.Seq), apperr.Conflict, "undone already")

	// Where nothing stands any more nothing is recorded.
	o.change(command.ChangeTask{ID: id, Title: ptr("Mine")})
	o.must(o.s.ChangeTask(o.ctx, o.as(o.admin), command.ChangeTask{Workspace: o.ws, ID: id, Title: ptr("Theirs")}))
	o.undo(o.member, 0, 1)
}

func TestUndoBySeq(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("One")
	both := o.change(command.ChangeTask{ID: id, Title: ptr("Two"), Column: &o.doing})
	o.change(command.ChangeTask{ID: id, Priority: ptr(event.Low)})
	theirs := o.must(o.s.ChangeTask(o.ctx, o.as(o.admin), command.ChangeTask{Workspace: o.ws, ID: id, Due: ptr(event.Date("2026-01-01"))}))

	o.fails(o.undoSeq(o.member, theirs.Seq), apperr.Forbidden, "own")
	o.fails(o.undoSeq(o.member, 0), apperr.NotFound)
	o.fails(o.undoSeq(o.member, o.head()+1), apperr.NotFound)
	// Any event of the commit stands for all of it.
	if err := o.undoSeq(o.member, both.Seq-1); err != nil {
		t.Fatal(err)
	}
	if got := o.task(id); got.Title != "One" || got.Column != o.todo || got.Priority != event.Low {
		t.Errorf("went back to %+v", got)
	}
	o.fails(o.undoSeq(o.member, o.head()), apperr.Conflict, "An undo cannot be undone")
	o.fails(o.undoSeq(o.owner, 1), apperr.Conflict, "cannot be undone")
	// The newest own change that is neither undone nor an undo comes next.
	o.undo(o.member, 1, 0, "task.changed", `{"priority":{"from":"low","to":"none"}}`)
	o.undo(o.member, 1, 0, "task.trashed", "")
}

func TestUndoOfLifecycle(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, me := o.add("T"), o.as(o.owner)
	o.must(o.s.ArchiveTask(o.ctx, me, command.ArchiveTask{Workspace: o.ws, ID: id}))
	o.must(o.s.TrashTask(o.ctx, me, command.TrashTask{Workspace: o.ws, ID: id}))
	o.undo(o.owner, 1, 0, "task.archived", `{"state":{"from":"trashed","to":"archived"}}`)
	o.undo(o.owner, 1, 0, "task.restored", `{"state":{"from":"archived","to":"live"}}`)
	o.must(o.s.TrashTask(o.ctx, me, command.TrashTask{Workspace: o.ws, ID: id}))
	o.must(o.s.RestoreTask(o.ctx, me, command.RestoreTask{Workspace: o.ws, ID: id}))
	o.undo(o.owner, 1, 0, "task.trashed", `{"state":{"from":"live","to":"trashed"}}`)
	o.must(o.s.PurgeTask(o.ctx, me, command.PurgeTask{Workspace: o.ws, ID: id}))
	_, err := o.s.Undo(o.ctx, me, command.Undo{Workspace: o.ws})
	o.fails(err, apperr.Conflict, "cannot be brought back")
	o.fails(o.undoSeq(o.owner, o.head()), apperr.Conflict, "cannot be brought back")
	// What was done to the task before is left, since it is gone.
	o.undo(o.member, 0, 1)
}

func TestUndoOfAMoveBetweenProjects(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("T")
	o.change(command.ChangeTask{ID: id, Project: &o.secret, Position: ptr("a5")})
	o.undo(o.member, 1, 0, "task.moved", "")
	if got := o.task(id); got.Project != o.project || got.Column != o.todo || got.Number != 1 || got.Position != "a0" {
		t.Errorf("went back to %+v", got)
	}
	if n := o.task(o.add("Next")).Number; n != 2 {
		t.Errorf("the next got number %d", n)
	}
	o.change(command.ChangeTask{ID: id, Project: &o.secret})
	o.must(o.s.ArchiveProject(o.ctx, o.as(o.owner), command.ArchiveProject{Workspace: o.ws, ID: o.project}))
	if r := o.undo(o.member, 0, 1); r.Left[0].Field != "project" {
		t.Errorf("left %+v", r.Left)
	}
}

func TestUndoOfAMoveFromARemovedColumn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("T")
	o.change(command.ChangeTask{ID: id, Column: &o.doing})
	o.must(o.s.RemoveColumn(o.ctx, o.as(o.admin), command.RemoveColumn{Workspace: o.ws, Project: o.project, ID: o.todo}))
	if r := o.undo(o.member, 0, 1); r.Left[0].Field != "column" {
		t.Errorf("left %+v", r.Left)
	}
}

func TestUndoOfParts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id, me := o.add("T"), o.as(o.member)
	item, other := ids.New(), ids.New()
	o.must(o.s.AddItems(o.ctx, me, command.AddItems{Workspace: o.ws, Task: id, Items: []event.Item{{ID: item, Title: "I"}, {ID: other, Title: "II"}}}))
	o.must(o.s.ChangeItem(o.ctx, me, command.ChangeItem{Workspace: o.ws, Task: id, ID: item, Done: ptr(true), Title: ptr("J")}))
	o.undo(o.member, 1, 0, "checklist.item_changed", fmt.Sprintf(`{"id":%q,"title":{"from":"J","to":"I"},"done":{"from":true,"to":false}}`, item))
	o.must(o.s.RemoveItem(o.ctx, me, command.RemoveItem{Workspace: o.ws, Task: id, ID: item}))
	o.undo(o.member, 1, 0, "checklist.items_added", fmt.Sprintf(`{"items":[{"id":%q,"title":"I","done":false,"position":"a0"}]}`, item))
	o.must(o.s.ChangeItem(o.ctx, o.as(o.admin), command.ChangeItem{Workspace: o.ws, Task: id, ID: other, Done: ptr(true)}))
	if r := o.undo(o.member, 1, 1, "checklist.item_removed", ""); r.Left[0].Field != "items" {
		t.Errorf("left %+v", r.Left)
	}

	link := o.must(o.s.AddAttachment(o.ctx, me, command.AddAttachment{Workspace: o.ws, Task: id, URL: "https://example.org"})).ID
	o.must(o.s.RemoveAttachment(o.ctx, me, command.RemoveAttachment{Workspace: o.ws, Task: id, ID: link}))
	o.undo(o.member, 1, 0, "attachment.added", "")
	o.undo(o.member, 1, 0, "attachment.removed", "")

	c := o.must(o.s.AddComment(o.ctx, me, command.AddComment{Workspace: o.ws, Task: id, Text: "Hi"})).ID
	o.must(o.s.ChangeComment(o.ctx, me, command.ChangeComment{Workspace: o.ws, Task: id, ID: c, Text: "Ho"}))
	o.undo(o.member, 1, 0, "comment.changed", fmt.Sprintf(`{"id":%q,"text":{"from":"Ho","to":"Hi"}}`, c))
	o.must(o.s.RemoveComment(o.ctx, me, command.RemoveComment{Workspace: o.ws, Task: id, ID: c}))
	o.undo(o.member, 1, 0, "comment.added", "")
	if got := o.comment(c); got == nil || got.Text != "Hi" || got.Author != o.member {
		t.Errorf("brought back %+v", got)
	}
	o.undo(o.member, 1, 0, "comment.removed", "")
	if o.comment(c) != nil || o.task(id).Comments != 0 {
		t.Error("the comment is still there")
	}
}

func TestUndoOfTheFrame(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.owner)
	o.must(o.s.ChangeWorkspace(o.ctx, me, command.ChangeWorkspace{Workspace: o.ws, Name: ptr("New")}))
	o.undo(o.owner, 1, 0, "workspace.changed", `{"name":{"from":"New","to":"Office"}}`)

	o.must(o.s.ChangeProject(o.ctx, me, command.ChangeProject{Workspace: o.ws, ID: o.project, Name: ptr("N"), Key: ptr("NEW"), Color: ptr("pink"), Description: ptr("d"), Position: ptr("a9")}))
	o.must(o.s.ChangeProject(o.ctx, o.as(o.admin), command.ChangeProject{Workspace: o.ws, ID: o.secret, Key: ptr("LAU")}))
	if r := o.undo(o.owner, 1, 1, "project.changed", ""); r.Left[0].Field != "key" {
		t.Errorf("left %+v", r.Left)
	}
	if p := o.frame().Projects[o.project]; p.Name != "Launch" || p.Key != "NEW" || p.Description != "" || p.Position != "a0" || p.Color == "pink" {
		t.Errorf("went back to %+v", p)
	}
	o.must(o.s.ArchiveProject(o.ctx, me, command.ArchiveProject{Workspace: o.ws, ID: o.secret}))
	o.undo(o.owner, 1, 0, "project.restored", `{"state":{"from":"archived","to":"live"}}`)
	o.must(o.s.TrashProject(o.ctx, me, command.TrashProject{Workspace: o.ws, ID: o.secret}))
	o.undo(o.owner, 1, 0, "project.restored", `{"state":{"from":"trashed","to":"live"}}`)

	column := o.must(o.s.CreateColumn(o.ctx, me, command.CreateColumn{Workspace: o.ws, Project: o.project, Name: "C", Category: event.Open})).ID
	o.must(o.s.ChangeColumn(o.ctx, me, command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: column, Name: ptr("D"), Limit: ptr(3), Category: ptr(event.Done), Archived: ptr(true), Position: ptr("a9")}))
	o.undo(o.owner, 1, 0, "column.changed", fmt.Sprintf(`{"id":%q,"name":{"from":"D","to":"C"},"category":{"from":"done","to":"open"},
		"position":{"from":"a9","to":"a5"},"limit":{"from":3,"to":0},"archived":{"from":true,"to":false}}`, column))
	o.must(o.s.RemoveColumn(o.ctx, me, command.RemoveColumn{Workspace: o.ws, Project: o.project, ID: column}))
	o.undo(o.owner, 1, 0, "column.created", "")
	o.must(o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{Workspace: o.ws, Project: o.project, Column: column, Title: "T"}))
	o.undo(o.owner, 0, 1) // the column is in use

	label := o.must(o.s.CreateLabel(o.ctx, me, command.CreateLabel{Workspace: o.ws, Name: "Bug", Color: "red"})).ID
	o.must(o.s.ChangeLabel(o.ctx, me, command.ChangeLabel{Workspace: o.ws, ID: label, Name: ptr("Flaw"), Color: ptr("blue")}))
	o.undo(o.owner, 1, 0, "label.changed", `{"name":{"from":"Flaw","to":"Bug"},"color":{"from":"blue","to":"red"}}`)
	o.must(o.s.RemoveLabel(o.ctx, me, command.RemoveLabel{Workspace: o.ws, ID: label}))
	o.undo(o.owner, 1, 0, "label.created", `{"name":"Bug","color":"red"}`)
	o.undo(o.owner, 1, 0, "label.removed", "")
	if o.frame().Labels[label] != nil {
		t.Error("the label is still there")
	}
}

// A member may take back a project that they made, though trashing others' is for admins.
func TestUndoOfOwnProject(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.must(o.s.CreateProject(o.ctx, o.as(o.member), command.CreateProject{Workspace: o.ws, Name: "Mine"})).ID
	o.undo(o.member, 1, 0, "project.trashed", "")
	if o.frame().Projects[p].State != event.Trashed {
		t.Error("not in the trash")
	}
}

// Undo does not outlive the right to make the change: who lost it is told so.
func TestUndoNeedsTheRightStill(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("T")
	o.must(o.s.TrashProject(o.ctx, o.as(o.admin), command.TrashProject{Workspace: o.ws, ID: o.secret}))
	o.must(o.s.ChangeWorkspace(o.ctx, o.as(o.admin), command.ChangeWorkspace{Workspace: o.ws, Name: ptr("New")}))
	o.must(o.s.ChangeMember(o.ctx, o.as(o.owner), command.ChangeMember{Workspace: o.ws, User: o.admin, Role: ptr(event.Member)}))
	r := o.undo(o.admin, 0, 1)
	if r.Left[0].Why != "Your role does not allow you to change the workspace." {
		t.Errorf("left %+v", r.Left)
	}
	if err := o.undoSeq(o.admin, o.head()-2); err != nil || o.frame().Projects[o.secret].State != event.Trashed {
		t.Errorf("%v; project %s", err, o.frame().Projects[o.secret].State)
	}
	o.must(o.s.ChangeMember(o.ctx, o.as(o.owner), command.ChangeMember{Workspace: o.ws, User: o.member, Role: ptr(event.Guest), Projects: &[]ids.ID{o.project}}))
	o.undo(o.member, 0, 1)
	if o.task(id).State != event.Live {
		t.Error("a guest undid a creation")
	}
}

func TestUndoReachesBackAThousandEvents(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.add("T")
	at := o.head()
	for range 999 {
		o.must(o.s.AddComment(o.ctx, o.as(o.guest), command.AddComment{Workspace: o.ws, Task: id, Text: "x"}))
	}
	o.undo(o.member, 1, 0, "task.trashed", "")
	_, err := o.s.Undo(o.ctx, o.as(o.member), command.Undo{Workspace: o.ws})
	o.fails(err, apperr.NotFound, "to undo")
	o.fails(o.undoSeq(o.owner, at-10), apperr.Conflict, "too far back")
}
