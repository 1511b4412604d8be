// Package storetest holds the suite that every store of the notification service passes.
package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/consumer"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Opened is an empty store with the checkpoints that its effects commit with.
type Opened struct {
	Store       store.Store
	Checkpoints consumer.Checkpoints
}

// world is a store under test.
type world struct {
	*testing.T
	Opened
	at map[ids.ID]uint64
}

const name = "notification"

// Run runs the suite; open opens an empty store.
func Run(t *testing.T, open func(t *testing.T) Opened) {
	for name, test := range map[string]func(w *world){
		"Settings": settings, "Preferences": preferences, "Notices": notices, "Inbox": inbox, "Steps": stepsAndVersions,
		"Workspaces": workspaces, "Reminders": reminders, "Outbox": outbox, "GivenUp": givenUp, "Purge": purge, "Reset": reset,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(&world{t, open(t), map[ids.ID]uint64{}})
		})
	}
}

func id(n byte) ids.ID { return ids.ID{6: 0x70, 15: n} }

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// write commits a plan with the next checkpoint of its workspace.
func (w *world) write(plan store.Plan) {
	w.Helper()
	s, err := w.Checkpoints.Load(w.Context(), name, plan.Workspace)
	w.must(err)
	from := s.Seqs[plan.Workspace]
	w.must(w.Checkpoints.Commit(w.Context(), consumer.Move{
		Consumer: name, Generation: s.Generation, Stream: plan.Workspace, From: from, To: from + 1,
	}, w.Store.Effect(plan)))
}

// notice makes a notice of user 1 in workspace 9, project 8 and task 7.
func notice(n byte) state.Notice {
	return state.Notice{
		User: id(1), ID: id(n), Workspace: id(9), Project: id(8), Task: id(7), About: id(7), Kind: state.Assigned, Actor: id(2),
		At: start.Add(time.Duration(n) * time.Minute), Version: state.At(1, uint64(n)),
	}
}

func put(n state.Notice) store.Step { return store.Step{Version: n.Version, Put: &n} }

func (w *world) put(list ...state.Notice) {
	w.Helper()
	plan := store.Plan{Workspace: id(9)}
	for _, n := range list {
		plan.Steps = append(plan.Steps, put(n))
	}
	w.write(plan)
}

func (w *world) list(q store.List) (out []ids.ID) {
	w.Helper()
	q.User, q.Limit = id(1), max(q.Limit, 10)
	list, err := w.Store.List(w.Context(), q)
	w.must(err)
	for _, n := range list {
		out = append(out, n.ID)
	}
	return out
}

func (w *world) want(what string, got []ids.ID, want ...byte) {
	w.Helper()
	var list []ids.ID
	for _, n := range want {
		list = append(list, id(n))
	}
	if !slices.Equal(got, list) {
		w.Errorf("%s: %v, want %v", what, got, list)
	}
}

func settings(w *world) {
	first := state.Settings{Began: start, Secret: []byte("first")}
	for _, made := range []state.Settings{first, {Began: start.Add(time.Hour), Secret: []byte("second")}} {
		got, err := w.Store.Settings(w.Context(), made)
		w.must(err)
		if !got.Began.Equal(first.Began) || string(got.Secret) != "first" {
			w.Errorf("the settings are %v since %s", string(got.Secret), got.Began)
		}
	}
}

