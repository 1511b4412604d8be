package memory_test

import (
	"context"
	"testing"

	"headway/internal/platform/clock"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/memory"
	"headway/internal/task/readmodel/readmodeltest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	readmodeltest.Run(t, func(_ testing.TB, c clock.Clock, onCommit func(readmodel.Commit)) readmodeltest.Store {
		if onCommit == nil {
			return again{memory.New(logmemory.New(), c)}
		}
		return again{memory.New(logmemory.New(), c, onCommit)}
	})
}

// again builds the store anew from its log.
type again struct{ *memory.Store }

func (a again) Again(ctx context.Context) error { return a.Rebuild(ctx) }
