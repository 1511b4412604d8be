// Package store is the port of what the auth service keeps: accounts with
// their credentials and personal keys, sessions, and signing keys. Accounts
// are what their streams fold to; credentials, sessions and keys are secrets
// and in no event. Adapters live in the folders beside it; storetest holds the
// suite that each passes.
package store

import (
	"context"
	"errors"
	"time"

	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Errors of a Store. Match them with errors.Is.
var (
	ErrNotFound   = errors.New("auth store: not found")
	ErrEmailTaken = errors.New("auth store: another account has the email")
	ErrKeyTaken   = errors.New("auth store: the signing key has a successor already")
)

// Registration is a new account with all that belongs to it.
type Registration struct {
	Account state.Account
	Hash    string
	Key     seal.Key
	Session state.Session
	// Events are its stream's first; Account.Seq counts those that are about it.
	Events []eventlog.Event
}

// Name is what others may know of an account: people the name, services that
// send mail the email too.
type Name struct {
	ID    ids.ID
	Name  string
	Email string
}

// SigningKey is a key pair that signs access tokens from ActiveAt on, until
// the key after it does, and that verifies until ExpiresAt.
type SigningKey struct {
	ID string
	// Predecessor is the id of the key before it, "" for the first. Each key has
	// one successor only, so two processes cannot both make the next.
	Predecessor string
	Seed        []byte // Ed25519's private seed, 32 bytes
	CreatedAt   time.Time
	ActiveAt    time.Time
	// RetiresAt is when the key after it takes over.
	RetiresAt time.Time
	ExpiresAt time.Time
}

// String keeps keys out of logs.
func (k SigningKey) String() string { return "[signing key " + k.ID + "]" }

// GoString keeps keys out of logs.
func (k SigningKey) GoString() string { return k.String() }

// Store keeps all this. Times are kept to the millisecond. What a write did is
// durable, together with its events, when it returns nil; otherwise nothing of
// it was done. Functions given to it may run more than once and must have no
// other effect; their errors are answered as they are.
type Store interface {
	Mover
	// Register adds an account; ErrEmailTaken where another has its email.
	Register(ctx context.Context, r Registration) error
	// Account answers an account, or ErrNotFound.
	Account(ctx context.Context, id ids.ID) (state.Account, error)
	// Credentials answers an account by its normalised email, with the hash of
	// its password, or ErrNotFound.
	Credentials(ctx context.Context, email string) (state.Account, string, error)
	// Names answers the names and emails of those accounts that exist, each once, in the order asked for.
	Names(ctx context.Context, accounts []ids.ID) ([]Name, error)
	// PersonalKey answers the key that an account's personal data is sealed under, or ErrNotFound.
	PersonalKey(ctx context.Context, account ids.ID) (seal.Key, error)
	// ChangeAccount replaces an account by what decide makes of it and appends
	// decide's events; the answer has the last one's seq. With no events nothing
	// changes. ErrNotFound where there is none; the email stays as it is.
	ChangeAccount(ctx context.Context, id ids.ID, decide func(state.Account) (state.Account, []eventlog.Event, error)) (state.Account, error)
	// ReplaceHash replaces the hash of a password if it is still old.
	ReplaceHash(ctx context.Context, account ids.ID, old, hash string) error

	// StartSession adds a session and appends the events to its account's stream.
	StartSession(ctx context.Context, s state.Session, events []eventlog.Event) error
	// ChangeSession replaces the session of a family by what decide makes of it
	// and appends the events to its account's stream. No other change of the
	// session comes in between. ErrNotFound where there is none.
	ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error
	// SweepSessions deletes up to limit sessions that expired before the time, and tells how many.
	SweepSessions(ctx context.Context, before time.Time, limit int) (int, error)

	// SigningKeys answers all signing keys, oldest ActiveAt first.
	SigningKeys(ctx context.Context) ([]SigningKey, error)
	// AddSigningKey adds a key, or answers ErrKeyTaken where its predecessor has a successor.
	AddSigningKey(ctx context.Context, k SigningKey) error
	// DropSigningKeys deletes the keys that expired before the time.
	DropSigningKeys(ctx context.Context, before time.Time) error
}
