package sqlite_test

import (
	"testing"

	"headway/internal/platform/sqlitedb/sqlitedbtest"
	"headway/internal/platform/timeseries"
	"headway/internal/platform/timeseries/sqlite"
	"headway/internal/platform/timeseries/timeseriestest"
)

func open(t testing.TB) *sqlite.Store {
	return sqlite.New(sqlitedbtest.Open(t, sqlite.Migrations()))
}

func TestConformance(t *testing.T) {
	t.Parallel()
	timeseriestest.Run(t, func(t *testing.T) timeseries.Store { return open(t) })
}

func BenchmarkMillion(b *testing.B) { timeseriestest.Bench(b, open(b)) }
