package sqlite

import (
	"context"
	"fmt"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/timeseries"
)

// Retain implements timeseries.Store. What is older is out of sight with the
// first write; deleting it takes many. One that was interrupted is finished by
// the next.
func (s *Store) Retain(ctx context.Context, r timeseries.Retention) error {
	var k timeseries.Kept
	err := s.db.Write(ctx, func(c *sqlitedb.Conn) (err error) {
		if k, err = kept(c); err != nil {
			return err
		}
		k = k.After(r)
		return c.Exec("UPDATE timeseries_kept SET points = ?, slots = ?", k.Points, k.Slots)
	})
	if err != nil {
		return fmt.Errorf("timeseries/sqlite: retain: %w", err)
	}
	return s.sweep(ctx, k)
}

// forgotten is the workspace of series that are gone but for their deletion.
var forgotten = []byte{}

// Forget implements timeseries.Store. Its series are out of sight with the
// first write, under a workspace that nobody has.
func (s *Store) Forget(ctx context.Context, workspace ids.ID) error {
	var k timeseries.Kept
	err := s.db.Write(ctx, func(c *sqlitedb.Conn) (err error) {
		if k, err = kept(c); err != nil {
			return err
		}
		clear(s.numbers)
		return c.Exec("UPDATE timeseries_series SET workspace = ?, dimensions = n WHERE workspace = ?", forgotten, workspace)
	})
	if err != nil {
		return fmt.Errorf("timeseries/sqlite: forget: %w", err)
	}
	return s.sweep(ctx, k)
}

// sweep deletes what is no longer in sight, in writes that are short.
func (s *Store) sweep(ctx context.Context, k timeseries.Kept) error {
	for next := int64(0); ; {
		var n int64
		var gone bool
		err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
			return c.Query("SELECT n, workspace = ? FROM timeseries_series WHERE n > ? ORDER BY n LIMIT 1", func(stmt *sqlitedb.Stmt) error {
				n, gone = stmt.ColumnInt64(0), stmt.ColumnBool(1)
				return nil
			}, forgotten, next)
		})
		if err == nil && n != 0 {
			err = s.sweepSeries(ctx, n, gone, k)
		}
		if err != nil {
			return fmt.Errorf("timeseries/sqlite: delete what is old: %w", err)
		}
		if n == 0 {
			return nil
		}
		next = n
	}
}

// sweepSeries deletes what is old of one series, and the series where nothing is left.
func (s *Store) sweepSeries(ctx context.Context, n int64, gone bool, k timeseries.Kept) error {
	if gone {
		k = timeseries.Kept{Points: 1<<62 - 1, Slots: 1<<62 - 1}
	}
	if err := s.deleteBefore(ctx, n, k.Points, "SELECT at FROM timeseries_points WHERE series = ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?",
		"DELETE FROM timeseries_points WHERE series = ? AND at <= ?"); err != nil {
		return err
	}
	if k.Slots == 0 {
		return nil
	}
	if err := s.deleteBefore(ctx, n, k.Slots, "SELECT slot FROM timeseries_slots WHERE series = ? AND slot < ? ORDER BY slot LIMIT 1 OFFSET ?",
		"DELETE FROM timeseries_slots WHERE series = ? AND slot <= ?"); err != nil {
		return err
	}
	var empty bool
	err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT NOT EXISTS (SELECT 1 FROM timeseries_slots WHERE series = ?)", func(stmt *sqlitedb.Stmt) error {
			empty = stmt.ColumnBool(0)
			return nil
		}, n)
	})
	if err != nil || !empty {
		return err
	}
	return s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		// Asked again, as points may have come meanwhile.
		err := c.Exec("DELETE FROM timeseries_series WHERE n = ? AND NOT EXISTS (SELECT 1 FROM timeseries_slots WHERE series = n)", n)
		if err == nil && c.Changes() > 0 {
			clear(s.numbers)
		}
		return err
	})
}

// deleteBefore deletes rows of a series from before a moment, chunk by chunk:
// find answers the moment of the row some rows on, and remove all up to a moment.
func (s *Store) deleteBefore(ctx context.Context, n, before int64, find, remove string) error {
	for {
		upTo, more := int64(-1), false
		err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
			for _, skip := range []int{chunk - 1, 0} {
				err := c.Query(find, func(stmt *sqlitedb.Stmt) error {
					upTo, more = stmt.ColumnInt64(0), skip > 0
					return nil
				}, n, before, skip)
				if err != nil || more {
					return err
				}
			}
			if upTo >= 0 {
				upTo = before - 1 // fewer than a chunk are left
			}
			return nil
		})
		if err != nil || upTo < 0 {
			return err
		}
		if err := s.db.Write(ctx, func(c *sqlitedb.Conn) error { return c.Exec(remove, n, upTo) }); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}
