//go:build servers

package postgres_test

import (
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

func TestConformance(t *testing.T) {
	t.Parallel()
	server := servers.Postgres(t)
	timeseriestest.Run(t, func(t *testing.T) timeseries.Store { return open(t, server.Database(t)) })
}

func BenchmarkMillion(b *testing.B) {
	timeseriestest.Bench(b, open(b, servers.Postgres(b).Database(b)))
}
