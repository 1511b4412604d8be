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

func TestCreateWorkspace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.outsider)
	in := command.CreateWorkspace{ID: ids.New(), Name: " Home "}
	r, err := o.s.CreateWorkspace(o.ctx, me, in)
	if err != nil || r.ID != in.ID || r.Seq != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if ev := r.Commit.Events; len(ev) != 2 || string(ev[0].Data) != `{"name":"Home"}` ||
		string(ev[1].Data) != fmt.Sprintf(`{"user":%q,"role":"owner","kind":"person"}`, o.outsider) || ev[1].Entity != o.outsider {
		t.Errorf("recorded %v", types(r))
	}
	if r, err = o.s.CreateWorkspace(o.ctx, me, in); err != nil || !r.Repeated || r.Seq != 2 {
		t.Errorf("sent again: %+v, %v", r, err)
	}
	in.Name = "Else"
	_, err = o.s.CreateWorkspace(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")
	_, err = o.s.CreateWorkspace(o.ctx, o.as(o.owner), command.CreateWorkspace{ID: in.ID, Name: "Home"})
	o.fails(err, apperr.Conflict, "taken")
	_, err = o.s.CreateWorkspace(o.ctx, command.Actor{}, command.CreateWorkspace{Name: "Home"})
	o.fails(err, apperr.Unauthenticated)
	for _, name := range []string{"", " ", "a\nb", strings.Repeat("x", 101)} {
		_, err = o.s.CreateWorkspace(o.ctx, me, command.CreateWorkspace{Name: name})
		o.fails(err, apperr.Invalid, "body.name")
		_, err = o.s.ChangeWorkspace(o.ctx, o.as(o.owner), command.ChangeWorkspace{Workspace: o.ws, Name: &name})
		o.fails(err, apperr.Invalid, "body.name")
	}
}

