package consumertest

import (
	"context"
	"encoding/json"
	"errors"
	"testing/fstest"

	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

// SQLite keeps folds in the database of the checkpoints, without any guard of
// its own: it is the transaction that keeps them right.
type SQLite struct{ DB *sqlitedb.DB }

var _ Effects = SQLite{}

// SQLiteMigrations is its schema.
func SQLiteMigrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "folds", Files: fstest.MapFS{"0001_folds.sql": {Data: []byte(
		"CREATE TABLE folds (stream BLOB PRIMARY KEY, last INTEGER NOT NULL, n INTEGER NOT NULL, hash INTEGER NOT NULL, late TEXT NOT NULL) STRICT, WITHOUT ROWID;",
	)}}}
}

func readFold(c *sqlitedb.Conn, stream ids.ID) (f Fold, err error) {
	err = c.Query("SELECT last, n, hash, late FROM folds WHERE stream = ?", func(s *sqlitedb.Stmt) error {
		f.Last, f.N, f.Hash = uint64(s.ColumnInt64(0)), s.ColumnInt64(1), s.ColumnInt64(2) // #nosec G115 -- written as uint64
		return json.Unmarshal([]byte(s.ColumnText(3)), &f.Late)
	}, stream)
	return f, err
}

// Take implements Effects.
func (SQLite) Take(_ context.Context, tx consumer.Tx, e *eventlog.Event, late bool) error {
	c, ok := sqlite.Conn(tx)
	if !ok {
		return errors.New("not a transaction of the SQLite adapter")
	}
	f, err := readFold(c, e.Stream)
	if err != nil {
		return err
	}
	f.Take(e, late)
	list, err := json.Marshal(f.Late)
	if err != nil {
		return err
	}
	return c.Exec("INSERT OR REPLACE INTO folds (stream, last, n, hash, late) VALUES (?, ?, ?, ?, ?)", e.Stream, f.Last, f.N, f.Hash, string(list))
}

// Drop implements Effects.
func (SQLite) Drop(_ context.Context, tx consumer.Tx) error {
	c, ok := sqlite.Conn(tx)
	if !ok {
		return errors.New("not a transaction of the SQLite adapter")
	}
	return c.Exec("DELETE FROM folds")
}

// Read implements Effects.
func (s SQLite) Read(ctx context.Context, stream ids.ID, _ uint64) (f Fold, err error) {
	err = s.DB.Read(ctx, func(c *sqlitedb.Conn) error {
		f, err = readFold(c, stream)
		return err
	})
	return f, err
}
