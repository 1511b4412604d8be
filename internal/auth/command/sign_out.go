package command

import (
	"context"
	"errors"

	"headway/internal/auth/domain"
	"headway/internal/auth/event"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
)

// SignOut ends the session that a refresh token belongs to. Any token of its
// family does, also one that was replaced: whoever holds it may end what it
// came from. A token of no session is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	t, ok := domain.ParseRefreshToken(token)
	if !ok {
		return nil
	}
	now := s.now()
	err := s.Store.ChangeSession(ctx, t.FamilyHash(), func(was state.Session) (state.Session, []eventlog.Event, error) {
		if !domain.Alive(was, now, s.Rules) {
			return was, nil, nil
		}
		was.Ended = now
		e, err := ended(was, event.SignedOut, now)
		return was, []eventlog.Event{e}, err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
