package memory_test

import (
	"testing"

	"headway/internal/platform/timeseries"
	"headway/internal/platform/timeseries/memory"
	"headway/internal/platform/timeseries/timeseriestest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	timeseriestest.Run(t, func(*testing.T) timeseries.Store { return memory.New() })
}