func TestChangeWorkspace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.owner)
	o.recorded(o.must(o.s.ChangeWorkspace(o.ctx, me, command.ChangeWorkspace{Workspace: o.ws, Name: ptr("New"), IfSeq: ptr(uint64(1))})),
		"workspace.changed", `{"name":{"from":"Office","to":"New"}}`)
	o.nothing(o.must(o.s.ChangeWorkspace(o.ctx, me, command.ChangeWorkspace{Workspace: o.ws, Name: ptr("New")})))
	o.nothing(o.must(o.s.ChangeWorkspace(o.ctx, me, command.ChangeWorkspace{Workspace: o.ws})))
	_, err := o.s.ChangeWorkspace(o.ctx, me, command.ChangeWorkspace{Workspace: o.ws, Name: ptr("X"), IfSeq: ptr(uint64(1))})
	o.fails(err, apperr.PreconditionFailed)
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me, hour := o.as(o.admin), o.clock.Now().Add(time.Hour)
	in := command.InviteMember{Workspace: o.ws, Role: event.Guest, Projects: []ids.ID{o.project, o.project}, TokenHash: "hash", Expires: hour}
	r := o.must(o.s.InviteMember(o.ctx, me, in))
	o.recorded(r, "invitation.created", fmt.Sprintf(`{"id":%q,"role":"guest","projects":[%q],"tokenHash":"hash","expires":"2026-03-01T10:00:00Z"}`, r.ID, o.project))
	user := ids.New()
	accept := command.AcceptInvitation{Workspace: o.ws, TokenHash: "hash"}
	_, err := o.s.AcceptInvitation(o.ctx, o.as(user), command.AcceptInvitation{Workspace: o.ws, TokenHash: "wrong"})
	o.fails(err, apperr.NotFound, "invitation")
	_, err = o.s.AcceptInvitation(o.ctx, o.as(user), command.AcceptInvitation{Workspace: ids.New(), TokenHash: "hash"})
	o.fails(err, apperr.NotFound, "invitation")
	_, err = o.s.AcceptInvitation(o.ctx, command.Actor{}, accept)
	o.fails(err, apperr.Unauthenticated)
	if r := o.must(o.s.AcceptInvitation(o.ctx, o.as(o.member), accept)); !r.Repeated || o.frame().Members[o.member].Role != event.Member {
		t.Error("a member's role was changed by an invitation")
	}
	r = o.must(o.s.AcceptInvitation(o.ctx, o.as(user), accept))
	o.recorded(r, "invitation.accepted", "", "member.added", fmt.Sprintf(`{"user":%q,"role":"guest","kind":"person","projects":[%q]}`, user, o.project))
	if m := o.frame().Members[user]; m.Granted[o.project] != r.Seq || m.RoleSeq != r.Seq || !m.JoinedAt.Equal(o.clock.Now()) {
		t.Errorf("joined as %+v", m)
	}
	_, err = o.s.AcceptInvitation(o.ctx, o.as(ids.New()), accept)
	o.fails(err, apperr.NotFound, "used already")

	for _, bad := range []struct {
		edit func(*command.InviteMember)
		says string
	}{
		{func(c *command.InviteMember) { c.Role = "king" }, "body.role"},
		{func(c *command.InviteMember) { c.Role = event.Member }, "body.projects"},
		{func(c *command.InviteMember) { c.Projects = []ids.ID{ids.New()} }, "body.projects[0]"},
		{func(c *command.InviteMember) { c.TokenHash = "" }, "body.tokenHash"},
		{func(c *command.InviteMember) { c.Expires = o.clock.Now() }, "body.expires"},
	} {
		c := in
		bad.edit(&c)
		_, err = o.s.InviteMember(o.ctx, me, c)
		o.fails(err, apperr.Invalid, bad.says)
	}

	in.ID = ids.New()
	o.must(o.s.InviteMember(o.ctx, me, in))
	_, err = o.s.InviteMember(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")
	o.clock.Advance(time.Hour)
	_, err = o.s.AcceptInvitation(o.ctx, o.as(ids.New()), accept)
	o.fails(err, apperr.Conflict, "expired")
	revoke := command.RevokeInvitation{Workspace: o.ws, ID: in.ID}
	o.recorded(o.must(o.s.RevokeInvitation(o.ctx, me, revoke)), "invitation.revoked", "")
	_, err = o.s.RevokeInvitation(o.ctx, me, revoke)
	o.fails(err, apperr.NotFound, "invitation")
	o.replays()
}

