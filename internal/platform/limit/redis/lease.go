package redis

import (
	"sync"
	"time"

	"headway/internal/platform/limit"
)

// leaseLife is how long uses that were given ahead may be spent. They are
// counted already, so what is left then only makes the limit come earlier.
const leaseLife = time.Second

// maxLeases bounds the callers that are remembered.
const maxLeases = 20_000

// leases are the uses that this process was given ahead. What a caller gets
// doubles each time that it was spent in time, up to a part of the rate, and
// starts again from one where it was not.
type leases struct {
	divisor int

	mu   sync.Mutex
	keys map[string]*lease
}

type lease struct {
	left, granted int
	rate          limit.Rate
	// until is the stored time with all of the lease spent; offset is what
	// Redis's clock was ahead of this process's.
	until   time.Time
	offset  time.Duration
	expires time.Time
}

func newLeases(divisor int) *leases { return &leases{divisor: divisor, keys: map[string]*lease{}} }

// most is how many uses of a rate may be given ahead.
func (l *leases) most(rate limit.Rate) int {
	if l.divisor < 0 {
		return 1
	}
	return max(1, rate.Count/l.divisor)
}

// spend takes one use of what was given ahead, where there is one.
func (l *leases) spend(key string, rate limit.Rate, interval time.Duration) (limit.Result, bool) {
	if l.most(rate) == 1 {
		return limit.Result{}, false
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.keys[key]
	if !ok || e.left == 0 || e.rate != rate || !now.Before(e.expires) {
		return limit.Result{}, false
	}
	before := e.until.Add(-time.Duration(e.left) * interval)
	e.left--
	res, _ := limit.Decide(before, now.Add(e.offset), rate)
	return res, true
}

// want answers how many uses to ask for.
func (l *leases) want(key string, rate limit.Rate) int {
	most := l.most(rate)
	if most == 1 {
		return 1
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.keys[key]
	if !ok || e.rate != rate || e.left > 0 || !time.Now().Before(e.expires) {
		return 1
	}
	return min(2*e.granted, most)
}

// keep remembers what was granted.
func (l *leases) keep(key string, rate limit.Rate, a answer) {
	if l.most(rate) == 1 {
		return
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.keys[key]; !known && len(l.keys) >= maxLeases {
		for k, e := range l.keys {
			if !now.Before(e.expires) {
				delete(l.keys, k)
			}
		}
		if len(l.keys) >= maxLeases {
			return // the others are in use; this caller asks each time
		}
	}
	l.keys[key] = &lease{
		left: a.granted - 1, granted: a.granted, rate: rate, until: a.until, offset: a.now.Sub(now), expires: now.Add(leaseLife),
	}
}
