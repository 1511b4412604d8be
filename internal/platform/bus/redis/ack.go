package redis

import (
	"context"
	"errors"
	"sync"

	"headway/internal/platform/repeat"

	"github.com/redis/rueidis"

	"headway/internal/platform/redisdb"
)

// acks are entries that were handled and are to be told so.
type acks struct {
	mu      sync.Mutex
	entries [partitions][]string
	signal  chan struct{}
}

func newAcks() *acks { return &acks{signal: make(chan struct{}, 1)} }

func (a *acks) add(partition int, entries ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.entries[partition] = append(a.entries[partition], entries...)
	token(a.signal)
}

func (a *acks) take() (out [partitions][]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	out, a.entries = a.entries, out
	return out
}

// acknowledge tells Redis what was handled. What it cannot be told is
// delivered again some time, which does no harm.
func (c *consumer) acknowledge(ctx context.Context) {
	var wait backoff
	for {
		select {
		case <-ctx.Done():
			return // leave does the rest
		case <-c.acks.signal:
		}
		if c.flush(ctx) {
			wait = 0
		} else if !repeat.Pause(ctx, wait.next()) {
			return
		}
	}
}

// ackBatch bounds the entries of one command.
const ackBatch = 500

// flush acknowledges what there is, and keeps what Redis was away for.
func (c *consumer) flush(ctx context.Context) bool {
	whole := true
	for p, entries := range c.acks.take() {
		key := c.key(p)
		err := c.eachBatch(ctx, key, entries, func(r rueidis.Client, some []string) rueidis.Completed {
			return r.B().Xack().Key(key).Group(c.group).Id(some...).Build()
		})
		if errors.Is(err, redisdb.ErrAway) || ctx.Err() != nil {
			c.acks.add(p, entries...)
			whole = false
		}
	}
	return whole
}

// eachBatch sends a command for each so many entries, all in one round trip
// for up to a page of batches.
func (c *consumer) eachBatch(ctx context.Context, key string, entries []string, command func(rueidis.Client, []string) rueidis.Completed) error {
	for len(entries) > 0 {
		err := c.db.DoWithin(ctx, 4*c.db.Timeout(), key, func(ctx context.Context, r rueidis.Client) error {
			var commands rueidis.Commands
			rest := entries
			for len(rest) > 0 && len(commands) < 20 {
				n := min(len(rest), ackBatch)
				commands = append(commands, command(r, rest[:n]))
				rest = rest[n:]
			}
			for _, result := range r.DoMulti(ctx, commands...) {
				if err := result.Error(); err != nil {
					return err
				}
			}
			entries = rest
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
