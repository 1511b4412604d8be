package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Names of queues: PREFIX_GROUP.fifo, and PREFIX_GROUP_dead.fifo for what the
// group gave up. Neither a prefix nor a group has an underscore.
const (
	fifo       = ".fifo"
	deadSuffix = "_dead"
	// maxName is how long a queue's name may be, by the protocol.
	maxName = 80
)

// Attributes of queues, in seconds.
const (
	keepMessages = 4 * 24 * 3600
	keepDead     = 14 * 24 * 3600
)

// queues knows where the groups' queues are.
type queues struct {
	client *sqs.Client
	prefix string // with the underscore
	o      Options

	mu     sync.Mutex
	urls   map[string]string // by group
	looked time.Time
}

func newQueues(client *sqs.Client, o Options) *queues {
	return &queues{client: client, prefix: o.Target.Prefix + "_", o: o, urls: map[string]string{}}
}

func (q *queues) name(group string) string     { return q.prefix + group + fifo }
func (q *queues) deadName(group string) string { return q.prefix + group + deadSuffix + fifo }

// groups answers the queues of all groups, by group, as they were a while ago at most.
func (q *queues) groups(ctx context.Context) (map[string]string, error) {
	q.mu.Lock()
	urls, fresh := q.urls, time.Since(q.looked) < q.o.Discover
	q.mu.Unlock()
	if fresh {
		return urls, nil
	}
	looked := time.Now()
	found := map[string]string{}
	pages := sqs.NewListQueuesPaginator(q.client, &sqs.ListQueuesInput{QueueNamePrefix: &q.prefix, MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the queues: %w", err)
		}
		for _, url := range page.QueueUrls {
			name := url[strings.LastIndexByte(url, '/')+1:]
			group, ok := strings.CutSuffix(strings.TrimPrefix(name, q.prefix), fifo)
			if ok && !strings.Contains(group, "_") {
				found[group] = url
			}
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.urls, q.looked = found, looked
	return found, nil
}

// lookAgain has the next groups look anew.
func (q *queues) lookAgain() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.looked = time.Time{}
}

// url answers the URL of a queue, "" where there is none of that name.
func (q *queues) url(ctx context.Context, name string) (string, error) {
	out, err := q.client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if gone(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find the queue %s: %w", name, err)
	}
	return aws.ToString(out.QueueUrl), nil
}

// gone reports whether the server said that there is no such queue.
func gone(err error) bool {
	var none *types.QueueDoesNotExist
	return errors.As(err, &none)
}

// join answers the group's queues, and makes them where they are missing. made
// is set where other processes may not know of the group yet.
func (q *queues) join(ctx context.Context, group string) (queue, dead string, made bool, err error) {
	if name := q.deadName(group); len(name) > maxName {
		return "", "", false, fmt.Errorf("the queue's name %s would be longer than %d characters: shorten the prefix", name, maxName)
	}
	if dead, err = q.url(ctx, q.deadName(group)); err != nil {
		return "", "", false, err
	}
	if dead == "" {
		if dead, err = q.make(ctx, q.deadName(group), map[string]string{"MessageRetentionPeriod": strconv.Itoa(keepDead)}); err != nil {
			return "", "", false, err
		}
	}
	if queue, err = q.url(ctx, q.name(group)); err != nil {
		return "", "", false, err
	}
	if queue == "" {
		made = true
		arn, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &dead, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
		if err != nil {
			return "", "", false, fmt.Errorf("look at the queue %s: %w", dead, err)
		}
		// What fails is given up by its consumer. This is for what ends each of
		// its consumers before that.
		redrive, err := json.Marshal(map[string]any{
			"deadLetterTargetArn": arn.Attributes["QueueArn"], "maxReceiveCount": min(q.o.Retry.Deliveries+5, 1000),
		})
		if err != nil {
			return "", "", false, err
		}
		queue, err = q.make(ctx, q.name(group), map[string]string{
			"MessageRetentionPeriod": strconv.Itoa(keepMessages), "RedrivePolicy": string(redrive),
			"VisibilityTimeout": strconv.Itoa(seconds(q.o.Lease)),
		})
		if err != nil {
			return "", "", false, err
		}
	}
	q.lookAgain()
	return queue, dead, made, nil
}

func (q *queues) make(ctx context.Context, name string, attributes map[string]string) (string, error) {
	attributes["FifoQueue"] = "true"
	attributes["SqsManagedSseEnabled"] = "true"
	// So many message groups as there are streams, each by itself.
	attributes["DeduplicationScope"] = "messageGroup"
	attributes["FifoThroughputLimit"] = "perMessageGroupId"
	out, err := q.client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	var exists *types.QueueNameExists
	if errors.As(err, &exists) { // made meanwhile, by a process with other settings
		return q.url(ctx, name)
	}
	if err != nil {
		return "", fmt.Errorf("make the queue %s: %w", name, err)
	}
	return aws.ToString(out.QueueUrl), nil
}

// seconds rounds to what SQS counts in.
func seconds(d time.Duration) int { return int(d.Round(time.Second) / time.Second) }
