// Package state holds what an account's events fold to.
package state

import (
	"fmt"
	"time"

	"headway/internal/auth/event"
	"headway/internal/auth/seal"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Account is a person's account as others and they themselves see it.
type Account struct {
	ID        ids.ID
	Email     string
	Name      string
	CreatedAt time.Time
	// Seq is the seq, in the account's stream, of its last change.
	Seq uint64
}

// Fold applies one recorded event to the account; key opens its sealed part.
// Events about sessions change nothing.
func Fold(a Account, e eventlog.Event, key seal.Key) (Account, error) {
	payload, err := event.Decode(event.Type(e.Type), e.Version, e.Data)
	if err != nil {
		return a, err
	}
	place := event.Place(e.Stream, e.ID, event.Type(e.Type))
	switch p := payload.(type) {
	case *event.Registered:
		var person event.Person
		if err := seal.Open(key, place, p.Personal, &person); err != nil {
			return a, fmt.Errorf("account %s, event %d: %w", e.Stream, e.Seq, err)
		}
		return Account{ID: e.Stream, Email: person.Email, Name: person.Name, CreatedAt: e.At, Seq: e.Seq}, nil
	case *event.Renamed:
		var change event.NameChange
		if err := seal.Open(key, place, p.Personal, &change); err != nil {
			return a, fmt.Errorf("account %s, event %d: %w", e.Stream, e.Seq, err)
		}
		a.Name, a.Seq = change.To, e.Seq
	}
	return a, nil
}

// Session is one sign-in and the family of refresh tokens that came from it.
// Only hashes of tokens are kept.
type Session struct {
	ID      ids.ID
	Account ids.ID
	// Family is the SHA-256 of the part that all the family's tokens share.
	Family [32]byte
	// Current is the SHA-256 of the one token that is good now.
	Current [32]byte
	// Previous is the SHA-256 of the token that Current replaced; zero before the first rotation.
	Previous [32]byte
	// Salt makes Current's token from Previous's, once more, for a caller who
	// did not get the first answer. It is worthless without Previous's token.
	Salt      [32]byte
	StartedAt time.Time
	RotatedAt time.Time
	// Expires is when the session ends however much it is used.
	Expires time.Time
	// Ended is when it was signed out or revoked; zero while it is good.
	Ended time.Time
}
