package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"headway/internal/platform/repeat"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// Bounds of what is sent.
const (
	// maxWaiting bounds the streams that wait while SQS is away.
	maxWaiting = 100_000
	// batch is how many messages one request takes, by the protocol.
	batch = 10
	// inFlight is how many batches are sent at a time.
	inFlight = 4
	// closeTimeout bounds the sending of what waits when the bus is closed.
	closeTimeout = 5 * time.Second
)

// errFull is answered while too many streams wait to be told of.
var errFull = errors.New("bus/sqs: too many messages wait for SQS; this one is dropped")

// Publish implements bus.Bus. The message is sent soon after, merged with
// others about its stream that wait. It errs only where too many wait.
func (b *Bus) Publish(ctx context.Context, m bus.Reached) error {
	if err := b.local.Publish(ctx, m); err != nil {
		return err
	}
	if !b.out.put(m) {
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

// take answers up to n messages, oldest first.
func (o *outbox) take(n int) []bus.Reached {
	o.mu.Lock()
	defer o.mu.Unlock()
	n = min(n, len(o.order))
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

// sendTimeout bounds one try to bring messages to all queues, tries again by
// the SDK included: an SQS that hangs is noticed and told of after it.
const sendTimeout = 10 * time.Second

// send is the goroutine that brings messages to the queues.
func (b *Bus) send() {
	var wait backoff
	for {
		select {
		case <-b.closing.Done():
			ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
			defer cancel()
			for messages := b.out.take(batch * inFlight); len(messages) > 0 && ctx.Err() == nil; messages = b.out.take(batch * inFlight) {
				if _, err := b.deliver(ctx, messages); err != nil {
					b.log.Warn("messages could not be sent before the end; the sweep finds what they told of", "cause", err)
					return
				}
			}
			return
		case <-b.out.signal:
		}
		for messages := b.out.take(batch * inFlight); len(messages) > 0; messages = b.out.take(batch * inFlight) {
			within, cancel := context.WithTimeout(b.closing, sendTimeout)
			unsent, err := b.deliver(within, messages)
			cancel()
			if err == nil {
				if b.trouble.Swap(nil) != nil {
					b.log.Info("messages can be sent again")
				}
				wait = 0
				continue
			}
			if b.trouble.Swap(&err) == nil && b.closing.Err() == nil {
				b.log.Warn("messages cannot be sent; trying until they can", "cause", err)
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

// deliver sends messages to every group's queue and answers those that did not
// get to all of them. Telling a group twice does no harm.
func (b *Bus) deliver(ctx context.Context, messages []bus.Reached) (unsent []bus.Reached, err error) {
	groups, err := b.queues.groups(ctx)
	if err != nil {
		return messages, err
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for part := range slices.Chunk(messages, batch) {
		for _, url := range groups {
			all.Go(func() {
				failed, cause := b.deliverBatch(ctx, url, part)
				if gone(cause) { // the group was removed
					b.queues.lookAgain()
					return
				}
				mu.Lock()
				defer mu.Unlock()
				unsent, err = append(unsent, failed...), errors.Join(err, cause)
			})
		}
	}
	all.Wait()
	return unsent, err
}

// deliverBatch sends up to ten messages to one queue.
func (b *Bus) deliverBatch(ctx context.Context, url string, messages []bus.Reached) (unsent []bus.Reached, err error) {
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		body, err := json.Marshal(message(m))
		if err != nil {
			return messages, err
		}
		entries[i] = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)), MessageGroupId: aws.String(m.Stream.String()),
			// Its own each time: a message that is sent once more after its
			// queue was emptied must arrive.
			MessageDeduplicationId: aws.String(ids.New().String()),
		}
	}
	out, err := b.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
	if err != nil {
		return messages, err
	}
	for _, f := range out.Failed {
		if i, e := strconv.Atoi(aws.ToString(f.Id)); e == nil && i >= 0 && i < len(messages) {
			unsent = append(unsent, messages[i])
		}
		err = errors.New(aws.ToString(f.Code) + ": " + aws.ToString(f.Message))
	}
	b.sent.Add(uint64(len(messages) - len(unsent))) // #nosec G115 -- up to ten
	return unsent, err
}
