package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// found is a selected series.
type found struct {
	n          int64
	text       string
	dimensions timeseries.Dimensions
}

// view is what a read begins with; it holds the lock, so that what is kept and
// which series there are stays so until its end.
type view struct {
	tx     pgx.Tx
	series []found // sorted by the text of their dimensions
	kept   timeseries.Kept
}

// read runs fn in a transaction. Its errors say what was being done.
func (s *Store) read(ctx context.Context, what string, sel timeseries.Selection, fn func(v *view) error) error {
	own := error(nil) // of fn, which is answered as it is where it is the port's
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		v := &view{tx: tx}
		var batch pgx.Batch
		// In a statement of its own: the next ones see what it has waited for.
		batch.Queue("SELECT pg_advisory_xact_lock_shared($1)", int64(lockKept))
		batch.Queue("SELECT points, slots FROM timeseries_kept").QueryRow(func(row pgx.Row) error {
			var points, slots time.Time
			err := row.Scan(&points, &slots)
			v.kept = timeseries.Kept{Points: points.UnixMilli(), Slots: slots.UnixMilli()}
			return err
		})
		batch.Queue("SELECT n, dimensions FROM timeseries_series WHERE workspace = $1 AND metric = $2 ORDER BY dimensions", [16]byte(sel.Workspace), sel.Metric).Query(func(rows pgx.Rows) error {
			var f found
			_, err := pgx.ForEachRow(rows, []any{&f.n, &f.text}, func() (err error) {
				if f.dimensions, err = timeseries.ParseDimensions(f.text); err == nil && sel.Matches(f.dimensions) {
					v.series = append(v.series, f)
				}
				return err
			})
			return err
		})
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return err
		}
		own = fn(v)
		return own
	})
	switch {
	case err == nil, own == timeseries.ErrTooFine, own == timeseries.ErrTooMuch: //nolint:errorlint // fn answers these bare
		return own
	}
	return fmt.Errorf("timeseries/postgres: %s: %w", what, err)
}

func moment(milli int64) time.Time { return time.UnixMilli(milli).UTC() }

// rangeSQL answers the first $6 points of some series, each series from after
// its own place on: (at, id) of $4 and $2.
const rangeSQL = `SELECT g.i, p.at, p.id, p.value
FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS g (series, id, i)
CROSS JOIN LATERAL (
	SELECT at, id, value FROM timeseries_points p
	WHERE p.series = g.series AND p.at >= $3 AND p.at < $5 AND (p.at, p.id) > ($4, g.id)
	ORDER BY p.at, p.id LIMIT $6
) p ORDER BY p.at, p.id, g.i LIMIT $6`