func preferences(w *world) {
	p, err := w.Store.Preferences(w.Context(), id(1))
	w.must(err)
	if p.Seq != 0 || !p.Wants(state.Email, state.Due) {
		w.Errorf("before any choice: %+v", p)
	}
	next, err := w.Store.SavePreferences(w.Context(), id(1), p.Set(state.Email, state.Due, false))
	w.must(err)
	if _, err := w.Store.SavePreferences(w.Context(), id(1), p.Set(state.Inbox, state.Due, false)); !errors.Is(err, store.ErrConflict) {
		w.Errorf("a choice over an older one: %v", err)
	}
	last, err := w.Store.SavePreferences(w.Context(), id(1), next.Set(state.Inbox, state.Mentions, false))
	w.must(err)
	if _, err := w.Store.SavePreferences(w.Context(), id(1), next); !errors.Is(err, store.ErrConflict) {
		w.Errorf("a choice over an older one: %v", err)
	}
	got, err := w.Store.Preferences(w.Context(), id(1))
	w.must(err)
	if got.Seq != 2 || got.Seq != last.Seq || got.Wants(state.Email, state.Due) || got.Wants(state.Inbox, state.Mentions) || !got.Wants(state.Inbox, state.Due) {
		w.Errorf("chosen: %+v", got)
	}
	if other, err := w.Store.Preferences(w.Context(), id(2)); err != nil || other.Seq != 0 {
		w.Errorf("another user's: %+v, %v", other, err)
	}
}

func notices(w *world) {
	n := notice(1)
	w.put(n)
	got, err := w.Store.Notice(w.Context(), id(1), id(1))
	w.must(err)
	if got != n {
		w.Errorf("kept as %+v, want %+v", got, n)
	}
	for _, who := range []struct{ user, id ids.ID }{{id(2), id(1)}, {id(1), id(2)}} {
		if _, err := w.Store.Notice(w.Context(), who.user, who.id); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("notice %s of %s: %v", who.id, who.user, err)
		}
	}
}

func inbox(w *world) {
	other := notice(9)
	other.User = id(2)
	mentioned := notice(2)
	mentioned.Kind = state.Mentioned
	same := notice(4)
	same.At = notice(3).At
	w.put(notice(1), mentioned, notice(3), same, other)
	w.want("all", w.list(store.List{}), 4, 3, 2, 1)
	w.want("without mentions", w.list(store.List{Without: []state.Kind{state.Mentioned}}), 4, 3, 1)
	w.want("after the third", w.list(store.List{After: store.Place{At: same.At, ID: id(3)}}), 2, 1)
	w.want("after the fourth", w.list(store.List{After: store.Place{At: same.At, ID: id(4)}}), 3, 2, 1)
	first, err := w.Store.List(w.Context(), store.List{User: id(1), Limit: 2})
	w.must(err)
	if len(first) != 2 || first[0].ID != id(4) {
		w.Errorf("a page of two: %+v", first)
	}
	count := func(want int, without ...state.Kind) {
		w.Helper()
		if n, err := w.Store.Unread(w.Context(), id(1), without, 3); err != nil || n != want {
			w.Errorf("%d are unread, %v; want %d", n, err, want)
		}
	}
	count(3) // of four, up to three
	n, err := w.Store.Mark(w.Context(), id(1), []ids.ID{id(2), id(3), id(9), id(100)}, true)
	if err != nil || n != 2 {
		w.Errorf("%d were marked, %v; want 2", n, err)
	}
	if n, err := w.Store.Mark(w.Context(), id(1), []ids.ID{id(2)}, true); err != nil || n != 0 {
		w.Errorf("%d were marked again, %v", n, err)
	}
	w.want("unread", w.list(store.List{Unread: true}), 4, 1)
	if n, err := w.Store.Mark(w.Context(), id(1), []ids.ID{id(2)}, false); err != nil || n != 1 {
		w.Errorf("%d were marked as unread, %v", n, err)
	}
	count(2, state.Mentioned)
	if n, err := w.Store.MarkUpTo(w.Context(), id(1), store.Place{At: same.At, ID: id(3)}); err != nil || n != 2 {
		w.Errorf("%d were marked up to the third, %v; want 2", n, err)
	}
	w.want("unread", w.list(store.List{Unread: true}), 4)
	if got, err := w.Store.Notice(w.Context(), id(2), id(9)); err != nil || got.Read {
		w.Errorf("another user's notice: %+v, %v", got, err)
	}
}

