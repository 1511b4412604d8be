//go:build movable_clock

package clock

import (
	"os"
	"strings"
	"sync"
	"time"
)

// movable is the offset that the file named by HEADWAY_CLOCK_OFFSET holds, such
// as -1h. It is for tests of clocks that jump, and in no other build.
var movable struct {
	sync.Mutex
	read time.Time
	by   time.Duration
}

// readEvery bounds how often the file is read.
const readEvery = 5 * time.Millisecond

// offset is what the clock is wrong by now. Times that a process compares with
// each other jump with it, also those of the monotonic clock, which a machine's do not.
func offset() time.Duration {
	movable.Lock()
	defer movable.Unlock()
	if time.Since(movable.read) > readEvery {
		movable.read = time.Now()
		text, err := os.ReadFile(os.Getenv("HEADWAY_CLOCK_OFFSET"))
		if by, wrong := time.ParseDuration(strings.TrimSpace(string(text))); err == nil && wrong == nil {
			movable.by = by // else, as while the file is written, it stays
		}
	}
	return movable.by
}
