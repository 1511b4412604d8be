package store

import (
	"context"
	"time"

	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Coded is a store whose errors go through code, which gives those of the
// technology below a code that callers can act on, such as that it is away.
func Coded(store Store, code func(error) error) Store { return coded{store, code} }

type coded struct {
	store Store
	code  func(error) error
}

// Register implements Store.
func (c coded) Register(ctx context.Context, r Registration) error {
	return c.code(c.store.Register(ctx, r))
}

// Account implements Store.
func (c coded) Account(ctx context.Context, id ids.ID) (state.Account, error) {
	a, err := c.store.Account(ctx, id)
	return a, c.code(err)
}

// Credentials implements Store.
func (c coded) Credentials(ctx context.Context, email string) (state.Account, string, error) {
	a, hash, err := c.store.Credentials(ctx, email)
	return a, hash, c.code(err)
}

// Names implements Store.
func (c coded) Names(ctx context.Context, accounts []ids.ID) ([]Name, error) {
	names, err := c.store.Names(ctx, accounts)
	return names, c.code(err)
}

// PersonalKey implements Store.
func (c coded) PersonalKey(ctx context.Context, account ids.ID) (seal.Key, error) {
	key, err := c.store.PersonalKey(ctx, account)
	return key, c.code(err)
}

// ChangeAccount implements Store.
func (c coded) ChangeAccount(ctx context.Context, id ids.ID, decide func(state.Account) (state.Account, []eventlog.Event, error)) (state.Account, error) {
	a, err := c.store.ChangeAccount(ctx, id, decide)
	return a, c.code(err)
}

// ReplaceHash implements Store.
func (c coded) ReplaceHash(ctx context.Context, account ids.ID, old, hash string) error {
	return c.code(c.store.ReplaceHash(ctx, account, old, hash))
}

// StartSession implements Store.
func (c coded) StartSession(ctx context.Context, s state.Session, events []eventlog.Event) error {
	return c.code(c.store.StartSession(ctx, s, events))
}

// ChangeSession implements Store.
func (c coded) ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error {
	return c.code(c.store.ChangeSession(ctx, family, decide))
}

// SweepSessions implements Store.
func (c coded) SweepSessions(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := c.store.SweepSessions(ctx, before, limit)
	return n, c.code(err)
}

// SigningKeys implements Store.
func (c coded) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	keys, err := c.store.SigningKeys(ctx)
	return keys, c.code(err)
}

// AddSigningKey implements Store.
func (c coded) AddSigningKey(ctx context.Context, k SigningKey) error {
	return c.code(c.store.AddSigningKey(ctx, k))
}

// DropSigningKeys implements Store.
func (c coded) DropSigningKeys(ctx context.Context, before time.Time) error {
	return c.code(c.store.DropSigningKeys(ctx, before))
}
