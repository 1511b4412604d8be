package limit_test

import (
	"fmt"
	"testing"
	"time"

	"headway/internal/platform/clock"
	"headway/internal/platform/limit"
	"headway/internal/platform/limit/limittest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	limittest.Run(t, func(*testing.T) (limit.Limiter, func(time.Duration)) {
		c := clock.NewManual(limittest.Start)
		return limit.NewMemory(c, 0), c.Advance
	})
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
