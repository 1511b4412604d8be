package command

import (
	"context"
	"errors"

	"headway/internal/apperr"
	"headway/internal/auth/domain"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// SignIn is the input of Service.SignIn.
type SignIn struct {
	Email, Password string
	Client          Client
}

// SignIn starts a session. Whether the email or the password was wrong shows
// neither in its answer nor in its time.
func (s *Service) SignIn(ctx context.Context, in SignIn) (Grant, error) {
	address := addressKey(in.Client.Address)
	if err := s.take(ctx, "sign-in:address:"+address, s.Limits.SignInAddress); err != nil {
		return Grant{}, err
	}
	email, errEmail := domain.Email("body.email", in.Email)
	pw, errPassword := domain.Password("body.password", in.Password)
	if err := together(errEmail, errPassword); err != nil {
		return Grant{}, err
	}
	if err := s.take(ctx, "sign-in:pair:"+address+":"+emailKey(email), s.Limits.SignInPair); err != nil {
		return Grant{}, err
	}
	if err := s.take(ctx, "sign-in:email:"+emailKey(email), s.Limits.SignInEmail); err != nil {
		return Grant{}, err
	}

	wrong := apperr.New(apperr.Unauthenticated, "The email or the password is wrong.")
	a, hash, err := s.Store.Credentials(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		if err := s.Hasher.Waste(ctx, pw); err != nil {
			return Grant{}, err
		}
		return Grant{}, wrong
	}
	if err != nil {
		return Grant{}, err
	}
	ok, outdated, err := s.Hasher.Verify(ctx, pw, hash)
	if err != nil {
		return Grant{}, err
	}
	if !ok {
		return Grant{}, wrong
	}
	if outdated {
		s.rehash(ctx, a.ID, pw, hash)
	}

	key, err := s.Store.PersonalKey(ctx, a.ID)
	if err != nil {
		return Grant{}, err
	}
	now := s.now()
	session, refresh := domain.StartSession(a.ID, now, s.Rules)
	e, err := started(key, session, "password", in.Client)
	if err != nil {
		return Grant{}, err
	}
	if err := s.Store.StartSession(ctx, session, []eventlog.Event{e}); err != nil {
		return Grant{}, err
	}
	return s.grant(a, session, refresh, now)
}

// rehash hashes a password anew with the parameters of today. It matters less
// than the sign-in that it comes with, so a failure is only logged.
func (s *Service) rehash(ctx context.Context, account ids.ID, pw, old string) {
	hash, err := s.Hasher.Hash(ctx, pw)
	if err == nil {
		err = s.Store.ReplaceHash(ctx, account, old, hash)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "password could not be hashed anew", "account", account, "error", err)
	}
}
