package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// chunk is how many points one transaction adds.
const chunk = 10_000

// Insert implements timeseries.Store.
func (s *Store) Insert(ctx context.Context, points []timeseries.Point) (timeseries.Inserted, error) {
	var done timeseries.Inserted
	if err := cmp.Or(ctx.Err(), timeseries.Check(points)); err != nil {
		return done, err
	}
	// What is known to be too old needs neither a series nor a partition. That
	// may have been long ago: the statement looks again.
	if oldest := s.keptPoints.Load(); oldest > 0 {
		young := make([]timeseries.Point, 0, len(points))
		for _, p := range points {
			if p.At.UnixMilli() >= oldest {
				young = append(young, p)
			}
		}
		done.Forgotten += len(points) - len(young)
		points = young
	}
	for part := range slices.Chunk(points, chunk) {
		if err := s.insertAgain(ctx, part, &done); err != nil {
			return done, fmt.Errorf("timeseries/postgres: insert: %w", err)
		}
	}
	return done, nil
}

// insertAgain inserts, and does so again where what is remembered of series or
// partitions no longer holds, or two transactions were in each other's way.
func (s *Store) insertAgain(ctx context.Context, points []timeseries.Point, done *timeseries.Inserted) (err error) {
	for range 5 {
		err = s.insert(ctx, points, done)
		switch {
		case errors.Is(err, errStale) || code(err) == noPartition:
			s.forgetRemembered()
		case code(err) == deadlock || code(err) == serialization:
		default:
			return err
		}
	}
	return err
}

// errStale says that a series is gone that a number was remembered of.
var errStale = errors.New("a series was removed again and again while points were added to it")

// insertSQL adds points and what the new ones come to. Of its parameters, $5
// are the series that must be there. Rows come sorted, so that transactions
// with the same rows wait for each other in one order.
const insertSQL = `WITH kept AS (
	SELECT points, (SELECT count(*) FROM timeseries_series WHERE n = ANY($5::bigint[])) = cardinality($5::bigint[]) AS known FROM timeseries_kept
), given AS (
	SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[], $4::float8[]) AS g (series, at, id, value)
), fresh AS (
	INSERT INTO timeseries_points (series, at, id, value)
	SELECT series, at, id, value FROM given WHERE at >= (SELECT points FROM kept) AND (SELECT known FROM kept)
	ON CONFLICT DO NOTHING
	RETURNING series, at, value
), summed AS (
	INSERT INTO timeseries_slots AS s (series, slot, count, sum, min, max)
	SELECT series, date_bin('15 minutes', at, 'epoch'), count(*), sum(value), min(value), max(value) FROM fresh GROUP BY 1, 2 ORDER BY 1, 2
	ON CONFLICT (series, slot) DO UPDATE SET count = s.count + excluded.count, sum = s.sum + excluded.sum,
		min = least(s.min, excluded.min), max = greatest(s.max, excluded.max)
)
SELECT (SELECT known FROM kept), (SELECT count(*) FROM fresh), (SELECT count(*) FROM given WHERE at < (SELECT points FROM kept))`

