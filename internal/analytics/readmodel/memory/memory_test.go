package memory_test

import (
	"testing"

	"headway/internal/analytics/readmodel"
	"headway/internal/analytics/readmodel/memory"
	"headway/internal/analytics/readmodel/readmodeltest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	readmodeltest.Run(t, func(*testing.T) readmodel.Store { return memory.New() })
}
