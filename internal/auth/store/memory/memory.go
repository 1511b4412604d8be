// Package memory is the auth store in memory: the whole behaviour of the
// port, kept as long as the process lives.
package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Store implements store.Store over an event log.
type Store struct {
	log eventlog.Log

	mu       sync.Mutex
	accounts map[ids.ID]*account
	emails   map[string]ids.ID
	sessions map[[32]byte]state.Session
	signing  []store.SigningKey
}

type account struct {
	state state.Account
	hash  string
	key   seal.Key
}

var _ store.Store = (*Store)(nil)

// New makes an empty store that appends to log.
func New(log eventlog.Log) *Store {
	return &Store{
		log:      log,
		accounts: make(map[ids.ID]*account),
		emails:   make(map[string]ids.ID),
		sessions: make(map[[32]byte]state.Session),
	}
}

// append adds events at the stream's head. Callers hold the lock, so a
// conflict means another writer of account streams, and is simply met again.
func (s *Store) append(ctx context.Context, stream ids.ID, events []eventlog.Event) (eventlog.Appended, error) {
	if len(events) == 0 {
		return eventlog.Appended{}, nil
	}
	for {
		head, err := s.log.Head(ctx, stream)
		if err != nil {
			return eventlog.Appended{}, err
		}
		got, err := s.log.Append(ctx, eventlog.Account, stream, head, events)
		var conflict *eventlog.ConflictError
		if !errors.As(err, &conflict) {
			return got, err
		}
	}
}

// Register implements store.Store.
func (s *Store) Register(ctx context.Context, r store.Registration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.emails[r.Account.Email]; ok {
		return store.ErrEmailTaken
	}
	if _, err := s.append(ctx, r.Account.ID, r.Events); err != nil {
		return err
	}
	s.accounts[r.Account.ID] = &account{state: r.Account, hash: r.Hash, key: slices.Clone(r.Key)}
	s.emails[r.Account.Email] = r.Account.ID
	s.sessions[r.Session.Family] = r.Session
	return nil
}

// Account implements store.Store.
func (s *Store) Account(_ context.Context, id ids.ID) (state.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[id]
	if !ok {
		return state.Account{}, store.ErrNotFound
	}
	return a.state, nil
}

// Credentials implements store.Store.
func (s *Store) Credentials(_ context.Context, email string) (state.Account, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[s.emails[email]]
	if !ok {
		return state.Account{}, "", store.ErrNotFound
	}
	return a.state, a.hash, nil
}

// Names implements store.Store.
func (s *Store) Names(_ context.Context, accounts []ids.ID) ([]store.Name, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]store.Name, 0, len(accounts))
	seen := make(map[ids.ID]bool, len(accounts))
	for _, id := range accounts {
		if a, ok := s.accounts[id]; ok && !seen[id] {
			seen[id] = true
			names = append(names, store.Name{ID: id, Name: a.state.Name, Email: a.state.Email})
		}
	}
	return names, nil
}

// PersonalKey implements store.Store.
func (s *Store) PersonalKey(_ context.Context, id ids.ID) (seal.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[id]
	if !ok {
		return nil, store.ErrNotFound
	}
	return slices.Clone(a.key), nil
}

// ChangeAccount implements store.Store.
func (s *Store) ChangeAccount(ctx context.Context, id ids.ID, decide func(state.Account) (state.Account, []eventlog.Event, error)) (state.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[id]
	if !ok {
		return state.Account{}, store.ErrNotFound
	}
	next, events, err := decide(a.state)
	if err != nil {
		return state.Account{}, err
	}
	if len(events) == 0 {
		return a.state, nil
	}
	got, err := s.append(ctx, id, events)
	if err != nil {
		return state.Account{}, err
	}
	a.state.Name, a.state.Seq = next.Name, got.Last
	return a.state, nil
}

// ReplaceHash implements store.Store.
func (s *Store) ReplaceHash(_ context.Context, id ids.ID, old, hash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.accounts[id]; ok && a.hash == old {
		a.hash = hash
	}
	return nil
}

// StartSession implements store.Store.
func (s *Store) StartSession(ctx context.Context, session state.Session, events []eventlog.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.accounts[session.Account]; !ok {
		return store.ErrNotFound
	}
	if _, err := s.append(ctx, session.Account, events); err != nil {
		return err
	}
	s.sessions[session.Family] = session
	return nil
}

// ChangeSession implements store.Store.
func (s *Store) ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[family]
	if !ok {
		return store.ErrNotFound
	}
	next, events, err := decide(session)
	if err != nil {
		return err
	}
	if _, err := s.append(ctx, session.Account, events); err != nil {
		return err
	}
	s.sessions[family] = next
	return nil
}

// SweepSessions implements store.Store.
func (s *Store) SweepSessions(_ context.Context, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for family, session := range s.sessions {
		if n < limit && session.Expires.Before(before) {
			delete(s.sessions, family)
			n++
		}
	}
	return n, nil
}

// SigningKeys implements store.Store.
func (s *Store) SigningKeys(context.Context) ([]store.SigningKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.signing), nil
}

// AddSigningKey implements store.Store.
func (s *Store) AddSigningKey(_ context.Context, k store.SigningKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, have := range s.signing {
		if have.Predecessor == k.Predecessor {
			return store.ErrKeyTaken
		}
	}
	s.signing = append(s.signing, k)
	slices.SortFunc(s.signing, func(a, b store.SigningKey) int {
		return cmp.Or(a.ActiveAt.Compare(b.ActiveAt), cmp.Compare(a.ID, b.ID))
	})
	return nil
}

// DropSigningKeys implements store.Store.
func (s *Store) DropSigningKeys(_ context.Context, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signing = slices.DeleteFunc(s.signing, func(k store.SigningKey) bool { return k.ExpiresAt.Before(before) })
	return nil
}