func (s *Store) insert(ctx context.Context, points []timeseries.Point, done *timeseries.Inserted) error {
	b, err := s.prepare(ctx, points)
	if err != nil {
		return err
	}
	if err := s.makeDays(ctx, b.at); err != nil {
		return err
	}
	// Points mostly come once: then copying them in is the cheapest. Where
	// some were there it fails, and others are likely to follow.
	if !s.repeats.Load() {
		copied, err := s.copyIn(ctx, b)
		if copied || (err != nil && code(err) != duplicate) {
			if err == nil {
				done.New += len(points)
			}
			return err
		}
	}
	var known bool
	var fresh, forgotten int
	// One round trip, and one transaction.
	var batch pgx.Batch
	batch.Queue("SELECT pg_advisory_xact_lock_shared($1)", int64(lockKept))
	batch.Queue(insertSQL, b.series, b.at, b.id, b.value, b.numbers).QueryRow(func(row pgx.Row) error {
		return row.Scan(&known, &fresh, &forgotten)
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if !known {
		return errStale
	}
	repeated := len(points) - fresh - forgotten
	s.repeats.Store(repeated > 0)
	done.New += fresh
	done.Forgotten += forgotten
	done.Repeated += repeated
	return nil
}

type seriesKey struct {
	workspace          ids.ID
	metric, dimensions string
}

// columns are a batch as the server takes it, sorted by the key of points.
type columns struct {
	series  []int64
	at      []time.Time
	id      [][16]byte
	value   []float64
	numbers []int64 // the different series
	next    int     // the row that copying goes on with, from 1
}

func (s *Store) prepare(ctx context.Context, points []timeseries.Point) (*columns, error) {
	numbers, own, err := s.seriesOf(ctx, points)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	// Stable, so that of two with the same key the first of the batch stays.
	slices.SortStableFunc(order, func(i, k int) int {
		x, y := &points[i], &points[k]
		return cmp.Or(cmp.Compare(own[i], own[k]), cmp.Compare(x.At.UnixMilli(), y.At.UnixMilli()), slices.Compare(x.ID[:], y.ID[:]))
	})
	n := len(points)
	b := &columns{series: make([]int64, n), at: make([]time.Time, n), id: make([][16]byte, n), value: make([]float64, n), numbers: numbers}
	for i, k := range order {
		p := &points[k]
		b.series[i], b.at[i], b.id[i], b.value[i] = own[k], time.UnixMilli(p.At.UnixMilli()).UTC(), p.ID, p.Value
	}
	return b, nil
}

// maxNumbers bounds the memory of series' numbers.
const maxNumbers = 50_000

// seriesOf answers the different series of points, and the series of each point.
func (s *Store) seriesOf(ctx context.Context, points []timeseries.Point) (numbers, own []int64, err error) {
	keys := make([]seriesKey, len(points))
	known := map[seriesKey]int64{}
	var missing []seriesKey
	s.mu.Lock()
	for i := range points {
		p := &points[i]
		keys[i] = seriesKey{p.Workspace, p.Metric, p.Dimensions.Text()}
		if _, seen := known[keys[i]]; seen {
			continue
		}
		n, ok := s.numbers[keys[i]]
		if !ok {
			missing = append(missing, keys[i])
		}
		known[keys[i]] = n
	}
	s.mu.Unlock()
	if len(missing) > 0 {
		if err := s.makeSeries(ctx, missing, known); err != nil {
			return nil, nil, err
		}
	}
	for _, n := range known {
		numbers = append(numbers, n)
	}
	own = make([]int64, len(points))
	for i, key := range keys {
		own[i] = known[key]
	}
	return numbers, own, nil
}

// makeSeries puts the numbers of series into known, making those that are not there.
func (s *Store) makeSeries(ctx context.Context, missing []seriesKey, known map[seriesKey]int64) error {
	slices.SortFunc(missing, func(a, b seriesKey) int {
		return cmp.Or(slices.Compare(a.workspace[:], b.workspace[:]), cmp.Compare(a.metric, b.metric), cmp.Compare(a.dimensions, b.dimensions))
	})
	var workspaces [][16]byte
	var metrics, dimensions []string
	for _, key := range missing {
		workspaces = append(workspaces, key.workspace)
		metrics = append(metrics, key.metric)
		dimensions = append(dimensions, key.dimensions)
	}
	const wanted = "unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS w (workspace, metric, dimensions, i)"
	var batch pgx.Batch
	batch.Queue(`INSERT INTO timeseries_series (workspace, metric, dimensions)
		SELECT w.workspace, w.metric, w.dimensions FROM `+wanted+`
		WHERE NOT EXISTS (SELECT FROM timeseries_series s WHERE s.workspace = w.workspace AND s.metric = w.metric AND s.dimensions = w.dimensions)
		ORDER BY i ON CONFLICT DO NOTHING`, workspaces, metrics, dimensions)
	found := 0
	batch.Queue("SELECT w.i, s.n FROM "+wanted+" JOIN timeseries_series s ON s.workspace = w.workspace AND s.metric = w.metric AND s.dimensions = w.dimensions",
		workspaces, metrics, dimensions).Query(func(rows pgx.Rows) error {
		var i, n int64
		_, err := pgx.ForEachRow(rows, []any{&i, &n}, func() error {
			known[missing[i-1]] = n
			found++
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if found < len(missing) {
		return errStale // removed in between
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.numbers) > maxNumbers {
		clear(s.numbers)
	}
	for _, key := range missing {
		s.numbers[key] = known[key]
	}
	return nil
}

// forgetRemembered drops what is remembered of the database.
func (s *Store) forgetRemembered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.numbers)
	clear(s.days)
}
