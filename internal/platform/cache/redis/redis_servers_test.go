//go:build servers

package redis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headway/internal/platform/cache"
	"headway/internal/platform/cache/cachetest"
	"headway/internal/platform/cache/redis"
	"headway/internal/platform/redisdb"
	"headway/test/servers"
)

func TestMain(m *testing.M) {
	// The cache in memory ends its goroutine once it is collected as garbage.
	memory := goleak.IgnoreAnyFunction("github.com/maypok86/otter/v2.periodicCleanUp[...]")
	goleak.VerifyTestMain(m, append(servers.RedisLeftovers(), memory)...)
}

// open makes what one process has: a cache of its own before the one in Redis.
func open(t testing.TB, address, version string, ownBytes uint64) *redis.Cache {
	t.Helper()
	target, err := redisdb.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	db, err := redisdb.Open(t.Context(), redisdb.Options{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	own, err := cache.NewMemory(ownBytes)
	if err != nil {
		t.Fatal(err)
	}
	c, err := redis.New(redis.Options{DB: db, Own: own, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// baseline is about what an empty redis-server with a client takes.
const baseline = 2 << 20

func TestConformance(t *testing.T) {
	version := 0
	suite := func(address func(*testing.T, uint64) string) func(t *testing.T, maxBytes uint64) cache.Cache {
		return func(t *testing.T, maxBytes uint64) cache.Cache {
			version++
			return open(t, address(t, maxBytes)+"?timeout=10s", fmt.Sprint(version), maxBytes)
		}
	}
	t.Run("alone", func(t *testing.T) {
		cachetest.Run(t, suite(func(t *testing.T, maxBytes uint64) string {
			return servers.Redis(t, "--maxmemory", fmt.Sprint(baseline+maxBytes/4), "--maxmemory-policy", "allkeys-lru").URL()
		}))
	})
	t.Run("cluster", func(t *testing.T) {
		cluster := servers.Cluster(t, "--maxmemory", fmt.Sprint(baseline), "--maxmemory-policy", "allkeys-lru")
		cachetest.Run(t, suite(func(*testing.T, uint64) string { return cluster.URL() }))
	})
}

// sent waits until so many pages came to the server.
func sent(t *testing.T, server *servers.RedisServer, n int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); server.Commands(t)["set"] < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d pages came, want %d", server.Commands(t)["set"], n)
		}
	}
}

// TestOneRoundTripForAPageOfAnother: however many ask for it at once.
func TestOneRoundTripForAPageOfAnother(t *testing.T) {
	server := servers.Redis(t)
	maker, reader := open(t, server.URL()+"?timeout=10s", "1", 1<<20), open(t, server.URL()+"?timeout=10s", "1", 1<<20)
	key, value := []byte("t\x00\xff{page}"), bytes.Repeat([]byte("x"), 30_000)
	maker.Set(t.Context(), key, value, time.Hour)
	sent(t, server, 1)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if got, ok := reader.Get(t.Context(), key); !ok || !bytes.Equal(got, value) {
				t.Errorf("%d bytes, %v", len(got), ok)
			}
		})
	}
	all.Wait()
	for range 100 {
		if _, ok := reader.Get(t.Context(), key); !ok {
			t.Error("gone")
		}
		if _, ok := maker.Get(t.Context(), key); !ok {
			t.Error("gone where it was made")
		}
	}
	if n := server.Commands(t)["get"]; n != 1 {
		t.Errorf("264 reads by two processes took %d round trips, want 1", n)
	}
	if s := reader.Stats(); s.Misses != 0 || s.Local+s.Shared != 164 {
		t.Errorf("%+v", s)
	}
	other := open(t, server.URL()+"?timeout=10s", "2", 1<<20)
	if _, ok := other.Get(t.Context(), key); ok {
		t.Error("a process of another version got the page")
	}
}

// TestAPageOfAnotherEndsInItsTime: what a process copied does not outlive the original.
func TestAPageOfAnotherEndsInItsTime(t *testing.T) {
	server := servers.Redis(t)
	maker, reader := open(t, server.URL()+"?timeout=10s", "1", 1<<20), open(t, server.URL()+"?timeout=10s", "1", 1<<20)
	maker.Set(t.Context(), []byte("a"), []byte("1"), time.Second)
	sent(t, server, 1)
	reader.Get(t.Context(), []byte("a"))
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, ok := reader.Get(t.Context(), []byte("a")); !ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("kept far beyond its time")
		}
	}
}

// TestGoesOnWithoutRedis: a process keeps what it has, misses at once, and
// shares again once Redis is back.
func TestGoesOnWithoutRedis(t *testing.T) {
	t.Run("alone", func(t *testing.T) { goesOn(t, servers.Redis(t)) })
	t.Run("cluster", func(t *testing.T) { goesOn(t, servers.Cluster(t)) })
}

func goesOn(t *testing.T, server servers.Breakable) {
	maker, reader := open(t, server.URL()+"?timeout=100ms", "1", 1<<20), open(t, server.URL()+"?timeout=100ms", "1", 1<<20)
	maker.Set(t.Context(), []byte("before"), []byte("1"), time.Hour)
	for name, c := range map[string]struct{ off, on func() }{
		"killed": {server.Kill, func() { server.Start(t) }},
		"paused": {func() { server.Pause(t) }, func() { server.Resume(t) }},
	} {
		c.off()
		for i := range 100 {
			start := time.Now()
			if v, ok := maker.Get(t.Context(), []byte("before")); !ok || string(v) != "1" {
				t.Errorf("%s: what the process kept is gone: %q %v", name, v, ok)
			}
			if _, ok := reader.Get(t.Context(), fmt.Appendf(nil, "%s %d", name, i)); ok {
				t.Errorf("%s: a page that nobody made", name)
			}
			maker.Set(t.Context(), fmt.Appendf(nil, "%s %d", name, i), []byte("2"), time.Hour)
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("%s: took %s", name, took)
			}
		}
		c.on()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			maker.Set(context.Background(), []byte("after "+name), []byte("3"), time.Hour)
			if v, ok := reader.Get(t.Context(), []byte("after "+name)); ok {
				if string(v) != "3" {
					t.Errorf("%q", v)
				}
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: nothing is shared again", name)
			}
		}
	}
}
