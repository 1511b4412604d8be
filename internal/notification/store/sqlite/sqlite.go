// Package sqlite keeps what the notification service keeps in the SQLite
// database of the event log and the checkpoints: what is made of events
// commits with the checkpoint.
package sqlite

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema of the tables that this store keeps.
func Migrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "notification", Files: files, Dir: "migrations"}
}

// Store implements store.Store.
type Store struct{ db *sqlitedb.DB }

var _ store.Store = (*Store)(nil)

// New makes a store on a database that was opened with Migrations and those of
// the consumers' checkpoints.
func New(db *sqlitedb.DB) *Store { return &Store{db} }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("notification/store/sqlite: %s: %w", what, err)
}

func version(s *sqlitedb.Stmt, col int) state.Version {
	return state.Version(s.ColumnInt64(col)) // #nosec G115 -- written as one
}

func readSettings(c *sqlitedb.Conn) (out state.Settings, err error) {
	err = c.Query("SELECT began, secret FROM notification_settings", func(s *sqlitedb.Stmt) error {
		out = state.Settings{Began: sqlitedb.ColumnTime(s, 0), Secret: sqlitedb.ColumnBlob(s, 1)}
		return nil
	})
	return out, err
}

// Settings implements store.Store.
func (s *Store) Settings(ctx context.Context, first state.Settings) (out state.Settings, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		out, err = readSettings(c)
		return err
	})
	if err != nil || out.Secret != nil {
		return out, wrap("settings", err) // as always but the first time
	}
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		if out, err = readSettings(c); err != nil || out.Secret != nil {
			return err
		}
		if err := c.Exec("INSERT INTO notification_settings (one, began, secret) VALUES (1, ?, ?)", first.Began, first.Secret); err != nil {
			return err
		}
		out, err = readSettings(c)
		return err
	})
	return out, wrap("settings", err)
}

func readPreferences(c *sqlitedb.Conn, user ids.ID) (p state.Preferences, err error) {
	err = c.Query("SELECT data, seq FROM notification_preferences WHERE user = ?", func(s *sqlitedb.Stmt) error {
		if err := json.Unmarshal([]byte(s.ColumnText(0)), &p); err != nil {
			return err
		}
		p.Seq = uint64(s.ColumnInt64(1)) // #nosec G115 -- counted up from 1
		return nil
	}, user)
	return p, err
}

// Preferences implements store.Store.
func (s *Store) Preferences(ctx context.Context, user ids.ID) (p state.Preferences, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		p, err = readPreferences(c, user)
		return err
	})
	return p, wrap("preferences", err)
}

// SavePreferences implements store.Store.
func (s *Store) SavePreferences(ctx context.Context, user ids.ID, p state.Preferences) (state.Preferences, error) {
	next := p
	next.Seq++
	data, err := json.Marshal(next)
	if err != nil {
		return state.Preferences{}, wrap("save preferences", err)
	}
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		was, err := readPreferences(c, user)
		if err != nil {
			return err
		}
		if was.Seq != p.Seq {
			return store.ErrConflict
		}
		return c.Exec("INSERT OR REPLACE INTO notification_preferences (user, seq, data) VALUES (?, ?, ?)", user, next.Seq, string(data))
	})
	if err != nil {
		return state.Preferences{}, wrap("save preferences", err)
	}
	return next, nil
}

// Purge implements store.Store.
func (s *Store) Purge(ctx context.Context, notices, outbox time.Time, limit int) (dropped int, err error) {
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		dropped = 0
		for sql, before := range map[string]time.Time{
			"DELETE FROM notification_notices WHERE (user, id) IN (SELECT user, id FROM notification_notices WHERE at < ? LIMIT ?)":                           notices,
			"DELETE FROM notification_outbox WHERE (user, id) IN (SELECT user, id FROM notification_outbox WHERE state <> 'pending' AND created < ? LIMIT ?)": outbox,
		} {
			if err := c.Exec(sql, before, limit); err != nil {
				return err
			}
			dropped += c.Changes()
		}
		return nil
	})
	return dropped, wrap("purge", err)
}

// Dump implements store.Store.
func (s *Store) Dump(ctx context.Context) (out []byte, err error) {
	d := store.Dump{}
	err = s.db.View(ctx, func(c *sqlitedb.Conn) error {
		if err := c.Query("SELECT data FROM notification_frames", func(s *sqlitedb.Stmt) error {
			f, err := decode[state.Frame](s, 0)
			d.Frames = append(d.Frames, f)
			return err
		}); err != nil {
			return err
		}
		if err := c.Query("SELECT data FROM notification_tasks", func(s *sqlitedb.Stmt) error {
			t, err := decode[state.Task](s, 0)
			d.Tasks = append(d.Tasks, t)
			return err
		}); err != nil {
			return err
		}
		if err := c.Query("SELECT "+noticeColumns+" FROM notification_notices", func(s *sqlitedb.Stmt) error {
			d.Notices = append(d.Notices, scanNotice(s))
			return nil
		}); err != nil {
			return err
		}
		return c.Query("SELECT workspace, task, version, at FROM notification_reminders", func(s *sqlitedb.Stmt) error {
			d.Reminders = append(d.Reminders, scanReminder(s))
			return nil
		})
	})
	if err != nil {
		return nil, wrap("dump", err)
	}
	return d.Bytes()
}

func decode[T any](s *sqlitedb.Stmt, col int) (v T, err error) {
	err = json.Unmarshal(sqlitedb.ColumnBlob(s, col), &v)
	return v, err
}
