package redis

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"headway/internal/platform/repeat"

	"github.com/redis/rueidis"

	"headway/internal/platform/bus"
)

// Subscribe implements bus.Bus. What other processes publish comes while
// Redis serves; what is missed while it does not, as far as the streams still
// hold it, comes afterwards.
func (b *Bus) Subscribe(ctx context.Context, ready chan<- struct{}, handle func(context.Context, bus.Reached)) error {
	taking, heard := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(heard)
		<-taking
		timer := time.NewTimer(4 * b.db.Timeout())
		defer timer.Stop()
		select {
		case <-b.live.subscribed:
		case <-timer.C: // Redis is away; this process's own messages are taken
		case <-ctx.Done():
		}
		if ready != nil {
			close(ready)
		}
	}()
	err := b.local.Subscribe(ctx, taking, handle)
	<-heard
	return err
}

// marks remember how far the streams had come while the subscription stood.
type marks struct {
	subscribed chan struct{} // closed after the first subscription
	first      sync.Once
	again      chan struct{} // holds a token after each subscription
	standing   atomic.Bool

	// safe is what was the newest entry of each partition at the last look but
	// one, so long ago that a subscription which broke since would show. Only
	// the goroutine follow uses these.
	safe, newest [partitions]string
}

func newMarks() *marks {
	return &marks{subscribed: make(chan struct{}), again: make(chan struct{}, 1)}
}

// listen is the goroutine that hears what other processes publish.
func (b *Bus) listen() {
	var wait backoff
	for b.closing.Err() == nil {
		// Why it ends, the connection tells in the log.
		_ = b.db.Block(b.closing, 0, b.channel(), func(ctx context.Context, c rueidis.Client) error {
			ctx = rueidis.WithOnSubscriptionHook(ctx, func(s rueidis.PubSubSubscription) {
				if s.Kind != "subscribe" {
					return
				}
				b.live.standing.Store(true)
				select {
				case b.live.again <- struct{}{}:
				default: // it looks anyway
				}
			})
			return c.Receive(ctx, c.B().Subscribe().Channel(b.channel()).Build(), b.receive)
		})
		if b.live.standing.Swap(false) {
			wait = 0
		}
		repeat.Pause(b.closing, wait.next())
	}
}

// receive passes on what another process published.
func (b *Bus) receive(message rueidis.PubSubMessage) {
	text := message.Message
	if len(text) < len(b.origin) || text[:len(b.origin)] == string(b.origin[:]) {
		return
	}
	for text = text[len(b.origin):]; len(text) >= messageSize; text = text[messageSize:] {
		if m, ok := decode(text[:messageSize]); ok {
			_ = b.local.Publish(b.closing, m) // in memory; never fails
		}
	}
}

// look is how often the marks move. A broken subscription shows within the
// time in which the connection misses its answers, which is shorter.
const look = 10 * time.Second

// follow is the goroutine that moves the marks, and tells what was missed
// between them after a subscription that broke.
func (b *Bus) follow() {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	behind := false
	for {
		select {
		case <-b.closing.Done():
			return
		case <-b.live.again:
			behind = true
		case <-ticker.C:
		}
		switch {
		case behind:
			// Where Redis went again, the next subscription or look tries anew.
			if behind = !b.catchUp(); !behind {
				b.live.first.Do(func() { close(b.live.subscribed) })
			}
		case b.live.standing.Load():
			b.moveMarks()
		}
	}
}

// catchUp tells subscribers of all entries after the marks.
func (b *Bus) catchUp() bool {
	for p := range partitions {
		if b.live.safe[p] == "" { // nothing was heard before, so nothing was missed
			newest, ok := b.newest(p)
			if !ok {
				return false
			}
			b.live.safe[p], b.live.newest[p] = newest, newest
			continue
		}
		for after := b.live.safe[p]; ; {
			entries, ok := b.entries(p, after)
			if !ok {
				return false
			}
			for _, e := range entries {
				if m, ok := decode(e.FieldValues[field]); ok {
					_ = b.local.Publish(b.closing, m) // in memory; never fails
				}
				after = e.ID
			}
			b.live.safe[p], b.live.newest[p] = after, after
			if len(entries) < page {
				break
			}
		}
	}
	return true
}

func (b *Bus) moveMarks() {
	for p := range partitions {
		if newest, ok := b.newest(p); ok {
			b.live.safe[p], b.live.newest[p] = b.live.newest[p], newest
		}
	}
}

// page is how many entries are read at once.
const page = 1000

// entries answers the next page after an entry.
func (b *Bus) entries(partition int, after string) (entries []rueidis.XRangeEntry, ok bool) {
	key := b.key(partition)
	err := b.db.DoWithin(b.closing, 4*b.db.Timeout(), key, func(ctx context.Context, c rueidis.Client) (err error) {
		entries, err = c.Do(ctx, c.B().Xrange().Key(key).Start("("+after).End("+").Count(page).Build()).AsXRange()
		return err
	})
	return entries, err == nil
}

// newest answers the id of a partition's newest entry, the least where it has none.
func (b *Bus) newest(partition int) (id string, ok bool) {
	key := b.key(partition)
	var entries []rueidis.XRangeEntry
	err := b.db.Do(b.closing, key, func(ctx context.Context, c rueidis.Client) (err error) {
		entries, err = c.Do(ctx, c.B().Xrevrange().Key(key).End("+").Start("-").Count(1).Build()).AsXRange()
		return err
	})
	if err != nil {
		return "", false
	}
	if len(entries) == 0 {
		return "0-0", true
	}
	return entries[0].ID, true
}
