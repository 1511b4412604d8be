// Package sqlite is the auth store on SQLite, in the same database as the
// event log, so that events and what they change commit together.
package sqlite

import (
	"context"
	"embed"
	"fmt"

	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	eventsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema of the tables that this store keeps.
func Migrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "auth", Files: files, Dir: "migrations"}
}

// Store implements store.Store.
type Store struct {
	db  *sqlitedb.DB
	log *eventsqlite.Log
}

var _ store.Store = (*Store)(nil)

// New makes a store on a database that was opened with Migrations and those of the event log.
func New(db *sqlitedb.DB, log *eventsqlite.Log) *Store { return &Store{db: db, log: log} }

// append adds events at the stream's head, of which no other write can come
// in between: there is one writer.
func (s *Store) append(c *sqlitedb.Conn, stream ids.ID, events []eventlog.Event) (eventlog.Appended, error) {
	if len(events) == 0 {
		return eventlog.Appended{}, nil
	}
	_, head, err := s.log.Find(c, stream)
	if err != nil {
		return eventlog.Appended{}, err
	}
	return s.log.AppendIn(c, eventlog.Account, stream, head, events)
}

// exists reports whether the query answers a row.
func exists(c *sqlitedb.Conn, sql string, args ...any) (bool, error) {
	found := false
	err := c.Query(sql, func(*sqlitedb.Stmt) error { found = true; return nil }, args...)
	return found, err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("auth/store/sqlite: %s: %w", what, err)
}

// Register implements store.Store.
func (s *Store) Register(ctx context.Context, r store.Registration) error {
	return wrap("register", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		taken, err := exists(c, "SELECT 1 FROM auth_accounts WHERE email = ?", r.Account.Email)
		if err != nil {
			return err
		}
		if taken {
			return store.ErrEmailTaken
		}
		if _, err := s.append(c, r.Account.ID, r.Events); err != nil {
			return err
		}
		a := r.Account
		if err := c.Exec("INSERT INTO auth_accounts (id, email, name, created, seq) VALUES (?, ?, ?, ?, ?)",
			a.ID, a.Email, a.Name, a.CreatedAt, a.Seq); err != nil {
			return err
		}
		if err := c.Exec("INSERT INTO auth_credentials (account, hash) VALUES (?, ?)", a.ID, r.Hash); err != nil {
			return err
		}
		if err := c.Exec("INSERT INTO auth_personal_keys (account, key) VALUES (?, ?)", a.ID, []byte(r.Key)); err != nil {
			return err
		}
		return insertSession(c, r.Session)
	}))
}

// Account implements store.Store.
func (s *Store) Account(ctx context.Context, id ids.ID) (a state.Account, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		a, err = account(c, id)
		return err
	})
	return a, wrap("account", err)
}

func account(c *sqlitedb.Conn, id ids.ID) (state.Account, error) {
	a := state.Account{}
	err := c.Query("SELECT id, email, name, created, seq FROM auth_accounts WHERE id = ?", func(row *sqlitedb.Stmt) error {
		a = scanAccount(row)
		return nil
	}, id)
	if err == nil && a.ID.IsZero() {
		err = store.ErrNotFound
	}
	return a, err
}

func scanAccount(row *sqlitedb.Stmt) state.Account {
	return state.Account{
		ID: sqlitedb.ColumnID(row, 0), Email: row.ColumnText(1), Name: row.ColumnText(2),
		CreatedAt: sqlitedb.ColumnTime(row, 3), Seq: uint64(row.ColumnInt64(4)), // #nosec G115 -- never negative
	}
}

// Credentials implements store.Store.
func (s *Store) Credentials(ctx context.Context, email string) (a state.Account, hash string, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query(`SELECT a.id, a.email, a.name, a.created, a.seq, c.hash
			FROM auth_accounts a JOIN auth_credentials c ON c.account = a.id WHERE a.email = ?`,
			func(row *sqlitedb.Stmt) error {
				a, hash = scanAccount(row), row.ColumnText(5)
				return nil
			}, email)
	})
	if err == nil && a.ID.IsZero() {
		err = store.ErrNotFound
	}
	return a, hash, wrap("credentials", err)
}

// Names implements store.Store.
func (s *Store) Names(ctx context.Context, accounts []ids.ID) ([]store.Name, error) {
	names := make([]store.Name, 0, len(accounts))
	seen := make(map[ids.ID]bool, len(accounts))
	err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		for _, id := range accounts {
			if seen[id] {
				continue
			}
			seen[id] = true
			err := c.Query("SELECT name, email FROM auth_accounts WHERE id = ?", func(row *sqlitedb.Stmt) error {
				names = append(names, store.Name{ID: id, Name: row.ColumnText(0), Email: row.ColumnText(1)})
				return nil
			}, id)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return names, wrap("names", err)
}

// PersonalKey implements store.Store.
func (s *Store) PersonalKey(ctx context.Context, id ids.ID) (key seal.Key, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT key FROM auth_personal_keys WHERE account = ?", func(row *sqlitedb.Stmt) error {
			key = sqlitedb.ColumnBlob(row, 0)
			return nil
		}, id)
	})
	if err == nil && key == nil {
		err = store.ErrNotFound
	}
	return key, wrap("personal key", err)
}

// ChangeAccount implements store.Store.
func (s *Store) ChangeAccount(ctx context.Context, id ids.ID, decide func(state.Account) (state.Account, []eventlog.Event, error)) (a state.Account, err error) {
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		was, err := account(c, id)
		if err != nil {
			return err
		}
		next, events, err := decide(was)
		if err != nil {
			return err
		}
		a = was
		if len(events) == 0 {
			return nil
		}
		at, err := s.append(c, id, events)
		if err != nil {
			return err
		}
		a.Name, a.Seq = next.Name, at.Last
		return c.Exec("UPDATE auth_accounts SET name = ?, seq = ? WHERE id = ?", a.Name, a.Seq, id)
	})
	if err != nil {
		return state.Account{}, wrap("change account", err)
	}
	return a, nil
}

// ReplaceHash implements store.Store.
func (s *Store) ReplaceHash(ctx context.Context, id ids.ID, old, hash string) error {
	return wrap("replace hash", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		return c.Exec("UPDATE auth_credentials SET hash = ? WHERE account = ? AND hash = ?", hash, id, old)
	}))
}
