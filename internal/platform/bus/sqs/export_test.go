package sqs

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"headway/internal/platform/ids"
)

// SendRaw puts bodies as they are into a group's queue.
func (b *Bus) SendRaw(t *testing.T, group string, bodies ...string) {
	t.Helper()
	url, err := b.queues.url(t.Context(), b.queues.name(group))
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		id := ids.New().String()
		if _, err := b.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body, MessageGroupId: &id, MessageDeduplicationId: &id}); err != nil {
			t.Fatal(err)
		}
	}
}
