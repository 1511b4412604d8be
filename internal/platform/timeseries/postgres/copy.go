package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"headway/internal/platform/timeseries"
)

// copyIn adds a batch in which all points are new, and what they come to. It
// answers false where some are too old, which is not for it to sort out, and
// an error with the code duplicate where some were there already.
func (s *Store) copyIn(ctx context.Context, b *columns) (copied bool, err error) {
	sums := b.sums()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var known bool
		var kept time.Time
		var batch pgx.Batch
		// In a statement of its own: the next one sees what it has waited for.
		batch.Queue("SELECT pg_advisory_xact_lock_shared($1)", int64(lockKept))
		batch.Queue("SELECT points, (SELECT count(*) FROM timeseries_series WHERE n = ANY($1::bigint[])) = cardinality($1::bigint[]) FROM timeseries_kept", b.numbers).
			QueryRow(func(row pgx.Row) error { return row.Scan(&kept, &known) })
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return err
		}
		if !known {
			return errStale
		}
		for _, at := range b.at {
			if at.Before(kept) {
				return nil
			}
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"timeseries_points"}, []string{"series", "at", "id", "value"}, b)
		if err == nil {
			_, err = tx.Exec(ctx, addSumsSQL, sums.series, sums.slot, sums.count, sums.sum, sums.min, sums.max)
		}
		copied = err == nil
		return err
	})
	return copied && err == nil, err
}

const addSumsSQL = `INSERT INTO timeseries_slots AS s (series, slot, count, sum, min, max)
SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::float8[], $5::float8[], $6::float8[])
ON CONFLICT (series, slot) DO UPDATE SET count = s.count + excluded.count, sum = s.sum + excluded.sum,
	min = least(s.min, excluded.min), max = greatest(s.max, excluded.max)`

// Next implements pgx.CopyFromSource.
func (b *columns) Next() bool {
	b.next++
	return b.next <= len(b.series)
}

// Values implements pgx.CopyFromSource.
func (b *columns) Values() ([]any, error) {
	i := b.next - 1
	return []any{b.series[i], b.at[i], b.id[i], b.value[i]}, nil
}

// Err implements pgx.CopyFromSource.
func (b *columns) Err() error { return nil }

// slotColumns are slots as the server takes them, sorted by their key.
type slotColumns struct {
	series        []int64
	slot          []time.Time
	count         []int64
	sum, min, max []float64
}

// sums are what a batch comes to, slot by slot; its rows come in their order.
func (b *columns) sums() *slotColumns {
	out := &slotColumns{}
	var sum timeseries.Bucket
	add := func(series, slot int64) {
		out.series, out.slot = append(out.series, series), append(out.slot, moment(slot))
		out.count = append(out.count, int64(sum.Count)) // #nosec G115 -- points of one batch
		out.sum, out.min, out.max = append(out.sum, sum.Sum), append(out.min, sum.Min), append(out.max, sum.Max)
		sum = timeseries.Bucket{}
	}
	for i := range b.series {
		sum.Add(b.value[i])
		slot := timeseries.SlotOf(b.at[i].UnixMilli())
		if i+1 == len(b.series) || b.series[i+1] != b.series[i] || timeseries.SlotOf(b.at[i+1].UnixMilli()) != slot {
			add(b.series[i], slot)
		}
	}
	return out
}
