// Package command changes what is a person's own: what they have read, and
// what they want to hear of.
package command

import (
	"context"
	"errors"

	"headway/internal/apperr"
	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
)

// Service runs commands.
type Service struct {
	Store store.Store
	// Secret signs the links in mails.
	Secret []byte
	// Changed, if not nil, is told whose inbox looks different now.
	Changed func(user ids.ID)
}

func (s *Service) tell(user ids.ID, changed int, err error) error {
	if err == nil && changed > 0 && s.Changed != nil {
		s.Changed(user)
	}
	return err
}

// Mark notes notices of the user as read or unread. Those that are not there are passed over.
func (s *Service) Mark(ctx context.Context, user ids.ID, notices []ids.ID, read bool) error {
	n, err := s.Store.Mark(ctx, user, notices, read)
	return s.tell(user, n, err)
}

// MarkUpTo notes a notice of the user and all older ones as read.
func (s *Service) MarkUpTo(ctx context.Context, user, notice ids.ID) error {
	n, err := s.Store.Notice(ctx, user, notice)
	if errors.Is(err, store.ErrNotFound) {
		return apperr.New(apperr.NotFound, "There is no such notice.")
	}
	if err != nil {
		return err
	}
	changed, err := s.Store.MarkUpTo(ctx, user, store.Place{At: n.At, ID: n.ID})
	return s.tell(user, changed, err)
}

// Choice switches a topic on or off for a channel.
type Choice struct {
	Channel state.Channel
	Topic   state.Topic
	On      bool
}

// Choose changes a user's preferences. ifSeq, if not nil, is the seq that they must have.
func (s *Service) Choose(ctx context.Context, user ids.ID, ifSeq *uint64, choices []Choice) (state.Preferences, error) {
	for {
		p, err := s.Store.Preferences(ctx, user)
		if err != nil {
			return p, err
		}
		if ifSeq != nil && *ifSeq != p.Seq {
			return p, apperr.New(apperr.PreconditionFailed, "The preferences have changed since. Load them again.")
		}
		next, changed := p, false
		for _, c := range choices {
			if next.Wants(c.Channel, c.Topic) != c.On {
				next, changed = next.Set(c.Channel, c.Topic, c.On), true
			}
		}
		if !changed {
			return p, nil
		}
		next, err = s.Store.SavePreferences(ctx, user, next)
		if errors.Is(err, store.ErrConflict) {
			continue // somebody else was faster; ctx bounds how often
		}
		return next, s.tell(user, 1, err)
	}
}

// Unsubscribe does what a link in a mail says: it switches its topic off for
// email. It answers what it switched off.
func (s *Service) Unsubscribe(ctx context.Context, token string) (state.Topic, error) {
	user, topic, err := domain.ReadUnsubscribe(s.Secret, token)
	if err != nil {
		return "", err
	}
	_, err = s.Choose(ctx, user, nil, []Choice{{Channel: state.Email, Topic: topic, On: false}})
	return topic, err
}
