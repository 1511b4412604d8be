package command_test

import (
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
)

// Who may do what, row by row: each command as each role. "ok" is done, "no"
// is Forbidden, "-" is NotFound. The guest may see the project; guest' is the
// same guest on a project that they may not see ("" where the command is of no project).
func TestRoles(t *testing.T) {
	t.Parallel()
	type try func(o *office, user ids.ID, at place) error
	for _, row := range []struct {
		name                                         string
		owner, admin, member, guest, blind, outsider string
		do                                           try
	}{
		{"change workspace", "ok", "ok", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.ChangeWorkspace(o.ctx, o.as(u), command.ChangeWorkspace{Workspace: o.ws, Name: ptr("New")})
			return err
		}},
		{"invite member", "ok", "ok", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.InviteMember(o.ctx, o.as(u), command.InviteMember{Workspace: o.ws, Role: event.Member, TokenHash: "h", Expires: o.clock.Now().Add(time.Hour)})
			return err
		}},
		{"invite owner", "ok", "no", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.InviteMember(o.ctx, o.as(u), command.InviteMember{Workspace: o.ws, Role: event.Owner, TokenHash: "h", Expires: o.clock.Now().Add(time.Hour)})
			return err
		}},
		{"revoke invitation", "ok", "ok", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			inv := o.must(o.s.InviteMember(o.ctx, o.as(o.owner), command.InviteMember{Workspace: o.ws, Role: event.Member, TokenHash: "h", Expires: o.clock.Now().Add(time.Hour)}))
			_, err := o.s.RevokeInvitation(o.ctx, o.as(u), command.RevokeInvitation{Workspace: o.ws, ID: inv.ID})
			return err
		}},
		{"change member", "ok", "ok", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.ChangeMember(o.ctx, o.as(u), command.ChangeMember{Workspace: o.ws, User: o.guest, Projects: &[]ids.ID{}})
			return err
		}},
		{"make owner", "ok", "no", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.ChangeMember(o.ctx, o.as(u), command.ChangeMember{Workspace: o.ws, User: o.guest, Role: ptr(event.Owner)})
			return err
		}},
		{"change owner", "ok", "no", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			o.join(ids.New(), event.Owner)
			_, err := o.s.ChangeMember(o.ctx, o.as(u), command.ChangeMember{Workspace: o.ws, User: o.owner, Role: ptr(event.Member)})
			return err
		}},
		{"remove member", "ok", "ok", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			other := ids.New()
			o.join(other, event.Member)
			_, err := o.s.RemoveMember(o.ctx, o.as(u), command.RemoveMember{Workspace: o.ws, User: other})
			return err
		}},
		{"remove owner", "ok", "no", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			o.join(ids.New(), event.Owner)
			_, err := o.s.RemoveMember(o.ctx, o.as(u), command.RemoveMember{Workspace: o.ws, User: o.owner})
			return err
		}},
		{"leave", "ok", "ok", "ok", "ok", "", "-", func(o *office, u ids.ID, _ place) error {
			o.join(ids.New(), event.Owner)
			_, err := o.s.RemoveMember(o.ctx, o.as(u), command.RemoveMember{Workspace: o.ws, User: u})
			return err
		}},
		{"add placeholder", "ok", "ok", "ok", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.AddPlaceholder(o.ctx, o.as(u), command.AddPlaceholder{Workspace: o.ws, Name: "Ada"})
			return err
		}},
		{"import", "ok", "ok", "ok", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.Apply(o.ctx, o.as(u), command.ImportBatch{Workspace: o.ws, Import: ids.New()})
			return err
		}},
		{"create project", "ok", "ok", "ok", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.CreateProject(o.ctx, o.as(u), command.CreateProject{Workspace: o.ws, Name: "P"})
			return err
		}},
		{"change project", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ChangeProject(o.ctx, o.as(u), command.ChangeProject{Workspace: o.ws, ID: at.project, Name: ptr("N")})
			return err
		}},
		{"archive project", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ArchiveProject(o.ctx, o.as(u), command.ArchiveProject{Workspace: o.ws, ID: at.project})
			return err
		}},
		{"bring project back from the archive", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			o.must(o.s.ArchiveProject(o.ctx, o.as(o.owner), command.ArchiveProject{Workspace: o.ws, ID: at.project}))
			_, err := o.s.RestoreProject(o.ctx, o.as(u), command.RestoreProject{Workspace: o.ws, ID: at.project})
			return err
		}},
		{"trash project", "ok", "ok", "no", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.TrashProject(o.ctx, o.as(u), command.TrashProject{Workspace: o.ws, ID: at.project})
			return err
		}},
		{"restore project from the trash", "ok", "ok", "no", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			o.must(o.s.TrashProject(o.ctx, o.as(o.owner), command.TrashProject{Workspace: o.ws, ID: at.project}))
			_, err := o.s.RestoreProject(o.ctx, o.as(u), command.RestoreProject{Workspace: o.ws, ID: at.project})
			return err
		}},
		{"create column", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.CreateColumn(o.ctx, o.as(u), command.CreateColumn{Workspace: o.ws, Project: at.project, Name: "C", Category: event.Open})
			return err
		}},
		{"change column", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ChangeColumn(o.ctx, o.as(u), command.ChangeColumn{Workspace: o.ws, Project: at.project, ID: at.column, Name: ptr("N")})
			return err
		}},
		{"remove column", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.RemoveColumn(o.ctx, o.as(u), command.RemoveColumn{Workspace: o.ws, Project: at.project, ID: at.spare})
			return err
		}},
		{"create label", "ok", "ok", "ok", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			_, err := o.s.CreateLabel(o.ctx, o.as(u), command.CreateLabel{Workspace: o.ws, Name: "L", Color: "red"})
			return err
		}},
		{"change label", "ok", "ok", "ok", "no", "", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ChangeLabel(o.ctx, o.as(u), command.ChangeLabel{Workspace: o.ws, ID: at.label, Name: ptr("M")})
			return err
		}},
		{"remove label", "ok", "ok", "ok", "no", "", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.RemoveLabel(o.ctx, o.as(u), command.RemoveLabel{Workspace: o.ws, ID: at.label})
			return err
		}},
		{"create task", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.CreateTask(o.ctx, o.as(u), command.CreateTask{Workspace: o.ws, Project: at.project, Title: "T"})
			return err
		}},
		{"change task", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ChangeTask(o.ctx, o.as(u), command.ChangeTask{Workspace: o.ws, ID: at.task, Title: ptr("N")})
			return err
		}},
		{"archive task", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ArchiveTask(o.ctx, o.as(u), command.ArchiveTask{Workspace: o.ws, ID: at.task})
			return err
		}},
		{"trash task", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.TrashTask(o.ctx, o.as(u), command.TrashTask{Workspace: o.ws, ID: at.task})
			return err
		}},
		{"restore task", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.RestoreTask(o.ctx, o.as(u), command.RestoreTask{Workspace: o.ws, ID: at.task})
			return err
		}},
		{"purge task", "ok", "ok", "no", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			o.must(o.s.TrashTask(o.ctx, o.as(o.owner), command.TrashTask{Workspace: o.ws, ID: at.task}))
			_, err := o.s.PurgeTask(o.ctx, o.as(u), command.PurgeTask{Workspace: o.ws, ID: at.task})
			return err
		}},
		{"add items", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.AddItems(o.ctx, o.as(u), command.AddItems{Workspace: o.ws, Task: at.task, Items: []event.Item{{Title: "I"}}})
			return err
		}},
		{"change item", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ChangeItem(o.ctx, o.as(u), command.ChangeItem{Workspace: o.ws, Task: at.task, ID: at.item, Done: ptr(true)})
			return err
		}},
		{"remove item", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.RemoveItem(o.ctx, o.as(u), command.RemoveItem{Workspace: o.ws, Task: at.task, ID: at.item})
			return err
		}},
		{"add attachment", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.AddAttachment(o.ctx, o.as(u), command.AddAttachment{Workspace: o.ws, Task: at.task, URL: "https://example.org"})
			return err
		}},
		{"remove attachment", "ok", "ok", "ok", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.RemoveAttachment(o.ctx, o.as(u), command.RemoveAttachment{Workspace: o.ws, Task: at.task, ID: at.link})
			return err
		}},
		{"comment", "ok", "ok", "ok", "ok", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.AddComment(o.ctx, o.as(u), command.AddComment{Workspace: o.ws, Task: at.task, Text: "Hi"})
			return err
		}},
		{"change another's comment", "no", "no", "no", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.ChangeComment(o.ctx, o.as(u), command.ChangeComment{Workspace: o.ws, Task: at.task, ID: at.comment, Text: "No"})
			return err
		}},
		{"remove another's comment", "ok", "ok", "no", "no", "-", "-", func(o *office, u ids.ID, at place) error {
			_, err := o.s.RemoveComment(o.ctx, o.as(u), command.RemoveComment{Workspace: o.ws, Task: at.task, ID: at.comment})
			return err
		}},
		{"undo own change", "ok", "ok", "ok", "ok", "", "-", func(o *office, u ids.ID, at place) error {
			if u != o.outsider {
				o.must(o.s.AddComment(o.ctx, o.as(u), command.AddComment{Workspace: o.ws, Task: at.task, Text: "Hi"}))
			}
			_, err := o.s.Undo(o.ctx, o.as(u), command.Undo{Workspace: o.ws})
			return err
		}},
		{"undo another's change", "no", "no", "no", "no", "", "-", func(o *office, u ids.ID, _ place) error {
			other := ids.New()
			o.join(other, event.Member)
			r := o.must(o.s.CreateLabel(o.ctx, o.as(other), command.CreateLabel{Workspace: o.ws, Name: "X", Color: "red"}))
			_, err := o.s.Undo(o.ctx, o.as(u), command.Undo{Workspace: o.ws, Seq: &r.Seq})
			return err
		}},
	} {
		for _, as := range []struct{ who, want string }{
			{"owner", row.owner}, {"admin", row.admin}, {"member", row.member},
			{"guest", row.guest}, {"blind guest", row.blind}, {"outsider", row.outsider},
		} {
			if as.want == "" {
				continue
			}
			t.Run(row.name+" as "+as.who, func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				at := o.furnish(as.who == "blind guest")
				user := map[string]ids.ID{
					"owner": o.owner, "admin": o.admin, "member": o.member, "guest": o.guest, "blind guest": o.guest, "outsider": o.outsider,
				}[as.who]
				err := row.do(o, user, at)
				got := map[apperr.Code]string{apperr.Forbidden: "no", apperr.NotFound: "-"}[apperr.CodeOf(err)]
				if err == nil {
					got = "ok"
				}
				if got != as.want {
					t.Errorf("answered %q (%v), want %q", got, err, as.want)
				}
				o.replays()
			})
		}
	}
}

