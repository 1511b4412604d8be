package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// partition is the table of one day's points.
type partition struct {
	name string
	day  time.Time
}

const (
	prefix    = "timeseries_points_"
	dayLayout = "20060102"
)

func partitionOf(day time.Time) string { return prefix + day.Format(dayLayout) }

func unixDay(t time.Time) int64 { return t.Unix() / 86400 }

// makeDays makes the partitions that are missing for points at these times,
// but for days whose points are no longer kept.
func (s *Store) makeDays(ctx context.Context, at []time.Time) error {
	if s.hyper {
		return nil
	}
	var missing []int64
	s.mu.Lock()
	for _, t := range at {
		day := unixDay(t)
		if len(missing) > 0 && missing[len(missing)-1] == day {
			continue
		}
		if _, ok := s.days[day]; !ok {
			missing = append(missing, day)
		}
	}
	s.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	// A day's partition is attached in a transaction of its own: inserts and
	// queries go on meanwhile, and a transaction of a thousand tables would
	// run out of locks.
	for _, day := range missing {
		if err := s.makeDay(ctx, time.Unix(day*86400, 0).UTC()); err != nil {
			return err
		}
		s.mu.Lock()
		s.days[day] = struct{}{}
		s.mu.Unlock()
	}
	return nil
}

func (s *Store) makeDay(ctx context.Context, day time.Time) error {
	name := partitionOf(day)
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockSchema)); err != nil {
			return err
		}
		var there bool
		err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL OR EXISTS (SELECT FROM timeseries_kept WHERE points > $2)`, name, day).Scan(&there)
		if err != nil || there {
			return err
		}
		// Attaching an existing table locks out neither those who read nor
		// those who insert, as making it a partition at once would.
		if _, err := tx.Exec(ctx, fmt.Sprintf("CREATE TABLE %s (LIKE timeseries_points INCLUDING ALL)", name)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, fmt.Sprintf("ALTER TABLE timeseries_points ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')",
			name, day.Format(time.RFC3339), day.AddDate(0, 0, 1).Format(time.RFC3339)))
		return err
	})
}

// querier runs queries: the pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// partitions are those that there are, oldest first.
func partitions(ctx context.Context, q querier) ([]partition, error) {
	rows, err := q.Query(ctx, "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'timeseries_points'::regclass ORDER BY 1")
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var out []partition
	for _, name := range names {
		day, err := time.Parse(prefix+dayLayout, name)
		if err != nil {
			return nil, fmt.Errorf("the partition %s is not one of Headway's", name)
		}
		out = append(out, partition{name, day})
	}
	return out, nil
}

// window is a stretch of time that one query goes through.
type window struct{ from, to time.Time }

// windowDays is how many partitions one query touches at most: each costs
// locks and planning.
const windowDays = 32

// windows cuts a stretch of time so that no query touches too many partitions.
// Where there are no partitions there are no points.
func (s *Store) windows(ctx context.Context, q querier, from, to time.Time) ([]window, error) {
	if !from.Before(to) {
		return nil, nil
	}
	if s.hyper {
		return []window{{from, to}}, nil
	}
	all, err := partitions(ctx, q)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p partition) bool { return !p.day.AddDate(0, 0, 1).After(from) || !p.day.Before(to) })
	var out []window
	for part := range slices.Chunk(all, windowDays) {
		w := window{part[0].day, part[len(part)-1].day.AddDate(0, 0, 1)}
		if w.from.Before(from) {
			w.from = from
		}
		if w.to.After(to) {
			w.to = to
		}
		out = append(out, w)
	}
	return out, nil
}