func TestMembers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.owner)
	change := func(c command.ChangeMember) (command.Result, error) {
		c.Workspace = o.ws
		return o.s.ChangeMember(o.ctx, me, c)
	}
	r := o.must(change(command.ChangeMember{User: o.guest, Projects: &[]ids.ID{o.secret}}))
	o.recorded(r, "member.changed", fmt.Sprintf(`{"user":%q,"projects":{"from":[%q],"to":[%q]}}`, o.guest, o.project, o.secret))
	m := o.frame().Members[o.guest]
	if !reflect.DeepEqual(m.Granted, map[ids.ID]uint64{o.secret: r.Seq}) || !reflect.DeepEqual(m.Revoked, map[ids.ID]uint64{o.project: r.Seq}) || m.RoleSeq == r.Seq {
		t.Errorf("granted %v, revoked %v", m.Granted, m.Revoked)
	}
	was := m.Granted[o.secret]
	r = o.must(change(command.ChangeMember{User: o.guest, Projects: &[]ids.ID{o.secret, o.project}}))
	if m = o.frame().Members[o.guest]; m.Granted[o.secret] != was || m.Granted[o.project] != r.Seq || m.Revoked != nil {
		t.Errorf("granted %v, revoked %v", m.Granted, m.Revoked)
	}
	o.nothing(o.must(change(command.ChangeMember{User: o.guest, Role: ptr(event.Guest), Projects: &[]ids.ID{o.secret, o.project}})))
	_, err := change(command.ChangeMember{User: o.guest, Projects: &[]ids.ID{ids.New()}})
	o.fails(err, apperr.Invalid, "body.projects[0]")
	_, err = change(command.ChangeMember{User: o.guest, Role: ptr(event.Member), Projects: &[]ids.ID{o.project}})
	o.fails(err, apperr.Invalid, "body.projects")
	_, err = change(command.ChangeMember{User: o.guest, Role: ptr(event.Role("king"))})
	o.fails(err, apperr.Invalid, "body.role")

	// Who stops being a guest sees all, so the list goes, and sync starts afresh.
	r = o.must(change(command.ChangeMember{User: o.guest, Role: ptr(event.Member)}))
	o.recorded(r, "member.changed", fmt.Sprintf(`{"user":%q,"role":{"from":"guest","to":"member"},"projects":{"from":[%q,%q],"to":null}}`, o.guest, o.secret, o.project))
	if m = o.frame().Members[o.guest]; m.RoleSeq != r.Seq || m.Granted != nil || m.Revoked != nil || m.Projects != nil {
		t.Errorf("changed to %+v", m)
	}

	_, err = change(command.ChangeMember{User: o.owner, Role: ptr(event.Admin)})
	o.fails(err, apperr.Conflict, "needs an owner")
	_, err = o.s.RemoveMember(o.ctx, me, command.RemoveMember{Workspace: o.ws, User: o.owner})
	o.fails(err, apperr.Conflict, "needs an owner")
	o.must(change(command.ChangeMember{User: o.admin, Role: ptr(event.Owner)}))
	_, err = change(command.ChangeMember{User: o.owner, Role: ptr(event.Admin), IfSeq: ptr(uint64(1))})
	o.fails(err, apperr.PreconditionFailed)
	o.must(change(command.ChangeMember{User: o.owner, Role: ptr(event.Admin), IfSeq: ptr(uint64(2))}))
	_, err = change(command.ChangeMember{User: o.outsider, Role: ptr(event.Admin)})
	o.fails(err, apperr.NotFound, "member")

	remove := command.RemoveMember{Workspace: o.ws, User: o.member}
	r = o.must(o.s.RemoveMember(o.ctx, me, remove))
	o.recorded(r, "member.removed", fmt.Sprintf(`{"user":%q,"role":"member","kind":"person"}`, o.member))
	if m := o.frame().Members[o.member]; !m.Removed || m.Seq != r.Seq || m.RoleSeq != r.Seq {
		t.Errorf("removed as %+v", m)
	}
	_, err = o.s.RemoveMember(o.ctx, me, remove)
	o.fails(err, apperr.NotFound, "member")
	_, err = o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{Workspace: o.ws, Project: o.project, Title: "T"})
	o.fails(err, apperr.NotFound, "workspace")
	o.join2(o.admin, o.member) // and may come back
	if m := o.frame().Members[o.member]; m.Removed || m.Role != event.Guest {
		t.Errorf("came back as %+v", m)
	}
	o.replays()
}

// join2 makes a user a guest by an invitation of another than the first owner.
func (o *office) join2(by, user ids.ID) {
	o.t.Helper()
	o.must(o.s.InviteMember(o.ctx, o.as(by), command.InviteMember{Workspace: o.ws, Role: event.Guest, TokenHash: "again", Expires: o.clock.Now().Add(time.Hour)}))
	o.must(o.s.AcceptInvitation(o.ctx, o.as(user), command.AcceptInvitation{Workspace: o.ws, TokenHash: "again"}))
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := command.AddPlaceholder{Workspace: o.ws, ID: ids.New(), Name: "Ada"}
	o.recorded(o.must(o.s.AddPlaceholder(o.ctx, o.as(o.member), in)), "member.added", fmt.Sprintf(`{"user":%q,"role":"member","kind":"placeholder","name":"Ada"}`, in.ID))
	if r := o.must(o.s.AddPlaceholder(o.ctx, o.as(o.member), in)); !r.Repeated {
		t.Error("sent again, it was not taken as a repeat")
	}
	in.Name = "Bob"
	_, err := o.s.AddPlaceholder(o.ctx, o.as(o.member), in)
	o.fails(err, apperr.Conflict, "taken")
	// A placeholder has no access, whatever signs in with its id.
	_, err = o.s.CreateLabel(o.ctx, o.as(in.ID), command.CreateLabel{Workspace: o.ws, Name: "L"})
	o.fails(err, apperr.NotFound, "workspace")
	_, err = o.s.ChangeMember(o.ctx, o.as(o.owner), command.ChangeMember{Workspace: o.ws, User: in.ID, Role: ptr(event.Owner)})
	o.fails(err, apperr.Conflict, "placeholder")
	o.change(command.ChangeTask{ID: o.add("T"), Assignees: &[]ids.ID{in.ID}})
	o.must(o.s.RemoveMember(o.ctx, o.as(o.admin), command.RemoveMember{Workspace: o.ws, User: in.ID}))
	if m := o.frame().Members[in.ID]; !m.Removed || m.Name != "Ada" {
		t.Errorf("removed as %+v", m)
	}
}

