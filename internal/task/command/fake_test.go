package command_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"

	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/projection"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// world is a small store for these tests: what the commands see, kept in maps.
type world struct {
	mu     sync.Mutex
	clock  clock.Clock
	spaces map[ids.ID]*space
}

type space struct {
	id       ids.ID
	frame    *state.Frame
	tasks    map[ids.ID]*state.Task
	comments map[ids.ID]*state.Comment
	numbers  map[ids.ID]uint64
	log      []eventlog.Event
}

func newWorld(c clock.Clock) *world { return &world{clock: c, spaces: map[ids.ID]*space{}} }

var _ command.Store = (*world)(nil)

// Do implements command.Store. It decides twice, the first time for nothing,
// as a store may that has to try again.
func (w *world) Do(_ context.Context, id ids.ID, decide func(command.Tx) error) (readmodel.Commit, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.spaces[id]
	if was == nil {
		was = &space{id: id, tasks: map[ids.ID]*state.Task{}, comments: map[ids.ID]*state.Comment{}, numbers: map[ids.ID]uint64{}}
	}
	var next *space
	for range 2 {
		next = &space{
			id: id, frame: was.frame, tasks: maps.Clone(was.tasks), comments: maps.Clone(was.comments),
			numbers: maps.Clone(was.numbers), log: was.log[:len(was.log):len(was.log)],
		}
		if err := decide(&tx{w, next}); err != nil {
			return readmodel.Commit{}, err
		}
	}
	first, last := uint64(len(was.log)+1), uint64(len(next.log))
	if first > last {
		return readmodel.Commit{Workspace: id, Last: last}, nil
	}
	w.spaces[id] = next
	return readmodel.Commit{Workspace: id, First: first, Last: last, Events: next.log[first-1:]}, nil
}

type tx struct {
	w *world
	*space
}

func (x *tx) Head() uint64                 { return uint64(len(x.log)) }
func (x *tx) Frame() (*state.Frame, error) { return x.frame, nil }

func (x *tx) Task(id ids.ID, detail bool) (*state.Task, error) {
	t := x.tasks[id]
	if t == nil || detail {
		return t, nil
	}
	card := *t
	card.Detail = nil
	return &card, nil
}

func (x *tx) Comment(id ids.ID) (*state.Comment, error) { return x.comments[id], nil }

func (x *tx) Taken(id ids.ID) (bool, error) {
	for _, s := range x.w.spaces {
		if s.id != x.id && (s.tasks[id] != nil || s.comments[id] != nil) {
			return true, nil
		}
	}
	return x.tasks[id] != nil || x.comments[id] != nil, nil
}

func (x *tx) LastPosition(project, column ids.ID) (string, error) {
	last := ""
	for _, t := range x.tasks {
		if t.Project == project && t.Column == column {
			last = max(last, t.Position)
		}
	}
	return last, nil
}

func (x *tx) NextNumber(project ids.ID) (uint64, error) { return x.numbers[project] + 1, nil }

func (x *tx) Occupied(project, column ids.ID) (bool, error) {
	for _, t := range x.tasks {
		if t.Project == project && t.Column == column {
			return true, nil
		}
	}
	return false, nil
}

func (x *tx) Past(before uint64, limit int) ([]eventlog.Event, error) {
	var out []eventlog.Event
	for seq := min(before-1, x.Head()); seq > 0 && len(out) < limit; seq-- {
		out = append(out, x.log[seq-1])
	}
	return out, nil
}

func (x *tx) Append(events ...command.New) error {
	for _, n := range events {
		data, version, err := event.Encode(n.Type, n.Data)
		if err != nil {
			return err
		}
		ev := eventlog.Event{
			ID: n.ID, Stream: x.id, Seq: x.Head() + 1, Entity: n.Entity, Scope: n.Scope, Type: string(n.Type), Version: version,
			Actor: n.Actor, At: x.w.clock.Now(), Cause: n.Cause, Data: data,
		}
		if ev.ID.IsZero() || ev.Entity.IsZero() {
			return errors.New("event without an id or entity")
		}
		for _, was := range x.log {
			if was.ID == ev.ID {
				return errors.New("event id used twice")
			}
		}
		// What is projected is what a replay would read.
		if err := projection.ApplyRecorded(&rows{x.space}, ev); err != nil {
			return err
		}
		x.log = append(x.log, ev)
	}
	return nil
}

type rows struct{ *space }

var _ readmodel.Rows = (*rows)(nil)

func (r *rows) Frame() (*state.Frame, error) { return r.frame, nil }
func (r *rows) PutFrame(next *state.Frame, _ ...readmodel.FrameRow) error {
	r.frame = next
	return nil
}
func (r *rows) Task(id ids.ID, _ bool) (*state.Task, error) { return r.tasks[id], nil }
func (r *rows) PutTask(prev, next *state.Task) error {
	t := *next
	if t.Detail == nil {
		t.Detail = prev.Detail
	}
	r.tasks[t.ID] = &t
	return nil
}
func (r *rows) DeleteTask(t *state.Task, _ uint64) error {
	delete(r.tasks, t.ID)
	return nil
}
func (r *rows) Comment(id ids.ID) (*state.Comment, error) { return r.comments[id], nil }
func (r *rows) PutComment(c *state.Comment) error {
	r.comments[c.ID] = c
	return nil
}
func (r *rows) DeleteComment(c *state.Comment, _ uint64) error {
	delete(r.comments, c.ID)
	return nil
}
func (r *rows) UseNumber(project ids.ID, n uint64) error {
	r.numbers[project] = max(r.numbers[project], n)
	return nil
}

// replay folds a workspace's log from zero and compares it with what is there.
func (w *world) replay(t *testing.T, id ids.ID) *space {
	t.Helper()
	s := w.spaces[id]
	again := &space{id: id, tasks: map[ids.ID]*state.Task{}, comments: map[ids.ID]*state.Comment{}, numbers: map[ids.ID]uint64{}}
	for _, ev := range s.log {
		if err := projection.ApplyRecorded(&rows{again}, ev); err != nil {
			t.Fatalf("replay: %v", err)
		}
	}
	return again
}
