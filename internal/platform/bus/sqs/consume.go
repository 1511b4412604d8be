package sqs

import (
	"context"
	"encoding/json"
	"fmt"
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

// consumer is one consumer of a group.
type consumer struct {
	*Bus
	group       string
	queue, dead string // URLs
	handle      func(context.Context, bus.Reached) error
}

// leaveTimeout bounds what a consumer does once its context has ended.
const leaveTimeout = 5 * time.Second

// Consume implements bus.Bus. While SQS is away it waits for it.
func (b *Bus) Consume(ctx context.Context, group string, ready chan<- struct{}, handle func(context.Context, bus.Reached) error) error {
	if !bus.ValidGroup(group) {
		return fmt.Errorf("bus/sqs: %q cannot name a group", group)
	}
	if name := b.queues.deadName(group); len(name) > maxName {
		return fmt.Errorf("bus/sqs: the queue's name %s is longer than %d characters: shorten the prefix", name, maxName)
	}
	c := &consumer{Bus: b, group: group, handle: handle}
	if !c.join(ctx) {
		return nil
	}
	if ready != nil {
		close(ready)
	}
	var wait backoff
	for ctx.Err() == nil {
		out, err := b.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &c.queue, MaxNumberOfMessages: batch, VisibilityTimeout: count32(max(seconds(b.o.Lease), 1)), WaitTimeSeconds: count32(seconds(b.o.Wait)),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
		})
		switch {
		case err == nil:
			if wait != 0 {
				c.log.Info("messages can be received again", "group", group)
			}
			wait = 0
			c.work(ctx, c.sort(out.Messages))
		case ctx.Err() != nil:
		case gone(err): // somebody removed it
			c.join(ctx)
		default:
			if wait == 0 {
				c.log.Warn("messages cannot be received; trying until they can", "group", group, "cause", err)
			}
			repeat.Pause(ctx, wait.next())
		}
	}
	return nil
}

func count32(n int) int32 { return int32(n) } // #nosec G115 -- seconds, below 2^16

// join finds or makes the group's queues, and answers false where ctx ended first.
func (c *consumer) join(ctx context.Context) bool {
	var wait backoff
	for ctx.Err() == nil {
		queue, dead, made, err := c.queues.join(ctx, c.group)
		if err == nil {
			c.queue, c.dead = queue, dead
			// Other processes learn of a new group when they look next.
			return !made || repeat.Pause(ctx, c.o.Discover+c.o.Discover/4)
		}
		if wait == 0 && ctx.Err() == nil {
			c.log.Warn("a group cannot be joined; trying until it can", "group", c.group, "cause", err)
		}
		repeat.Pause(ctx, wait.next())
	}
	return false
}

// item is what is to be handled about one stream.
type item struct {
	bus.Reached
	tries    int // deliveries, this one too
	receipts []*string
}

// inHand is a batch of items with what is still to be kept from others.
type inHand struct {
	mu    sync.Mutex
	items []*item // not handled yet, that in work first
}

// sort merges messages by stream. What is no message is removed: nobody can do anything with it.
func (c *consumer) sort(messages []types.Message) *inHand {
	c.read.Add(uint64(len(messages)))
	hand := &inHand{}
	byStream := map[ids.ID]*item{}
	var foreign []*string
	for _, m := range messages {
		var told message
		if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &told); err != nil || told.Stream.IsZero() {
			c.log.Warn("a message that is none was removed", "group", c.group, "id", aws.ToString(m.MessageId))
			foreign = append(foreign, m.ReceiptHandle)
			continue
		}
		tries, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			tries = 1
		}
		i := byStream[told.Stream]
		if i == nil {
			i = &item{Reached: bus.Reached{Stream: told.Stream}}
			byStream[told.Stream] = i
			hand.items = append(hand.items, i)
		}
		i.Seq, i.tries = max(i.Seq, told.Seq), max(i.tries, tries)
		i.receipts = append(i.receipts, m.ReceiptHandle)
	}
	c.remove(context.Background(), foreign)
	return hand
}

// work handles a batch, one item after the other, and keeps the rest from
// other consumers meanwhile.
func (c *consumer) work(ctx context.Context, hand *inHand) {
	if len(hand.items) == 0 {
		return
	}
	keeping, stop := context.WithCancel(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { c.keep(keeping, hand) })
	var done []*string
	flushed := time.Now()
	for i := hand.first(); i != nil && ctx.Err() == nil; i = hand.first() {
		err := c.handle(ctx, i.Reached)
		c.handled.Add(1)
		if err != nil && ctx.Err() != nil {
			break // the consumer goes; another begins with it anew
		}
		hand.drop()
		if err == nil {
			done = append(done, i.receipts...)
		} else {
			c.failed.Add(1)
			c.again(ctx, i, err)
		}
		// Until a message is removed no other of its stream is given out.
		if time.Since(flushed) > time.Second {
			c.remove(ctx, done)
			done, flushed = nil, time.Now()
		}
	}
	stop()
	keeper.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	c.remove(last, done)
	c.show(last, hand.receipts(), 0)
}

func (h *inHand) first() *item {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.items) == 0 {
		return nil
	}
	return h.items[0]
}

func (h *inHand) drop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.items = h.items[1:]
}

func (h *inHand) receipts() []*string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*string
	for _, i := range h.items {
		all = append(all, i.receipts...)
	}
	return all
}

// keep renews the lease of what is in hand until ctx ends.
func (c *consumer) keep(ctx context.Context, hand *inHand) {
	for repeat.Pause(ctx, c.o.Lease/3) {
		c.show(ctx, hand.receipts(), c.o.Lease)
	}
}

// again has an item come again after a while, or gives it up.
func (c *consumer) again(ctx context.Context, i *item, cause error) {
	if i.tries >= c.o.Retry.Deliveries && c.bury(ctx, i, cause) {
		return
	}
	c.show(ctx, i.receipts, c.o.Retry.Wait(i.tries))
}

// remove deletes messages. Those whose deletion fails come again, which does no harm.
func (c *consumer) remove(ctx context.Context, receipts []*string) {
	for len(receipts) > 0 {
		part := receipts[:min(batch, len(receipts))]
		receipts = receipts[len(part):]
		entries := make([]types.DeleteMessageBatchRequestEntry, len(part))
		for i, r := range part {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: r}
		}
		if _, err := c.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &c.queue, Entries: entries}); err != nil && ctx.Err() == nil {
			c.log.Warn("handled messages could not be removed and will come again", "group", c.group, "cause", err)
		}
	}
}

// show has messages be given out again after a while. Where that fails they
// are when their lease ends.
func (c *consumer) show(ctx context.Context, receipts []*string, after time.Duration) {
	for len(receipts) > 0 {
		part := receipts[:min(batch, len(receipts))]
		receipts = receipts[len(part):]
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(part))
		for i, r := range part {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: r, VisibilityTimeout: count32(seconds(after))}
		}
		if _, err := c.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &c.queue, Entries: entries}); err != nil && ctx.Err() == nil {
			c.log.Warn("the lease of messages could not be changed", "group", c.group, "cause", err)
		}
	}
}