// hide is a step of seq.
func hide(seq uint64, m store.Match) store.Step {
	m.User, m.Workspace = id(1), id(9)
	return store.Step{Version: state.At(1, seq), Match: m, To: state.Undone}
}

func stepsAndVersions(w *world) {
	comment, mention := notice(2), notice(3)
	comment.About = id(50)
	mention.Kind = state.Mentioned
	elsewhere := notice(4)
	elsewhere.Project, elsewhere.Task, elsewhere.About = id(18), id(17), id(17)
	joined := notice(5)
	joined.Kind, joined.Project, joined.Task, joined.About = state.Joined, ids.Nil, ids.Nil, id(9)
	w.put(notice(1), comment, mention, elsewhere, joined)
	step := func(s store.Step) { w.Helper(); w.write(store.Plan{Workspace: id(9), Steps: []store.Step{s}}) }

	step(hide(2, store.Match{})) // only the first is older
	w.want("after an early one", w.list(store.List{}), 5, 4, 3, 2)
	w.put(notice(1))
	w.want("made again, late", w.list(store.List{}), 5, 4, 3, 2)
	again := notice(1)
	again.Version = state.At(1, 6)
	w.put(again)
	w.want("made again, later", w.list(store.List{}), 5, 4, 3, 2, 1)

	step(hide(20, store.Match{About: id(50)}))
	step(hide(20, store.Match{Task: id(7), Kind: state.Mentioned}))
	w.want("without the comment and the mention", w.list(store.List{}), 5, 4, 1)
	turn := func(seq uint64, from, to state.Hidden) store.Step {
		return store.Step{Version: state.At(1, seq), Match: store.Match{User: id(1), Workspace: id(9), Task: id(7)}, From: from, To: to}
	}
	step(turn(21, state.Shown, state.WithTask))
	w.want("with the task in the trash", w.list(store.List{}), 5, 4)
	if n, err := w.Store.Mark(w.Context(), id(1), []ids.ID{id(1)}, true); err != nil || n != 0 {
		w.Errorf("%d hidden ones were marked, %v", n, err)
	}
	step(turn(22, state.WithProject, state.Shown))
	w.want("what is hidden otherwise stays", w.list(store.List{}), 5, 4)
	step(turn(23, state.WithTask, state.Shown))
	w.want("with the task back", w.list(store.List{}), 5, 4, 1)

	step(store.Step{Version: state.At(1, 24), Match: store.Match{User: id(1), Workspace: id(9), Task: id(7)}, MoveTo: id(18)})
	step(hide(25, store.Match{Outside: []ids.ID{id(18), id(19)}}))
	w.want("the task has moved", w.list(store.List{}), 5, 4, 1)
	step(hide(26, store.Match{Outside: []ids.ID{}}))
	w.want("a guest without projects", w.list(store.List{}), 5)
	step(store.Step{Version: state.At(1, 27), Match: store.Match{User: id(2), Workspace: id(9)}, To: state.Undone})
	step(store.Step{Version: state.At(1, 27), Match: store.Match{User: id(1), Workspace: id(10)}, To: state.Undone})
	w.want("of others", w.list(store.List{}), 5)
	step(hide(28, store.Match{}))
	w.want("who left", w.list(store.List{}))
}

func frame(v state.Version) *state.Frame {
	return &state.Frame{
		Workspace: id(9), Name: "W", Version: v, Members: map[ids.ID]state.Member{id(1): {Role: event.Guest, Projects: []ids.ID{id(8)}}},
		Projects: map[ids.ID]state.Project{id(8): {Name: "P", Key: "P", State: event.Live}},
	}
}

func task(v state.Version) state.Task {
	return state.Task{
		Workspace: id(9), ID: id(7), Version: v, Project: id(8), Number: 3, Title: "Häuser <b>", Assignees: []ids.ID{id(1)}, Creator: id(2),
		Due: "2026-03-02", State: event.Live, Told: []ids.ID{id(1)},
	}
}

