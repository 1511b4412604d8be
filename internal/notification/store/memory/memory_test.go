package memory_test

import (
	"testing"

	"headway/internal/notification/store/memory"
	"headway/internal/notification/store/storetest"
	consumer "headway/internal/platform/consumer/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Opened {
		return storetest.Opened{Store: memory.New(), Checkpoints: consumer.New()}
	})
}
