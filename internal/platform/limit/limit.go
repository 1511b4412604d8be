// Package limit is the port of rate limits: how often a caller, named by a
// key, may do something. The memory adapter serves one process; an adapter
// over a shared store can count for all of them, since a key's whole state is
// one point in time (GCRA, the generic cell rate algorithm of ITU-T I.371).
package limit

import (
	"context"
	"time"
)

// Rate allows Count uses in each Per, given back evenly, and so bursts of up
// to Count. The zero Rate allows everything.
type Rate struct {
	Count int
	Per   time.Duration
}

// Unlimited reports whether the rate allows everything.
func (r Rate) Unlimited() bool { return r.Count <= 0 || r.Per <= 0 }

// Result tells what became of one use.
type Result struct {
	// Allowed is false where the use is over the rate; it then cost nothing.
	Allowed bool
	// Remaining is how many more uses are allowed at once.
	Remaining int
	// RetryAfter is how long until a use is allowed again; zero where Allowed.
	RetryAfter time.Duration
	// Reset is how long until the whole burst is allowed again.
	Reset time.Duration
}

// Limiter counts uses. It is safe for concurrent use.
type Limiter interface {
	// Take uses the key once under the rate. Keys name what is limited and
	// whom, such as "sign-in:address:192.0.2.7". An error means that the
	// limiter cannot tell; the caller decides what that allows.
	Take(ctx context.Context, key string, rate Rate) (Result, error)
}

// Decide is the algorithm itself: given the key's stored time (zero for a new
// key) it answers the result and the time to store. Adapters share it.
func Decide(stored, now time.Time, rate Rate) (Result, time.Time) {
	if rate.Unlimited() {
		return Result{Allowed: true, Remaining: int(^uint(0) >> 1)}, stored
	}
	interval := rate.Per / time.Duration(rate.Count)
	if interval <= 0 {
		interval = 1
	}
	burst := interval * time.Duration(rate.Count)
	if stored.Before(now) {
		stored = now
	}
	next := stored.Add(interval)
	if wait := next.Sub(now) - burst; wait > 0 {
		return Result{RetryAfter: wait, Reset: stored.Sub(now)}, stored
	}
	left := burst - next.Sub(now)
	return Result{Allowed: true, Remaining: int(left / interval), Reset: next.Sub(now)}, next
}
