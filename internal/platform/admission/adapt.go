package admission

import (
	"slices"
	"time"
)

const (
	// window is how long latencies are gathered before the limit moves.
	window = 100 * time.Millisecond
	// fewest are the latencies that a window needs to say something.
	fewest = 10
	// grow and shrink are the steps of the limit: up slowly, down fast (AIMD,
	// here with a step in proportion).
	grow, shrink = 0.1, 0.85
	// usual is how many times the latency without a queue is still no sign of
	// overload, for stores that are slow by nature; highest bounds it, in Targets.
	usual, highest = 3, 5
	// memory is how many windows the latency without a queue is remembered for, twice over.
	memory = 300
)

// adapter moves the limit of how many run at once by the median latency:
// while that is good and the limit is what holds requests back, up; where it
// is not, down. The median is what many slow readers cannot move as long as
// they are fewer than half.
type adapter struct {
	limit       float64
	least, most float64
	target      time.Duration

	since time.Time
	took  []time.Duration
	peak  int  // most that ran at once in the window
	full  bool // whether the limit held anybody back in it

	quiet, before time.Duration // least median of windows that were not full, now and in the memory before
	seen          int
}

func newAdapter(o Options) adapter {
	return adapter{
		limit: float64(min(o.Most, 2*o.Least)), least: float64(o.Least), most: float64(o.Most), target: o.Target,
		took: make([]time.Duration, 0, 256), since: o.Now(),
	}
}

// sample takes one request's latency.
func (a *adapter) sample(now time.Time, took time.Duration) {
	if len(a.took) < cap(a.took) {
		a.took = append(a.took, took)
	}
	if len(a.took) < fewest || now.Sub(a.since) < window {
		return
	}
	slices.Sort(a.took)
	median := a.took[len(a.took)/2]
	switch {
	case median > a.bearable():
		// A limit far above what runs holds nobody back: it comes down to that first.
		a.limit = max(a.least, min(a.limit, float64(a.peak)*1.2)*shrink)
	case a.full:
		a.limit = min(a.most, a.limit+max(1, a.limit*grow))
	default:
		a.remember(median)
	}
	a.took, a.since, a.peak, a.full = a.took[:0], now, 0, false
}

// bearable is the median up to which more may run.
func (a *adapter) bearable() time.Duration {
	quiet := a.quiet
	if a.before > 0 && (quiet == 0 || a.before < quiet) {
		quiet = a.before
	}
	return max(a.target, min(usual*quiet, highest*a.target))
}

// remember keeps how fast it is without a queue.
func (a *adapter) remember(median time.Duration) {
	if a.quiet == 0 || median < a.quiet {
		a.quiet = median
	}
	if a.seen++; a.seen == memory {
		a.before, a.quiet, a.seen = a.quiet, 0, 0
	}
}
