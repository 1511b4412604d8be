package redis

import (
	"context"
	"errors"
	"strconv"
	"sync"

	"headway/internal/platform/repeat"

	"github.com/redis/rueidis"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// Bounds of what is sent.
const (
	// maxWaiting bounds the streams that wait while Redis is away.
	maxWaiting = 100_000
	// batch bounds the messages that are sent together.
	batch = 500
)

// errFull is answered while too many streams wait to be told of.
var errFull = errors.New("bus/redis: too many messages wait for Redis; this one is dropped")

// Publish implements bus.Bus. The message is sent soon after, merged with
// others about its stream that wait. It errs only where too many wait.
func (b *Bus) Publish(ctx context.Context, message bus.Reached) error {
	if err := b.local.Publish(ctx, message); err != nil {
		return err
	}
	if !b.out.put(message) {
		b.dropped.Add(1)
		return errFull
	}
	return nil
}

// outbox keeps the newest seq of each stream that is to be told of.
type outbox struct {
	mu      sync.Mutex
	waiting map[ids.ID]uint64
	order   []ids.ID
	signal  chan struct{} // holds one token where something waits
}

func newOutbox() *outbox {
	return &outbox{waiting: map[ids.ID]uint64{}, signal: make(chan struct{}, 1)}
}

func (o *outbox) put(m bus.Reached) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	seq, waits := o.waiting[m.Stream]
	if !waits {
		if len(o.order) >= maxWaiting {
			return false
		}
		o.order = append(o.order, m.Stream)
	}
	o.waiting[m.Stream] = max(seq, m.Seq)
	select {
	case o.signal <- struct{}{}:
	default: // woken already
	}
	return true
}

// take answers up to batch messages, oldest first.
func (o *outbox) take() []bus.Reached {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := min(batch, len(o.order))
	out := make([]bus.Reached, n)
	for i, stream := range o.order[:n] {
		out[i] = bus.Reached{Stream: stream, Seq: o.waiting[stream]}
		delete(o.waiting, stream)
	}
	if o.order = o.order[n:]; len(o.order) == 0 {
		o.order = nil // let go of what a burst needed
	}
	return out
}

func (o *outbox) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.order)
}

// send is the goroutine that brings messages to Redis.
func (b *Bus) send() {
	var wait backoff
	for {
		select {
		case <-b.closing.Done():
			b.deliver(context.Background(), b.out.take())
			return
		case <-b.out.signal:
		}
		for messages := b.out.take(); len(messages) > 0; messages = b.out.take() {
			unsent := b.deliver(b.closing, messages)
			if len(unsent) == 0 {
				wait = 0
				continue
			}
			for _, m := range unsent {
				if !b.out.put(m) {
					b.dropped.Add(1)
				}
			}
			if !repeat.Pause(b.closing, wait.next()) {
				break
			}
		}
	}
}

// deliver writes messages to the groups' streams, then tells the subscribers,
// and answers the messages for which either failed; telling twice does no
// harm. In this order a subscriber who was not there for the telling, and
// looks at the streams after coming back, finds what it was not told.
func (b *Bus) deliver(ctx context.Context, messages []bus.Reached) (unsent []bus.Reached) {
	var parts [partitions][]bus.Reached
	for _, m := range messages {
		p := partition(m.Stream)
		parts[p] = append(parts[p], m)
	}
	payload := append(make([]byte, 0, len(b.origin)+len(messages)*messageSize), b.origin[:]...)
	var written []bus.Reached
	for p, some := range parts {
		if len(some) == 0 {
			continue
		}
		if err := b.append(ctx, p, some); err != nil {
			unsent = append(unsent, some...)
			continue
		}
		written = append(written, some...)
		for _, m := range some {
			payload = encode(payload, m)
		}
	}
	if len(written) == 0 {
		return unsent
	}
	err := b.db.Do(ctx, b.channel(), func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Publish().Channel(b.channel()).Message(rueidis.BinaryString(payload)).Build()).Error()
	})
	if err != nil {
		return messages
	}
	b.sent.Add(uint64(len(written)))
	return unsent
}

// append writes messages to a partition's stream, in one round trip.
func (b *Bus) append(ctx context.Context, partition int, messages []bus.Reached) error {
	key := b.key(partition)
	return b.db.Do(ctx, key, func(ctx context.Context, c rueidis.Client) error {
		commands := make(rueidis.Commands, len(messages))
		for i, m := range messages {
			commands[i] = c.B().Xadd().Key(key).Maxlen().Almost().Threshold(strconv.FormatInt(b.o.MaxLen, 10)).Id("*").
				FieldValue().FieldValue(field, rueidis.BinaryString(encode(nil, m))).Build()
		}
		for _, result := range c.DoMulti(ctx, commands...) {
			if err := result.Error(); err != nil {
				return err
			}
		}
		return nil
	})
}
