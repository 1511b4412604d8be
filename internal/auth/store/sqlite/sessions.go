package sqlite

import (
	"context"
	"time"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/sqlitedb"
)

// StartSession implements store.Store.
func (s *Store) StartSession(ctx context.Context, session state.Session, events []eventlog.Event) error {
	return wrap("start session", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		if _, err := account(c, session.Account); err != nil {
			return err
		}
		if _, err := s.append(c, session.Account, events); err != nil {
			return err
		}
		return insertSession(c, session)
	}))
}

func insertSession(c *sqlitedb.Conn, s state.Session) error {
	return c.Exec(`INSERT INTO auth_sessions (family, id, account, current, previous, salt, started, rotated, expires, ended)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.Family[:], s.ID, s.Account, s.Current[:], s.Previous[:], s.Salt[:], s.StartedAt, s.RotatedAt, s.Expires, orNull(s.Ended))
}

// orNull answers the time to bind, or nil for the zero time.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// ChangeSession implements store.Store.
func (s *Store) ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error {
	return wrap("change session", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		was, err := session(c, family)
		if err != nil {
			return err
		}
		next, events, err := decide(was)
		if err != nil {
			return err
		}
		if next == was && len(events) == 0 {
			return nil
		}
		if _, err := s.append(c, was.Account, events); err != nil {
			return err
		}
		return c.Exec("UPDATE auth_sessions SET current = ?, previous = ?, salt = ?, rotated = ?, ended = ? WHERE family = ?",
			next.Current[:], next.Previous[:], next.Salt[:], next.RotatedAt, orNull(next.Ended), family[:])
	}))
}

const sessionColumns = "id, account, current, previous, salt, started, rotated, expires, ended"

func session(c *sqlitedb.Conn, family [32]byte) (state.Session, error) {
	s := state.Session{Family: family}
	err := c.Query("SELECT "+sessionColumns+" FROM auth_sessions WHERE family = ?", func(row *sqlitedb.Stmt) error {
		scanSession(row, &s)
		return nil
	}, family[:])
	if err == nil && s.ID.IsZero() {
		err = store.ErrNotFound
	}
	return s, err
}

// scanSession reads sessionColumns.
func scanSession(row *sqlitedb.Stmt, s *state.Session) {
	s.ID, s.Account = sqlitedb.ColumnID(row, 0), sqlitedb.ColumnID(row, 1)
	row.ColumnBytes(2, s.Current[:])
	row.ColumnBytes(3, s.Previous[:])
	row.ColumnBytes(4, s.Salt[:])
	s.StartedAt, s.RotatedAt, s.Expires = sqlitedb.ColumnTime(row, 5), sqlitedb.ColumnTime(row, 6), sqlitedb.ColumnTime(row, 7)
	if !row.ColumnIsNull(8) {
		s.Ended = sqlitedb.ColumnTime(row, 8)
	}
}

// SweepSessions implements store.Store.
func (s *Store) SweepSessions(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		err := c.Exec("DELETE FROM auth_sessions WHERE family IN (SELECT family FROM auth_sessions WHERE expires < ? LIMIT ?)", before, limit)
		n = c.Changes()
		return err
	})
	return n, wrap("sweep sessions", err)
}
