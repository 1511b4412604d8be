// Package keyring holds the keys that sign access tokens. A key signs for a
// month; the next is made and published a day before it signs, so that every
// process has it in time, and a key stays published for a day after its last
// signature, longer than any token lives.
package keyring

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"headway/internal/auth/store"
	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
)

// The life of a key.
const (
	signsFor  = 30 * 24 * time.Hour
	published = 24 * time.Hour // before its first signature and after its last
)

// Ring holds the keys of one process. It is safe for concurrent use.
type Ring struct {
	store store.Store
	clock clock.Clock

	mu   sync.RWMutex
	keys []ready // oldest first
}

type ready struct {
	store.SigningKey
	private ed25519.PrivateKey
}

var _ authn.KeySource = (*Ring)(nil)

// Open loads the keys and makes the first one where there is none.
func Open(ctx context.Context, s store.Store, c clock.Clock) (*Ring, error) {
	r := &Ring{store: s, clock: c}
	if err := r.Rotate(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Rotate loads the keys, makes the next one where it is time to, and deletes
// those that no token can need. Call it at least once an hour.
func (r *Ring) Rotate(ctx context.Context) error {
	now := r.clock.Now()
	if err := r.store.DropSigningKeys(ctx, now); err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	for {
		keys, err := r.store.SigningKeys(ctx)
		if err != nil {
			return fmt.Errorf("keyring: %w", err)
		}
		next, due := following(keys, now)
		if due {
			err := r.store.AddSigningKey(ctx, next)
			if err != nil && !errors.Is(err, store.ErrKeyTaken) {
				return fmt.Errorf("keyring: %w", err)
			}
			continue // read it, or the one that another process made first
		}
		loaded := make([]ready, len(keys))
		for i, k := range keys {
			if len(k.Seed) != ed25519.SeedSize {
				return fmt.Errorf("keyring: key %s has a seed of %d bytes", k.ID, len(k.Seed))
			}
			loaded[i] = ready{k, ed25519.NewKeyFromSeed(k.Seed)}
		}
		r.mu.Lock()
		r.keys = loaded
		r.mu.Unlock()
		return nil
	}
}

// following answers the key to make now, if one is due.
func following(keys []store.SigningKey, now time.Time) (store.SigningKey, bool) {
	k := store.SigningKey{CreatedAt: now, ActiveAt: now}
	if len(keys) > 0 {
		last := keys[len(keys)-1]
		if now.Before(last.RetiresAt.Add(-published)) {
			return k, false
		}
		k.Predecessor = last.ID
		if last.RetiresAt.After(now) {
			k.ActiveAt = last.RetiresAt
		}
	}
	k.RetiresAt = k.ActiveAt.Add(signsFor)
	k.ExpiresAt = k.RetiresAt.Add(published)
	k.Seed = make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(k.Seed) // never fails: it stops the program instead
	public := ed25519.NewKeyFromSeed(k.Seed).Public().(ed25519.PublicKey)
	k.ID = thumbprint(public)
	return k, true
}

// thumbprint names a key by its RFC 7638 thumbprint (the member order is that of RFC 8037, appendix A.3).
func thumbprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(key) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Sign makes an access token with the key whose turn it is.
func (r *Ring) Sign(id authn.Identity) (string, error) {
	now := r.clock.Now()
	r.mu.RLock()
	keys := r.keys
	r.mu.RUnlock()
	if len(keys) == 0 {
		return "", errors.New("keyring: no signing key")
	}
	// Where rotation has not run in time the newest key goes on, and where the
	// clock was set back the oldest is used: nothing is gained by stopping.
	turn := 0
	for i := range keys {
		if !keys[i].ActiveAt.After(now) {
			turn = i
		}
	}
	return authn.Sign(keys[turn].private, keys[turn].ID, id, ids.New(), now)
}

// Key implements authn.KeySource.
func (r *Ring) Key(kid string) (ed25519.PublicKey, error) {
	now := r.clock.Now()
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, k := range r.keys {
		if k.ID == kid && now.Before(k.ExpiresAt) {
			return k.private.Public().(ed25519.PublicKey), nil
		}
	}
	return nil, authn.ErrUnknownKey
}

// Public answers the key set to publish.
func (r *Ring) Public() authn.KeySet {
	now := r.clock.Now()
	r.mu.RLock()
	defer r.mu.RUnlock()
	set := authn.KeySet{Keys: make([]authn.Key, 0, len(r.keys))}
	for _, k := range r.keys {
		if now.Before(k.ExpiresAt) {
			set.Keys = append(set.Keys, authn.NewKey(k.ID, k.private.Public().(ed25519.PublicKey)))
		}
	}
	return set
}
