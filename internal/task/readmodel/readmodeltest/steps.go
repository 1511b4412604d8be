package readmodeltest

import (
	"context"
	"errors"
	"slices"
	"time"

	"pgregory.net/rapid"

	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
)

var (
	errOutOfPage  = errors.New("a row is outside of its page")
	errNoProgress = errors.New("a page did not get any further")
)

// step gives one random command to both stores.
func (w *walk) step() {
	ctx, ws := context.Background(), w.workspace
	actor := w.actor(rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(w.t, "actor"))
	task := w.pick("task", w.tasks)
	steps := []struct {
		name   string
		weight int
		run    func() func(*command.Service) (command.Result, error)
	}{
		{"create a task", 6, func() func(*command.Service) (command.Result, error) {
			p := rapid.IntRange(0, len(w.projects)-1).Draw(w.t, "project")
			in := command.CreateTask{
				Workspace: ws, ID: ids.New(), Project: w.projects[p], Column: w.pick("column", w.columns[p*3:p*3+3]),
				Title: w.text("title"), Labels: w.some("labels", w.labels), Priority: event.High,
			}
			if d := maybe(w, "description", func() string { return w.longText("description") }); d != nil {
				in.Description = *d
			}
			if rapid.Bool().Draw(w.t, "with items") {
				in.Items = []event.Item{{ID: ids.New(), Title: "one"}, {ID: ids.New(), Title: "two", Done: true}}
				for _, it := range in.Items {
					made(&w.items, it.ID)
					w.home[it.ID] = in.ID
				}
			}
			made(&w.tasks, in.ID)
			return func(s *command.Service) (command.Result, error) {
				in := in
				in.Items = slices.Clone(in.Items)
				return s.CreateTask(ctx, actor, in)
			}
		}},
		{"change a task", 6, func() func(*command.Service) (command.Result, error) {
			in := command.ChangeTask{
				Workspace: ws, ID: task,
				Title:       maybe(w, "title", func() string { return w.text("title") }),
				Description: maybe(w, "description", func() string { return w.longText("description") }),
				Labels:      maybe(w, "labels", func() []ids.ID { return w.some("labels", w.labels) }),
				Due:         maybe(w, "due", func() event.Date { return "2026-04-01" }),
				Column:      maybe(w, "column", func() ids.ID { return w.pick("column", w.columns) }),
				Project:     maybe(w, "project", func() ids.ID { return w.pick("project", w.projects) }),
			}
			return func(s *command.Service) (command.Result, error) { return s.ChangeTask(ctx, actor, in) }
		}},
		{"move a task to another project", 3, func() func(*command.Service) (command.Result, error) {
			in := command.ChangeTask{Workspace: ws, ID: task, Project: ptr(w.pick("project", w.projects))}
			return func(s *command.Service) (command.Result, error) { return s.ChangeTask(ctx, actor, in) }
		}},
		{"archive a task", 2, func() func(*command.Service) (command.Result, error) {
			return func(s *command.Service) (command.Result, error) {
				return s.ArchiveTask(ctx, actor, command.ArchiveTask{Workspace: ws, ID: task})
			}
		}},
		{"trash a task", 2, func() func(*command.Service) (command.Result, error) {
			return func(s *command.Service) (command.Result, error) {
				return s.TrashTask(ctx, actor, command.TrashTask{Workspace: ws, ID: task})
			}
		}},
		{"restore a task", 2, func() func(*command.Service) (command.Result, error) {
			return func(s *command.Service) (command.Result, error) {
				return s.RestoreTask(ctx, actor, command.RestoreTask{Workspace: ws, ID: task})
			}
		}},
		{"purge a task", 2, func() func(*command.Service) (command.Result, error) {
			return func(s *command.Service) (command.Result, error) {
				return s.PurgeTask(ctx, actor, command.PurgeTask{Workspace: ws, ID: task})
			}
		}},
		{"comment", 4, func() func(*command.Service) (command.Result, error) {
			in := command.AddComment{Workspace: ws, Task: task, ID: ids.New(), Text: w.text("comment")}
			made(&w.comments, in.ID)
			w.home[in.ID] = task
			return func(s *command.Service) (command.Result, error) { return s.AddComment(ctx, actor, in) }
		}},
		{"change a comment", 2, func() func(*command.Service) (command.Result, error) {
			id := w.pick("comment", w.comments)
			in := command.ChangeComment{Workspace: ws, Task: w.homeOf(id, task), ID: id, Text: w.text("comment")}
			return func(s *command.Service) (command.Result, error) { return s.ChangeComment(ctx, actor, in) }
		}},
		{"remove a comment", 2, func() func(*command.Service) (command.Result, error) {
			id := w.pick("comment", w.comments)
			in := command.RemoveComment{Workspace: ws, Task: w.homeOf(id, task), ID: id}
			return func(s *command.Service) (command.Result, error) { return s.RemoveComment(ctx, actor, in) }
		}},
		{"add an item", 2, func() func(*command.Service) (command.Result, error) {
			id := ids.New()
			made(&w.items, id)
			w.home[id] = task
			return func(s *command.Service) (command.Result, error) {
				return s.AddItems(ctx, actor, command.AddItems{Workspace: ws, Task: task, Items: []event.Item{{ID: id, Title: "item"}}})
			}
		}},
		{"check an item", 2, func() func(*command.Service) (command.Result, error) {
			id := w.pick("item", w.items)
			in := command.ChangeItem{Workspace: ws, Task: w.homeOf(id, task), ID: id, Done: ptr(true)}
			return func(s *command.Service) (command.Result, error) { return s.ChangeItem(ctx, actor, in) }
		}},
		{"remove an item", 1, func() func(*command.Service) (command.Result, error) {
			id := w.pick("item", w.items)
			in := command.RemoveItem{Workspace: ws, Task: w.homeOf(id, task), ID: id}
			return func(s *command.Service) (command.Result, error) { return s.RemoveItem(ctx, actor, in) }
		}},
		{"attach", 1, func() func(*command.Service) (command.Result, error) {
			in := command.AddAttachment{Workspace: ws, Task: task, ID: ids.New(), Name: "a", URL: "https://example.org/a"}
			made(&w.links, in.ID)
			w.home[in.ID] = task
			return func(s *command.Service) (command.Result, error) { return s.AddAttachment(ctx, actor, in) }
		}},
		{"detach", 1, func() func(*command.Service) (command.Result, error) {
			id := w.pick("link", w.links)
			in := command.RemoveAttachment{Workspace: ws, Task: w.homeOf(id, task), ID: id}
			return func(s *command.Service) (command.Result, error) { return s.RemoveAttachment(ctx, actor, in) }
		}},
		{"undo", 4, func() func(*command.Service) (command.Result, error) {
			return func(s *command.Service) (command.Result, error) {
				r, err := s.Undo(ctx, actor, command.Undo{Workspace: ws})
				return r.Result, err
			}
		}},
	}
	steps = append(steps, w.frameSteps(actor)...)
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	n := rapid.IntRange(0, total-1).Draw(w.t, "step")
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			w.both(s.name, s.run())
			return
		}
	}
}

