package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/memory"
	"headway/internal/platform/ids"
)

// Load implements store.Workspaces.
func (s *Store) Load(ctx context.Context, workspace ids.ID, generation uint64, tasks []ids.ID) (*state.Frame, map[ids.ID]state.Task, error) {
	frame, found, err := s.Seen(ctx, workspace, tasks)
	frame, found = store.Of(generation, frame, found)
	return frame, found, err
}

// Seen implements store.Workspaces.
func (s *Store) Seen(_ context.Context, workspace ids.ID, tasks []ids.ID) (*state.Frame, map[ids.ID]state.Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[ids.ID]state.Task, len(tasks))
	for _, id := range tasks {
		if t, ok := s.tasks[taskKey{workspace, id}]; ok {
			found[id] = t
		}
	}
	return s.frames[workspace], found, nil
}

var errForeign = errors.New("notification/memory: not a transaction of checkpoints in memory")

// Effect implements store.Workspaces.
func (s *Store) Effect(plan store.Plan) consumer.Effect {
	return func(_ context.Context, tx consumer.Tx) error {
		if !tx.Together() {
			return errForeign
		}
		memory.Stage(tx, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.write(&plan)
		})
		return nil
	}
}

func (s *Store) write(plan *store.Plan) {
	s.steps(plan.Steps)
	for task, list := range plan.Reminders {
		s.dropReminders(plan.Workspace, task)
		for _, r := range list {
			s.reminders[r] = time.Time{}
		}
	}
	for _, t := range plan.Tasks {
		key := taskKey{plan.Workspace, t.ID}
		if was, ok := s.tasks[key]; !ok || was.Version < t.Version {
			s.tasks[key] = t
		}
	}
	if f := plan.Frame; f != nil {
		if was := s.frames[f.Workspace]; was == nil || was.Version < f.Version {
			s.frames[f.Workspace] = f
		}
	}
}

func (s *Store) dropReminders(workspace, task ids.ID) {
	for r := range s.reminders {
		if r.Workspace == workspace && r.Task == task {
			delete(s.reminders, r)
		}
	}
}

func (s *Store) steps(steps []store.Step) {
	for i := range steps {
		st := &steps[i]
		if st.Put != nil {
			s.put(st)
			continue
		}
		for _, n := range s.notices {
			if n.Version >= st.Version || !st.Match.Matches(n) {
				continue
			}
			switch {
			case !st.MoveTo.IsZero():
				n.Project, n.Version = st.MoveTo, st.Version
			case st.Hides(n.Hidden):
				n.Hidden, n.Version = st.To, st.Version
			}
		}
	}
}

func (s *Store) put(st *store.Step) {
	next := *st.Put
	next.Version = st.Version
	key := noticeKey{next.User, next.ID}
	if was := s.notices[key]; was != nil {
		if was.Version >= st.Version {
			return
		}
		next.Read, next.At = was.Read, was.At
	}
	s.notices[key] = &next
	if out := store.Mail(&next); st.Send && s.outbox[out.ID] == nil {
		s.outbox[out.ID] = &outgoing{Outgoing: out}
	}
}

// Reset implements store.Workspaces.
func (s *Store) Reset(_ context.Context, tx consumer.Tx) error {
	if !tx.Together() {
		return errForeign
	}
	memory.Stage(tx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		clear(s.frames)
		clear(s.tasks)
		clear(s.reminders)
		for _, n := range s.notices {
			n.Hidden = state.Replaying
		}
	})
	return nil
}

// Reminders implements store.Workspaces.
func (s *Store) Reminders(_ context.Context, now, until time.Time, limit int) (out []state.Reminder, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r, taken := range s.reminders {
		if !r.At.After(now) && !taken.After(now) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, store.Earlier)
	out = out[:min(limit, len(out))]
	for _, r := range out {
		s.reminders[r] = until
	}
	return out, nil
}

// Remind implements store.Workspaces.
func (s *Store) Remind(_ context.Context, r state.Reminder, decide func(*state.Frame, *state.Task) []store.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var task *state.Task
	if t, ok := s.tasks[taskKey{r.Workspace, r.Task}]; ok {
		task = &t
	}
	s.steps(decide(s.frames[r.Workspace], task))
	delete(s.reminders, r)
	return nil
}
