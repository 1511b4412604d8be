package command

import (
	"context"
	"errors"

	"headway/internal/auth/domain"
	"headway/internal/auth/event"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// ChangeName gives the account another name. The same name again changes nothing.
func (s *Service) ChangeName(ctx context.Context, account ids.ID, name string) (state.Account, error) {
	name, err := domain.Name("body.name", name)
	if err != nil {
		return state.Account{}, err
	}
	key, err := s.Store.PersonalKey(ctx, account)
	if errors.Is(err, store.ErrNotFound) {
		return state.Account{}, domain.ErrNoAccount
	}
	if err != nil {
		return state.Account{}, err
	}
	a, err := s.Store.ChangeAccount(ctx, account, func(a state.Account) (state.Account, []eventlog.Event, error) {
		if a.Name == name {
			return a, nil, nil
		}
		p := new(event.Renamed)
		e, err := record(a.ID, key, s.now(), fact{event.NameChanged, a.ID, p, &p.Personal, event.NameChange{From: a.Name, To: name}})
		a.Name = name
		return a, []eventlog.Event{e}, err
	})
	if errors.Is(err, store.ErrNotFound) {
		return state.Account{}, domain.ErrNoAccount
	}
	return a, err
}