func TestCreateProject(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.member)
	in := command.CreateProject{Workspace: o.ws, ID: ids.New(), Name: "Großer Umbau 2", Description: "d"}
	r := o.must(o.s.CreateProject(o.ctx, me, in))
	p := o.frame().Projects[in.ID]
	if p.Key != "GROU" && p.Key != "GU2" && p.Key == "" || p.Position != "a2" || p.State != event.Live || p.Color == "" || p.Seq != r.Seq || p.CreatedBy != o.member {
		t.Errorf("made %+v", p)
	}
	var got []string
	for _, c := range p.Columns {
		got = append(got, c.Name+" "+string(c.Category)+" "+c.Position)
	}
	if want := "Backlog backlog a0, To do open a1, In progress active a2, Review active a3, Done done a4"; strings.Join(got, ", ") != want {
		t.Errorf("columns %s", strings.Join(got, ", "))
	}
	if ev := r.Commit.Events; len(ev) != 1 || ev[0].Scope != in.ID || ev[0].Entity != in.ID {
		t.Errorf("recorded %+v", ev)
	}
	if r := o.must(o.s.CreateProject(o.ctx, me, in)); !r.Repeated {
		t.Error("sent again, it was not taken as a repeat")
	}
	in.Name = "Else"
	_, err := o.s.CreateProject(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")

	column := ids.New()
	r = o.must(o.s.CreateProject(o.ctx, me, command.CreateProject{Workspace: o.ws, Name: "Launch", Color: "teal", Columns: []event.Column{{ID: column, Name: "Only", Category: event.Open, Limit: 2}}}))
	if p := o.frame().Projects[r.ID]; p.Key != "LAU2" || p.Color != "teal" || len(p.Columns) != 1 || p.Columns[0] != (event.Column{ID: column, Name: "Only", Category: event.Open, Limit: 2, Position: "a0"}) {
		t.Errorf("made %+v", p)
	}
	for _, bad := range []struct {
		in   command.CreateProject
		says string
	}{
		{command.CreateProject{Name: ""}, "body.name"},
		{command.CreateProject{Name: "P", Key: "LAU"}, "body.key"},
		{command.CreateProject{Name: "P", Key: "lau"}, "body.key"},
		{command.CreateProject{Name: "P", Key: "1A"}, "body.key"},
		{command.CreateProject{Name: "P", Key: "ABCDEFGHIJK"}, "body.key"},
		{command.CreateProject{Name: "P", Color: "mauve"}, "body.color"},
		{command.CreateProject{Name: "P", Columns: []event.Column{{Name: "C"}}}, "body.columns[0].category"},
		{command.CreateProject{Name: "P", Columns: []event.Column{{Category: event.Open}}}, "body.columns[0].name"},
		{command.CreateProject{Name: "P", Columns: []event.Column{{Name: "C", Category: event.Open, Limit: -1}}}, "body.columns[0].limit"},
		{command.CreateProject{Name: "P", Columns: make([]event.Column, 101)}, "body.columns"},
	} {
		bad.in.Workspace = o.ws
		_, err := o.s.CreateProject(o.ctx, me, bad.in)
		o.fails(err, apperr.Invalid, bad.says)
	}
	o.replays()
}

