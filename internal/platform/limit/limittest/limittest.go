// Package limittest is the conformance suite of the rate limit port. Every adapter runs it.
package limittest

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/platform/limit"
)

// Start is the time at which a limiter under test begins.
var Start = time.Unix(1_700_000_000, 0).UTC()

// Open makes an empty limiter whose time stands at Start until advance moves it.
type Open func(t *testing.T) (l limit.Limiter, advance func(time.Duration))

// Run holds an adapter to what the port promises.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, *subject){
		"a burst, then evenly":               burst,
		"keys do not count for each other":   keys,
		"a refused use costs nothing":        refused,
		"the zero rate allows everything":    unlimited,
		"uses at once are counted once":      concurrent,
		"any uses at any time, as by Decide": random,
	} {
		t.Run(name, func(t *testing.T) {
			s := &subject{now: Start}
			s.Limiter, s.move = open(t)
			test(t, s)
		})
	}
}

// subject is a limiter with its time.
type subject struct {
	limit.Limiter
	move func(time.Duration)
	now  time.Time
}

func (s *subject) advance(d time.Duration) {
	s.now = s.now.Add(d)
	s.move(d)
}

func (s *subject) take(t *testing.T, key string, rate limit.Rate) limit.Result {
	t.Helper()
	res, err := s.Take(t.Context(), key, rate)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

var three = limit.Rate{Count: 3, Per: 30 * time.Second}

func burst(t *testing.T, s *subject) {
	for i := range 3 {
		want := limit.Result{Allowed: true, Remaining: 2 - i, Reset: time.Duration(i+1) * 10 * time.Second}
		if res := s.take(t, "a", three); res != want {
			t.Fatalf("use %d: %+v, want %+v", i+1, res, want)
		}
	}
	if res, want := s.take(t, "a", three), (limit.Result{RetryAfter: 10 * time.Second, Reset: 30 * time.Second}); res != want {
		t.Fatalf("the fourth use at once: %+v, want %+v", res, want)
	}
	s.advance(10 * time.Second)
	if !s.take(t, "a", three).Allowed {
		t.Fatal("not allowed after RetryAfter")
	}
	if s.take(t, "a", three).Allowed {
		t.Fatal("one interval gave back more than one use")
	}
	s.advance(time.Hour)
	if res := s.take(t, "a", three); res.Remaining != 2 {
		t.Fatalf("after a long rest the burst is not whole: %+v", res)
	}
}

func keys(t *testing.T, s *subject) {
	one := limit.Rate{Count: 1, Per: time.Hour}
	for _, key := range []string{"a", "b", "a b", "u\x00\xff{\x7f}", "ä", "sign-in:address:192.0.2.7"} {
		if !s.take(t, key, one).Allowed {
			t.Errorf("%q is refused at its first use", key)
		}
		if s.take(t, key, one).Allowed {
			t.Errorf("%q is allowed twice", key)
		}
	}
}

func refused(t *testing.T, s *subject) {
	for range 3 {
		s.take(t, "a", three)
	}
	for range 20 {
		if s.take(t, "a", three).Allowed {
			t.Fatal("allowed over the rate")
		}
	}
	s.advance(10 * time.Second)
	if !s.take(t, "a", three).Allowed {
		t.Fatal("refused uses were counted")
	}
}

func unlimited(t *testing.T, s *subject) {
	for range 100 {
		for _, rate := range []limit.Rate{{}, {Count: 1}, {Per: time.Second}} {
			if !s.take(t, "a", rate).Allowed {
				t.Fatal("refused")
			}
		}
	}
}

func concurrent(t *testing.T, s *subject) {
	rate := limit.Rate{Count: 50, Per: time.Hour}
	var allowed atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 25 {
				res, err := s.Take(t.Context(), "a", rate)
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
	if n := allowed.Load(); n != 50 {
		t.Errorf("%d of 200 uses at once were allowed, want 50", n)
	}
}

func random(t *testing.T, s *subject) {
	seed := rand.Uint64()               // #nosec G404 -- no secret
	r := rand.New(rand.NewPCG(seed, 0)) // #nosec G404 -- no secret
	rates := []limit.Rate{
		{Count: 1, Per: time.Second}, {Count: 3, Per: 30 * time.Second}, {Count: 10, Per: time.Second}, {Count: 60, Per: 5 * time.Minute},
	}
	stored := make([]time.Time, len(rates))
	names := []string{"a", "b", "c", "d"}
	for step := range 400 {
		i := r.IntN(len(rates))
		want, next := limit.Decide(stored[i], s.now, rates[i])
		stored[i] = next
		if res := s.take(t, names[i], rates[i]); res != want {
			t.Fatalf("seed %d, step %d, %+v: %+v, want %+v", seed, step, rates[i], res, want)
		}
		if r.IntN(3) == 0 {
			s.advance(time.Duration(r.IntN(2_000_000)) * time.Microsecond)
		}
	}
}
