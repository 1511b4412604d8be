package peer

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
)

// A service token is a JWT (RFC 7519) under HMAC-SHA256: typ "headway-peer+jwt",
// claims iss and aud (services by name), iat, exp, jti, and of the call that it
// is for htm and htu (method and path, named as in RFC 9449). Its key comes from
// the secret that the installation's processes share, by HKDF (RFC 5869).
const (
	tokenType = "headway-peer+jwt" // #nosec G101 -- a name, no secret
	keyInfo   = "headway service token 1"
	// tokenAge is how long a token is good.
	tokenAge = time.Minute
	// tokenLeeway is how far the clocks of two machines may differ.
	tokenLeeway = 30 * time.Second
	// maxToken bounds the tokens that are looked at, in bytes; real ones have about 400.
	maxToken = 1024
)

type claims struct {
	jwt.RegisteredClaims
	Method string `json:"htm"`
	Path   string `json:"htu"`
}

// Keys make and check service tokens. They are safe for concurrent use, and
// show nothing of themselves when printed.
type Keys struct {
	clock  clock.Clock
	parser *jwt.Parser
	first  string // the id of the key that signs
	keys   map[string][]byte
}

// NewKeys derives a key from each secret; the first signs, all are accepted,
// so that a secret can be replaced while processes have either.
func NewKeys(secrets []string, c clock.Clock) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, errors.New("peer: a secret is needed")
	}
	k := &Keys{clock: c, keys: map[string][]byte{}, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(tokenLeeway),
		jwt.WithTimeFunc(c.Now), jwt.WithStrictDecoding(),
	)}
	for _, secret := range secrets {
		// The id comes from the secret beside the key, and tells nothing of either.
		both, err := hkdf.Key(sha256.New, []byte(secret), nil, keyInfo, 40)
		if err != nil {
			return nil, fmt.Errorf("peer: %w", err)
		}
		id := base64.RawURLEncoding.EncodeToString(both[32:])
		if k.first == "" {
			k.first = id
		}
		k.keys[id] = both[:32]
	}
	return k, nil
}

// String keeps keys out of logs.
func (k *Keys) String() string { return "[service keys]" }

// GoString keeps keys out of logs.
func (k *Keys) GoString() string { return k.String() }

// sign makes the token of one call.
func (k *Keys) sign(issuer, audience, method, path string) (string, error) {
	now := k.clock.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, ID: ids.New().String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenAge)),
		},
		Method: method, Path: path,
	})
	t.Header["typ"], t.Header["kid"] = tokenType, k.first
	return t.SignedString(k.keys[k.first])
}

// verify answers who made a token for this call to the audience. Signatures
// are compared in constant time. What is wrong with a token is not told.
func (k *Keys) verify(token, audience, method, path string) (issuer string, err error) {
	if len(token) > maxToken {
		return "", errInvalid
	}
	var c claims
	_, err = k.parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key, ok := k.keys[kid]
		if typ, _ := t.Header["typ"].(string); !ok || typ != tokenType {
			return nil, errInvalid
		}
		return key, nil
	})
	switch {
	case err != nil, len(c.Audience) != 1, c.Audience[0] != audience, c.Issuer == "", c.Method != method, c.Path != path,
		c.IssuedAt == nil, c.ExpiresAt.Sub(c.IssuedAt.Time) > tokenAge:
		return "", errInvalid
	}
	return c.Issuer, nil
}
