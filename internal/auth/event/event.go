// Package event is the published language of the auth service: what account
// streams hold. What identifies a person is sealed under a key of that person
// (Sealed), so that deleting the key erases it from the log and from every
// copy of the log, while who did what, by id, still stands.
package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"headway/internal/platform/ids"
)

// Type is the name of an event in the published language.
type Type string

// The types. An event is written as in its newest version and never changed.
const (
	AccountRegistered Type = "account.registered"
	NameChanged       Type = "account.name_changed"
	SessionStarted    Type = "session.started"
	SessionEnded      Type = "session.ended"
)

// Why a session ended.
const (
	// SignedOut: the person signed out.
	SignedOut = "signed_out"
	// TokenReused: a refresh token that had been replaced came again, so
	// someone else may hold it; the whole family of tokens was revoked.
	TokenReused = "token_reused"
)

// Sealed is personal data, encrypted; it is base64 in JSON.
type Sealed []byte

// Payload is the data of an event.
type Payload interface{ payload() }

// Registered is the payload of AccountRegistered. Personal holds a Person.
type Registered struct {
	Personal Sealed `json:"personal"`
}

// Renamed is the payload of NameChanged. Personal holds a NameChange.
type Renamed struct {
	Personal Sealed `json:"personal"`
}

// Started is the payload of SessionStarted; the event's entity is the session.
// Personal holds a Client.
type Started struct {
	// Method is how the person proved who they are: "password" or "registration".
	Method string `json:"method"`
	// Expires is when the session ends at the latest.
	Expires  time.Time `json:"expires"`
	Personal Sealed    `json:"personal"`
}

// Ended is the payload of SessionEnded; the event's entity is the session.
type Ended struct {
	Reason string `json:"reason"`
}

func (*Registered) payload() {}
func (*Renamed) payload()    {}
func (*Started) payload()    {}
func (*Ended) payload()      {}

// Person is the sealed part of Registered.
type Person struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

// NameChange is the sealed part of Renamed.
type NameChange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Client is the sealed part of Started: where the person signed in from.
type Client struct {
	Address string `json:"address"`
	Agent   string `json:"agent"`
}

// Errors of Decode. Match them with errors.Is.
var (
	ErrUnknownType    = errors.New("event: unknown type")
	ErrUnknownVersion = errors.New("event: unknown version")
	ErrPayload        = errors.New("event: payload does not have the shape of its type")
)

// Version is the version that every type is written in now.
const Version uint16 = 1

// Place is what the sealed part of an event is bound to, so that it cannot be
// moved to another event or account.
func Place(account, event ids.ID, t Type) []byte {
	return event.AppendTo(append(account.AppendTo([]byte(t+" ")), ' '))
}

// Encode gives the JSON of a payload.
func Encode(p Payload) ([]byte, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("event: encode %T: %w", p, err)
	}
	return data, nil
}

// Decode reads a recorded payload. Unknown types, versions and members are errors.
func Decode(t Type, version uint16, data []byte) (Payload, error) {
	var p Payload
	switch t {
	case AccountRegistered:
		p = new(Registered)
	case NameChanged:
		p = new(Renamed)
	case SessionStarted:
		p = new(Started)
	case SessionEnded:
		p = new(Ended)
	default:
		return nil, fmt.Errorf("%w %q", ErrUnknownType, string(t))
	}
	if version != Version {
		return nil, fmt.Errorf("%w %d of %s: this program knows version %d", ErrUnknownVersion, version, t, Version)
	}
	if len(data) == 0 || data[0] != '{' { // null would pass for an empty payload
		return nil, fmt.Errorf("%w: %s needs a JSON object", ErrPayload, t)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrPayload, t, err)
	}
	if d.More() {
		return nil, fmt.Errorf("%w: %s: more than one value", ErrPayload, t)
	}
	return p, nil
}
