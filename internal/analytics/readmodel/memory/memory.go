// Package memory keeps analytics' read model in memory: for tests, and as the
// oracle of the other adapters.
package memory

import (
	"context"
	"slices"
	"sync"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
)

// Store implements readmodel.Store.
type Store struct {
	mu     sync.RWMutex
	frames map[ids.ID]*readmodel.Frame
	tasks  map[ids.ID]map[ids.ID]*readmodel.Task
	out    map[ids.ID]bool
}

var _ readmodel.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	return &Store{frames: map[ids.ID]*readmodel.Frame{}, tasks: map[ids.ID]map[ids.ID]*readmodel.Task{}, out: map[ids.ID]bool{}}
}

// Frame implements readmodel.Store.
func (s *Store) Frame(ctx context.Context, workspace ids.ID) (*readmodel.Frame, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.frames[workspace], ctx.Err()
}

// Tasks implements readmodel.Store.
func (s *Store) Tasks(ctx context.Context, workspace ids.ID, tasks []ids.ID) (map[ids.ID]*readmodel.Task, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[ids.ID]*readmodel.Task{}
	for _, id := range tasks {
		if t := s.tasks[workspace][id]; t != nil {
			copied := *t
			out[id] = &copied
		}
	}
	return out, ctx.Err()
}

// Save implements readmodel.Store.
func (s *Store) Save(ctx context.Context, frame *readmodel.Frame, tasks []*readmodel.Task) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := s.tasks[frame.Workspace]
	if rows == nil {
		rows = map[ids.ID]*readmodel.Task{}
		s.tasks[frame.Workspace] = rows
	}
	for _, t := range tasks {
		if was := rows[t.ID]; was == nil || was.Version < t.Version {
			copied := *t
			rows[t.ID] = &copied
		}
	}
	if was := s.frames[frame.Workspace]; was == nil || was.Version < frame.Version {
		s.frames[frame.Workspace] = frame.Clone()
	}
	return nil
}

// Counts implements readmodel.Store.
func (s *Store) Counts(ctx context.Context, workspace, assignee ids.ID) (map[ids.ID]int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[ids.ID]int{}
	for _, t := range s.tasks[workspace] {
		if t.Counted() && (assignee.IsZero() || slices.Contains(t.Assignees, assignee)) {
			out[t.Column]++
		}
	}
	return out, ctx.Err()
}

// Forget implements readmodel.Store.
func (s *Store) Forget(ctx context.Context, workspace ids.ID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.frames, workspace)
	delete(s.tasks, workspace)
	return nil
}

// OptedOut implements readmodel.Store.
func (s *Store) OptedOut(ctx context.Context, user ids.ID) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.out[user], ctx.Err()
}

// SetOptedOut implements readmodel.Store.
func (s *Store) SetOptedOut(ctx context.Context, user ids.ID, out bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if out {
		s.out[user] = true
	} else {
		delete(s.out, user)
	}
	return nil
}