// Range implements timeseries.Store.
func (s *Store) Range(ctx context.Context, sel timeseries.Selection, from, to time.Time, after timeseries.Place, limit int) ([]timeseries.Point, timeseries.Place, error) {
	if err := cmp.Or(ctx.Err(), sel.Check(), timeseries.CheckSpan(from, to)); err != nil {
		return nil, after, err
	}
	if limit <= 0 {
		return nil, after, nil
	}
	out, next := []timeseries.Point{}, after
	err := s.read(ctx, "range", sel, func(v *view) error {
		begin, id := moment(max(timeseries.Milli(from), v.kept.Points)), ids.Nil
		if !after.IsZero() && !after.At.Before(begin) {
			begin, id = after.At.UTC(), after.ID
		}
		var numbers []int64
		var places [][16]byte
		for _, one := range v.series {
			place := id
			// Of the point that the page before ended with, the series after its own are left.
			if !id.IsZero() && one.text > after.Series {
				place = before(id)
			}
			numbers, places = append(numbers, one.n), append(places, place)
		}
		all, err := s.windows(ctx, v.tx, begin, moment(timeseries.Milli(to)))
		if err != nil {
			return err
		}
		for _, w := range all {
			rows, err := v.tx.Query(ctx, rangeSQL, numbers, places, w.from, begin, w.to, limit-len(out))
			if err != nil {
				return err
			}
			var i int64
			var p timeseries.Point
			_, err = pgx.ForEachRow(rows, []any{&i, &p.At, (*[16]byte)(&p.ID), &p.Value}, func() error {
				one := v.series[i-1]
				p.Workspace, p.Metric, p.Dimensions, p.At = sel.Workspace, sel.Metric, one.dimensions, p.At.UTC()
				out = append(out, p)
				next = timeseries.Place{At: p.At, ID: p.ID, Series: one.text}
				return nil
			})
			if err != nil || len(out) == limit {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, after, err
	}
	return out, next, nil
}

// before is the ID before an ID, as 128-bit numbers.
func before(id ids.ID) ids.ID {
	for i := len(id) - 1; i >= 0; i-- {
		id[i]--
		if id[i] != 0xff {
			break
		}
	}
	return id
}

// The two sources of buckets: series $1 of groups $2 between $4 and $5, in
// buckets that begin at $3.
const (
	slotsSQL = `SELECT g.grp, width_bucket(s.slot, $3::timestamptz[]), sum(s.count)::bigint, sum(s.sum), min(s.min), max(s.max)
FROM unnest($1::bigint[], $2::integer[]) AS g (series, grp) JOIN timeseries_slots s ON s.series = g.series
WHERE s.slot >= $4 AND s.slot < $5 GROUP BY 1, 2`
	pointsSQL = `SELECT g.grp, width_bucket(p.at, $3::timestamptz[]), count(*), sum(p.value), min(p.value), max(p.value)
FROM unnest($1::bigint[], $2::integer[]) AS g (series, grp) JOIN timeseries_points p ON p.series = g.series
WHERE p.at >= $4 AND p.at < $5 GROUP BY 1, 2`
)

// Buckets implements timeseries.Store.
func (s *Store) Buckets(ctx context.Context, q timeseries.Query) ([]timeseries.Group, error) {
	if err := cmp.Or(ctx.Err(), q.Check()); err != nil {
		return nil, err
	}
	fold := timeseries.NewFold(q)
	err := s.read(ctx, "buckets", q.Selection, func(v *view) error {
		if !v.kept.Fine(q) {
			return timeseries.ErrTooFine
		}
		if len(v.series) == 0 {
			return nil
		}
		var numbers []int64
		var groups []int32
		for _, one := range v.series {
			numbers = append(numbers, one.n)
			groups = append(groups, int32(fold.Group(one.dimensions))) // #nosec G115 -- no more than series
		}
		first, last := fold.Span()
		slots := last // slots serve up to here, points from here on
		if !q.Slotted() {
			slots = min(max(first, v.kept.Points), last)
		}
		edges := make([]time.Time, len(q.Edges))
		for i, e := range fold.Edges() {
			edges[i] = moment(e)
		}
		sum := func(sql string, from, to time.Time) error {
			rows, err := v.tx.Query(ctx, sql, numbers, groups, edges, from, to)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var group, bucket int
				var count int64
				var part timeseries.Bucket
				if err := rows.Scan(&group, &bucket, &count, &part.Sum, &part.Min, &part.Max); err != nil {
					return err
				}
				part.Count = uint64(count) // #nosec G115 -- a count
				if err := fold.Add(group, bucket-1, part); err != nil {
					return err
				}
			}
			return rows.Err()
		}
		if from := max(first, v.kept.Slots); from < slots {
			if err := sum(slotsSQL, moment(from), moment(slots)); err != nil {
				return err
			}
		}
		all, err := s.windows(ctx, v.tx, moment(slots), moment(last))
		if err != nil {
			return err
		}
		for _, w := range all {
			if err := sum(pointsSQL, w.from, w.to); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fold.Groups(), nil
}

// Dimensions implements timeseries.Store. A series that was made for points
// that then were too old has no slot.
func (s *Store) Dimensions(ctx context.Context, sel timeseries.Selection, limit int) ([]timeseries.Dimensions, error) {
	if err := cmp.Or(ctx.Err(), sel.Check()); err != nil {
		return nil, err
	}
	var out []timeseries.Dimensions
	err := s.read(ctx, "dimensions", sel, func(v *view) error {
		numbers := make([]int64, len(v.series))
		for i, one := range v.series {
			numbers[i] = one.n
		}
		rows, err := v.tx.Query(ctx, `SELECT g.i FROM unnest($1::bigint[]) WITH ORDINALITY AS g (n, i)
			WHERE EXISTS (SELECT FROM timeseries_slots s WHERE s.series = g.n) ORDER BY g.i LIMIT $2`, numbers, max(limit, 0))
		if err != nil {
			return err
		}
		var i int64
		_, err = pgx.ForEachRow(rows, []any{&i}, func() error {
			out = append(out, v.series[i-1].dimensions)
			return nil
		})
		return err
	})
	return out, err
}
