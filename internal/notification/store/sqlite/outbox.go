package sqlite

import (
	"context"
	"time"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/sqlitedb"
)

const outboxColumns = "user, id, notice, channel, created, due, state, tries, reason"

func scanOutgoing(s *sqlitedb.Stmt) state.Outgoing {
	return state.Outgoing{
		User: sqlitedb.ColumnID(s, 0), ID: sqlitedb.ColumnID(s, 1), Notice: sqlitedb.ColumnID(s, 2), Channel: state.Channel(s.ColumnText(3)),
		Created: sqlitedb.ColumnTime(s, 4), Due: sqlitedb.ColumnTime(s, 5), State: state.SendState(s.ColumnText(6)), Tries: s.ColumnInt(7), Reason: s.ColumnText(8),
	}
}

// Claim implements store.Outbox.
func (s *Store) Claim(ctx context.Context, now, until time.Time, limit int) (out []store.Claim, err error) {
	// Most times there is nothing, and the writer need not be asked.
	due := func(c *sqlitedb.Conn) (list []store.Claim, err error) {
		err = c.Query("SELECT "+outboxColumns+" FROM notification_outbox WHERE state = 'pending' AND max(due, taken) <= ? ORDER BY max(due, taken) LIMIT ?", func(s *sqlitedb.Stmt) error {
			list = append(list, store.Claim{Outgoing: scanOutgoing(s), Until: until})
			return nil
		}, now, limit)
		return list, err
	}
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		out, err = due(c)
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, wrap("claim", err)
	}
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		if out, err = due(c); err != nil {
			return err
		}
		for i := range out {
			out[i].Tries++
			if err := c.Exec("UPDATE notification_outbox SET tries = ?, taken = ? WHERE user = ? AND id = ?", out[i].Tries, until, out[i].User, out[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, wrap("claim", err)
}

// Settle implements store.Outbox.
func (s *Store) Settle(ctx context.Context, claim store.Claim) error {
	return wrap("settle", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		err := c.Exec("UPDATE notification_outbox SET state = ?, due = ?, reason = ?, taken = 0 WHERE user = ? AND id = ? AND tries = ? AND state = 'pending'",
			string(claim.State), claim.Due, claim.Reason, claim.User, claim.ID, claim.Tries)
		if err == nil && c.Changes() == 0 {
			err = store.ErrLost
		}
		return err
	}))
}

// Queue implements store.Outbox.
func (s *Store) Queue(ctx context.Context) (q state.Queue, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		if err := c.Query("SELECT count(*), coalesce(min(created), 0) FROM notification_outbox WHERE state = 'pending'", func(s *sqlitedb.Stmt) error {
			if q.Pending = s.ColumnInt(0); q.Pending > 0 {
				q.Oldest = sqlitedb.ColumnTime(s, 1)
			}
			return nil
		}); err != nil {
			return err
		}
		return c.Query("SELECT count(*) FROM notification_outbox WHERE state = 'failed'", func(s *sqlitedb.Stmt) error {
			q.Failed = s.ColumnInt(0)
			return nil
		})
	})
	return q, wrap("queue", err)
}

// GivenUp implements store.Outbox.
func (s *Store) GivenUp(ctx context.Context, limit int) (out []state.Outgoing, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT "+outboxColumns+" FROM notification_outbox WHERE state = 'failed' ORDER BY id LIMIT ?", func(s *sqlitedb.Stmt) error {
			out = append(out, scanOutgoing(s))
			return nil
		}, limit)
	})
	return out, wrap("list what failed", err)
}
