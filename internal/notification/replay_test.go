package notification_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// act is a thing that happens in a world.
type act func(w *world)

// script draws things that happen to two tasks, each as the task service would
// record it, with time that passes in between.
func script(t *rapid.T) []act {
	type model struct {
		assignees []ids.ID
		due       event.Date
		state     event.Lifecycle
		text      string
	}
	tasks := map[ids.ID]*model{task: {state: event.Live}, second: {state: event.Live}}
	people := []ids.ID{ann, bob, cal, gus}
	var comments []event.Comment
	on := map[ids.ID]ids.ID{}
	acts := []act{func(w *world) { w.found(); w.create(task, nil); w.create(second, nil) }}
	for i := range rapid.IntRange(1, 25).Draw(t, "acts") {
		actor := rapid.SampledFrom(people[:3]).Draw(t, "actor")
		entity := rapid.SampledFrom([]ids.ID{task, second}).Draw(t, "task")
		m := tasks[entity]
		patch := func(typ event.Type, p event.TaskPatch) {
			acts = append(acts, func(w *world) { w.record(actor, typ, entity, &p) })
		}
		kinds := []string{"trash", "hours"}
		if m.state == event.Live {
			kinds = append(kinds, "assign", "due", "mention", "comment", "remove")
		}
		switch rapid.SampledFrom(kinds).Draw(t, "kind") {
		case "assign":
			now := rapid.SliceOfNDistinct(rapid.SampledFrom(people), 0, 3, rapid.ID).Draw(t, "assignees")
			patch(event.TaskChanged, event.TaskPatch{Assignees: change(m.assignees, now)})
			m.assignees = now
		case "due":
			now := rapid.SampledFrom([]event.Date{"", "2026-03-01", "2026-03-02", "2026-03-02T15:00:00Z"}).Draw(t, "due")
			patch(event.TaskChanged, event.TaskPatch{Due: change(m.due, now)})
			m.due = now
		case "mention":
			now := ""
			for _, u := range rapid.SliceOfNDistinct(rapid.SampledFrom(people), 0, 3, rapid.ID).Draw(t, "mentioned") {
				now += event.Mention(u, "x")
			}
			patch(event.TaskChanged, event.TaskPatch{Description: change(m.text, now)})
			m.text = now
		case "comment":
			c := event.Comment{ID: ids.Derive(workspace, "comment", fmt.Sprint(i)), Author: actor, At: began, Text: event.Mention(rapid.SampledFrom(people).Draw(t, "mentioned"), "x")}
			comments = append(comments, c)
			on[c.ID] = entity
			acts = append(acts, func(w *world) { w.record(actor, event.CommentAdded, entity, &event.CommentData{Comment: c}) })
		case "remove":
			if at := slices.IndexFunc(comments, func(c event.Comment) bool { return on[c.ID] == entity }); at >= 0 {
				c := comments[at]
				comments = slices.Delete(comments, at, at+1)
				acts = append(acts, func(w *world) { w.record(actor, event.CommentRemoved, entity, &event.CommentData{Comment: c}) })
			}
		case "trash":
			was := m.state
			m.state = map[event.Lifecycle]event.Lifecycle{event.Live: event.Trashed, event.Trashed: event.Live}[was]
			patch(map[event.Lifecycle]event.Type{event.Live: event.TaskTrashed, event.Trashed: event.TaskRestored}[was], event.TaskPatch{State: change(was, m.state)})
		case "hours":
			hours := time.Duration(rapid.IntRange(1, 20).Draw(t, "hours")) * time.Hour
			acts = append(acts, func(w *world) { w.clock.Advance(hours) })
		}
	}
	return acts
}

func (w *world) dump() string {
	w.Helper()
	d, err := w.store.Dump(w.Context())
	w.must(err)
	return string(d)
}

// differ answers the lines that only one of two dumps has.
func differ(a, b string) (out string) {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for _, line := range x {
		if !slices.Contains(y, line) {
			out += "- " + line + "\n"
		}
	}
	for _, line := range y {
		if !slices.Contains(x, line) {
			out += "+ " + line + "\n"
		}
	}
	return out
}

// A service that is stopped while things happen ends with the same as one
// that never was; so does one that handles everything anew.
func TestStoppedAndReplayed(t *testing.T) {
	everywhere := map[string]func(testing.TB) backend{"memory": inMemory, "sqlite": onSQLite}
	t.Parallel()
	for name, open := range everywhere {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				if name == "sqlite" && rapid.IntRange(1, 10).Draw(r, "a tenth") > 1 {
					return // each opens a database
				}
				acts := script(r)
				from := rapid.IntRange(0, len(acts)).Draw(r, "stopped from")
				until := rapid.IntRange(from, len(acts)).Draw(r, "until")
				never, stopped := newWorld(t, inMemory(t)), newWorld(t, open(t))
				for i, do := range acts {
					do(never)
					never.settle()
					do(stopped)
					if i < from || i >= until {
						stopped.start()
						stopped.settle()
					}
				}
				stopped.settle()
				if got, want := stopped.dump(), never.dump(); got != want {
					r.Fatalf("stopped from %d until %d it differs from one that was not:\n%s", from, until, differ(want, got))
				}
				sent := map[ids.ID]int{}
				for _, user := range []ids.ID{ann, bob, cal, gus} {
					list, err := stopped.store.List(t.Context(), store.List{User: user, Limit: 1})
					stopped.must(err)
					for _, n := range list {
						_, err := stopped.store.Mark(t.Context(), user, []ids.ID{n.ID}, true)
						stopped.must(err)
					}
					sent[user] = len(stopped.post(user))
				}
				stopped.settle()
				before := stopped.dump()
				stopped.must(stopped.module.Runner().Replay(t.Context(), nil))
				stopped.settle()
				if got := stopped.dump(); got != before {
					r.Fatalf("the replay made a difference:\n%s", differ(before, got))
				}
				for user, n := range sent {
					if got := stopped.post(user); len(got) != n {
						r.Fatalf("after the replay %d mails were sent to %s, before %d", len(got), user, n)
					}
				}
			})
		})
	}
}

// While a replay runs, a mail waits for its notice.
func TestMailsWaitForAReplay(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		w.settle()
		w.must(w.module.Runner().Reset(t.Context()))
		w.clock.Advance(time.Minute)
		w.must(w.module.Send(t.Context()))
		if n := len(w.mails.sent); n != 0 {
			t.Errorf("%d mails were sent during the replay", n)
		}
		w.want("replayed", bob, state.Assigned)
		w.clock.Advance(time.Minute)
		if got := w.post(bob); len(got) != 1 {
			t.Errorf("Bob was mailed %q", got)
		}
	})
}
