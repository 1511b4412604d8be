// Package memory keeps what the notification service keeps in memory, beside
// checkpoints in memory: it is the oracle of the other adapters.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
)

// Store implements store.Store.
type Store struct {
	mu          sync.Mutex
	settings    *state.Settings
	preferences map[ids.ID]state.Preferences
	frames      map[ids.ID]*state.Frame
	tasks       map[taskKey]state.Task
	reminders   map[state.Reminder]time.Time // until when somebody has it
	notices     map[noticeKey]*state.Notice
	outbox      map[ids.ID]*outgoing
}

type taskKey struct{ workspace, task ids.ID }

type noticeKey struct{ user, id ids.ID }

type outgoing struct {
	state.Outgoing
	until time.Time
}

var _ store.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	return &Store{
		preferences: map[ids.ID]state.Preferences{}, frames: map[ids.ID]*state.Frame{}, tasks: map[taskKey]state.Task{},
		reminders: map[state.Reminder]time.Time{}, notices: map[noticeKey]*state.Notice{}, outbox: map[ids.ID]*outgoing{},
	}
}

// Settings implements store.Store.
func (s *Store) Settings(_ context.Context, first state.Settings) (state.Settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settings == nil {
		s.settings = &state.Settings{Began: first.Began.UTC().Truncate(time.Millisecond), Secret: bytes.Clone(first.Secret)}
	}
	return *s.settings, nil
}

// Preferences implements store.Store.
func (s *Store) Preferences(_ context.Context, user ids.ID) (state.Preferences, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.preferences[user], nil
}

// SavePreferences implements store.Store.
func (s *Store) SavePreferences(_ context.Context, user ids.ID, p state.Preferences) (state.Preferences, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.preferences[user].Seq != p.Seq {
		return state.Preferences{}, store.ErrConflict
	}
	p.Seq++
	s.preferences[user] = p
	return p, nil
}

// later orders notices newest first.
func later(a, b *state.Notice) int {
	if c := b.At.Compare(a.At); c != 0 {
		return c
	}
	return bytes.Compare(b.ID[:], a.ID[:])
}

func after(p store.Place, n *state.Notice) bool {
	return p == (store.Place{}) || later(&state.Notice{At: p.At, ID: p.ID}, n) < 0
}

// List implements store.Notices.
func (s *Store) List(_ context.Context, q store.List) ([]state.Notice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []state.Notice
	for _, n := range s.notices {
		if n.User == q.User && n.Hidden == state.Shown && (!q.Unread || !n.Read) && !slices.Contains(q.Without, n.Kind) && after(q.After, n) {
			out = append(out, *n)
		}
	}
	slices.SortFunc(out, func(a, b state.Notice) int { return later(&a, &b) })
	return out[:min(q.Limit, len(out))], nil
}

// Unread implements store.Notices.
func (s *Store) Unread(ctx context.Context, user ids.ID, without []state.Kind, limit int) (int, error) {
	list, err := s.List(ctx, store.List{User: user, Unread: true, Without: without, Limit: limit})
	return len(list), err
}

// Notice implements store.Notices.
func (s *Store) Notice(_ context.Context, user, id ids.ID) (state.Notice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.notices[noticeKey{user, id}]
	if n == nil {
		return state.Notice{}, store.ErrNotFound
	}
	return *n, nil
}

// Mark implements store.Notices.
func (s *Store) Mark(_ context.Context, user ids.ID, notices []ids.ID, read bool) (changed int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range notices {
		if n := s.notices[noticeKey{user, id}]; n != nil && n.Hidden == state.Shown && n.Read != read {
			n.Read = read
			changed++
		}
	}
	return changed, nil
}

// MarkUpTo implements store.Notices.
func (s *Store) MarkUpTo(_ context.Context, user ids.ID, p store.Place) (changed int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.notices {
		at := n.At.Equal(p.At) && n.ID == p.ID
		if n.User == user && n.Hidden == state.Shown && !n.Read && (at || after(p, n)) {
			n.Read = true
			changed++
		}
	}
	return changed, nil
}

// Purge implements store.Store.
func (s *Store) Purge(_ context.Context, notices, outbox time.Time, limit int) (dropped int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := limit
	for key, n := range s.notices {
		if left > 0 && n.At.Before(notices) {
			delete(s.notices, key)
			left--
		}
	}
	dropped, left = limit-left, limit
	for id, o := range s.outbox {
		if left > 0 && o.State != state.Pending && o.Created.Before(outbox) {
			delete(s.outbox, id)
			left--
		}
	}
	return dropped + limit - left, nil
}

// Dump implements store.Store.
func (s *Store) Dump(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := store.Dump{}
	for _, f := range s.frames {
		d.Frames = append(d.Frames, *f)
	}
	for _, t := range s.tasks {
		d.Tasks = append(d.Tasks, t)
	}
	for _, n := range s.notices {
		d.Notices = append(d.Notices, *n)
	}
	for r := range s.reminders {
		d.Reminders = append(d.Reminders, r)
	}
	return d.Bytes()
}

// Claim implements store.Outbox.
func (s *Store) Claim(_ context.Context, now, until time.Time, limit int) ([]store.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []*outgoing
	for _, o := range s.outbox {
		if o.State == state.Pending && !o.Due.After(now) && !o.until.After(now) {
			due = append(due, o)
		}
	}
	slices.SortFunc(due, func(a, b *outgoing) int {
		return cmp.Or(a.Due.Compare(b.Due), bytes.Compare(a.ID[:], b.ID[:]))
	})
	var out []store.Claim
	for _, o := range due[:min(limit, len(due))] {
		o.Tries++
		o.until = until
		out = append(out, store.Claim{Outgoing: o.Outgoing, Until: until})
	}
	return out, nil
}

// Settle implements store.Outbox.
func (s *Store) Settle(_ context.Context, c store.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.outbox[c.ID]
	if o == nil || o.User != c.User || o.Tries != c.Tries || o.State != state.Pending {
		return store.ErrLost
	}
	o.State, o.Due, o.Reason, o.until = c.State, c.Due, c.Reason, time.Time{}
	return nil
}

// Queue implements store.Outbox.
func (s *Store) Queue(context.Context) (q state.Queue, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.outbox {
		switch o.State {
		case state.Pending:
			q.Pending++
			if q.Oldest.IsZero() || o.Created.Before(q.Oldest) {
				q.Oldest = o.Created
			}
		case state.Failed:
			q.Failed++
		case state.Sent, state.Skipped:
		}
	}
	return q, nil
}

// GivenUp implements store.Outbox.
func (s *Store) GivenUp(_ context.Context, limit int) (out []state.Outgoing, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.outbox {
		if o.State == state.Failed {
			out = append(out, o.Outgoing)
		}
	}
	slices.SortFunc(out, func(a, b state.Outgoing) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return out[:min(limit, len(out))], nil
}
