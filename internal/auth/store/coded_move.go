package store

import (
	"context"

	"headway/internal/auth/state"
	"headway/internal/platform/ids"
)

// CopyAccounts implements Mover.
func (c coded) CopyAccounts(ctx context.Context, accounts []ids.ID) ([]AccountCopy, error) {
	all, err := c.store.CopyAccounts(ctx, accounts)
	return all, c.code(err)
}

// PutAccounts implements Mover.
func (c coded) PutAccounts(ctx context.Context, all []AccountCopy) error {
	return c.code(c.store.PutAccounts(ctx, all))
}

// EachSession implements Mover.
func (c coded) EachSession(ctx context.Context, fn func(state.Session) error) error {
	return c.code(c.store.EachSession(ctx, fn))
}

// PutSessions implements Mover.
func (c coded) PutSessions(ctx context.Context, all []state.Session) error {
	return c.code(c.store.PutSessions(ctx, all))
}
