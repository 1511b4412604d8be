package domain

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"headway/internal/apperr"
	"headway/internal/auth/state"
	"headway/internal/platform/ids"
)

// ErrNoAccount is answered to a caller whose token is good but whose account is gone.
var ErrNoAccount = apperr.New(apperr.Unauthenticated, "This account is gone. Sign in with another.")

// SessionRules are the lifetimes of a session.
type SessionRules struct {
	// Lifetime is how long a session lasts however much it is used.
	Lifetime time.Duration
	// Idle is how long it lasts without use.
	Idle time.Duration
	// Grace is how long after a rotation the token that was replaced still
	// gets the same answer again.
	Grace time.Duration
}

// DefaultSessionRules are those of an instance that sets no others. The grace
// covers two tabs that refresh at once and an answer that got lost on the way.
// It does not weaken detection: all who use the old token in it get the same
// new one, so if two parties hold it, the next rotation brings one of them to
// light.
var DefaultSessionRules = SessionRules{Lifetime: 30 * 24 * time.Hour, Idle: 14 * 24 * time.Hour, Grace: 30 * time.Second}

// RefreshToken is a refresh token as the client holds it: 256 random bits that
// name the family and 256 that are its secret. A token that names a family
// but is not the family's current one was good once, or a forger knew the
// family's bits, which only its tokens have; so reuse shows for ever at the
// cost of one row a session, and nobody else can end a session by guessing.
type RefreshToken struct {
	Family, Secret [32]byte
}

// String keeps tokens out of logs; Text is the token.
func (RefreshToken) String() string { return "[refresh token]" }

// GoString keeps tokens out of logs; Text is the token.
func (RefreshToken) GoString() string { return "[refresh token]" }

// Text is the token as it is sent.
func (t RefreshToken) Text() string {
	return base64.RawURLEncoding.EncodeToString(append(t.Family[:], t.Secret[:]...))
}

// ParseRefreshToken reads a token; false for what cannot be one.
func ParseRefreshToken(s string) (RefreshToken, bool) {
	var t RefreshToken
	if len(s) != base64.RawURLEncoding.EncodedLen(64) {
		return t, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return t, false
	}
	copy(t.Family[:], b[:32])
	copy(t.Secret[:], b[32:])
	return t, true
}

// FamilyHash is what the session is found by.
func (t RefreshToken) FamilyHash() [32]byte { return sha256.Sum256(t.Family[:]) }

// StartSession makes a session and its first token.
func StartSession(account ids.ID, now time.Time, rules SessionRules) (state.Session, RefreshToken) {
	var t RefreshToken
	_, _ = rand.Read(t.Family[:]) // never fails: it stops the program instead
	_, _ = rand.Read(t.Secret[:])
	return state.Session{
		ID: ids.New(), Account: account,
		Family: t.FamilyHash(), Current: sha256.Sum256(t.Secret[:]),
		StartedAt: now, RotatedAt: now, Expires: now.Add(rules.Lifetime),
	}, t
}

// Verdict says what a refresh token that came back means.
type Verdict int

// The verdicts.
const (
	// Rotated: the token was current; it is replaced.
	Rotated Verdict = iota
	// Repeated: the token was replaced a moment ago; its caller gets the same successor.
	Repeated
	// Reused: the token was replaced long since; the session is ended.
	Reused
	// Over: the session has ended or expired.
	Over
)

// Rotate decides about a refresh token of the session's family. It answers
// the session as it is afterwards and, for Rotated and Repeated, the token
// that the client holds from now on.
func Rotate(s state.Session, t RefreshToken, now time.Time, rules SessionRules) (Verdict, state.Session, RefreshToken) {
	if !Alive(s, now, rules) {
		return Over, s, RefreshToken{}
	}
	hash := sha256.Sum256(t.Secret[:])
	switch {
	case subtle.ConstantTimeCompare(hash[:], s.Current[:]) == 1:
		_, _ = rand.Read(s.Salt[:])
		next := successor(t, s.Salt)
		s.Previous, s.Current, s.RotatedAt = s.Current, sha256.Sum256(next.Secret[:]), now
		return Rotated, s, next
	case subtle.ConstantTimeCompare(hash[:], s.Previous[:]) == 1 && now.Before(s.RotatedAt.Add(rules.Grace)):
		return Repeated, s, successor(t, s.Salt)
	}
	s.Ended = now
	return Reused, s, RefreshToken{}
}

// Alive reports whether the session is good at now.
func Alive(s state.Session, now time.Time, rules SessionRules) bool {
	return s.Ended.IsZero() && now.Before(s.Expires) && now.Before(s.RotatedAt.Add(rules.Idle))
}

// successor makes the token that replaces t. It can be made again from t and
// the salt, which the server keeps, and by nobody who lacks either.
func successor(t RefreshToken, salt [32]byte) RefreshToken {
	mac := hmac.New(sha256.New, t.Secret[:])
	mac.Write([]byte("headway refresh token successor"))
	mac.Write(salt[:])
	next := RefreshToken{Family: t.Family}
	copy(next.Secret[:], mac.Sum(nil))
	return next
}
