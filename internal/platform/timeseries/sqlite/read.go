package sqlite

import (
	"cmp"
	"context"
	"slices"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/timeseries"
)

// Range implements timeseries.Store.
func (s *Store) Range(ctx context.Context, sel timeseries.Selection, from, to time.Time, after timeseries.Place, limit int) ([]timeseries.Point, timeseries.Place, error) {
	if err := cmp.Or(ctx.Err(), sel.Check(), timeseries.CheckSpan(from, to)); err != nil {
		return nil, after, err
	}
	if limit <= 0 {
		return nil, after, nil
	}
	type candidate struct {
		at     int64
		id     ids.ID
		series int
		value  float64
	}
	var series []found
	var page []candidate
	order := func(a, b candidate) int { // series are sorted by their text
		return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.id[:], b.id[:]), cmp.Compare(a.series, b.series))
	}
	shorten := func() {
		slices.SortFunc(page, order)
		page = page[:min(len(page), limit)]
	}
	err := s.view(ctx, "range", func(c *sqlitedb.Conn) error {
		k, err := kept(c)
		if err != nil {
			return err
		}
		if series, err = selected(c, sel); err != nil {
			return err
		}
		begin, id := max(timeseries.Milli(from), k.Points), ids.Nil
		if !after.IsZero() && after.At.UnixMilli() >= begin {
			begin, id = after.At.UnixMilli(), after.ID
		}
		for i, one := range series {
			// Of the point that the page before ended with, only the series after its own are left.
			compare := ">="
			if !after.IsZero() && one.text <= after.Series {
				compare = ">"
			}
			err := c.Query("SELECT at, id, value FROM timeseries_points WHERE series = ? AND (at, id) "+compare+" (?, ?) AND at < ? ORDER BY at, id LIMIT ?",
				func(stmt *sqlitedb.Stmt) error {
					page = append(page, candidate{stmt.ColumnInt64(0), sqlitedb.ColumnID(stmt, 1), i, stmt.ColumnFloat(2)})
					return nil
				}, one.n, begin, id, timeseries.Milli(to), limit)
			if err != nil {
				return err
			}
			if len(page) > 4*limit+chunk {
				shorten()
			}
		}
		return nil
	})
	if err != nil {
		return nil, after, err
	}
	shorten()
	out := make([]timeseries.Point, 0, len(page))
	for _, p := range page {
		one := series[p.series]
		out = append(out, timeseries.Point{ID: p.id, Workspace: sel.Workspace, Metric: sel.Metric, Dimensions: one.dimensions,
			At: time.UnixMilli(p.at).UTC(), Value: p.value})
		after = timeseries.Place{At: out[len(out)-1].At, ID: p.id, Series: one.text}
	}
	return out, after, nil
}

// Buckets implements timeseries.Store.
func (s *Store) Buckets(ctx context.Context, q timeseries.Query) ([]timeseries.Group, error) {
	if err := cmp.Or(ctx.Err(), q.Check()); err != nil {
		return nil, err
	}
	fold := timeseries.NewFold(q)
	err := s.view(ctx, "buckets", func(c *sqlitedb.Conn) error {
		k, err := kept(c)
		if err != nil {
			return err
		}
		if !k.Fine(q) {
			return timeseries.ErrTooFine
		}
		series, err := selected(c, q.Selection)
		if err != nil {
			return err
		}
		from, to := fold.Span()
		slots := to // slots serve up to here, points from here on
		if !q.Slotted() {
			slots = min(max(from, k.Points), to)
		}
		for i, one := range series {
			if i%64 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			group := fold.Group(one.dimensions)
			if err := foldSlots(c, fold, group, one.n, max(from, k.Slots), slots); err != nil {
				return err
			}
			if err := foldPoints(c, fold, group, one.n, slots, to); err != nil {
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

// foldSlots adds the slots of one series from a moment up to another, in Unix milliseconds.
func foldSlots(c *sqlitedb.Conn, fold *timeseries.Fold, group int, series, from, to int64) error {
	if from >= to {
		return nil
	}
	bucket := 0
	return c.Query("SELECT slot, count, sum, min, max FROM timeseries_slots WHERE series = ? AND slot >= ? AND slot < ?",
		func(stmt *sqlitedb.Stmt) error {
			bucket = fold.Find(stmt.ColumnInt64(0), bucket)
			return fold.Add(group, bucket, timeseries.Bucket{
				Count: uint64(stmt.ColumnInt64(1)), // #nosec G115 -- counts up from 1
				Sum:   stmt.ColumnFloat(2), Min: stmt.ColumnFloat(3), Max: stmt.ColumnFloat(4),
			})
		}, series, from, to)
}

// foldPoints adds the points of one series from a moment up to another, in Unix milliseconds.
func foldPoints(c *sqlitedb.Conn, fold *timeseries.Fold, group int, series, from, to int64) error {
	if from >= to {
		return nil
	}
	bucket := 0
	return c.Query("SELECT at, value FROM timeseries_points WHERE series = ? AND at >= ? AND at < ?",
		func(stmt *sqlitedb.Stmt) error {
			bucket = fold.Find(stmt.ColumnInt64(0), bucket)
			v := stmt.ColumnFloat(1)
			return fold.Add(group, bucket, timeseries.Bucket{Count: 1, Sum: v, Min: v, Max: v})
		}, series, from, to)
}

// Dimensions implements timeseries.Store.
func (s *Store) Dimensions(ctx context.Context, sel timeseries.Selection, limit int) ([]timeseries.Dimensions, error) {
	if err := cmp.Or(ctx.Err(), sel.Check()); err != nil {
		return nil, err
	}
	var out []timeseries.Dimensions
	err := s.view(ctx, "dimensions", func(c *sqlitedb.Conn) error {
		series, err := selected(c, sel)
		for _, one := range series[:min(len(series), max(limit, 0))] {
			out = append(out, one.dimensions)
		}
		return err
	})
	return out, err
}
