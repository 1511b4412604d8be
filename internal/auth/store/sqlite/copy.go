package sqlite

import (
	"context"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

// CopyAccounts implements store.Mover.
func (s *Store) CopyAccounts(ctx context.Context, accounts []ids.ID) (all []store.AccountCopy, err error) {
	err = s.db.View(ctx, func(c *sqlitedb.Conn) error {
		for _, id := range accounts {
			err := c.Query(`SELECT a.id, a.email, a.name, a.created, a.seq, c.hash, k.key FROM auth_accounts a
				JOIN auth_credentials c ON c.account = a.id JOIN auth_personal_keys k ON k.account = a.id WHERE a.id = ?`,
				func(row *sqlitedb.Stmt) error {
					all = append(all, store.AccountCopy{Account: scanAccount(row), Hash: row.ColumnText(5), Key: sqlitedb.ColumnBlob(row, 6)})
					return nil
				}, id)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return all, wrap("copy accounts", err)
}

// PutAccounts implements store.Mover.
func (s *Store) PutAccounts(ctx context.Context, all []store.AccountCopy) error {
	return wrap("put accounts", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		for i := range all {
			a := &all[i].Account
			for _, step := range []struct {
				sql  string
				args []any
			}{
				{"INSERT INTO auth_accounts (id, email, name, created, seq) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, seq = excluded.seq",
					[]any{a.ID, a.Email, a.Name, a.CreatedAt, a.Seq}},
				{"INSERT INTO auth_credentials (account, hash) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET hash = excluded.hash", []any{a.ID, all[i].Hash}},
				{"INSERT INTO auth_personal_keys (account, key) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET key = excluded.key", []any{a.ID, []byte(all[i].Key)}},
			} {
				if err := c.Exec(step.sql, step.args...); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// sessionPage is how many sessions are read at once.
const sessionPage = 1000

// EachSession implements store.Mover.
func (s *Store) EachSession(ctx context.Context, fn func(state.Session) error) error {
	var after [32]byte // no hash is zero
	for {
		var page []state.Session
		err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
			return c.Query("SELECT "+sessionColumns+", family FROM auth_sessions WHERE family > ? ORDER BY family LIMIT ?", func(row *sqlitedb.Stmt) error {
				var one state.Session
				scanSession(row, &one)
				row.ColumnBytes(9, one.Family[:])
				page = append(page, one)
				return nil
			}, after[:], sessionPage)
		})
		if err != nil {
			return wrap("read sessions", err)
		}
		for i := range page {
			if err := fn(page[i]); err != nil {
				return err
			}
		}
		if len(page) < sessionPage {
			return nil
		}
		after = page[len(page)-1].Family
	}
}

// PutSessions implements store.Mover.
func (s *Store) PutSessions(ctx context.Context, all []state.Session) error {
	return wrap("put sessions", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		for i := range all {
			if err := c.Exec("DELETE FROM auth_sessions WHERE family = ?", all[i].Family[:]); err != nil {
				return err
			}
			if err := insertSession(c, all[i]); err != nil {
				return err
			}
		}
		return nil
	}))
}
