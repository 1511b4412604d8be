//go:build servers

package postgres_test

import (
	"os"
	"testing"

	"headway/internal/platform/timeseries"
	"headway/internal/platform/timeseries/postgres"
	"headway/internal/platform/timeseries/timeseriestest"
	"headway/test/servers"
)

func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func tryOpen(t testing.TB, url string) (*postgres.Store, error) {
	t.Helper()
	return postgres.Open(t.Context(), postgres.Options{URL: url})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := servers.Postgres(t)
	timeseriestest.Run(t, func(t *testing.T) timeseries.Store { return open(t, server.Database(t)) })
}

// BenchmarkMillion measures the empty database that HEADWAY_BENCH_POSTGRES
// names, a URL, or else one of a server that it starts, which does not sync.
func BenchmarkMillion(b *testing.B) {
	url := os.Getenv("HEADWAY_BENCH_POSTGRES")
	if url == "" {
		url = servers.Postgres(b).Database(b)
	}
	timeseriestest.Bench(b, open(b, url))
}
