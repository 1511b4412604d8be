package move

import (
	"context"
	"fmt"

	"headway/internal/platform/ids"
)

// copyChoices copies who does not want to be counted. They tell of no change
// of theirs, so all are read each time: by a key, and few have chosen.
func (m *mover) copyChoices(ctx context.Context, list []ids.ID) error {
	if m.Source.Choices == nil || m.Target.Choices == nil {
		return nil
	}
	for _, user := range list {
		want, err := m.Source.Choices.OptedOut(ctx, user)
		if err != nil {
			return err
		}
		if m.optedOut[user] == want {
			continue // as it was, or never chosen here
		}
		if err := m.Target.Choices.SetOptedOut(ctx, user, want); err != nil {
			return err
		}
		there, err := m.Target.Choices.OptedOut(ctx, user)
		if err != nil {
			return err
		}
		if there != want {
			return &DifferError{fmt.Sprintf("whether the account %s lets its use be counted", user)}
		}
		m.optedOut[user] = want
	}
	return nil
}
