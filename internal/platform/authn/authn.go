// Package authn tells who a request comes from. Any process can verify the
// access tokens that the auth service signs, with its public keys alone, so
// the auth service being down stops nobody who is signed in.
//
// An access token is a JWT (RFC 7519, profile RFC 9068) signed with Ed25519
// (RFC 8037): header alg "EdDSA", typ "at+jwt" and the key's kid; claims iss,
// aud, sub (the user's id), sid (the session's id), jti, iat and exp.
package authn

import (
	"context"
	"errors"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
)

// Identity is who a request comes from.
type Identity struct {
	User    ids.ID
	Session ids.ID
	// Expires is when the token that said so ends.
	Expires time.Time
}

// Verifier checks access tokens. It is safe for concurrent use.
type Verifier interface {
	// Verify answers whom the token names. A token that is not valid now answers
	// an *apperr.Error with code Unauthenticated, or Unavailable where the
	// signing keys cannot be had. Errors never hold the token or a part of it.
	Verify(token string) (Identity, error)
}

// The claims that every access token carries.
const (
	Issuer   = "headway"
	Audience = "headway"
	// TokenType is the JWT's typ header; tokens made for anything else have another.
	TokenType = "at+jwt"
)

// MaxTokenBytes bounds the tokens that are looked at; real ones have about 360.
const MaxTokenBytes = 1024

var (
	errExpired = apperr.New(apperr.Unauthenticated, "The access token has expired. Refresh it, or sign in again.")
	errInvalid = apperr.New(apperr.Unauthenticated, "The access token is not valid. Sign in again.")
	errMissing = apperr.New(apperr.Unauthenticated, "Sign in first: this needs an access token in the Authorization header.")
	errScheme  = apperr.New(apperr.Unauthenticated, `The Authorization header must be "Bearer" and an access token.`)
)

// ErrUnknownKey is answered by a KeySource that has no key of that id.
var ErrUnknownKey = errors.New("authn: unknown key")

type contextKey struct{}

// outcome is what the middleware found: an identity or why there is none.
type outcome struct {
	identity Identity
	err      error
}

// With puts an identity into a context, as the middleware does.
func With(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, &outcome{identity: id})
}

// From answers the identity of the request's caller, and whether there is one.
func From(ctx context.Context) (Identity, bool) {
	o, ok := ctx.Value(contextKey{}).(*outcome)
	if !ok || o.err != nil {
		return Identity{}, false
	}
	return o.identity, true
}

// Require is From for handlers that need a caller: without one it answers an
// *apperr.Error that says what is wrong with the credentials.
func Require(ctx context.Context) (Identity, error) {
	o, ok := ctx.Value(contextKey{}).(*outcome)
	switch {
	case !ok:
		return Identity{}, errMissing
	case o.err != nil:
		return Identity{}, o.err
	}
	return o.identity, nil
}
