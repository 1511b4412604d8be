package command

import (
	"context"
	"errors"

	"headway/internal/apperr"
	"headway/internal/auth/domain"
	"headway/internal/auth/event"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
)

// errSessionOver is one answer for every refresh token that gets nothing.
var errSessionOver = apperr.New(apperr.Unauthenticated, "Your session has ended. Sign in again.")

// Refresh replaces a refresh token by the next and gives an access token. A
// token that was replaced long since ends its session for everyone who holds
// a token of it, because two must.
func (s *Service) Refresh(ctx context.Context, token string) (Grant, error) {
	t, ok := domain.ParseRefreshToken(token)
	if !ok {
		return Grant{}, errSessionOver
	}
	now := s.now()
	var verdict domain.Verdict
	var session state.Session
	var next domain.RefreshToken
	err := s.Store.ChangeSession(ctx, t.FamilyHash(), func(was state.Session) (state.Session, []eventlog.Event, error) {
		verdict, session, next = domain.Rotate(was, t, now, s.Rules)
		if verdict != domain.Reused {
			return session, nil, nil
		}
		e, err := ended(session, event.TokenReused, now)
		return session, []eventlog.Event{e}, err
	})
	if errors.Is(err, store.ErrNotFound) {
		return Grant{}, errSessionOver
	}
	if err != nil {
		return Grant{}, err
	}
	switch verdict {
	case domain.Reused:
		s.Log.WarnContext(ctx, "a refresh token came a second time; its session was ended",
			"account", session.Account, "session", session.ID)
		return Grant{}, errSessionOver
	case domain.Over:
		return Grant{}, errSessionOver
	}
	a, err := s.Store.Account(ctx, session.Account)
	if errors.Is(err, store.ErrNotFound) {
		return Grant{}, errSessionOver
	}
	if err != nil {
		return Grant{}, err
	}
	return s.grant(a, session, next, now)
}