func TestChangeProject(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.member)
	color := o.frame().Projects[o.project].Color
	r := o.must(o.s.ChangeProject(o.ctx, me, command.ChangeProject{
		Workspace: o.ws, ID: o.project, Name: ptr("New"), Key: ptr("NEW"), Color: ptr("gray"), Description: ptr("d"), Position: ptr("a9"),
	}))
	o.recorded(r, "project.changed", fmt.Sprintf(`{"name":{"from":"Launch","to":"New"},"key":{"from":"LAU","to":"NEW"},"color":{"from":%q,"to":"gray"},
		"description":{"from":"","to":"d"},"position":{"from":"a0","to":"a9"}}`, color))
	o.nothing(o.must(o.s.ChangeProject(o.ctx, me, command.ChangeProject{Workspace: o.ws, ID: o.project, Key: ptr("NEW"), IfSeq: &r.Seq})))
	_, err := o.s.ChangeProject(o.ctx, me, command.ChangeProject{Workspace: o.ws, ID: o.project, Name: ptr("X"), IfSeq: ptr(uint64(1))})
	o.fails(err, apperr.PreconditionFailed)
	for _, bad := range []struct {
		in   command.ChangeProject
		says string
	}{
		{command.ChangeProject{Name: ptr("")}, "body.name"}, {command.ChangeProject{Key: ptr("")}, "body.key"}, {command.ChangeProject{Key: ptr("SEC")}, "body.key"},
		{command.ChangeProject{Color: ptr("")}, "body.color"}, {command.ChangeProject{Position: ptr("")}, "body.position"},
	} {
		bad.in.Workspace, bad.in.ID = o.ws, o.project
		_, err := o.s.ChangeProject(o.ctx, me, bad.in)
		o.fails(err, apperr.Invalid, bad.says)
	}
}

