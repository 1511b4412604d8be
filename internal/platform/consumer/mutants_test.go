package consumer_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The property test is worth something only if it fails where something is
// wrong. So it is run with faults planted on purpose, one at a time.
func TestThePropertyTestFindsPlantedFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the property test three times")
	}
	for _, mutant := range []string{"mutant_checkpoint", "mutant_publish", "mutant_fence"} {
		cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-vet=off", "-tags", mutant, "-run", "^TestPropertyEachEventTakesEffectOnce$", ".")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "--- FAIL: TestPropertyEachEventTakesEffectOnce/") {
			t.Errorf("with %s planted, the property test answered %v:\n%s", mutant, err, out)
		}
	}
}
