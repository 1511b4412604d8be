package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Retain implements timeseries.Store. What is older is out of sight with the
// first transaction. Deleting it after that, where it was interrupted, is
// finished by the next.
func (s *Store) Retain(ctx context.Context, r timeseries.Retention) error {
	var k timeseries.Kept
	err := s.alone(ctx, func(tx pgx.Tx) error {
		var points, slots time.Time
		if err := tx.QueryRow(ctx, "SELECT points, slots FROM timeseries_kept").Scan(&points, &slots); err != nil {
			return err
		}
		k = timeseries.Kept{Points: points.UnixMilli(), Slots: slots.UnixMilli()}.After(r)
		_, err := tx.Exec(ctx, "UPDATE timeseries_kept SET points = $1, slots = $2", moment(k.Points), moment(k.Slots))
		return err
	})
	if err == nil {
		s.keptPoints.Store(max(k.Points, s.keptPoints.Load()))
		err = s.sweep(ctx, k)
	}
	if err != nil {
		return fmt.Errorf("timeseries/postgres: retain: %w", err)
	}
	return nil
}

// Forget implements timeseries.Store. Its series are out of sight with the
// first transaction, under a workspace that nobody has.
func (s *Store) Forget(ctx context.Context, workspace ids.ID) error {
	err := s.alone(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE timeseries_series SET workspace = $1, dimensions = n::text WHERE workspace = $2", [16]byte{}, [16]byte(workspace))
		return err
	})
	if err == nil {
		err = s.sweepForgotten(ctx)
	}
	if err != nil {
		return fmt.Errorf("timeseries/postgres: forget: %w", err)
	}
	return nil
}

// alone runs fn once nobody reads or inserts, and lets nobody do so until it ends.
func (s *Store) alone(ctx context.Context, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockKept)); err != nil {
			return err
		}
		return fn(tx)
	})
}

// sweep deletes what is older than what is kept.
func (s *Store) sweep(ctx context.Context, k timeseries.Kept) error {
	if err := s.dropPoints(ctx, moment(k.Points)); err != nil {
		return err
	}
	if err := s.sweepForgotten(ctx); err != nil || k.Slots == 0 {
		return err
	}
	err := s.deleteSome(ctx, "DELETE FROM timeseries_slots WHERE ctid = ANY(ARRAY(SELECT ctid FROM timeseries_slots WHERE slot < $1 LIMIT 10000))", moment(k.Slots))
	if err != nil {
		return err
	}
	return s.alone(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM timeseries_series s WHERE NOT EXISTS (SELECT FROM timeseries_slots t WHERE t.series = s.n)")
		return err
	})
}

// dropPoints drops the partitions or chunks of days before a day.
func (s *Store) dropPoints(ctx context.Context, day time.Time) error {
	if s.hyper {
		_, err := s.pool.Exec(ctx, "SELECT drop_chunks('timeseries_points', older_than => $1::timestamptz)", day)
		return err
	}
	all, err := partitions(ctx, s.pool)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.day.Before(day) {
			if err := s.drop(ctx, p.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// drop drops a partition. For that it needs the table of points for itself for
// a moment; rather than have others queue behind a long wait it gives up soon
// and tries again.
func (s *Store) drop(ctx context.Context, name string) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '500ms'"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+name)
			return err
		})
		if c := code(err); c != lockTimeout && c != deadlock {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is in use: %w", name, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// sweepForgotten deletes what series hold that are out of sight.
func (s *Store) sweepForgotten(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, "SELECT n FROM timeseries_series WHERE workspace = $1", [16]byte{})
	if err != nil {
		return err
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(gone) == 0 {
		return err
	}
	tables := []string{"timeseries_points"}
	if !s.hyper {
		all, err := partitions(ctx, s.pool)
		if err != nil {
			return err
		}
		tables = tables[:0]
		for _, p := range all {
			tables = append(tables, p.name)
		}
	}
	for _, table := range append(tables, "timeseries_slots") {
		_, err := s.pool.Exec(ctx, "DELETE FROM "+table+" WHERE series = ANY($1)", gone)
		if err != nil && code(err) != noTable { // dropped meanwhile
			return err
		}
	}
	_, err = s.pool.Exec(ctx, "DELETE FROM timeseries_series WHERE n = ANY($1)", gone)
	return err
}

// deleteSome runs a statement that deletes some rows until it finds none.
func (s *Store) deleteSome(ctx context.Context, sql string, args ...any) error {
	for {
		done, err := s.pool.Exec(ctx, sql, args...)
		if err != nil || done.RowsAffected() == 0 {
			return err
		}
	}
}
