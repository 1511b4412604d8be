package app

import "testing"

func TestGarbageMayTakeMoreWhereLittleLives(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 300, 6 << 20: 300, 9 << 20: 200, 18 << 20: 100, 1 << 30: 100} {
		if got := gcPercent(live); got != want {
			t.Errorf("with %d bytes alive it is %d, want %d", live, got, want)
		}
	}
}
