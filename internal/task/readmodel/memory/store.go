// Package memory keeps the task service's read model in memory. It does what
// the port says in the plainest way, so that other stores are held to it by
// property tests; commands copy the whole workspace and are slow on large ones.
package memory

import (
	"context"
	"maps"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/projection"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// Store is the read model in memory. It is safe for concurrent use.
type Store struct {
	log         *logmemory.Log
	clock       clock.Clock
	subscribers []func(readmodel.Commit)

	mu         sync.RWMutex
	workspaces map[ids.ID]*workspace
}

var (
	_ readmodel.Reader = (*Store)(nil)
	_ command.Store    = (*Store)(nil)
)

// New makes an empty store over an empty log. onCommit are called with every
// commit, those of a workspace in the order of their seqs.
func New(log *logmemory.Log, c clock.Clock, onCommit ...func(readmodel.Commit)) *Store {
	return &Store{log: log, clock: c, subscribers: onCommit, workspaces: map[ids.ID]*workspace{}}
}

// workspace holds the rows of one workspace. A commit changes a copy and puts it in place.
type workspace struct {
	id       ids.ID
	head     uint64
	frame    *state.Frame
	docs     map[readmodel.FrameRow]uint64
	tasks    map[ids.ID]*state.Task // with their Detail
	comments map[ids.ID]*state.Comment
	stones   []tombstone
	projects map[ids.ID]project
	taken    map[ids.ID]bool
}

type tombstone struct {
	kind      readmodel.Kind
	id, scope ids.ID
	seq       uint64
	moved     bool
}

type project struct{ seq, number uint64 }

func (w *workspace) copied() *workspace {
	next := *w
	next.docs = maps.Clone(w.docs)
	next.tasks = maps.Clone(w.tasks)
	next.comments = maps.Clone(w.comments)
	next.stones = append([]tombstone(nil), w.stones...)
	next.projects = maps.Clone(w.projects)
	next.taken = maps.Clone(w.taken)
	return &next
}

func empty(id ids.ID) *workspace {
	return &workspace{
		id: id, docs: map[readmodel.FrameRow]uint64{}, tasks: map[ids.ID]*state.Task{}, comments: map[ids.ID]*state.Comment{},
		projects: map[ids.ID]project{}, taken: map[ids.ID]bool{},
	}
}

// Do implements command.Store.
func (s *Store) Do(ctx context.Context, id ids.ID, decide func(command.Tx) error) (readmodel.Commit, error) {
	if err := ctx.Err(); err != nil {
		return readmodel.Commit{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.workspaces[id]
	if before == nil {
		before = empty(id)
	}
	t := &tx{s: s, workspace: before.copied(), before: before}
	if err := decide(t); err != nil {
		return readmodel.Commit{}, err
	}
	commit := readmodel.Commit{Workspace: id, Last: t.head}
	if len(t.events) == 0 {
		return commit, nil
	}
	if _, err := s.log.Append(ctx, eventlog.Workspace, id, before.head, t.events); err != nil {
		return readmodel.Commit{}, err
	}
	s.workspaces[id] = t.workspace
	commit.First, commit.Events = t.events[0].Seq, t.events
	var err error
	if commit.Rows, err = t.rows(); err != nil {
		return readmodel.Commit{}, err
	}
	for _, tell := range s.subscribers {
		tell(commit)
	}
	return commit, nil
}

// Rebuild drops all rows and makes them anew from the log.
func (s *Store) Rebuild(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.workspaces {
		if err := s.replay(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// Replay answers a store of one workspace, as its events in the log say.
func Replay(ctx context.Context, log *logmemory.Log, workspace ids.ID) (*Store, error) {
	s := New(log, clock.System{})
	return s, s.replay(ctx, workspace)
}

func (s *Store) replay(ctx context.Context, id ids.ID) error {
	head, err := s.log.Head(ctx, id)
	if err != nil {
		return err
	}
	events, err := s.log.Read(ctx, id, 0, int(head)) // #nosec G115 -- small
	if err != nil {
		return err
	}
	t := &tx{s: s, workspace: empty(id), before: empty(id)}
	for _, ev := range events {
		t.head = ev.Seq
		t.taken[ev.Entity] = true
		if err := projection.ApplyRecorded(t, ev); err != nil {
			return err
		}
	}
	s.workspaces[id] = t.workspace
	return nil
}

// tx is one command's turn, on a copy of the workspace.
type tx struct {
	*workspace
	s      *Store
	before *workspace
	at     time.Time
	events []eventlog.Event
	order  []touched
}

type touched struct {
	kind readmodel.Kind
	id   ids.ID
}

var (
	_ command.Tx     = (*tx)(nil)
	_ readmodel.Rows = (*tx)(nil)
)

func (t *tx) touch(kind readmodel.Kind, id ids.ID) {
	for _, r := range t.order {
		if r == (touched{kind, id}) {
			return
		}
	}
	t.order = append(t.order, touched{kind, id})
}

// Head implements command.Tx.
func (t *tx) Head() uint64 { return t.head }

// Frame implements command.Tx and readmodel.Rows.
func (t *tx) Frame() (*state.Frame, error) { return t.frame, nil }

// Append implements command.Tx.
func (t *tx) Append(events ...command.New) error {
	if t.at.IsZero() {
		t.at = t.s.clock.Now().UTC().Truncate(time.Millisecond)
	}
	for _, n := range events {
		data, version, err := event.Encode(n.Type, n.Data)
		if err != nil {
			return err
		}
		ev := eventlog.Event{
			ID: n.ID, Stream: t.id, Seq: t.head + 1, Entity: n.Entity, Scope: n.Scope, Type: string(n.Type),
			Version: version, Actor: n.Actor, At: t.at, Cause: n.Cause, Data: data,
		}
		if ev.ID.IsZero() {
			ev.ID = ids.New()
		}
		t.head = ev.Seq
		t.taken[ev.Entity] = true
		t.events = append(t.events, ev)
		if err := projection.Apply(t, ev, n.Data); err != nil {
			return err
		}
	}
	return nil
}

// Taken implements command.Tx.
func (t *tx) Taken(id ids.ID) (bool, error) {
	if t.taken[id] || t.comments[id] != nil {
		return true, nil
	}
	for _, w := range t.s.workspaces {
		if w.id != t.id && (w.taken[id] || w.comments[id] != nil) {
			return true, nil
		}
	}
	return false, nil
}

// LastPosition implements command.Tx.
func (t *tx) LastPosition(projectID, column ids.ID) (string, error) {
	last := ""
	for _, task := range t.tasks {
		if task.Project == projectID && task.Column == column && task.State == event.Live {
			last = max(last, task.Position)
		}
	}
	return last, nil
}

// NextNumber implements command.Tx.
func (t *tx) NextNumber(projectID ids.ID) (uint64, error) {
	return t.projects[projectID].number + 1, nil
}

// Occupied implements command.Tx.
func (t *tx) Occupied(projectID, column ids.ID) (bool, error) {
	for _, task := range t.tasks {
		if task.Project == projectID && task.Column == column {
			return true, nil
		}
	}
	return false, nil
}

// Past implements command.Tx.
func (t *tx) Past(before uint64, limit int) ([]eventlog.Event, error) {
	var out []eventlog.Event
	for i := len(t.events) - 1; i >= 0 && len(out) < limit; i-- {
		if t.events[i].Seq < before {
			out = append(out, t.events[i])
		}
	}
	older, err := t.s.log.ReadBack(context.Background(), t.id, min(before, t.before.head+1), limit-len(out))
	return append(out, older...), err
}

func errNotFound(what string) error { return apperr.New(apperr.NotFound, "There is no such %s.", what) }
