package memory_test

import (
	"testing"

	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/consumertest"
	"headway/internal/platform/consumer/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	consumertest.Run(t, func(*testing.T) consumertest.Store {
		c := memory.New()
		return consumertest.Store{Checkpoints: c, Other: c, Effects: consumertest.NewMemory()}
	})
}

func TestConformanceApart(t *testing.T) {
	t.Parallel()
	consumertest.Run(t, func(*testing.T) consumertest.Store {
		c := consumer.Apart(memory.New())
		return consumertest.Store{Checkpoints: c, Other: c, Effects: consumertest.NewMemory()}
	})
}
