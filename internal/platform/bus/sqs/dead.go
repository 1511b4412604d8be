package sqs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
)

// letter is the body of a message in a dead-letter queue. SQS itself puts only
// a message there, without the rest.
type letter struct {
	message
	Deliveries int       `json:"deliveries"`
	Reason     string    `json:"reason"`
	At         time.Time `json:"at"`
}

// maxReason bounds the reason of a dead letter, in bytes.
const maxReason = 1000

// left is the reason of a letter that SQS put there.
const left = "its consumers went before they had handled it"

// bury gives an item up: a letter in the other queue, then the messages go.
func (c *consumer) bury(ctx context.Context, i *item, cause error) bool {
	reason := cause.Error()
	body, err := json.Marshal(letter{message(i.Reached), i.tries, reason[:min(len(reason), maxReason)], time.Now().UTC()})
	if err == nil {
		id := ids.New().String() // a message group of its own, so that no letter hides another
		_, err = c.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &c.dead, MessageBody: aws.String(string(body)), MessageGroupId: &id, MessageDeduplicationId: &id})
	}
	if err != nil {
		c.log.Warn("a message could not be given up; it comes again", "group", c.group, "stream", i.Stream, "cause", err)
		return false
	}
	c.Bus.dead.Add(1)
	c.log.Error("a message was given up", "group", c.group, "stream", i.Stream, "seq", i.Seq, "deliveries", i.tries, "cause", cause)
	c.remove(ctx, i.receipts)
	return true
}

// maxLooked bounds how many letters are looked at.
const maxLooked = 1000

// hidden is how long a letter that is looked at is kept from others who look.
const hidden = 20

// DeadLetters implements bus.Bus. Who looks at the same time as another may
// see only some. The queue keeps letters for 14 days.
func (b *Bus) DeadLetters(ctx context.Context, group string, limit int) ([]bus.DeadLetter, error) {
	if !bus.ValidGroup(group) {
		return nil, fmt.Errorf("bus/sqs: %q cannot name a group", group)
	}
	url, err := b.queues.url(ctx, b.queues.deadName(group))
	if err != nil || url == "" {
		return nil, wrap(err)
	}
	var letters []bus.DeadLetter
	var seen []*string
	for len(seen) < maxLooked {
		out, err := b.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: batch, VisibilityTimeout: hidden, WaitTimeSeconds: 1,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{
				types.MessageSystemAttributeNameSentTimestamp, types.MessageSystemAttributeNameApproximateReceiveCount,
			},
		})
		if err != nil {
			return nil, wrap(err)
		}
		if len(out.Messages) == 0 {
			break
		}
		for _, m := range out.Messages {
			seen = append(seen, m.ReceiptHandle)
			if l, ok := readLetter(m); ok {
				letters = append(letters, l)
			}
		}
	}
	(&consumer{Bus: b, group: group, queue: url}).show(ctx, seen, 0)
	slices.SortStableFunc(letters, func(x, y bus.DeadLetter) int { return y.At.Compare(x.At) })
	return letters[:min(len(letters), max(limit, 0))], nil
}

func wrap(err error) error {
	if err == nil || gone(err) {
		return nil
	}
	return fmt.Errorf("bus/sqs: dead letters: %w", err)
}

func readLetter(m types.Message) (bus.DeadLetter, bool) {
	var l letter
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &l); err != nil || l.Stream.IsZero() {
		return bus.DeadLetter{}, false
	}
	out := bus.DeadLetter{Reached: bus.Reached(l.message), Deliveries: l.Deliveries, Reason: l.Reason, At: l.At}
	if l.Reason == "" {
		out.Reason = left
		if milli, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
			out.At = time.UnixMilli(milli).UTC()
		}
		if n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)]); err == nil {
			out.Deliveries = n
		}
	}
	return out, true
}
