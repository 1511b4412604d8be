// Package command holds what people can do with their accounts: one file for
// each. A command checks, decides with the domain's rules, and has the store
// record the events with what they change.
package command

import (
	"context"
	"log/slog"
	"time"

	"headway/internal/apperr"
	"headway/internal/auth/domain"
	"headway/internal/auth/event"
	"headway/internal/auth/keyring"
	"headway/internal/auth/password"
	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
)

// AccessLifetime is how long an access token is good. Signing out ends a
// session at once for refreshing, and for its last access token by this.
const AccessLifetime = 10 * time.Minute

// Service runs the commands. Make it with all fields set.
type Service struct {
	Store   store.Store
	Hasher  *password.Hasher
	Keys    *keyring.Ring
	Clock   clock.Clock
	Limiter limit.Limiter
	Limits  Limits
	Rules   domain.SessionRules
	Log     *slog.Logger
	// Closed refuses registrations.
	Closed bool
}

// Client is where a command comes from.
type Client struct {
	// Address is the IP address, as far as it is known.
	Address string
	// Agent is the User-Agent header.
	Agent string
}

// maxAgentBytes bounds what is recorded of a User-Agent header.
const maxAgentBytes = 256

// Grant is what a client gets that proved who it is.
type Grant struct {
	Account     state.Account
	AccessToken string
	// Refresh gets the next grant, once, until RefreshExpires at the latest.
	Refresh        domain.RefreshToken
	RefreshExpires time.Time
}

// String keeps tokens out of logs.
func (g Grant) String() string { return "[grant for " + g.Account.ID.String() + "]" }

// GoString keeps tokens out of logs.
func (g Grant) GoString() string { return g.String() }

func (s *Service) now() time.Time { return s.Clock.Now().UTC().Truncate(time.Millisecond) }

// grant signs an access token for a session.
func (s *Service) grant(a state.Account, session state.Session, refresh domain.RefreshToken, now time.Time) (Grant, error) {
	access, err := s.Keys.Sign(authn.Identity{User: a.ID, Session: session.ID, Expires: now.Add(AccessLifetime)})
	if err != nil {
		return Grant{}, apperr.Wrap(err, "sign an access token")
	}
	expires := session.Expires
	if idle := session.RotatedAt.Add(s.Rules.Idle); idle.Before(expires) {
		expires = idle
	}
	return Grant{Account: a, AccessToken: access, Refresh: refresh, RefreshExpires: expires}, nil
}

// fact is an event about to be recorded. secret is what of it identifies the
// person; it goes, sealed, to where sealed points in the payload.
type fact struct {
	kind    event.Type
	entity  ids.ID
	payload event.Payload
	sealed  *event.Sealed
	secret  any
}

func record(account ids.ID, key seal.Key, now time.Time, f fact) (eventlog.Event, error) {
	e := eventlog.Event{
		ID: ids.New(), Stream: account, Entity: f.entity, Type: string(f.kind), Version: event.Version,
		Actor: account, At: now,
	}
	if f.sealed != nil {
		sealed, err := seal.Seal(key, event.Place(account, e.ID, f.kind), f.secret)
		if err != nil {
			return e, err
		}
		*f.sealed = sealed
	}
	var err error
	e.Data, err = event.Encode(f.payload)
	return e, err
}

func registered(key seal.Key, a state.Account) (eventlog.Event, error) {
	p := new(event.Registered)
	return record(a.ID, key, a.CreatedAt, fact{event.AccountRegistered, a.ID, p, &p.Personal, event.Person{Email: a.Email, Name: a.Name}})
}

func started(key seal.Key, session state.Session, method string, c Client) (eventlog.Event, error) {
	if len(c.Agent) > maxAgentBytes {
		c.Agent = c.Agent[:maxAgentBytes]
	}
	p := &event.Started{Method: method, Expires: session.Expires}
	return record(session.Account, key, session.StartedAt, fact{event.SessionStarted, session.ID, p, &p.Personal, event.Client(c)})
}

func ended(session state.Session, reason string, now time.Time) (eventlog.Event, error) {
	return record(session.Account, nil, now, fact{kind: event.SessionEnded, entity: session.ID, payload: &event.Ended{Reason: reason}})
}

// take uses a limit once. A limiter that cannot tell lets the use pass: how
// many passwords are hashed at once is bounded in any case.
func (s *Service) take(ctx context.Context, key string, rate limit.Rate) error {
	res, err := s.Limiter.Take(ctx, key, rate)
	if err != nil {
		s.Log.WarnContext(ctx, "rate limit could not be checked", "error", err)
		return nil
	}
	if !res.Allowed {
		return &apperr.Error{
			Code:       apperr.RateLimited,
			Message:    "Too many attempts. Wait a little, then try again.",
			RetryAfter: res.RetryAfter,
		}
	}
	return nil
}
