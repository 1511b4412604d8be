// Package redis is the rate limiter that counts for all processes together:
// one script decides in one round trip, by Redis's own clock. A process that
// asks much for one caller is given several uses ahead, so that most of its
// requests ask nobody (lease.go). While Redis is away each process counts for
// itself.
package redis

import (
	"context"
	_ "embed"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"headway/internal/platform/clock"
	"headway/internal/platform/limit"
	"headway/internal/platform/redisdb"
)

//go:embed take.lua
var take string

// Limiter implements limit.Limiter.
type Limiter struct {
	db     *redisdb.DB
	local  limit.Limiter
	clock  clock.Clock
	script *rueidis.Lua
	leases *leases

	asked, leased, fallbacks atomic.Uint64
}

var _ limit.Limiter = (*Limiter)(nil)

// Options are what a Limiter stands on.
type Options struct {
	DB *redisdb.DB
	// Local decides while Redis is away. Required.
	Local limit.Limiter
	// Clock, where set, is the time instead of Redis's own; for tests.
	Clock clock.Clock
	// LeaseDivisor bounds what a process is given ahead to that part of the
	// rate: 0 is a hundredth, less than 0 gives nothing ahead.
	LeaseDivisor int
}

// Stats are counts since the start.
type Stats struct {
	// Asked uses were decided by Redis, Leased ones by what it gave ahead, and
	// Fallbacks within the process.
	Asked, Leased, Fallbacks uint64
}

// New makes a Limiter.
func New(o Options) (*Limiter, error) {
	if o.DB == nil || o.Local == nil {
		return nil, errors.New("limit/redis: DB and Local are required")
	}
	if o.LeaseDivisor == 0 {
		o.LeaseDivisor = 100
	}
	return &Limiter{
		db: o.DB, local: o.Local, clock: o.Clock, script: rueidis.NewLuaScript(take), leases: newLeases(o.LeaseDivisor),
	}, nil
}

// Take implements limit.Limiter. It errs only where Local does.
func (l *Limiter) Take(ctx context.Context, key string, rate limit.Rate) (limit.Result, error) {
	if rate.Unlimited() {
		res, _ := limit.Decide(time.Time{}, time.Time{}, rate)
		return res, nil
	}
	rate, interval := whole(rate)
	if res, ok := l.leases.spend(key, rate, interval); ok {
		l.leased.Add(1)
		return res, nil
	}
	want := l.leases.want(key, rate)
	a, err := l.ask(ctx, key, interval, rate.Count, want)
	if err != nil {
		if ctx.Err() != nil {
			return limit.Result{}, ctx.Err()
		}
		l.fallbacks.Add(1)
		return l.local.Take(ctx, key, rate)
	}
	l.asked.Add(1)
	if a.granted == 0 {
		res, _ := limit.Decide(a.until, a.now, rate)
		return res, nil
	}
	l.leases.keep(key, rate, a)
	before := a.until.Add(-time.Duration(a.granted) * interval)
	res, _ := limit.Decide(before, a.now, rate)
	return res, nil
}

// whole rounds a rate's interval up to microseconds, in which Redis counts:
// its numbers hold a time of day no finer.
func whole(rate limit.Rate) (limit.Rate, time.Duration) {
	interval := max(rate.Per/time.Duration(rate.Count), 1)
	interval = (interval + time.Microsecond - 1).Truncate(time.Microsecond)
	rate.Per = interval * time.Duration(rate.Count)
	return rate, interval
}

// answer is what the script answers.
type answer struct {
	granted int
	// now is Redis's time, until the key's stored time after the grant.
	now, until time.Time
}

var errAnswer = errors.New("limit/redis: an answer that the script does not give")

func (l *Limiter) ask(ctx context.Context, key string, interval time.Duration, count, want int) (a answer, err error) {
	now := ""
	if l.clock != nil {
		now = strconv.FormatInt(l.clock.Now().UnixMicro(), 10)
	}
	key = l.db.Key("limit", key)
	var reply []int64
	err = l.db.Do(ctx, key, func(ctx context.Context, c rueidis.Client) (err error) {
		reply, err = l.script.Exec(ctx, c, []string{key}, []string{
			strconv.FormatInt(interval.Microseconds(), 10), strconv.Itoa(count), strconv.Itoa(want), now,
		}).AsIntSlice()
		return err
	})
	if err != nil {
		return a, err
	}
	if len(reply) != 3 {
		return a, errAnswer
	}
	return answer{int(reply[0]), time.UnixMicro(reply[1]), time.UnixMicro(reply[2])}, nil
}

// Stats answers the counts.
func (l *Limiter) Stats() Stats {
	return Stats{Asked: l.asked.Load(), Leased: l.leased.Load(), Fallbacks: l.fallbacks.Load()}
}
