package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"headway/internal/platform/repeat"

	"github.com/redis/rueidis"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
	"headway/internal/platform/redisdb"
)

// consumer is one consumer of a group.
type consumer struct {
	*Bus
	group string
	// name is this consumer's in Redis, never used again.
	name    string
	handle  func(context.Context, bus.Reached) error
	backlog *backlog
	acks    *acks
}

// Consume implements bus.Bus. While Redis is away it waits for it.
func (b *Bus) Consume(ctx context.Context, group string, ready chan<- struct{}, handle func(context.Context, bus.Reached) error) error {
	if !bus.ValidGroup(group) {
		return fmt.Errorf("bus/redis: %q cannot name a group", group)
	}
	c := &consumer{Bus: b, group: group, name: ids.New().String(), handle: handle, backlog: newBacklog(), acks: newAcks()}
	return c.run(ctx, ready)
}

// run reads and handles until ctx ends. A partition whose node is away keeps
// the others from nothing; ready is closed once the group is in all of them.
func (c *consumer) run(ctx context.Context, ready chan<- struct{}) error {
	reading, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var tasks sync.WaitGroup
	sets := c.sets()
	var left atomic.Int32
	left.Store(int32(len(sets))) // #nosec G115 -- a few
	for _, keys := range sets {
		tasks.Go(func() {
			if err := c.join(reading, keys); err != nil {
				fail(err)
				return
			}
			if left.Add(-1) == 0 && ready != nil && reading.Err() == nil {
				close(ready)
			}
			c.read(reading, keys)
		})
	}
	tasks.Go(func() { c.keep(reading) })
	tasks.Go(func() { c.acknowledge(reading) })
	c.work(reading)
	fail(nil)
	tasks.Wait()
	c.leave()
	if ctx.Err() == nil {
		return context.Cause(reading)
	}
	return nil
}

// join makes the group in partitions. It begins with the oldest entries there
// are: being told again does no harm, and nothing that is published while a
// group is made anew, after Redis lost its data, is missed. It answers nil
// where ctx ends first.
func (c *consumer) join(ctx context.Context, keys []string) error {
	var wait backoff
	for i := 0; i < len(keys) && ctx.Err() == nil; {
		key := keys[i]
		err := c.db.Do(ctx, key, func(ctx context.Context, r rueidis.Client) error {
			return r.Do(ctx, r.B().XgroupCreate().Key(key).Group(c.group).Id("0").Mkstream().Build()).Error()
		})
		switch {
		case err == nil || isReply(err, "BUSYGROUP"):
			i++
		case errors.Is(err, redisdb.ErrAway), ctx.Err() != nil:
			repeat.Pause(ctx, wait.next())
		case isReply(err, "OOM"): // it has to be looked after, and then goes on
			repeat.Pause(ctx, wait.next())
		default:
			return fmt.Errorf("bus/redis: join group %s: %w", c.group, err)
		}
	}
	return nil
}

// isReply reports whether Redis answered an error of this name.
func isReply(err error, name string) bool {
	re, ok := rueidis.IsRedisErr(err)
	return ok && strings.HasPrefix(re.Error(), name)
}

// sets are the partitions by how they can be read: in a cluster each by
// itself, since they lie on different nodes, else all at once.
func (c *consumer) sets() [][]string {
	if !c.db.Cluster() {
		set := make([]string, partitions)
		for p := range set {
			set[p] = c.key(p)
		}
		return [][]string{set}
	}
	var sets [][]string
	for p := range partitions {
		sets = append(sets, []string{c.key(p)})
	}
	return sets
}

// block is how long Redis holds a read that finds nothing.
const block = 2 * time.Second

// read brings new entries into the backlog until ctx ends.
func (c *consumer) read(ctx context.Context, keys []string) {
	newest := make([]string, len(keys))
	for i := range newest {
		newest[i] = ">"
	}
	var wait backoff
	for ctx.Err() == nil {
		if c.backlog.full() {
			c.backlog.release()
			select {
			case <-ctx.Done():
			case <-c.backlog.room:
			}
			continue
		}
		var got map[string][]rueidis.XRangeEntry
		err := c.db.Block(ctx, block+4*c.db.Timeout(), keys[0], func(ctx context.Context, r rueidis.Client) (err error) {
			got, err = r.Do(ctx, r.B().Xreadgroup().Group(c.group, c.name).Count(page).Block(block.Milliseconds()).
				Streams().Key(keys...).Id(newest...).Build()).AsXRead()
			return err
		})
		switch {
		case err == nil:
			wait = 0
			idle, more := c.backlog.idle(), false
			for key, entries := range got {
				c.accept(key, entries)
				more = more || len(entries) == page
			}
			if !more {
				c.backlog.release()
			} else if idle {
				c.backlog.hold()
			}
		case rueidis.IsRedisNil(err): // nothing came
			c.backlog.release()
		case isReply(err, "NOGROUP"), isReply(err, "UNBLOCKED"): // Redis lost its data
			if err := c.join(ctx, keys); err != nil {
				c.log.Error("a group cannot be made again", "group", c.group, "cause", err)
				repeat.Pause(ctx, wait.next())
			}
		default:
			repeat.Pause(ctx, wait.next())
		}
	}
}

// accept takes new entries.
func (c *consumer) accept(key string, entries []rueidis.XRangeEntry) {
	now := time.Now()
	c.Bus.read.Add(uint64(len(entries)))
	for _, e := range entries {
		if m, ok := decode(e.FieldValues[field]); ok {
			c.backlog.add(m, e.ID, 0, now)
		} else {
			c.acks.add(c.partitionOf(key), e.ID) // nobody can do anything with it
		}
	}
}

func (c *consumer) partitionOf(key string) int {
	for p := range partitions {
		if c.key(p) == key {
			return p
		}
	}
	return 0
}

// work handles what is in the backlog until ctx ends.
func (c *consumer) work(ctx context.Context) {
	for ctx.Err() == nil {
		n, ok := c.backlog.next()
		if !ok {
			select {
			case <-ctx.Done():
			case <-c.backlog.work:
			}
			continue
		}
		err := c.handle(ctx, n.Reached)
		c.handled.Add(1)
		switch {
		case err == nil:
			c.acks.add(partition(n.Stream), n.entries...)
			c.backlog.done()
		case ctx.Err() != nil:
			return // leave hands the current item on; this try does not count
		default:
			c.failed.Add(1)
			n.tries++
			if n.tries >= c.o.Retry.Deliveries && c.bury(ctx, n.Reached, n.tries, err.Error(), n.entries) {
				c.backlog.done()
				continue
			}
			c.backlog.later(c.o.Retry.Wait(n.tries))
		}
	}
}
