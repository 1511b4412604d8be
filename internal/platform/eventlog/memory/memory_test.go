package memory_test

import (
	"testing"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/eventlog/eventlogtest"
	"headway/internal/platform/eventlog/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	eventlogtest.Run(t, func(*testing.T) eventlog.Log { return memory.New() })
}
