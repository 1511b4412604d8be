package command_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// office is a workspace with one person of each role and a project.
type office struct {
	t     *testing.T
	ctx   context.Context
	w     *world
	clock *clock.Manual
	s     *command.Service

	ws                         ids.ID
	owner, admin, member       ids.ID
	guest                      ids.ID // may see project only
	outsider                   ids.ID
	project, secret            ids.ID
	backlog, todo, doing, done ids.ID
	secretTodo                 ids.ID
}

func newOffice(t *testing.T) *office {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	w := newWorld(c)
	o := &office{
		t: t, ctx: t.Context(), w: w, clock: c, s: command.NewService(w, c),
		ws: ids.New(), owner: ids.New(), admin: ids.New(), member: ids.New(), guest: ids.New(), outsider: ids.New(),
		project: ids.New(), secret: ids.New(),
	}
	o.must(o.s.CreateWorkspace(o.ctx, o.as(o.owner), command.CreateWorkspace{ID: o.ws, Name: "Office"}))
	o.must(o.s.CreateProject(o.ctx, o.as(o.owner), command.CreateProject{Workspace: o.ws, ID: o.project, Name: "Launch"}))
	o.must(o.s.CreateProject(o.ctx, o.as(o.owner), command.CreateProject{Workspace: o.ws, ID: o.secret, Name: "Secret"}))
	o.join(o.admin, event.Admin)
	o.join(o.member, event.Member)
	o.join(o.guest, event.Guest, o.project)
	columns := o.frame().Projects[o.project].Columns
	o.backlog, o.todo, o.doing, o.done = columns[0].ID, columns[1].ID, columns[2].ID, columns[4].ID
	o.secretTodo = o.frame().Projects[o.secret].Columns[1].ID
	return o
}

func (o *office) as(user ids.ID) command.Actor { return command.Actor{User: user} }

func (o *office) join(user ids.ID, role event.Role, projects ...ids.ID) {
	o.t.Helper()
	hash := user.String()
	o.must(o.s.InviteMember(o.ctx, o.as(o.owner), command.InviteMember{
		Workspace: o.ws, Role: role, Projects: projects, TokenHash: hash, Expires: o.clock.Now().Add(time.Hour),
	}))
	o.must(o.s.AcceptInvitation(o.ctx, o.as(user), command.AcceptInvitation{Workspace: o.ws, TokenHash: hash}))
}

func (o *office) must(r command.Result, err error) command.Result {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// fails asserts the code of an error and, where given, a part of its text or the path it names.
func (o *office) fails(err error, code apperr.Code, says ...string) {
	o.t.Helper()
	if !apperr.Is(err, code) {
		o.t.Fatalf("error %v; want %s", err, code)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			o.t.Errorf("error %q does not say %q", err, s)
		}
	}
}

func (o *office) frame() *state.Frame              { return o.w.spaces[o.ws].frame }
func (o *office) head() uint64                     { return uint64(len(o.w.spaces[o.ws].log)) }
func (o *office) task(id ids.ID) *state.Task       { return o.w.spaces[o.ws].tasks[id] }
func (o *office) comment(id ids.ID) *state.Comment { return o.w.spaces[o.ws].comments[id] }

// add makes a task in the project's to-do column as the member.
func (o *office) add(title string) ids.ID {
	o.t.Helper()
	return o.must(o.s.CreateTask(o.ctx, o.as(o.member), command.CreateTask{
		Workspace: o.ws, Project: o.project, Column: o.todo, Title: title,
	})).ID
}

func (o *office) change(c command.ChangeTask) command.Result {
	o.t.Helper()
	c.Workspace = o.ws
	return o.must(o.s.ChangeTask(o.ctx, o.as(o.member), c))
}

// recorded asserts the events of a commit: pairs of type and payload JSON
// ("" for any). Payloads are compared as JSON values.
func (o *office) recorded(r command.Result, want ...string) {
	o.t.Helper()
	if len(r.Commit.Events) != len(want)/2 {
		o.t.Fatalf("recorded %d events, want %d: %v", len(r.Commit.Events), len(want)/2, types(r))
	}
	for i, ev := range r.Commit.Events {
		if ev.Type != want[2*i] {
			o.t.Errorf("event %d is %s, want %s", i, ev.Type, want[2*i])
		}
		if want[2*i+1] == "" {
			continue
		}
		var got, exp any
		if err := json.Unmarshal(ev.Data, &got); err != nil {
			o.t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(want[2*i+1]), &exp); err != nil {
			o.t.Fatalf("%v in %s", err, want[2*i+1])
		}
		if !reflect.DeepEqual(got, exp) {
			o.t.Errorf("%s carries\n%s\nwant\n%s", ev.Type, ev.Data, want[2*i+1])
		}
	}
	if r.Seq != o.head() {
		o.t.Errorf("Seq is %d, head %d", r.Seq, o.head())
	}
}

func types(r command.Result) []string {
	var out []string
	for _, ev := range r.Commit.Events {
		out = append(out, ev.Type)
	}
	return out
}

// nothing asserts that a command recorded nothing and answered the head.
func (o *office) nothing(r command.Result) {
	o.t.Helper()
	o.recorded(r)
}

// replays asserts that the log folds to what is there.
func (o *office) replays() {
	o.t.Helper()
	s, again := o.w.spaces[o.ws], o.w.replay(o.t, o.ws)
	if !reflect.DeepEqual(s.frame, again.frame) || !reflect.DeepEqual(s.tasks, again.tasks) || !reflect.DeepEqual(s.comments, again.comments) {
		o.t.Error("the log does not fold to the state")
	}
}

func ptr[T any](v T) *T { return &v }