// place is what the commands of the table work on: one of everything.
type place struct {
	project, column, spare, label, task, item, link, comment ids.ID
}

// furnish makes one of everything, by somebody who is none of the roles tried.
func (o *office) furnish(secret bool) place {
	o.t.Helper()
	other := ids.New()
	o.join(other, event.Member)
	at := place{project: o.project, column: o.todo, spare: o.doing, item: ids.New()}
	if secret {
		at.project, at.column = o.secret, o.secretTodo
		at.spare = o.frame().Projects[o.secret].Columns[2].ID
	}
	at.label = o.must(o.s.CreateLabel(o.ctx, o.as(other), command.CreateLabel{Workspace: o.ws, Name: "Bug", Color: "red"})).ID
	at.task = o.must(o.s.CreateTask(o.ctx, o.as(other), command.CreateTask{
		Workspace: o.ws, Project: at.project, Column: at.column, Title: "T", Items: []event.Item{{ID: at.item, Title: "I"}},
	})).ID
	at.link = o.must(o.s.AddAttachment(o.ctx, o.as(other), command.AddAttachment{Workspace: o.ws, Task: at.task, URL: "https://example.org/a"})).ID
	at.comment = o.must(o.s.AddComment(o.ctx, o.as(other), command.AddComment{Workspace: o.ws, Task: at.task, Text: "First"})).ID
	return at
}
