//go:build servers

package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"headway/internal/platform/timeseries"
	"headway/internal/platform/timeseries/postgres"
	"headway/internal/platform/timeseries/timeseriestest"
	"headway/test/servers"
)

// standIn are functions with the signatures of TimescaleDB's, over a plain
// table: they show that what is sent is right as SQL, not how TimescaleDB does it.
const standIn = `
CREATE FUNCTION create_hypertable(relation regclass, time_column_name name, chunk_time_interval anyelement DEFAULT NULL::interval, create_default_indexes boolean DEFAULT true)
RETURNS text LANGUAGE sql AS $$ SELECT time_column_name::text $$;
CREATE FUNCTION drop_chunks(relation regclass, older_than anyelement) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('DELETE FROM %s WHERE at < $1', relation) USING older_than;
	RETURN;
END $$;`

func TestConformanceWithHypertables(t *testing.T) {
	t.Parallel()
	server := servers.Postgres(t)
	timeseriestest.Run(t, func(t *testing.T) timeseries.Store {
		url := server.Database(t)
		run(t, url, standIn)
		s := open(t, url)
		if kind := ask(t, url, "SELECT relkind::text FROM pg_class WHERE relname = 'timeseries_points'"); kind != "r" {
			t.Fatalf("the points lie in a relation of kind %s", kind)
		}
		return s
	})
}

func run(t testing.TB, url, sql string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	if _, err := c.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func ask(t testing.TB, url, sql string) (answer string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	if err := c.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestTwoProcessesShareADatabase(t *testing.T) {
	t.Parallel()
	url := servers.Postgres(t).Database(t)
	s := make([]*postgres.Store, 2)
	for i := range s {
		s[i] = open(t, url)
	}
	timeseriestest.Together(t, s[0], s[1])
}
