// Package auth is the auth service: accounts, sessions and the keys that sign
// access tokens. Other services know it by its events and by the tokens alone.
package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/auth/api"
	"headway/internal/auth/command"
	"headway/internal/auth/domain"
	"headway/internal/auth/keyring"
	"headway/internal/auth/password"
	"headway/internal/auth/query"
	"headway/internal/auth/store"
	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/peer/contacts"
	"headway/internal/platform/repeat"
)

// Options are what the service needs and how it is set up.
type Options struct {
	// Store keeps everything. Required.
	Store store.Store
	// Clock is required.
	Clock clock.Clock
	// Limiter counts attempts. Required.
	Limiter limit.Limiter
	// Log is required.
	Log *slog.Logger

	// Limits, where nil, are command.DefaultLimits.
	Limits *command.Limits
	// Sessions, where zero, are domain.DefaultSessionRules.
	Sessions domain.SessionRules
	// Hashing, where zero, is password.Default.
	Hashing password.Params
	// HashConcurrency is how many passwords are hashed at once; 0 is half of the processors.
	HashConcurrency int
	// RememberTokens is how many verified access tokens are remembered; 0 is 50,000.
	RememberTokens int
	// Closed refuses registrations.
	Closed bool
	// HTTP says where the service is reached.
	HTTP api.Options
}

// Module is the service, ready to be served.
type Module struct {
	api      *api.API
	queries  *query.Service
	keys     *keyring.Ring
	store    store.Store
	clock    clock.Clock
	log      *slog.Logger
	verifier *authn.Remembering
}

// New makes the service. It loads the signing keys, and makes the first one in a new store.
func New(ctx context.Context, o Options) (*Module, error) {
	if o.Store == nil || o.Clock == nil || o.Limiter == nil || o.Log == nil {
		return nil, errors.New("auth: Store, Clock, Limiter and Log are required")
	}
	if o.Hashing == (password.Params{}) {
		o.Hashing = password.Default
	}
	if o.Sessions == (domain.SessionRules{}) {
		o.Sessions = domain.DefaultSessionRules
	}
	limits := command.DefaultLimits
	if o.Limits != nil {
		limits = *o.Limits
	}
	hasher, err := password.New(o.Hashing, o.HashConcurrency)
	if err != nil {
		return nil, err
	}
	keys, err := keyring.Open(ctx, o.Store, o.Clock)
	if err != nil {
		return nil, err
	}
	commands := &command.Service{
		Store: o.Store, Hasher: hasher, Keys: keys, Clock: o.Clock, Limiter: o.Limiter, Limits: limits,
		Rules: o.Sessions, Log: o.Log, Closed: o.Closed,
	}
	queries := &query.Service{Store: o.Store}
	a, err := api.New(commands, queries, keys, o.HTTP)
	if err != nil {
		return nil, err
	}
	return &Module{
		api: a, queries: queries, keys: keys, store: o.Store, clock: o.Clock, log: o.Log,
		verifier: authn.NewRemembering(authn.NewJWT(keys, o.Clock), o.Clock, o.RememberTokens),
	}, nil
}

// Routes adds the service's operations to an API under /api/v1.
func (m *Module) Routes(a huma.API) { m.api.Routes(a) }

// Internal adds the operations for other services to an API under peer.Prefix, behind a Gate.
func (m *Module) Internal(a huma.API) { m.api.Internal(a) }

// Contacts answers who people are to a service in the same process, what
// Internal answers to one in another.
func (m *Module) Contacts(service string) contacts.Directory {
	return directory{m.queries, service}
}

type directory struct {
	queries *query.Service
	service string
}

// Contacts implements contacts.Directory.
func (d directory) Contacts(ctx context.Context, people []ids.ID) ([]contacts.Contact, error) {
	return d.queries.Contacts(ctx, d.service, people)
}

// KeySet serves the public keys; mount it at GET api.KeysPath, outside of /api/v1.
func (m *Module) KeySet() http.Handler { return http.HandlerFunc(m.api.KeySet) }

// Verifier checks access tokens with the keys of this process.
func (m *Module) Verifier() *authn.Remembering { return m.verifier }

// housekeeping is how often Run looks after keys and sessions.
const housekeeping = 15 * time.Minute

// Run rotates the signing keys and deletes expired sessions until ctx ends.
func (m *Module) Run(ctx context.Context) error {
	repeat.Every(ctx, housekeeping, func(ctx context.Context) {
		if err := m.Housekeep(ctx); err != nil && ctx.Err() == nil {
			m.log.ErrorContext(ctx, "auth housekeeping failed; it is tried again", "error", err, "after", housekeeping)
		}
	})
	return nil
}

// sweepBatch bounds how long one deletion holds up other writes.
const sweepBatch = 500

// Housekeep does once what Run does again and again.
func (m *Module) Housekeep(ctx context.Context) error {
	if err := m.keys.Rotate(ctx); err != nil {
		return err
	}
	for {
		n, err := m.store.SweepSessions(ctx, m.clock.Now(), sweepBatch)
		if err != nil || n < sweepBatch {
			return err
		}
	}
}
