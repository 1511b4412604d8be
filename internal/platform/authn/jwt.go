package authn

import (
	"crypto/ed25519"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
)

// KeySource answers the public keys that tokens are signed with.
type KeySource interface {
	// Key answers the key with the id, ErrUnknownKey where there is none, or
	// another error where the keys cannot be had. It is safe for concurrent use.
	Key(kid string) (ed25519.PublicKey, error)
}

// Claims are what an access token says.
type Claims struct {
	jwt.RegisteredClaims
	Session string `json:"sid"`
}

// JWT is a Verifier that checks the signature of each token.
type JWT struct {
	keys   KeySource
	parser *jwt.Parser
}

var _ Verifier = (*JWT)(nil)

// NewJWT makes a Verifier over keys. Wrap it in NewRemembering: a signature
// takes longer to check than a cached read takes in all.
func NewJWT(keys KeySource, c clock.Clock) *JWT {
	return &JWT{keys: keys, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(Issuer),
		jwt.WithAudience(Audience),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(c.Now),
		jwt.WithStrictDecoding(),
	)}
}

// Verify implements Verifier.
func (v *JWT) Verify(token string) (Identity, error) {
	if len(token) > MaxTokenBytes {
		return Identity{}, errInvalid
	}
	var claims Claims
	var source error
	_, err := v.parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		if typ, _ := t.Header["typ"].(string); typ != TokenType {
			return nil, errors.New("typ is not that of an access token")
		}
		kid, _ := t.Header["kid"].(string)
		key, err := v.keys.Key(kid)
		if err != nil {
			source = err
			return nil, err
		}
		return key, nil
	})
	switch {
	case source != nil && !errors.Is(source, ErrUnknownKey):
		return Identity{}, &apperr.Error{
			Code: apperr.Unavailable, Message: "The access token cannot be checked just now. Try again soon.",
			RetryAfter: 2 * time.Second, Cause: source,
		}
	case errors.Is(err, jwt.ErrTokenExpired):
		return Identity{}, errExpired
	case err != nil:
		return Identity{}, errInvalid
	}
	user, err := ids.Parse(claims.Subject)
	if err != nil {
		return Identity{}, errInvalid
	}
	session, err := ids.Parse(claims.Session)
	if err != nil {
		return Identity{}, errInvalid
	}
	return Identity{User: user, Session: session, Expires: claims.ExpiresAt.UTC()}, nil
}

// Sign makes an access token. It is here so that what is signed and what is
// verified stay one thing; only the auth service has a private key.
func Sign(key ed25519.PrivateKey, kid string, id Identity, jti ids.ID, issued time.Time) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    Issuer,
			Audience:  jwt.ClaimStrings{Audience},
			Subject:   id.User.String(),
			ID:        jti.String(),
			IssuedAt:  jwt.NewNumericDate(issued),
			ExpiresAt: jwt.NewNumericDate(id.Expires),
		},
		Session: id.Session.String(),
	})
	t.Header["typ"] = TokenType
	t.Header["kid"] = kid
	return t.SignedString(key)
}
