// Package redis is the cache that processes share, behind a cache of each
// process's own. A page that this process has met costs no round trip; one
// that another has made costs one, however many ask for it at once; keeping a
// page costs its maker none, since it is sent along with others afterwards.
// Since a key names one answer for ever, neither side is ever told of changes.
// While Redis is away the process's own cache is all there is.
package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
	"golang.org/x/sync/singleflight"

	"headway/internal/platform/cache"
	"headway/internal/platform/redisdb"
)

// MaxShared bounds a value in Redis, in bytes. A larger one would hold up the
// others on its connection; it stays in the process that made it.
const MaxShared = 1 << 20

// Bounds of what waits to be sent. Beyond them pages are not shared.
const (
	maxWaiting      = 4096
	maxWaitingBytes = 16 << 20
	batchBytes      = 1 << 20
)

// Cache implements cache.Cache.
type Cache struct {
	db      *redisdb.DB
	own     cache.Cache
	prefix  string
	flights singleflight.Group

	mu      sync.Mutex
	waiting []page
	bytes   int
	closed  bool
	signal  chan struct{} // holds one token where something waits
	done    chan struct{}

	local, shared, misses, dropped atomic.Uint64
}

// page waits to be sent.
type page struct {
	key   string
	value []byte
	until time.Time
}

var _ cache.Cache = (*Cache)(nil)

// Options are what a Cache stands on.
type Options struct {
	DB *redisdb.DB
	// Own is the cache of this process. Required.
	Own cache.Cache
	// Version names how values are encoded: processes of another version see
	// none of this one's.
	Version string
}

// Stats are counts since the start.
type Stats struct {
	// Local and Shared tell where hits came from; Misses are in neither.
	Local, Shared, Misses uint64
	// Dropped were not shared, because too much waited, or Redis was away or
	// refused one of those sent together.
	Dropped uint64
}

// New makes a Cache. Close it before its DB.
func New(o Options) (*Cache, error) {
	if o.DB == nil || o.Own == nil {
		return nil, errors.New("cache/redis: DB and Own are required")
	}
	c := &Cache{
		db: o.DB, own: o.Own, prefix: o.DB.Key("page", o.Version, ""),
		signal: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go c.send()
	return c, nil
}

// Get implements cache.Cache.
func (c *Cache) Get(ctx context.Context, key []byte) ([]byte, bool) {
	if value, ok := c.own.Get(ctx, key); ok {
		c.local.Add(1)
		return value, true
	}
	if len(key) > cache.MaxKey {
		return nil, false
	}
	name := c.prefix + string(key)
	// One asks for all, and for none of them in particular: its exchange is
	// bounded by its timeout, not by who leaves first.
	v, err, _ := c.flights.Do(name, func() (any, error) {
		if value, ok := c.own.Get(ctx, key); ok { // brought since it was looked for
			return value, nil
		}
		return c.ask(context.WithoutCancel(ctx), name)
	})
	if err != nil {
		c.misses.Add(1)
		return nil, false
	}
	c.shared.Add(1)
	return v.([]byte), true
}

// ask reads a page and keeps it here for as long as Redis would.
func (c *Cache) ask(ctx context.Context, name string) (value []byte, err error) {
	var left int64
	err = c.db.Do(ctx, name, func(ctx context.Context, r rueidis.Client) (err error) {
		both := r.DoMulti(ctx, r.B().Get().Key(name).Build(), r.B().Pttl().Key(name).Build())
		if value, err = both[0].AsBytes(); err != nil {
			return err
		}
		left, err = both[1].AsInt64()
		return err
	})
	if err == nil {
		c.own.Set(ctx, []byte(name[len(c.prefix):]), value, time.Duration(left)*time.Millisecond)
	}
	return value, err
}

// Set implements cache.Cache. The value is in this process's cache when it
// returns, and in Redis soon after.
func (c *Cache) Set(ctx context.Context, key, value []byte, ttl time.Duration) {
	if ttl <= 0 || len(key) > cache.MaxKey || len(value) > cache.MaxValue {
		return
	}
	ttl = jitter(ttl)
	c.own.Set(ctx, key, value, ttl)
	if len(value) > MaxShared {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.waiting) >= maxWaiting || c.bytes+len(value) > maxWaitingBytes {
		c.dropped.Add(1)
		return
	}
	c.waiting = append(c.waiting, page{c.prefix + string(key), value, time.Now().Add(ttl)})
	c.bytes += len(value)
	select {
	case c.signal <- struct{}{}:
	default: // woken already
	}
}

// jitter takes up to a tenth off a time, so that what was kept at one moment
// is not all missing at another.
func jitter(ttl time.Duration) time.Duration {
	return ttl - time.Duration(rand.Int64N(int64(ttl)/10+1)) // #nosec G404 -- no secret
}

// send is the goroutine that brings what waits to Redis, in order.
func (c *Cache) send() {
	defer close(c.done)
	for range c.signal {
		c.mu.Lock()
		pages := c.waiting
		c.waiting, c.bytes = nil, 0
		c.mu.Unlock()
		for _, batch := range batches(pages, c.db.Part) {
			c.sendBatch(batch)
		}
	}
}

// batches groups pages by the part of Redis that keeps them, each group of a
// bounded size, so that its sending takes a bounded time.
func batches(pages []page, part func(string) int) [][]page {
	var out [][]page
	open := map[int]int{} // part -> index in out of the batch being filled
	weight := map[int]int{}
	for _, p := range pages {
		n := part(p.key)
		at, ok := open[n]
		if !ok || weight[n]+len(p.value) > batchBytes {
			at = len(out)
			out = append(out, nil)
			open[n], weight[n] = at, 0
		}
		out[at] = append(out[at], p)
		weight[n] += len(p.value)
	}
	return out
}

func (c *Cache) sendBatch(pages []page) {
	err := c.db.DoWithin(context.Background(), 4*c.db.Timeout(), pages[0].key, func(ctx context.Context, r rueidis.Client) error {
		commands := make(rueidis.Commands, 0, len(pages))
		for _, p := range pages {
			if left := time.Until(p.until); left >= time.Millisecond {
				commands = append(commands, r.B().Set().Key(p.key).Value(rueidis.BinaryString(p.value)).PxMilliseconds(left.Milliseconds()).Build())
			}
		}
		for _, result := range r.DoMulti(ctx, commands...) {
			if err := result.Error(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.dropped.Add(uint64(len(pages)))
	}
}

// Stats answers the counts.
func (c *Cache) Stats() Stats {
	return Stats{Local: c.local.Load(), Shared: c.shared.Load(), Misses: c.misses.Load(), Dropped: c.dropped.Load()}
}

// Close ends the sending; what waits is given up.
func (c *Cache) Close() error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		c.waiting = nil
		close(c.signal)
	}
	c.mu.Unlock()
	<-c.done
	return nil
}
