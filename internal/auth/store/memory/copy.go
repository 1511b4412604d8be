package memory

import (
	"context"
	"slices"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/ids"
)

// CopyAccounts implements store.Mover.
func (s *Store) CopyAccounts(_ context.Context, accounts []ids.ID) ([]store.AccountCopy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []store.AccountCopy
	for _, id := range accounts {
		if a := s.accounts[id]; a != nil {
			all = append(all, store.AccountCopy{Account: a.state, Hash: a.hash, Key: slices.Clone(a.key)})
		}
	}
	return all, nil
}

// PutAccounts implements store.Mover.
func (s *Store) PutAccounts(_ context.Context, all []store.AccountCopy) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range all {
		s.accounts[c.Account.ID] = &account{state: c.Account, hash: c.Hash, key: slices.Clone(c.Key)}
		s.emails[c.Account.Email] = c.Account.ID
	}
	return nil
}

// EachSession implements store.Mover.
func (s *Store) EachSession(_ context.Context, fn func(state.Session) error) error {
	s.mu.Lock()
	all := make([]state.Session, 0, len(s.sessions))
	for _, one := range s.sessions {
		all = append(all, one)
	}
	s.mu.Unlock()
	for _, one := range all {
		if err := fn(one); err != nil {
			return err
		}
	}
	return nil
}

// PutSessions implements store.Mover.
func (s *Store) PutSessions(_ context.Context, all []state.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range all {
		s.sessions[one.Family] = one
	}
	return nil
}