func workspaces(w *world) {
	f, found, err := w.Store.Load(w.Context(), id(9), 1, []ids.ID{id(7)})
	if err != nil || f != nil || len(found) > 0 {
		w.Errorf("an unknown workspace: %+v, %v, %v", f, found, err)
	}
	w.write(store.Plan{Workspace: id(9), Tasks: []state.Task{task(state.At(1, 5))}, Frame: frame(state.At(1, 4))})
	older := task(state.At(1, 4))
	older.Title = "Older"
	w.write(store.Plan{Workspace: id(9), Tasks: []state.Task{older}, Frame: &state.Frame{Workspace: id(9), Version: state.At(1, 3)}})
	f, found, err = w.Store.Load(w.Context(), id(9), 1, []ids.ID{id(7), id(6)})
	w.must(err)
	if f == nil || f.Name != "W" || !f.Sees(id(1), id(8)) || f.Sees(id(2), id(8)) || f.Version != state.At(1, 4) {
		w.Errorf("the frame is %+v", f)
	}
	if got := found[id(7)]; len(found) != 1 || got.Title != "Häuser <b>" || got.Version != state.At(1, 5) || !slices.Equal(got.Assignees, []ids.ID{id(1)}) || got.Due != "2026-03-02" {
		w.Errorf("the tasks are %+v", found)
	}
	if f, found, err := w.Store.Load(w.Context(), id(9), 2, []ids.ID{id(7)}); err != nil || f != nil || len(found) > 0 {
		w.Errorf("of another generation: %+v, %v, %v", f, found, err)
	}
	if f, found, err := w.Store.Seen(w.Context(), id(9), []ids.ID{id(7)}); err != nil || f == nil || len(found) != 1 {
		w.Errorf("whatever the generation: %+v, %v, %v", f, found, err)
	}
}

func reset(w *world) {
	r := state.Reminder{Workspace: id(9), Task: id(7), Version: state.At(1, 5), At: start}
	plan := store.Plan{
		Workspace: id(9), Steps: []store.Step{put(notice(1)), put(notice(2))}, Tasks: []state.Task{task(state.At(1, 5))}, Frame: frame(state.At(1, 4)),
		Reminders: map[ids.ID][]state.Reminder{id(7): {r}},
	}
	w.write(plan)
	before, err := w.Store.Dump(w.Context())
	w.must(err)
	if _, err := w.Store.Mark(w.Context(), id(1), []ids.ID{id(2)}, true); err != nil {
		w.Fatal(err)
	}
	read, err := w.Store.Dump(w.Context())
	w.must(err)
	if string(read) == string(before) {
		w.Error("a dump does not show what was read")
	}
	g, err := w.Checkpoints.BeginReset(w.Context(), name)
	w.must(err)
	w.must(w.Checkpoints.EndReset(w.Context(), name, g, func(ctx context.Context, tx consumer.Tx) error { return w.Store.Reset(ctx, tx) }))
	w.want("after the reset", w.list(store.List{}))
	if f, found, err := w.Store.Seen(w.Context(), id(9), []ids.ID{id(7)}); err != nil || f != nil || len(found) > 0 {
		w.Errorf("after the reset there are %+v and %v, %v", f, found, err)
	}
	for i := range plan.Steps {
		plan.Steps[i].Version = state.At(g, uint64(i)+1)
	}
	r.Version = state.At(g, 5)
	plan.Reminders[id(7)] = []state.Reminder{r}
	plan.Tasks, plan.Frame = []state.Task{task(r.Version)}, frame(state.At(g, 4))
	w.write(plan)
	w.want("after the replay", w.list(store.List{}), 2, 1)
	w.want("unread after the replay", w.list(store.List{Unread: true}), 1)
	after, err := w.Store.Dump(w.Context())
	w.must(err)
	if string(after) != string(read) {
		w.Errorf("the replay made\n%s\nwant\n%s", after, read)
	}
}
