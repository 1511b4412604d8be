package move

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"headway/internal/auth/seal"
	"headway/internal/notification/state"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

// copyPreferences copies what people chose to hear of. The inbox itself is made
// anew from the events.
func (m *mover) copyPreferences(ctx context.Context, list []ids.ID) error {
	if m.Source.Notices == nil || m.Target.Notices == nil {
		return nil
	}
	for _, user := range list {
		want, err := m.Source.Notices.Preferences(ctx, user)
		if err != nil {
			return err
		}
		if m.preferences[user] == want.Seq {
			continue
		}
		there, err := m.Target.Notices.Preferences(ctx, user)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(there.Off, want.Off) {
			_, err := m.Target.Notices.SavePreferences(ctx, user, state.Preferences{Off: want.Off, Seq: there.Seq})
			if err != nil {
				return err
			}
			if there, err = m.Target.Notices.Preferences(ctx, user); err != nil {
				return err
			}
			if !reflect.DeepEqual(there.Off, want.Off) {
				return &DifferError{fmt.Sprintf("what the account %s wants to hear of", user)}
			}
		}
		m.preferences[user] = want.Seq
	}
	return nil
}

// copySettings has links in mails that were sent go on to work. Of what was
// before the move nobody is mailed by the new store.
func (m *mover) copySettings(ctx context.Context) error {
	if m.Source.Notices == nil || m.Target.Notices == nil {
		return nil
	}
	fresh := state.Settings{Began: time.Now().UTC().Truncate(time.Millisecond), Secret: seal.NewKey()}
	s, err := m.Source.Notices.Settings(ctx, fresh)
	if errors.Is(err, sqlitedb.ErrGuest) {
		return nil // the service never ran
	}
	if err != nil {
		return err
	}
	_, err = m.Target.Notices.Settings(ctx, state.Settings{Began: fresh.Began, Secret: s.Secret})
	return err
}