// A project that is put away can be read, and nothing in it changed.
func TestProjectPutAway(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"archived", "in the trash"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			id, me := o.add("T"), o.as(o.owner)
			comment := o.must(o.s.AddComment(o.ctx, me, command.AddComment{Workspace: o.ws, Task: id, Text: "x"})).ID
			if state == "archived" {
				r := o.must(o.s.ArchiveProject(o.ctx, me, command.ArchiveProject{Workspace: o.ws, ID: o.project}))
				o.recorded(r, "project.archived", `{"state":{"from":"live","to":"archived"}}`)
				o.nothing(o.must(o.s.ArchiveProject(o.ctx, me, command.ArchiveProject{Workspace: o.ws, ID: o.project})))
			} else {
				r := o.must(o.s.TrashProject(o.ctx, me, command.TrashProject{Workspace: o.ws, ID: o.project}))
				o.recorded(r, "project.trashed", `{"state":{"from":"live","to":"trashed"}}`)
				_, err := o.s.ArchiveProject(o.ctx, me, command.ArchiveProject{Workspace: o.ws, ID: o.project})
				o.fails(err, apperr.Conflict, "trash")
			}
			for name, do := range map[string]func() error{
				"create task": func() error {
					_, err := o.s.CreateTask(o.ctx, me, command.CreateTask{Workspace: o.ws, Project: o.project, Title: "U"})
					return err
				},
				"change task": func() error {
					_, err := o.s.ChangeTask(o.ctx, me, command.ChangeTask{Workspace: o.ws, ID: id, Title: ptr("U")})
					return err
				},
				"move task out": func() error {
					_, err := o.s.ChangeTask(o.ctx, me, command.ChangeTask{Workspace: o.ws, ID: id, Project: &o.secret})
					return err
				},
				"trash task": func() error {
					_, err := o.s.TrashTask(o.ctx, me, command.TrashTask{Workspace: o.ws, ID: id})
					return err
				},
				"comment": func() error {
					_, err := o.s.AddComment(o.ctx, me, command.AddComment{Workspace: o.ws, Task: id, Text: "x"})
					return err
				},
				"remove comment": func() error {
					_, err := o.s.RemoveComment(o.ctx, me, command.RemoveComment{Workspace: o.ws, Task: id, ID: comment})
					return err
				},
				"add item": func() error {
					_, err := o.s.AddItems(o.ctx, me, command.AddItems{Workspace: o.ws, Task: id, Items: []event.Item{{Title: "I"}}})
					return err
				},
				"change project": func() error {
					_, err := o.s.ChangeProject(o.ctx, me, command.ChangeProject{Workspace: o.ws, ID: o.project, Name: ptr("N")})
					return err
				},
				"create column": func() error {
					_, err := o.s.CreateColumn(o.ctx, me, command.CreateColumn{Workspace: o.ws, Project: o.project, Name: "C", Category: event.Open})
					return err
				},
				"change column": func() error {
					_, err := o.s.ChangeColumn(o.ctx, me, command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: o.todo, Name: ptr("N")})
					return err
				},
				"remove column": func() error {
					_, err := o.s.RemoveColumn(o.ctx, me, command.RemoveColumn{Workspace: o.ws, Project: o.project, ID: o.doing})
					return err
				},
			} {
				if err := do(); !apperr.Is(err, apperr.Conflict) || !strings.Contains(err.Error(), state) {
					t.Errorf("%s: %v", name, err)
				}
			}
			o.recorded(o.must(o.s.RestoreProject(o.ctx, me, command.RestoreProject{Workspace: o.ws, ID: o.project})), "project.restored", "")
			o.change(command.ChangeTask{ID: id, Title: ptr("U")})
			o.replays()
		})
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.member)
	in := command.CreateColumn{Workspace: o.ws, Project: o.project, ID: ids.New(), Name: "C", Category: event.Cancelled, Limit: 4}
	o.recorded(o.must(o.s.CreateColumn(o.ctx, me, in)), "column.created", fmt.Sprintf(`{"column":{"id":%q,"name":"C","category":"cancelled","position":"a5","limit":4}}`, in.ID))
	if r := o.must(o.s.CreateColumn(o.ctx, me, in)); !r.Repeated {
		t.Error("sent again, it was not taken as a repeat")
	}
	in.Name = "Else"
	_, err := o.s.CreateColumn(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")
	in.Project = o.secret
	_, err = o.s.CreateColumn(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")
	_, err = o.s.CreateColumn(o.ctx, me, command.CreateColumn{Workspace: o.ws, Project: o.project, Position: "!", Limit: -1})
	o.fails(err, apperr.Invalid, "body.name", "body.category", "body.position", "body.limit")

	r := o.must(o.s.ChangeColumn(o.ctx, me, command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: in.ID, Position: ptr("Zz"), Limit: ptr(0)}))
	o.recorded(r, "column.changed", fmt.Sprintf(`{"id":%q,"position":{"from":"a5","to":"Zz"},"limit":{"from":4,"to":0}}`, in.ID))
	if c := o.frame().Projects[o.project].Columns[0]; c.ID != in.ID {
		t.Error("not the first now")
	}
	o.nothing(o.must(o.s.ChangeColumn(o.ctx, me, command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: in.ID, Name: ptr("C")})))
	_, err = o.s.ChangeColumn(o.ctx, me, command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: ids.New(), Name: ptr("C")})
	o.fails(err, apperr.NotFound, "column")
	_, err = o.s.ChangeColumn(o.ctx, me, command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: in.ID, Name: ptr(""), Category: ptr(event.Category("")), Position: ptr(""), Limit: ptr(-1)})
	o.fails(err, apperr.Invalid, "body.name", "body.category", "body.position", "body.limit")
	_, err = o.s.ChangeColumn(o.ctx, me, command.ChangeColumn{Workspace: o.ws, Project: o.project, ID: in.ID, Name: ptr("D"), IfSeq: ptr(uint64(1))})
	o.fails(err, apperr.PreconditionFailed)

	id := o.add("T")
	o.must(o.s.ArchiveTask(o.ctx, me, command.ArchiveTask{Workspace: o.ws, ID: id}))
	_, err = o.s.RemoveColumn(o.ctx, me, command.RemoveColumn{Workspace: o.ws, Project: o.project, ID: o.todo})
	o.fails(err, apperr.Conflict, "Move them")
	_, err = o.s.RemoveColumn(o.ctx, me, command.RemoveColumn{Workspace: o.ws, Project: o.project, ID: in.ID, IfSeq: ptr(uint64(1))})
	o.fails(err, apperr.PreconditionFailed)
	o.recorded(o.must(o.s.RemoveColumn(o.ctx, me, command.RemoveColumn{Workspace: o.ws, Project: o.project, ID: in.ID})), "column.removed",
		fmt.Sprintf(`{"column":{"id":%q,"name":"C","category":"cancelled","position":"Zz"}}`, in.ID))
	_, err = o.s.RemoveColumn(o.ctx, me, command.RemoveColumn{Workspace: o.ws, Project: o.project, ID: in.ID})
	o.fails(err, apperr.NotFound, "column")
	o.replays()
}

