package command

import (
	"context"
	"errors"

	"headway/internal/apperr"
	"headway/internal/auth/domain"
	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Register is the input of Service.Register.
type Register struct {
	Email, Name, Password string
	Client                Client
}

// Register makes an account and signs it in.
func (s *Service) Register(ctx context.Context, in Register) (Grant, error) {
	if s.Closed {
		return Grant{}, apperr.New(apperr.Forbidden, "Registration is closed on this server. Ask whoever runs it for an account.")
	}
	if err := s.take(ctx, "register:address:"+addressKey(in.Client.Address), s.Limits.RegisterAddress); err != nil {
		return Grant{}, err
	}
	email, errEmail := domain.Email("body.email", in.Email)
	name, errName := domain.Name("body.name", in.Name)
	pw, errPassword := domain.NewPassword("body.password", in.Password, email, name)
	if err := together(errEmail, errName, errPassword); err != nil {
		return Grant{}, err
	}
	if err := s.take(ctx, "register:email:"+emailKey(email), s.Limits.RegisterEmail); err != nil {
		return Grant{}, err
	}
	taken := apperr.New(apperr.Conflict, "There is an account with this email already. Sign in instead.")
	if _, _, err := s.Store.Credentials(ctx, email); err == nil {
		return Grant{}, taken
	} else if !errors.Is(err, store.ErrNotFound) {
		return Grant{}, err
	}
	hash, err := s.Hasher.Hash(ctx, pw)
	if err != nil {
		return Grant{}, err
	}

	now := s.now()
	a := state.Account{ID: ids.New(), Email: email, Name: name, CreatedAt: now, Seq: 1}
	key := seal.NewKey()
	session, refresh := domain.StartSession(a.ID, now, s.Rules)
	first, err := registered(key, a)
	if err != nil {
		return Grant{}, err
	}
	second, err := started(key, session, "registration", in.Client)
	if err != nil {
		return Grant{}, err
	}
	err = s.Store.Register(ctx, store.Registration{
		Account: a, Hash: hash, Key: key, Session: session, Events: []eventlog.Event{first, second},
	})
	if errors.Is(err, store.ErrEmailTaken) {
		return Grant{}, taken
	}
	if err != nil {
		return Grant{}, err
	}
	return s.grant(a, session, refresh, now)
}

// together makes one Invalid error of several, so that a form shows all that is wrong at once.
func together(errs ...error) error {
	var all *apperr.Error
	for _, err := range errs {
		var e *apperr.Error
		if err == nil {
			continue
		}
		if !errors.As(err, &e) || e.Code != apperr.Invalid {
			return err
		}
		if all == nil {
			all = &apperr.Error{Code: apperr.Invalid, Message: e.Message}
		}
		all.Fields = append(all.Fields, e.Fields...)
	}
	if all == nil {
		return nil
	}
	return all
}
