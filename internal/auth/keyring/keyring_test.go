package keyring_test

import (
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"headway/internal/auth/keyring"
	"headway/internal/auth/store/memory"
	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	eventmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
)

const day = 24 * time.Hour

func open(t *testing.T, s *memory.Store, c clock.Clock) *keyring.Ring {
	t.Helper()
	r, err := keyring.Open(t.Context(), s, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sign(t *testing.T, r *keyring.Ring, c clock.Clock) string {
	t.Helper()
	token, err := r.Sign(authn.Identity{User: ids.New(), Session: ids.New(), Expires: c.Now().Add(10 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRotation(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	s := memory.New(eventmemory.New())
	r := open(t, s, c)
	at := func(d time.Duration) {
		t.Helper()
		c.Advance(d)
		if err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	published := func(want int) []authn.Key {
		t.Helper()
		keys := r.Public().Keys
		if len(keys) != want {
			t.Fatalf("%d keys published, want %d", len(keys), want)
		}
		return keys
	}
	first := published(1)[0].ID
	at(29*day - time.Hour)
	published(1)
	at(time.Hour) // a day ahead of its turn the next is published …
	second := published(2)[1].ID
	if first == second {
		t.Fatal("the next key is the same one")
	}
	at(day - time.Minute) // … and does not sign yet
	last := sign(t, r, c)
	if kid(t, r, last, c) != first {
		t.Fatal("the next key signed before its turn")
	}
	at(2 * time.Minute)
	if kid(t, r, sign(t, r, c), c) != second {
		t.Fatal("the next key does not sign at its turn")
	}
	if _, err := authn.NewJWT(r, c).Verify(last); err != nil {
		t.Fatalf("a token of the key before, still good: %v", err)
	}
	at(day)
	published(1)
	if _, err := r.Key(first); err == nil {
		t.Fatal("a key is good after its time")
	}
	// A process that was down for half a year starts with a key that signs at once.
	c.Advance(180 * day)
	late := open(t, s, c)
	if _, err := authn.NewJWT(late, c).Verify(sign(t, late, c)); err != nil {
		t.Fatalf("after half a year: %v", err)
	}
}

// kid tells which published key verifies a token.
func kid(t *testing.T, r *keyring.Ring, token string, c clock.Clock) string {
	t.Helper()
	for _, k := range r.Public().Keys {
		only := oneKey{r, k.ID}
		if _, err := authn.NewJWT(only, c).Verify(token); err == nil {
			return k.ID
		}
	}
	t.Fatal("no published key verifies the token")
	return ""
}

func TestProcessesAgreeOnTheKeys(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	s := memory.New(eventmemory.New())
	const processes = 8
	rings := make([]*keyring.Ring, processes)
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			r, err := keyring.Open(t.Context(), s, c)
			if err != nil {
				t.Error(err)
			}
			rings[i] = r
		})
	}
	wg.Wait()
	for _, r := range rings {
		if keys := r.Public().Keys; len(keys) != 1 || keys[0] != rings[0].Public().Keys[0] {
			t.Fatalf("processes hold different keys: %v", keys)
		}
		if _, err := authn.NewJWT(rings[0], c).Verify(sign(t, r, c)); err != nil {
			t.Fatal(err)
		}
	}
}

// oneKey answers only one of a ring's keys.
type oneKey struct {
	ring *keyring.Ring
	id   string
}

func (o oneKey) Key(kid string) (ed25519.PublicKey, error) {
	if kid != o.id {
		return nil, authn.ErrUnknownKey
	}
	return o.ring.Key(kid)
}
