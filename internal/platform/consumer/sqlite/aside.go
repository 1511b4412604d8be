package sqlite

import (
	"context"
	"fmt"

	"headway/internal/platform/consumer"
	"headway/internal/platform/sqlitedb"
)

func insertAside(c *sqlitedb.Conn, name string, a *consumer.Aside) error {
	return c.Exec("INSERT OR REPLACE INTO consumer_aside (consumer, stream, seq, event, type, reason, tries, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		name, a.Stream, a.Seq, a.Event, a.Type, a.Reason, a.Tries, a.At)
}

// SetAside implements consumer.Checkpoints.
func (c *Checkpoints) SetAside(ctx context.Context, name string, after consumer.Place, limit int) ([]consumer.Aside, error) {
	var out []consumer.Aside
	err := c.db.Read(ctx, func(conn *sqlitedb.Conn) error {
		return conn.Query(`SELECT stream, seq, event, type, reason, tries, at FROM consumer_aside
			WHERE consumer = ? AND (stream, seq) > (?, ?) ORDER BY stream, seq LIMIT ?`, func(s *sqlitedb.Stmt) error {
			out = append(out, consumer.Aside{
				Place: consumer.Place{Stream: sqlitedb.ColumnID(s, 0), Seq: uint64(s.ColumnInt64(1))}, // #nosec G115 -- written as uint64
				Event: sqlitedb.ColumnID(s, 2), Type: s.ColumnText(3), Reason: s.ColumnText(4), Tries: s.ColumnInt(5), At: sqlitedb.ColumnTime(s, 6),
			})
			return nil
		}, name, after.Stream, after.Seq, max(limit, 0))
	})
	if err != nil {
		return nil, fmt.Errorf("consumer/sqlite: list what is set aside: %w", err)
	}
	return out, nil
}

// NoteAside implements consumer.Checkpoints.
func (c *Checkpoints) NoteAside(ctx context.Context, name string, generation uint64, a consumer.Aside) error {
	err := c.db.Write(ctx, func(conn *sqlitedb.Conn) error {
		if at, _, _, err := find(conn, name); err != nil || at != generation {
			return err
		}
		return conn.Exec("UPDATE consumer_aside SET reason = ?, tries = ?, at = ? WHERE consumer = ? AND stream = ? AND seq = ?",
			a.Reason, a.Tries, a.At, name, a.Stream, a.Seq)
	})
	if err != nil {
		return fmt.Errorf("consumer/sqlite: note a try: %w", err)
	}
	return nil
}

// Release implements consumer.Checkpoints.
func (c *Checkpoints) Release(ctx context.Context, name string, generation uint64, place consumer.Place, effect consumer.Effect) error {
	return c.write(ctx, generation, effect, func(conn *sqlitedb.Conn) error {
		at, resetting, _, err := find(conn, name)
		if err != nil {
			return fmt.Errorf("consumer/sqlite: release: %w", err)
		}
		if at != generation || resetting {
			return consumer.ErrNotAside
		}
		if err := conn.Exec("DELETE FROM consumer_aside WHERE consumer = ? AND stream = ? AND seq = ?", name, place.Stream, place.Seq); err != nil {
			return fmt.Errorf("consumer/sqlite: release: %w", err)
		}
		if conn.Changes() == 0 {
			return consumer.ErrNotAside
		}
		return nil
	})
}