// frameSteps are the commands about members, projects, columns and labels.
func (w *walk) frameSteps(actor command.Actor) []struct {
	name   string
	weight int
	run    func() func(*command.Service) (command.Result, error)
} {
	ctx, ws := context.Background(), w.workspace
	type run = func(*command.Service) (command.Result, error)
	return []struct {
		name   string
		weight int
		run    func() func(*command.Service) (command.Result, error)
	}{
		{"create a label", 1, func() run {
			in := command.CreateLabel{Workspace: ws, ID: ids.New(), Name: w.text("label") + ids.New().String()[30:], Color: "red"}
			made(&w.labels, in.ID)
			return func(s *command.Service) (command.Result, error) { return s.CreateLabel(ctx, actor, in) }
		}},
		{"remove a label", 1, func() run {
			in := command.RemoveLabel{Workspace: ws, ID: w.pick("label", w.labels)}
			return func(s *command.Service) (command.Result, error) { return s.RemoveLabel(ctx, actor, in) }
		}},
		{"remove a column", 1, func() run {
			in := command.RemoveColumn{Workspace: ws, Project: w.pick("project", w.projects), ID: w.pick("column", w.columns)}
			return func(s *command.Service) (command.Result, error) { return s.RemoveColumn(ctx, actor, in) }
		}},
		{"rename a project", 1, func() run {
			in := command.ChangeProject{Workspace: ws, ID: w.pick("project", w.projects), Name: ptr(w.text("name"))}
			return func(s *command.Service) (command.Result, error) { return s.ChangeProject(ctx, actor, in) }
		}},
		{"trash a project", 1, func() run {
			in := command.TrashProject{Workspace: ws, ID: w.pick("project", w.projects)}
			return func(s *command.Service) (command.Result, error) { return s.TrashProject(ctx, actor, in) }
		}},
		{"restore a project", 1, func() run {
			in := command.RestoreProject{Workspace: ws, ID: w.pick("project", w.projects)}
			return func(s *command.Service) (command.Result, error) { return s.RestoreProject(ctx, actor, in) }
		}},
		{"invite", 2, func() run {
			hash := ids.New().String() + "-" + ids.New().String()[:6]
			w.invitations = append(w.invitations, hash)
			in := command.InviteMember{
				Workspace: ws, ID: ids.New(), Role: rapid.SampledFrom([]event.Role{event.Admin, event.Member, event.Guest}).Draw(w.t, "role"),
				TokenHash: hash, Expires: w.clock.Now().Add(time.Hour),
			}
			if in.Role == event.Guest {
				in.Projects = w.projects[:1]
			}
			return func(s *command.Service) (command.Result, error) { return s.InviteMember(ctx, actor, in) }
		}},
		{"accept", 3, func() run {
			in := command.AcceptInvitation{Workspace: ws, TokenHash: "none"}
			if len(w.invitations) > 0 {
				in.TokenHash = rapid.SampledFrom(w.invitations).Draw(w.t, "invitation")
			}
			by := w.actor(rapid.IntRange(1, 2).Draw(w.t, "who"))
			return func(s *command.Service) (command.Result, error) { return s.AcceptInvitation(ctx, by, in) }
		}},
		{"remove a member", 1, func() run {
			in := command.RemoveMember{Workspace: ws, User: w.pick("user", w.users)}
			return func(s *command.Service) (command.Result, error) { return s.RemoveMember(ctx, actor, in) }
		}},
	}
}
