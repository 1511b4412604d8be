package consumer

import (
	"bytes"
	"slices"
	"sync/atomic"
	"time"

	"headway/internal/platform/ids"
)

// Stats are counts since New, and how things stand now.
type Stats struct {
	// Handled events, in so many Batches.
	Handled, Batches uint64
	// SetAside events, of those that were tried Retried times more.
	SetAside, Retried uint64
	// Failed tries were nobody's fault but a store's; Lost ones were another process's gain.
	Failed, Lost uint64
	// WakeUps are messages; Sweeps found so many Found streams that were not handled.
	WakeUps, Sweeps, Found uint64

	// Pending streams have, or may have, events to be handled; Blocked are
	// those of them that wait after a failure.
	Pending, Blocked int
	// LagEvents is how many events of the pending streams are known not to be
	// handled, LagSeconds how long ago the oldest of them happened. Both are
	// what this process knows of.
	LagEvents  uint64
	LagSeconds float64
}

type counts struct {
	handled, batches, setAside, retried, failed, lost, wakeUps, sweeps, found atomic.Uint64
	blocked                                                                   flag
}

// flag is told how things are, and answers whether that is new.
type flag struct{ on atomic.Bool }

func (f *flag) note(on bool) bool { return f.on.Load() != on && f.on.Swap(on) != on }

// Stats answers the counts.
func (r *Runner) Stats() Stats {
	c := &r.counts
	out := Stats{
		Handled: c.handled.Load(), Batches: c.batches.Load(), SetAside: c.setAside.Load(), Retried: c.retried.Load(),
		Failed: c.failed.Load(), Lost: c.lost.Load(), WakeUps: c.wakeUps.Load(), Sweeps: c.sweeps.Load(), Found: c.found.Load(),
	}
	q := r.queue.Load()
	if q == nil {
		return out
	}
	now := r.o.Clock.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	out.Pending = len(q.entries)
	var oldest time.Duration
	for _, e := range q.entries {
		if e.reason != "" {
			out.Blocked++
		}
		if e.head > e.at {
			out.LagEvents += e.head - e.at
		}
		oldest = max(oldest, now.Sub(e.since))
	}
	out.LagSeconds = oldest.Seconds()
	return out
}

// BlockedStream is a stream that waits after a failure.
type BlockedStream struct {
	Stream ids.ID
	// Reason is the error, at most MaxReason bytes.
	Reason string
	// Since is when the first event happened that waits.
	Since time.Time
}

// Blocked answers up to limit streams of this process that wait after a failure, oldest first.
func (r *Runner) Blocked(limit int) []BlockedStream {
	q := r.queue.Load()
	if q == nil {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []BlockedStream
	for _, e := range q.entries {
		if e.reason != "" {
			out = append(out, BlockedStream{e.stream, e.reason, e.since})
		}
	}
	slices.SortFunc(out, func(a, b BlockedStream) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return bytes.Compare(a.Stream[:], b.Stream[:])
	})
	return out[:min(max(limit, 0), len(out))]
}

// now is the time as it is kept.
func (r *Runner) now() time.Time { return r.o.Clock.Now().UTC().Truncate(time.Millisecond) }
