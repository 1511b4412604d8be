// Package schedule draws random schedules of faults, shrinks those that find
// something, and judges the history of what clients saw meanwhile. The tests
// beside it, with the build tag servers, run the schedules over real processes.
package schedule

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Entry is one fault: what befalls a target, from when on and for how long.
// At counts from the begin of the load.
type Entry struct {
	At, For       time.Duration
	Target, Fault string
}

// String says it in one line.
func (e Entry) String() string {
	return fmt.Sprintf("at %s for %s: %s %s", e.At, e.For, e.Target, e.Fault)
}

// Possible are the faults that can befall a target.
type Possible struct {
	Target string
	Faults []string
}

// Bounds of what is drawn.
const (
	fewest, most             = 2, 4
	earliest, latest         = 200 * time.Millisecond, 2800 * time.Millisecond
	shortest, longest        = 200 * time.Millisecond, 1500 * time.Millisecond
	grain                    = 10 * time.Millisecond
	drawnFrom         uint64 = 0x6865616477617900 // the second half of the generator's seed
)

// Draw answers two to four faults, in order of time, each of another target.
// The same seed over the same list is the same schedule.
func Draw(seed uint64, from []Possible) []Entry {
	random := rand.New(rand.NewPCG(seed, drawnFrom))
	between := func(low, high time.Duration) time.Duration {
		return low + time.Duration(random.Int64N(int64((high-low)/grain)+1))*grain
	}
	order := random.Perm(len(from))
	n := min(fewest+random.IntN(most-fewest+1), len(from))
	out := make([]Entry, 0, n)
	for _, i := range order[:n] {
		p := from[i]
		out = append(out, Entry{
			At: between(earliest, latest), For: between(shortest, longest), Target: p.Target, Fault: p.Faults[random.IntN(len(p.Faults))],
		})
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return int(a.At - b.At) })
	return out
}

// Text is a schedule, a line for each entry.
func Text(entries []Entry) string {
	lines := make([]string, len(entries))
	for i, e := range entries {
		lines[i] = "  " + e.String()
	}
	return strings.Join(lines, "\n")
}

// Shrink answers a part of the schedule that still fails and of which no half
// and no single entry can be left out, as far as tries runs tell. fails says
// whether a part of the schedule fails.
func Shrink(entries []Entry, tries int, fails func([]Entry) bool) []Entry {
	for size := len(entries) / 2; size >= 1; size /= 2 {
		for at := 0; at < len(entries) && len(entries) > 1; {
			if tries == 0 {
				return entries
			}
			tries--
			rest := slices.Concat(entries[:at], entries[min(at+size, len(entries)):])
			if len(rest) > 0 && fails(rest) {
				entries = rest
			} else {
				at += size
			}
		}
	}
	return entries
}
