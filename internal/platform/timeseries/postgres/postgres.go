// Package postgres keeps time series in PostgreSQL, from version 14.
//
// Points lie in one partition for each day (UTC), made when a day's first
// point comes and dropped whole by retention, or in a hypertable where the
// TimescaleDB extension was there when the schema was made. What they come to
// in each quarter of an hour lies in a table of its own, kept in the same
// transaction. Several processes may use one database.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"headway/internal/platform/timeseries"
)

//go:embed migrations/*.sql
var files embed.FS

// Options say where the database is.
type Options struct {
	// URL is a connection URL, postgres://user:password@host/database?sslmode=verify-full.
	// pool_max_conns in it bounds the connections; the rest is as libpq has it.
	URL string
}

// Store keeps points in PostgreSQL. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	// hyper says that points lie in a hypertable, not in partitions.
	hyper bool
	// keptPoints is from when on points are kept, as far as this process knows, in Unix milliseconds.
	keptPoints atomic.Int64
	// repeats says that the last batch had points that were there already.
	repeats atomic.Bool

	mu      sync.Mutex
	numbers map[seriesKey]int64 // of series written to lately
	days    map[int64]struct{}  // that have a partition, in Unix days
}

var _ timeseries.Store = (*Store)(nil)

// Open connects and brings the schema up to date.
func Open(ctx context.Context, opts Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(opts.URL)
	if err != nil {
		return nil, fmt.Errorf("timeseries/postgres: %w", err)
	}
	// Many partitions look costly to the planner, and compiling a query that
	// takes milliseconds takes longer than the query.
	if _, set := config.ConnConfig.RuntimeParams["jit"]; !set {
		config.ConnConfig.RuntimeParams["jit"] = "off"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("timeseries/postgres: %w", err)
	}
	s := &Store{pool: pool, numbers: map[seriesKey]int64{}, days: map[int64]struct{}{}}
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("timeseries/postgres: bring the schema up to date: %w", err)
	}
	return s, nil
}

// Close waits for what runs and closes the connections.
func (s *Store) Close() { s.pool.Close() }

// The keys of advisory locks. Whoever inserts or reads holds the first one
// shared, whoever moves what is kept holds it alone, for a moment. The second
// is held while the schema or a partition is made.
const (
	lockKept   = 0x6865616477_01
	lockSchema = 0x6865616477_02
)

// migrate makes what is missing of the schema.
func (s *Store) migrate(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockSchema)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS timeseries_schema (version integer NOT NULL)"); err != nil {
			return err
		}
		var has int
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM timeseries_schema").Scan(&has); err != nil {
			return err
		}
		steps, err := fs.Glob(files, "migrations/*.sql") // sorted by name
		if err != nil {
			return err
		}
		if has > len(steps) {
			return fmt.Errorf("the schema is of version %d, and this program knows up to %d; start a newer one", has, len(steps))
		}
		for i, name := range steps[has:] {
			script, err := files.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, string(script)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if _, err := tx.Exec(ctx, "INSERT INTO timeseries_schema VALUES ($1)", has+i+1); err != nil {
				return err
			}
		}
		var points time.Time
		if err := tx.QueryRow(ctx, "SELECT points FROM timeseries_kept").Scan(&points); err != nil {
			return err
		}
		s.keptPoints.Store(points.UnixMilli())
		return s.makePoints(ctx, tx)
	})
}

// makePoints makes the table of points where it is missing, and finds out which kind it is.
func (s *Store) makePoints(ctx context.Context, tx pgx.Tx) error {
	var there, hyper bool
	err := tx.QueryRow(ctx, `SELECT to_regclass('timeseries_points') IS NOT NULL,
		coalesce((SELECT relkind = 'r' FROM pg_class WHERE oid = to_regclass('timeseries_points')), to_regproc('create_hypertable') IS NOT NULL)`).Scan(&there, &hyper)
	if err != nil {
		return err
	}
	s.hyper = hyper
	if there {
		return nil
	}
	// The key is also what a point is known by, so that adding it twice adds it
	// once, and the order in which a series is read.
	table := `CREATE TABLE timeseries_points (
		series bigint           NOT NULL,
		at     timestamptz      NOT NULL,
		id     uuid             NOT NULL,
		value  double precision NOT NULL,
		PRIMARY KEY (series, at, id)
	)`
	if !hyper {
		table += " PARTITION BY RANGE (at)"
	}
	if _, err := tx.Exec(ctx, table); err != nil || !hyper {
		return err
	}
	_, err = tx.Exec(ctx, `SELECT create_hypertable('timeseries_points', 'at', chunk_time_interval => interval '1 day', create_default_indexes => false)`)
	return err
}

// code is the SQLSTATE of an error of the server, or "".
func code(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code
	}
	return ""
}

// SQLSTATEs that are dealt with.
const (
	duplicate     = "23505" // unique_violation
	noPartition   = "23514" // check_violation: a row that no partition takes
	deadlock      = "40P01"
	serialization = "40001"
	noTable       = "42P01"
	lockTimeout   = "55P03"
)
