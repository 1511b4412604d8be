//go:build servers

package redis_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headway/internal/platform/clock"
	"headway/internal/platform/limit"
	"headway/internal/platform/limit/limittest"
	"headway/internal/platform/limit/redis"
	"headway/internal/platform/redisdb"
	"headway/test/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, servers.RedisLeftovers()...) }

var prefixes atomic.Int64

// open makes a limiter with keys of its own on a server that others use too.
func open(t testing.TB, address string, o redis.Options) *redis.Limiter {
	t.Helper()
	target, err := redisdb.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if target.Prefix == redisdb.DefaultPrefix {
		target.Prefix = fmt.Sprint("test", prefixes.Add(1))
	}
	if o.DB, err = redisdb.Open(t.Context(), redisdb.Options{Target: target}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.DB.Close() })
	if o.Local == nil {
		o.Local = limit.NewMemory(clock.System{}, 0)
	}
	l, err := redis.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestConformance(t *testing.T) {
	for name, address := range map[string]string{"alone": servers.Redis(t).URL(), "cluster": servers.Cluster(t).URL()} {
		t.Run(name, func(t *testing.T) {
			limittest.Run(t, func(t *testing.T) (limit.Limiter, func(time.Duration)) {
				c := clock.NewManual(limittest.Start)
				// The timeout is long, since a fallback would not be what is tested.
				l := open(t, address+"?timeout=10s", redis.Options{Clock: c})
				t.Cleanup(func() {
					if s := l.Stats(); s.Fallbacks != 0 {
						t.Errorf("decided without Redis: %+v", s)
					}
				})
				return l, c.Advance
			})
		})
	}
}

// TestManyProcessesShareOneRate counts what several processes allow together,
// with uses given ahead, by Redis's own clock.
func TestManyProcessesShareOneRate(t *testing.T) {
	server := servers.Redis(t)
	rate := limit.Rate{Count: 400, Per: 24 * time.Hour}
	var allowed atomic.Int32
	var all sync.WaitGroup
	limiters := make([]*redis.Limiter, 4)
	for i := range limiters {
		limiters[i] = open(t, server.URL()+"?timeout=10s&prefix=shared", redis.Options{})
		all.Go(func() {
			for range 400 {
				res, err := limiters[i].Take(t.Context(), "caller", rate)
				if err != nil {
					t.Error(err)
				}
				if res.Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	all.Wait()
	// Each may be left with a lease that it did not spend.
	if n := allowed.Load(); n > 400 || n < 400-4*4 {
		t.Errorf("%d uses were allowed, want 400, or the unspent leases less", n)
	}
}

// TestUsesGivenAheadCostNothing: a caller who asks much costs few round trips,
// and is told what is left as if each had been asked for.
func TestUsesGivenAheadCostNothing(t *testing.T) {
	server := servers.Redis(t)
	l := open(t, server.URL()+"?timeout=10s", redis.Options{})
	rate := limit.Rate{Count: 10_000, Per: 24 * time.Hour}
	for i := range 1000 {
		res, err := l.Take(t.Context(), "caller", rate)
		if err != nil || !res.Allowed {
			t.Fatal(res, err)
		}
		if i < 3 && res.Remaining != 9999-i {
			t.Errorf("after %d uses %d are left", i+1, res.Remaining)
		}
	}
	if s := l.Stats(); s.Asked+s.Leased != 1000 || s.Leased == 0 || s.Fallbacks != 0 {
		t.Errorf("%+v", s)
	}
	if calls := server.Commands(t)["evalsha"]; calls > 500 {
		t.Errorf("1000 uses took %d round trips", calls)
	}
}

// TestGoesOnWithoutRedis: the process counts for itself meanwhile.
func TestGoesOnWithoutRedis(t *testing.T) {
	t.Run("alone", func(t *testing.T) { goesOn(t, servers.Redis(t)) })
	t.Run("cluster", func(t *testing.T) { goesOn(t, servers.Cluster(t)) })
}

func goesOn(t *testing.T, server servers.Breakable) {
	l := open(t, server.URL()+"?timeout=100ms", redis.Options{})
	rate := limit.Rate{Count: 5, Per: 24 * time.Hour}
	if res, err := l.Take(t.Context(), "a", rate); err != nil || res.Remaining != 4 {
		t.Fatal(res, err)
	}
	for name, c := range map[string]struct{ off, on func() }{
		"killed": {server.Kill, func() { server.Start(t) }},
		"paused": {func() { server.Pause(t) }, func() { server.Resume(t) }},
	} {
		c.off()
		before, allowed := l.Stats().Fallbacks, 0
		for range 50 {
			start := time.Now()
			res, err := l.Take(t.Context(), name, rate)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("%s: a use took %s", name, took)
			}
			if res.Allowed {
				allowed++
			}
		}
		if n := l.Stats().Fallbacks - before; allowed != 5 || n != 50 {
			t.Errorf("%s: %d of 50 allowed, want 5; %d by the process itself", name, allowed, n)
		}
		c.on()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			before := l.Stats().Asked
			if _, err := l.Take(t.Context(), "back", rate); err != nil {
				t.Fatal(err)
			}
			if l.Stats().Asked > before {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: Redis is back, and not asked", name)
			}
		}
	}
}

func BenchmarkTake(b *testing.B) {
	server := servers.Redis(b)
	for name, divisor := range map[string]int{"asked": -1, "leased": 0} {
		b.Run(name, func(b *testing.B) {
			l := open(b, server.URL()+"?timeout=10s", redis.Options{LeaseDivisor: divisor})
			rate := limit.Rate{Count: 1_000_000_000, Per: 1000 * time.Hour}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := l.Take(b.Context(), "caller", rate); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
