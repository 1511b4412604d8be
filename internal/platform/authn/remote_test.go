package authn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
)

// service is an auth service that is away or serves its keys, without a network.
type service struct {
	keys    atomic.Pointer[[]byte] // nil while it is away
	fetches atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (s *service) RoundTrip(*http.Request) (*http.Response, error) {
	s.fetches.Add(1)
	keys := s.keys.Load()
	if keys == nil {
		return nil, errors.New("away")
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(*keys))}, nil
}

func keySet(t *testing.T, keys fixedKeys) *[]byte {
	t.Helper()
	var set authn.KeySet
	for kid, key := range keys {
		set.Keys = append(set.Keys, authn.NewKey(kid, key))
	}
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return &data
}

// TestRemoteAsksUntilAuthIsThere: it asks by itself, tells whether auth is
// there, and does not ask more often when more ask it.
func TestRemoteAsksUntilAuthIsThere(t *testing.T) {
	t.Parallel()
	_, keys := newSigner(t, "k1")
	synctest.Test(t, func(t *testing.T) {
		auth := new(service)
		r := authn.NewRemote("http://auth", &http.Client{Transport: auth}, clock.System{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go r.Run(ctx)
		synctest.Wait()
		for range 100 {
			if r.Ping(ctx) == nil {
				t.Fatal("auth is away, and said to be there")
			}
		}
		if n := auth.fetches.Load(); n != 1 {
			t.Errorf("%d fetches at once, want 1", n)
		}
		auth.keys.Store(keySet(t, keys))
		time.Sleep(6 * time.Second)
		before := auth.fetches.Load()
		if key, err := r.Key("k1"); err != nil || key == nil || r.Ping(ctx) != nil || auth.fetches.Load() != before {
			t.Errorf("auth is there: %v, %d fetches more", err, auth.fetches.Load()-before)
		}
		auth.keys.Store(nil)
		time.Sleep(2 * time.Minute)
		if _, err := r.Key("k1"); err != nil || r.Ping(ctx) == nil {
			t.Errorf("auth is away again: %v", err)
		}
	})
}

// TestRemoteKeepsKeysOverAStart: a process that starts while auth is away has
// the keys that it had, for a day.
func TestRemoteKeepsKeysOverAStart(t *testing.T) {
	t.Parallel()
	_, keys := newSigner(t, "k1")
	file := filepath.Join(t.TempDir(), "new", "keys.json")
	auth := new(service)
	auth.keys.Store(keySet(t, keys))
	open := func(c clock.Clock) (*authn.Remote, error) {
		r := authn.NewRemote("http://auth", &http.Client{Transport: auth}, c)
		return r, r.Keep(file)
	}
	first, err := open(clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file: %v %v", info, err)
	}
	auth.keys.Store(nil)
	again, err := open(clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Key("k1"); err != nil || again.Ping(t.Context()) == nil {
		t.Errorf("started while auth is away: %v", err)
	}
	late, err := open(clock.NewManual(time.Now().Add(25 * time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Key("k1"); err == nil {
		t.Error("keys of the day before yesterday are used")
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(clock.System{}); err == nil {
		t.Error("a file that is no key set is read without a word")
	}
}
