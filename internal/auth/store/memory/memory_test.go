package memory_test

import (
	"testing"

	"headway/internal/auth/store"
	"headway/internal/auth/store/memory"
	"headway/internal/auth/store/storetest"
	"headway/internal/platform/eventlog"
	eventmemory "headway/internal/platform/eventlog/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) (store.Store, eventlog.Log) {
		log := eventmemory.New()
		return memory.New(log), log
	})
}
