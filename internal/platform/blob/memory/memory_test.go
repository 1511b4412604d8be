package memory_test

import (
	"testing"

	"headway/internal/platform/blob"
	"headway/internal/platform/blob/blobtest"
	"headway/internal/platform/blob/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(*testing.T) blob.Store { return memory.New() })
}
