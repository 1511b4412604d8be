package admission

import (
	"math"
	"math/rand/v2"
	"runtime/metrics"
	"time"
)

// late holds requests back by how late the process gets to what is ready to
// run. Where requests hardly ever wait for anything but a processor, few of
// them run at the same time however many there are: they queue before the
// limiter sees them, and neither their number nor their latency inside of it
// says so.
type late struct {
	bound time.Duration
	read  func() time.Duration
	since time.Time
	again bool // whether the last window was late
	// level is what share of the requests is shed, of the lowest class first.
	level float64
}

const (
	// lagTargets is how late the process may be with what is ready, in Targets.
	// A queue before the limiter costs nothing but time, so it may be longer
	// than what runs inside of it takes.
	lagTargets = 2
	// gain is how far the level moves in a window for each multiple of the
	// bound that ready work is late by; most bounds that multiple. So the level
	// is up within a few windows, and down within a second.
	gain = 0.15
	most = 4
)

// look moves the level, once a window.
func (l *late) look(now time.Time) {
	if now.Sub(l.since) < window {
		return
	}
	l.since = now
	excess := float64(l.read()-l.bound) / float64(l.bound)
	// One window alone is a burst, or a process that was stopped for a while.
	if excess < 0 || l.again {
		l.level = min(1, max(0, l.level+gain*min(most, excess)))
	}
	l.again = excess > 0
}

// sheds decides about one request. All of a class is shed before any of the
// next but one is, and sign-ins never are: little of what a busy process does
// is theirs, and they have a bound of their own.
func (l *late) sheds(c Class) bool {
	if l.level == 0 || c == SignIns {
		return false
	}
	from := float64(c) * 0.3                   // the level at which some of the class are shed; all are at 0.4 above
	return rand.Float64() < (l.level-from)/0.4 // #nosec G404 -- spreads load, guards nothing
}

// schedulingLag answers a function that says how late 98 % of what was ready
// got a processor since it was asked last, at most; 0 where there was little.
// Most of what gets one is what another left it to, and did not wait: a
// standing queue shows in the last few of a hundred.
func schedulingLag() func() time.Duration {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	var before []uint64
	return func() time.Duration {
		metrics.Read(sample)
		if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
			return 0 // a runtime that does not say
		}
		h := sample[0].Value.Float64Histogram()
		if before == nil {
			before = make([]uint64, len(h.Counts))
		}
		var all uint64
		for i, n := range h.Counts {
			all += n - before[i]
		}
		lag, left := 0.0, all/50
		for i := len(h.Counts) - 1; all >= fewest && i >= 0; i-- {
			n := h.Counts[i] - before[i]
			if n > left {
				lag = h.Buckets[i]
				break
			}
			left -= n
		}
		copy(before, h.Counts)
		return time.Duration(math.Max(0, lag) * float64(time.Second))
	}
}
