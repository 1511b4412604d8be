package app

import (
	"context"
	"time"

	analyticsrows "headway/internal/analytics/readmodel"
	"headway/internal/app/move"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	notification "headway/internal/notification/state"
	notificationstore "headway/internal/notification/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/moving"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
)

// gatedTasks passes every command through the gate.
type gatedTasks struct {
	taskStore
	gate *moving.Gate
}

// Do implements command.Store.
func (g gatedTasks) Do(ctx context.Context, workspace ids.ID, decide func(command.Tx) error) (readmodel.Commit, error) {
	leave, err := g.gate.Enter()
	if err != nil {
		return readmodel.Commit{}, err
	}
	defer leave()
	return g.taskStore.Do(ctx, workspace, decide)
}

// gatedAccounts passes every write of accounts, sessions and keys through the gate.
type gatedAccounts struct {
	store.Store
	gate *moving.Gate
}

func (g gatedAccounts) pass(write func() error) error {
	leave, err := g.gate.Enter()
	if err != nil {
		return err
	}
	defer leave()
	return write()
}

// Register implements store.Store.
func (g gatedAccounts) Register(ctx context.Context, r store.Registration) error {
	return g.pass(func() error { return g.Store.Register(ctx, r) })
}

// Credentials implements store.Store: it may finish a registration.
func (g gatedAccounts) Credentials(ctx context.Context, email string) (a state.Account, hash string, err error) {
	return a, hash, g.pass(func() error {
		a, hash, err = g.Store.Credentials(ctx, email)
		return err
	})
}

// ChangeAccount implements store.Store.
func (g gatedAccounts) ChangeAccount(ctx context.Context, id ids.ID, decide func(state.Account) (state.Account, []eventlog.Event, error)) (a state.Account, err error) {
	return a, g.pass(func() error {
		a, err = g.Store.ChangeAccount(ctx, id, decide)
		return err
	})
}

// ReplaceHash implements store.Store.
func (g gatedAccounts) ReplaceHash(ctx context.Context, account ids.ID, old, hash string) error {
	return g.pass(func() error { return g.Store.ReplaceHash(ctx, account, old, hash) })
}

// StartSession implements store.Store.
func (g gatedAccounts) StartSession(ctx context.Context, s state.Session, events []eventlog.Event) error {
	return g.pass(func() error { return g.Store.StartSession(ctx, s, events) })
}

// ChangeSession implements store.Store.
func (g gatedAccounts) ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error {
	return g.pass(func() error { return g.Store.ChangeSession(ctx, family, decide) })
}

// SweepSessions implements store.Store.
func (g gatedAccounts) SweepSessions(ctx context.Context, before time.Time, limit int) (n int, err error) {
	return n, g.pass(func() error {
		n, err = g.Store.SweepSessions(ctx, before, limit)
		return err
	})
}

// AddSigningKey implements store.Store.
func (g gatedAccounts) AddSigningKey(ctx context.Context, k store.SigningKey) error {
	return g.pass(func() error { return g.Store.AddSigningKey(ctx, k) })
}

// DropSigningKeys implements store.Store.
func (g gatedAccounts) DropSigningKeys(ctx context.Context, before time.Time) error {
	return g.pass(func() error { return g.Store.DropSigningKeys(ctx, before) })
}

// gatedNotices passes what people do in their inboxes through the gate. What a
// consumer makes of events is made again elsewhere.
type gatedNotices struct {
	notificationstore.Store
	gate *moving.Gate
}

// SavePreferences implements notificationstore.Store.
func (g gatedNotices) SavePreferences(ctx context.Context, user ids.ID, p notification.Preferences) (notification.Preferences, error) {
	leave, err := g.gate.Enter()
	if err != nil {
		return notification.Preferences{}, err
	}
	defer leave()
	return g.Store.SavePreferences(ctx, user, p)
}

// gatedChoices keeps who does not want to be counted beside the accounts, and
// passes their choices through the gate.
type gatedChoices struct {
	analyticsrows.Store
	choices move.Choices
	gate    *moving.Gate
}

// OptedOut implements analyticsrows.Store.
func (g gatedChoices) OptedOut(ctx context.Context, user ids.ID) (bool, error) {
	return g.choices.OptedOut(ctx, user)
}

// SetOptedOut implements analyticsrows.Store.
func (g gatedChoices) SetOptedOut(ctx context.Context, user ids.ID, out bool) error {
	leave, err := g.gate.Enter()
	if err != nil {
		return err
	}
	defer leave()
	return g.choices.SetOptedOut(ctx, user, out)
}
