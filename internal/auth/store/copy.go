package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/platform/ids"
)

// AccountCopy is all that a store keeps of an account beside its stream and
// its sessions. It prints as its id alone and encodes as nothing, so that no
// log or message ever holds its secrets.
type AccountCopy struct {
	Account state.Account
	Hash    string
	Key     seal.Key
}

var errSecret = errors.New("auth store: a copy of an account is not written out")

// Format keeps secrets out of whatever is formatted, by every verb.
func (c AccountCopy) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "[account "+c.Account.ID.String()+"]") // as fmt's own writes
}

// LogValue keeps secrets out of logs.
func (c AccountCopy) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// MarshalText refuses, and so does every encoder that asks it.
func (c AccountCopy) MarshalText() ([]byte, error) { return nil, errSecret }

// Mover is what a store offers to those who move its data to another one. The
// events are copied beside it, by their log; signing keys have methods already.
type Mover interface {
	// CopyAccounts answers copies of those of the accounts that there are, in the order asked for.
	CopyAccounts(ctx context.Context, accounts []ids.ID) ([]AccountCopy, error)
	// PutAccounts writes accounts as they are in the copies, whose events the
	// log has already. Those that are there are replaced; their emails stay.
	PutAccounts(ctx context.Context, all []AccountCopy) error
	// EachSession calls fn with every session, in no order, until it answers an error.
	EachSession(ctx context.Context, fn func(state.Session) error) error
	// PutSessions writes sessions as they are given, without events. Those that are there are replaced.
	PutSessions(ctx context.Context, all []state.Session) error
}
