package bus_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"headway/internal/platform/bus"
	"headway/internal/platform/bus/bustest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	bustest.Run(t, func(*testing.T) (bus.Bus, bus.Bus) {
		b := bus.NewMemoryRetry(bustest.Retry)
		return b, b
	})
}

func TestWaitDoublesUpToABound(t *testing.T) {
	r := bus.Retry{Delay: time.Second, MaxDelay: 5 * time.Second}
	for failed, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 5 * time.Second, 60: 5 * time.Second} {
		if got := r.Wait(failed); got != want {
			t.Errorf("after %d failures: %s, want %s", failed, got, want)
		}
	}
}
