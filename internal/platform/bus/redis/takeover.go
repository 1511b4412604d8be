package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"headway/internal/platform/repeat"

	"github.com/redis/rueidis"
)

// keep tells Redis, until ctx ends, that what is here is in hand, takes over
// what consumers left that gave no sign for a lease, and forgets those.
func (c *consumer) keep(ctx context.Context) {
	every := c.o.Lease / 3
	for {
		c.takeOver(ctx)
		if !repeat.Pause(ctx, every) {
			return
		}
		c.renew(ctx, every)
		c.forget(ctx)
	}
}

// renew starts the lease of held entries anew. It does not count as a delivery.
func (c *consumer) renew(ctx context.Context, every time.Duration) {
	now := time.Now()
	for p, entries := range c.backlog.stale(now.Add(-every/2), now) {
		key := c.key(p)
		_ = c.eachBatch(ctx, key, entries, func(r rueidis.Client, some []string) rueidis.Completed {
			return r.B().Xclaim().Key(key).Group(c.group).Consumer(c.name).MinIdleTime("0").Id(some...).Justid().Build()
		}) // where it fails others take over, and both handle it
	}
}

// takeOver claims entries whose lease is over, whoever had them.
func (c *consumer) takeOver(ctx context.Context) {
	for p := range partitions {
		for cursor := "0-0"; ctx.Err() == nil && !c.backlog.full(); {
			entries, next, err := c.claim(ctx, p, cursor)
			if err != nil {
				break // the next round tries again
			}
			c.adopt(ctx, p, entries)
			if next == "0-0" {
				break
			}
			cursor = next
		}
	}
}

// claimBatch is how many entries are claimed at once.
const claimBatch = 500

func (c *consumer) claim(ctx context.Context, partition int, cursor string) (entries []rueidis.XRangeEntry, next string, err error) {
	key := c.key(partition)
	var reply []rueidis.RedisMessage
	err = c.db.DoWithin(ctx, 4*c.db.Timeout(), key, func(ctx context.Context, r rueidis.Client) (err error) {
		reply, err = r.Do(ctx, r.B().Xautoclaim().Key(key).Group(c.group).Consumer(c.name).
			MinIdleTime(strconv.FormatInt(c.o.Lease.Milliseconds(), 10)).Start(cursor).Count(claimBatch).Build()).ToArray()
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(reply) < 2 {
		return nil, "", fmt.Errorf("bus/redis: XAUTOCLAIM answered %d parts", len(reply))
	}
	if next, err = reply[0].ToString(); err != nil {
		return nil, "", err
	}
	// Entries that were trimmed away meanwhile are nil in older versions.
	list, err := reply[1].ToArray()
	if err != nil {
		return nil, "", err
	}
	for i := range list {
		if e, err := list[i].AsXRangeEntry(); err == nil {
			entries = append(entries, e)
		}
	}
	return entries, next, nil
}

// adopt takes claimed entries into the backlog, or gives up those that were
// delivered too often: whoever has them goes away without a word.
func (c *consumer) adopt(ctx context.Context, partition int, entries []rueidis.XRangeEntry) {
	if len(entries) == 0 {
		return
	}
	deliveries := c.deliveries(ctx, partition, entries[0].ID, entries[len(entries)-1].ID)
	now := time.Now()
	c.taken.Add(uint64(len(entries)))
	for _, e := range entries {
		m, ok := decode(e.FieldValues[field])
		if !ok {
			c.acks.add(partition, e.ID)
			continue
		}
		tries := max(deliveries[e.ID]-1, 0) // this delivery has not failed yet
		if tries >= c.o.Retry.Deliveries && c.bury(ctx, m, tries, "its consumers went away while they had it", []string{e.ID}) {
			continue
		}
		c.backlog.add(m, e.ID, tries, now)
	}
}

// deliveries answers how often entries in a range that this consumer has were
// delivered. Where that cannot be learned it is as if this was the first time.
func (c *consumer) deliveries(ctx context.Context, partition int, from, to string) map[string]int {
	key := c.key(partition)
	var rows []rueidis.RedisMessage
	err := c.db.DoWithin(ctx, 4*c.db.Timeout(), key, func(ctx context.Context, r rueidis.Client) (err error) {
		rows, err = r.Do(ctx, r.B().Xpending().Key(key).Group(c.group).Start(from).End(to).Count(2*page).Consumer(c.name).Build()).ToArray()
		return err
	})
	out := make(map[string]int, len(rows))
	if err != nil {
		return out
	}
	for i := range rows {
		row, err := rows[i].ToArray()
		if err != nil || len(row) != 4 {
			continue
		}
		id, errID := row[0].ToString()
		n, errCount := row[3].AsInt64()
		if errID == nil && errCount == nil {
			out[id] = int(n)
		}
	}
	return out
}

// forget removes consumers that gave no sign for long and have nothing left.
func (c *consumer) forget(ctx context.Context) {
	for p := range partitions {
		key := c.key(p)
		var rows []rueidis.RedisMessage
		err := c.db.Do(ctx, key, func(ctx context.Context, r rueidis.Client) (err error) {
			rows, err = r.Do(ctx, r.B().XinfoConsumers().Key(key).Group(c.group).Build()).ToArray()
			return err
		})
		if err != nil {
			return
		}
		for i := range rows {
			info, err := rows[i].AsMap()
			if err != nil {
				continue
			}
			name, _ := message(info, "name").ToString()
			pending, errPending := message(info, "pending").AsInt64()
			idle, errIdle := message(info, "idle").AsInt64()
			if errPending != nil || errIdle != nil || name == c.name || pending > 0 || time.Duration(idle)*time.Millisecond < 10*c.o.Lease {
				continue
			}
			_ = c.db.Do(ctx, key, func(ctx context.Context, r rueidis.Client) error {
				return r.Do(ctx, r.B().XgroupDelconsumer().Key(key).Group(c.group).Consumername(name).Build()).Error()
			}) // the next round tries again
		}
	}
}

func message(m map[string]rueidis.RedisMessage, name string) *rueidis.RedisMessage {
	v := m[name]
	return &v
}

// leave tells what was handled, and ends the lease of what was not, with how
// often it has failed, so that others need not wait for it.
func (c *consumer) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 8*c.db.Timeout())
	defer cancel()
	c.flush(ctx)
	byTries := map[int]*[partitions][]string{0: {}}
	known := map[string]bool{}
	for _, n := range c.backlog.close() {
		parts, ok := byTries[n.tries]
		if !ok {
			parts = new([partitions][]string)
			byTries[n.tries] = parts
		}
		p := partition(n.Stream)
		parts[p] = append(parts[p], n.entries...)
		for _, entry := range n.entries {
			known[entry] = true
		}
	}
	// A read that was broken off may have been given entries nevertheless.
	for p := range partitions {
		for entry := range c.deliveries(ctx, p, "-", "+") {
			if !known[entry] {
				byTries[0][p] = append(byTries[0][p], entry)
			}
		}
	}
	for tries, parts := range byTries {
		for p, entries := range parts {
			key := c.key(p)
			_ = c.eachBatch(ctx, key, entries, func(r rueidis.Client, some []string) rueidis.Completed {
				return r.B().Xclaim().Key(key).Group(c.group).Consumer(c.name).MinIdleTime("0").Id(some...).
					Idle(c.o.Lease.Milliseconds()).Retrycount(int64(tries)).Justid().Build()
			}) // where it fails the lease runs out
		}
	}
}
