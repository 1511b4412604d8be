package limit_test

import (
	"fmt"
	"testing"
	"time"

	"headway/internal/platform/clock"
	"headway/internal/platform/limit"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Unix(1_700_000_000, 0))
	m := limit.NewMemory(c, 0)
	rate := limit.Rate{Count: 3, Per: 30 * time.Second}
	take := func(key string) limit.Result {
		t.Helper()
		res, err := m.Take(t.Context(), key, rate)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for i := range 3 {
		if res := take("a"); !res.Allowed || res.Remaining != 2-i {
			t.Fatalf("use %d: %+v", i+1, res)
		}
	}
	res := take("a")
	if res.Allowed || res.RetryAfter != 10*time.Second || res.Reset != 30*time.Second {
		t.Fatalf("the fourth use at once: %+v", res)
	}
	if !take("b").Allowed {
		t.Fatal("one key's uses count for another")
	}
	c.Advance(10 * time.Second)
	if !take("a").Allowed {
		t.Fatal("not allowed after RetryAfter")
	}
	if take("a").Allowed {
		t.Fatal("one interval gave back more than one use")
	}
	c.Advance(time.Hour)
	if res := take("a"); res.Remaining != 2 {
		t.Fatalf("after a long rest the burst is not whole: %+v", res)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Unix(1_700_000_000, 0))
	m := limit.NewMemory(c, 100)
	rate := limit.Rate{Count: 1, Per: time.Hour}
	for i := range 1000 {
		if res, _ := m.Take(t.Context(), fmt.Sprint(i), rate); !res.Allowed {
			t.Fatalf("key %d was refused at its first use", i)
		}
	}
	if n := m.Len(); n > 100 {
		t.Fatalf("%d keys remembered, want at most 100", n)
	}
}

func TestZeroRateAllowsEverything(t *testing.T) {
	t.Parallel()
	m := limit.NewMemory(clock.System{}, 0)
	for range 1000 {
		if res, _ := m.Take(t.Context(), "k", limit.Rate{}); !res.Allowed {
			t.Fatal("refused")
		}
	}
	if m.Len() != 0 {
		t.Fatal("an unlimited key is remembered")
	}
}