func TestLabels(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	me := o.as(o.member)
	in := command.CreateLabel{Workspace: o.ws, ID: ids.New(), Name: "Bug"}
	o.recorded(o.must(o.s.CreateLabel(o.ctx, me, in)), "label.created", `{"name":"Bug","color":"gray"}`)
	if r := o.must(o.s.CreateLabel(o.ctx, me, in)); !r.Repeated {
		t.Error("sent again, it was not taken as a repeat")
	}
	in.Name = "Else"
	_, err := o.s.CreateLabel(o.ctx, me, in)
	o.fails(err, apperr.Conflict, "taken")
	_, err = o.s.CreateLabel(o.ctx, me, command.CreateLabel{Workspace: o.ws, Name: "bUG"})
	o.fails(err, apperr.Invalid, "body.name", "another label")
	_, err = o.s.CreateLabel(o.ctx, me, command.CreateLabel{Workspace: o.ws, Name: "", Color: "mauve"})
	o.fails(err, apperr.Invalid, "body.name", "body.color")
	other := o.must(o.s.CreateLabel(o.ctx, me, command.CreateLabel{Workspace: o.ws, Name: "Idea", Color: "blue"})).ID
	_, err = o.s.ChangeLabel(o.ctx, me, command.ChangeLabel{Workspace: o.ws, ID: other, Name: ptr("Bug")})
	o.fails(err, apperr.Invalid, "body.name")
	_, err = o.s.ChangeLabel(o.ctx, me, command.ChangeLabel{Workspace: o.ws, ID: other, Name: ptr(""), Color: ptr("")})
	o.fails(err, apperr.Invalid, "body.name", "body.color")
	o.recorded(o.must(o.s.ChangeLabel(o.ctx, me, command.ChangeLabel{Workspace: o.ws, ID: other, Name: ptr("IDEA"), Color: ptr("pink")})),
		"label.changed", `{"name":{"from":"Idea","to":"IDEA"},"color":{"from":"blue","to":"pink"}}`)
	o.nothing(o.must(o.s.ChangeLabel(o.ctx, me, command.ChangeLabel{Workspace: o.ws, ID: other, Name: ptr("IDEA")})))
	_, err = o.s.ChangeLabel(o.ctx, me, command.ChangeLabel{Workspace: o.ws, ID: other, Name: ptr("X"), IfSeq: ptr(uint64(1))})
	o.fails(err, apperr.PreconditionFailed)
	_, err = o.s.RemoveLabel(o.ctx, me, command.RemoveLabel{Workspace: o.ws, ID: other, IfSeq: ptr(uint64(1))})
	o.fails(err, apperr.PreconditionFailed)
	o.recorded(o.must(o.s.RemoveLabel(o.ctx, me, command.RemoveLabel{Workspace: o.ws, ID: other})), "label.removed", `{"name":"IDEA","color":"pink"}`)
	_, err = o.s.RemoveLabel(o.ctx, me, command.RemoveLabel{Workspace: o.ws, ID: other})
	o.fails(err, apperr.NotFound, "label")
	_, err = o.s.ChangeLabel(o.ctx, me, command.ChangeLabel{Workspace: o.ws, ID: other, Name: ptr("X")})
	o.fails(err, apperr.NotFound, "label")
	o.replays()
}
