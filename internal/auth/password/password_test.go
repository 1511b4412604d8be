package password

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"headway/internal/apperr"
)

var quick = Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	h, err := New(quick, 2)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := h.Hash(t.Context(), "a few plain words")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(hash, "plain") {
		t.Fatalf("hash %s", hash)
	}
	if again, _ := h.Hash(t.Context(), "a few plain words"); again == hash {
		t.Fatal("two hashes of one password are the same: no salt")
	}
	for pw, want := range map[string]bool{"a few plain words": true, "a few plain word": false, "": false} {
		if ok, outdated, err := h.Verify(t.Context(), pw, hash); ok != want || outdated || err != nil {
			t.Errorf("Verify(%q) = %v, %v, %v", pw, ok, outdated, err)
		}
	}
	stronger, _ := New(Params{MemoryKiB: 128, Passes: 1, Lanes: 1}, 1)
	if ok, outdated, err := stronger.Verify(t.Context(), "a few plain words", hash); !ok || !outdated || err != nil {
		t.Errorf("other parameters: %v, %v, %v; want true, true", ok, outdated, err)
	}
	if err := h.Waste(t.Context(), "x"); err != nil {
		t.Errorf("Waste: %v", err)
	}
}

func TestDefaultIsWhatOWASPAsks(t *testing.T) {
	t.Parallel()
	h, err := New(Default, 1)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := h.Hash(t.Context(), "pw")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || argon2.Version != 0x13 {
		t.Fatalf("%s, %v", hash, err)
	}
}

func TestStoredHashesAreBounded(t *testing.T) {
	t.Parallel()
	h, _ := New(quick, 1)
	good := h.dummy
	for name, hash := range map[string]string{
		"empty":         "",
		"other scheme":  "$2a$10$abc",
		"4 TiB":         strings.Replace(good, "m=64", "m=4294967295", 1),
		"many passes":   strings.Replace(good, "t=1", "t=4000000", 1),
		"no lanes":      strings.Replace(good, "p=1", "p=0", 1),
		"old version":   strings.Replace(good, "v=19", "v=16", 1),
		"rest cut":      good[:len(good)-10],
		"not a number":  strings.Replace(good, "m=64", "m=x", 1),
		"not in base64": good[:len(good)-1] + "!",
	} {
		if ok, _, err := h.Verify(t.Context(), "pw", hash); err == nil || ok {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	for _, p := range []Params{{}, {MemoryKiB: 64}, {MemoryKiB: 1, Passes: 1, Lanes: 1}, {MemoryKiB: 1 << 21, Passes: 1, Lanes: 1}} {
		if _, err := New(p, 0); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
}

func TestFloodIsRefused(t *testing.T) {
	t.Parallel()
	h, _ := New(quick, 1)
	h.slots <- struct{}{} // one is being hashed
	ctx, cancel := context.WithCancel(t.Context())
	refused := make(chan error, maxWaiting+1)
	for range maxWaiting + 1 {
		go func() { refused <- h.Waste(ctx, "x") }()
	}
	for h.waiting.Load() < maxWaiting+1 {
		select {
		case err := <-refused:
			t.Fatalf("refused while the queue has room: %v", err)
		default:
		}
	}
	if err := h.Waste(t.Context(), "x"); !apperr.Is(err, apperr.Unavailable) {
		t.Fatalf("with a full queue: %v, want Unavailable", err)
	}
	cancel()
	for range maxWaiting + 1 {
		if err := <-refused; !apperr.Is(err, apperr.Unavailable) {
			t.Fatalf("cancelled: %v", err)
		}
	}
	<-h.slots
	if n := h.waiting.Load(); n != 0 {
		t.Fatalf("%d still waiting", n)
	}
	if err := h.Waste(t.Context(), "x"); err != nil {
		t.Fatalf("after the flood: %v", err)
	}
}
