//go:build servers

package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/bus"
	"headway/test/servers"
)

// TestACachedReadCostsAlmostNoRoundTrip: who is signed in, rate-limited and
// asks for a page again pays no round trip for the page, and only now and then
// one for the limit.
func TestACachedReadCostsAlmostNoRoundTrip(t *testing.T) {
	server := servers.Redis(t)
	p := newProcess(t, t.TempDir(), "--redis-url", server.URL()+"?timeout=5s", "--rate-requests", "3000")
	_, tasks, _ := p.begin()
	get := func() {
		if status, body := p.do(http.MethodGet, tasks, ""); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	for range 5 {
		get() // a page is kept once it was asked for again
	}
	before := server.Commands(t)
	const reads = 300
	for range reads {
		get()
	}
	after := server.Commands(t)
	count := func(command string) int { return after[command] - before[command] }
	// The script of the limit reads its key by get; a page is read with pttl.
	if n := count("pttl"); n != 0 {
		t.Errorf("%d reads of a page that is here asked Redis %d times for it", reads, n)
	}
	limits := count("evalsha") + count("eval")
	if gets := count("get"); gets != limits {
		t.Errorf("%d keys were read, %d of them for the limit", gets, limits)
	}
	if limits > reads/4 {
		t.Errorf("%d reads asked Redis %d times whether they are allowed", reads, limits)
	}
	t.Logf("%d reads: %d round trips", reads, limits)
	if s := p.platform.shared.limiter.Stats(); s.Fallbacks != 0 {
		t.Errorf("%+v", s)
	}
}

// TestServesWithoutRedis: everything goes on while Redis is killed or hangs,
// the process stays ready and says what is degraded, and recovers by itself.
func TestServesWithoutRedis(t *testing.T) {
	server := servers.Redis(t)
	p := newProcess(t, t.TempDir(), "--redis-url", server.URL()+"?timeout=100ms", "--rate-requests", "100000")
	create, tasks, project := p.begin()
	await := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			p.do(http.MethodPost, "/api/v1/auth/sign-in", `{"email":"nobody@example.org","password":"wrong wrong wrong 1"}`)
			status, parts := p.ready()
			if status != http.StatusOK {
				t.Fatalf("ready: %d %v", status, parts)
			}
			if parts["store"] == "ok" && parts["cache"] == want && parts["bus"] == want && parts["rate"] == want && parts["sessions"] == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("parts: %v, want %s", parts, want)
			}
		}
	}
	await("ok")
	for name, c := range map[string]struct{ off, on func() }{
		"killed": {server.Kill, func() { server.Start(t) }},
		"paused": {func() { server.Pause(t) }, func() { server.Resume(t) }},
	} {
		c.off()
		for i := range 20 {
			if status, body := p.do(http.MethodPost, create, `{"project":"`+project+`","title":"Still here"}`); status != http.StatusCreated {
				t.Fatalf("%s: %d: %d %s", name, i, status, body)
			}
			if status, body := p.do(http.MethodGet, tasks, ""); status != http.StatusOK || !bytes.Contains(body, []byte("Still here")) {
				t.Fatalf("%s: %d: %d %s", name, i, status, body)
			}
		}
		await("degraded")
		_, metrics := p.do(http.MethodGet, "/metrics", "")
		if !bytes.Contains(metrics, []byte(`headway_part_degraded{part="cache"} 1`)) {
			t.Errorf("%s: the metrics do not say what is degraded", name)
		}
		c.on()
		await("ok")
	}
}

func TestStartsWithoutRedisAndRefusesAWrongPassword(t *testing.T) {
	server := servers.Redis(t, "--requirepass", "right")
	p, _, _ := program("serve")
	cfg, err := p.settings(p.flags("serve"), []string{"--data", t.TempDir(), "--redis-url", "redis://:hidden@" + server.Addr}, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg, "v1", slog.New(slog.DiscardHandler))
	if err == nil {
		_ = a.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "refuses the connection") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("%v", err)
	}
	server.Kill()
	if status, parts := newProcess(t, t.TempDir(), "--redis-url", "redis://:hidden@"+server.Addr).ready(); status != http.StatusOK || parts["cache"] != "degraded" {
		t.Errorf("%d %v", status, parts)
	}
}

// TestAFullRedisIsBorne: one that refuses every write is as good as none.
func TestAFullRedisIsBorne(t *testing.T) {
	server := servers.Redis(t, "--maxmemory", "1kb", "--maxmemory-policy", "noeviction")
	p := newProcess(t, t.TempDir(), "--redis-url", server.URL()+"?timeout=5s", "--rate-requests", "3000")
	create, tasks, project := p.begin()
	for range 20 {
		if status, body := p.do(http.MethodPost, create, `{"project":"`+project+`","title":"Still here"}`); status != http.StatusCreated {
			t.Fatalf("%d %s", status, body)
		}
		if status, body := p.do(http.MethodGet, tasks, ""); status != http.StatusOK || !bytes.Contains(body, []byte("Still here")) {
			t.Fatalf("%d %s", status, body)
		}
	}
	if s := p.platform.shared.limiter.Stats(); s.Fallbacks == 0 || s.Asked != 0 {
		t.Errorf("%+v", s)
	}
	// A wake-up that was refused waits, and is sent once there is room.
	server.Do(t, "CONFIG SET maxmemory 0")
	for deadline := time.Now().Add(30 * time.Second); p.platform.shared.bus.Stats().Sent == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", p.platform.shared.bus.Stats())
		}
	}
}

// TestARestrictedUserIsEnough: the rights that docs/operations/redis.md names.
func TestARestrictedUserIsEnough(t *testing.T) {
	server := servers.Redis(t)
	server.Do(t, "ACL SETUSER headway on >pw ~headway:* &headway:* +@all -@dangerous")
	p := newProcess(t, t.TempDir(), "--redis-url", "redis://headway:pw@"+server.Addr+"?timeout=5s", "--rate-requests", "3000")
	_, tasks, _ := p.begin()
	for range 5 {
		if status, body := p.do(http.MethodGet, tasks, ""); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	handled, done := make(chan struct{}, 100), make(chan error, 1)
	go func() {
		done <- p.platform.bus.Consume(ctx, "g", nil, func(context.Context, bus.Reached) error { handled <- struct{}{}; return nil })
	}()
	<-handled // what was published above
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if letters, err := p.platform.bus.DeadLetters(t.Context(), "g", 1); err != nil || len(letters) != 0 {
		t.Error(letters, err)
	}
	for _, part := range p.platform.shared.parts {
		if s := part.db.Stats(); s.Exchanges == 0 || s.Failures != 0 || part.db.Away() {
			t.Errorf("%s: %+v", part.name, s)
		}
	}
}
