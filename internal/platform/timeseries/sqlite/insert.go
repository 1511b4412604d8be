package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/timeseries"
)

// Insert implements timeseries.Store.
func (s *Store) Insert(ctx context.Context, points []timeseries.Point) (timeseries.Inserted, error) {
	var done timeseries.Inserted
	if err := cmp.Or(ctx.Err(), timeseries.Check(points)); err != nil {
		return done, err
	}
	for part := range slices.Chunk(points, chunk) {
		b := newBatch(part)
		err := s.db.Write(ctx, func(c *sqlitedb.Conn) error { return s.insert(c, b) })
		if err != nil {
			return done, fmt.Errorf("timeseries/sqlite: insert: %w", err)
		}
		done.New += b.done.New
		done.Repeated += b.done.Repeated
		done.Forgotten += b.done.Forgotten
	}
	return done, nil
}

type seriesKey struct {
	workspace          ids.ID
	metric, dimensions string
}

// batch is what one write adds, in the order of the tables' keys: series by series.
type batch struct {
	series []seriesKey
	rows   []row
	done   timeseries.Inserted
}

type row struct {
	series int // its place in batch.series
	at     int64
	id     ids.ID
	value  float64
}

func newBatch(points []timeseries.Point) *batch {
	b := &batch{rows: make([]row, len(points))}
	place := map[seriesKey]int{}
	for i := range points {
		p := &points[i]
		key := seriesKey{p.Workspace, p.Metric, p.Dimensions.Text()}
		n, ok := place[key]
		if !ok {
			n = len(b.series)
			place[key] = n
			b.series = append(b.series, key)
		}
		b.rows[i] = row{n, p.At.UnixMilli(), p.ID, p.Value}
	}
	// Stable, so that of two with the same key the first of the batch stays.
	slices.SortStableFunc(b.rows, func(x, y row) int {
		return cmp.Or(cmp.Compare(x.series, y.series), cmp.Compare(x.at, y.at), slices.Compare(x.id[:], y.id[:]))
	})
	return b
}

// insert runs in the writer's turn, perhaps more than once.
func (s *Store) insert(c *sqlitedb.Conn, b *batch) error {
	b.done = timeseries.Inserted{}
	k, err := kept(c)
	if err != nil {
		return err
	}
	add, err := c.Prepare("INSERT INTO timeseries_points (series, at, id, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
	if err != nil {
		return err
	}
	// Rows come series by series and in the order of time, so one slot is open at a time.
	var sum timeseries.Bucket
	var number, slot int64
	at := -1 // the series whose number that is
	for _, r := range b.rows {
		if r.at < k.Points {
			b.done.Forgotten++
			continue
		}
		if of := timeseries.SlotOf(r.at); r.series != at || of != slot {
			if err := addSlot(c, number, slot, sum); err != nil {
				return err
			}
			sum, slot = timeseries.Bucket{}, of
		}
		if r.series != at {
			if number, err = s.number(c, b.series[r.series]); err != nil {
				return err
			}
			at = r.series
		}
		if err := add.Reset(); err != nil {
			return err
		}
		add.BindInt64(1, number)
		add.BindInt64(2, r.at)
		sqlitedb.BindID(add, 3, r.id)
		add.BindFloat(4, r.value)
		if _, err := add.Step(); err != nil {
			return err
		}
		if c.Changes() == 0 {
			b.done.Repeated++
			continue
		}
		b.done.New++
		sum.Add(r.value)
	}
	return addSlot(c, number, slot, sum)
}

// addSlot adds what new points come to to their slot.
func addSlot(c *sqlitedb.Conn, series, slot int64, sum timeseries.Bucket) error {
	if sum.Count == 0 {
		return nil
	}
	stmt, err := c.Prepare(`INSERT INTO timeseries_slots (series, slot, count, sum, min, max) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum,
			min = min(min, excluded.min), max = max(max, excluded.max)`)
	if err != nil {
		return err
	}
	stmt.BindInt64(1, series)
	stmt.BindInt64(2, slot)
	stmt.BindInt64(3, int64(sum.Count)) // #nosec G115 -- points of one batch
	stmt.BindFloat(4, sum.Sum)
	stmt.BindFloat(5, sum.Min)
	stmt.BindFloat(6, sum.Max)
	_, err = stmt.Step()
	return err
}

// number answers a series' number, and makes the series where it is missing.
func (s *Store) number(c *sqlitedb.Conn, key seriesKey) (int64, error) {
	if n, ok := s.numbers[key]; ok {
		return n, nil
	}
	var n int64
	err := c.Query("SELECT n FROM timeseries_series WHERE workspace = ? AND metric = ? AND dimensions = ?", func(stmt *sqlitedb.Stmt) error {
		n = stmt.ColumnInt64(0)
		return nil
	}, key.workspace, key.metric, key.dimensions)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		err := c.Exec("INSERT INTO timeseries_series (workspace, metric, dimensions) VALUES (?, ?, ?)", key.workspace, key.metric, key.dimensions)
		if err != nil {
			return 0, err
		}
		n = c.LastInsertRowID()
		c.OnRollback(func() { delete(s.numbers, key) })
	}
	if len(s.numbers) >= maxNumbers {
		clear(s.numbers)
	}
	s.numbers[key] = n
	return n, nil
}
