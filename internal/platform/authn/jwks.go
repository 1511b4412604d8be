package authn

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// KeySet is a JSON Web Key Set (RFC 7517) of Ed25519 public keys (RFC 8037),
// as /.well-known/jwks.json serves it.
type KeySet struct {
	Keys []Key `json:"keys"`
}

// Key is one public key.
type Key struct {
	Type      string `json:"kty" doc:"Always OKP."`
	Curve     string `json:"crv" doc:"Always Ed25519."`
	Use       string `json:"use" doc:"Always sig."`
	Algorithm string `json:"alg" doc:"Always EdDSA."`
	ID        string `json:"kid" doc:"The key's id, as in the header of the tokens that it signed."`
	X         string `json:"x" doc:"The public key, 32 bytes in base64url."`
}

// NewKey makes the set's entry for a public key.
func NewKey(kid string, key ed25519.PublicKey) Key {
	return Key{
		Type: "OKP", Curve: "Ed25519", Use: "sig", Algorithm: "EdDSA",
		ID: kid, X: base64.RawURLEncoding.EncodeToString(key),
	}
}

// maxKeys bounds a set that is read; a real one has two or three.
const maxKeys = 64

// ParseKeySet reads a key set. Keys of other kinds are passed over, as RFC 7517
// (section 5) asks; a set without any usable key is an error.
func ParseKeySet(data []byte) (map[string]ed25519.PublicKey, error) {
	var set KeySet
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("key set: %d keys, at most %d are read", len(set.Keys), maxKeys)
	}
	keys := make(map[string]ed25519.PublicKey, len(set.Keys))
	for _, k := range set.Keys {
		if k.Type != "OKP" || k.Curve != "Ed25519" || k.ID == "" || (k.Use != "" && k.Use != "sig") {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("key set: key %q is not an Ed25519 public key", k.ID)
		}
		keys[k.ID] = x
	}
	if len(keys) == 0 {
		return nil, errors.New("key set: no Ed25519 signing key in it")
	}
	return keys, nil
}
