// Package query holds the auth service's reads.
package query

import (
	"context"
	"errors"

	"headway/internal/auth/domain"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/peer/contacts"
)

// Service answers queries.
type Service struct{ Store store.Store }

// Me answers the caller's own account.
func (s *Service) Me(ctx context.Context, user ids.ID) (state.Account, error) {
	a, err := s.Store.Account(ctx, user)
	if errors.Is(err, store.ErrNotFound) {
		return a, domain.ErrNoAccount
	}
	return a, err
}

// People answers the names of those accounts that exist, in the order asked
// for. Ids are hard to guess, and whoever has one has it from a workspace.
func (s *Service) People(ctx context.Context, accounts []ids.ID) ([]store.Name, error) {
	return s.Store.Names(ctx, accounts)
}

// Notification is the one service that is told emails; it sends mail to them.
const Notification = "notification"

// Contacts answers, for a service, those accounts that exist, each once, in
// the order asked for.
func (s *Service) Contacts(ctx context.Context, service string, accounts []ids.ID) ([]contacts.Contact, error) {
	names, err := s.Store.Names(ctx, accounts)
	if err != nil {
		return nil, err
	}
	out := make([]contacts.Contact, len(names))
	for i, n := range names {
		out[i] = contacts.Contact{ID: n.ID, Name: n.Name}
		if service == Notification {
			out[i].Email = n.Email
		}
	}
	return out, nil
}
