package clock

import (
	"go/build"
	"slices"
	"testing"
)

// TestTheNormalBuildHasNoMovableClock: what moves the clock is for tests alone.
func TestTheNormalBuildHasNoMovableClock(t *testing.T) {
	t.Parallel()
	p, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(p.GoFiles, "movable.go") || !slices.Contains(p.GoFiles, "true.go") || slices.Contains(p.Imports, "os") {
		t.Errorf("without a tag the clock is made of %q and imports %q", p.GoFiles, p.Imports)
	}
}
