// Package sqlite keeps the event log in the SQLite database that a process
// shares with its read models, so that events and their rows can be one
// transaction: AppendIn and Writer append inside a write of the caller's.
package sqlite

import (
	"context"
	"embed"
	"fmt"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations is the log's schema.
func Migrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "eventlog", Files: files, Dir: "migrations"}
}

// Log is an event log in SQLite. It is safe for concurrent use.
type Log struct {
	db *sqlitedb.DB
	// changed is the place of the newest change; only the writer touches it.
	// One that is rolled back leaves a gap, which does no harm.
	changed int64
}

var _ eventlog.Log = (*Log)(nil)

// New opens the log in a database that was opened with Migrations. There must
// be one Log for a database.
func New(ctx context.Context, db *sqlitedb.DB) (*Log, error) {
	l := &Log{db: db}
	err := db.Read(ctx, func(c *sqlitedb.Conn) error {
		for _, category := range []eventlog.Category{eventlog.Workspace, eventlog.Account} {
			err := c.Query("SELECT max(changed) FROM streams WHERE category = ?", func(s *sqlitedb.Stmt) error {
				l.changed = max(l.changed, s.ColumnInt64(0))
				return nil
			}, string(category))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("eventlog/sqlite: open: %w", err)
	}
	return l, nil
}

// seqBits is how many bits of an event's place are its seq.
const seqBits = 38

// place is where an event is among all; see the schema.
func place(stream int64, seq uint64) int64 {
	return stream<<seqBits | int64(min(seq, 1<<seqBits-1)) // #nosec G115 -- below 2^38
}

// Append implements eventlog.Log.
func (l *Log) Append(ctx context.Context, category eventlog.Category, stream ids.ID, expected uint64, events []eventlog.Event) (done eventlog.Appended, err error) {
	err = l.db.Write(ctx, func(c *sqlitedb.Conn) error {
		done, err = l.AppendIn(c, category, stream, expected, events)
		return err
	})
	if err != nil {
		return eventlog.Appended{}, err
	}
	return done, nil
}

const selectEvents = "SELECT place, id, entity, scope, type, version, actor, at, cause, data FROM events "

// Read implements eventlog.Log.
func (l *Log) Read(ctx context.Context, stream ids.ID, after uint64, limit int) ([]eventlog.Event, error) {
	return l.read(ctx, stream, selectEvents+"WHERE place > ? AND place <= ? ORDER BY place LIMIT ?",
		after, maxSeq, nil, limit)
}

// ReadBack implements eventlog.Log.
func (l *Log) ReadBack(ctx context.Context, stream ids.ID, before uint64, limit int) ([]eventlog.Event, error) {
	return l.read(ctx, stream, selectEvents+"WHERE place > ? AND place <= ? ORDER BY place DESC LIMIT ?",
		0, below(before), nil, limit)
}

// ReadEntity implements eventlog.Log.
func (l *Log) ReadEntity(ctx context.Context, stream, entity ids.ID, after, upTo uint64, limit int) ([]eventlog.Event, error) {
	return l.read(ctx, stream, selectEvents+"INDEXED BY events_entity WHERE place > ? AND place <= ? AND entity = ? ORDER BY place LIMIT ?",
		after, upTo, &entity, limit)
}

// ReadEntityBack implements eventlog.Log.
func (l *Log) ReadEntityBack(ctx context.Context, stream, entity ids.ID, before uint64, limit int) ([]eventlog.Event, error) {
	return l.read(ctx, stream, selectEvents+"INDEXED BY events_entity WHERE place > ? AND place <= ? AND entity = ? ORDER BY place DESC LIMIT ?",
		0, below(before), &entity, limit)
}

const maxSeq = 1<<seqBits - 1

func below(seq uint64) uint64 {
	if seq == 0 {
		return 0
	}
	return seq - 1
}

func (l *Log) read(ctx context.Context, stream ids.ID, sql string, after, upTo uint64, entity *ids.ID, limit int) ([]eventlog.Event, error) {
	var out []eventlog.Event
	err := l.db.Read(ctx, func(c *sqlitedb.Conn) (err error) {
		out, err = readIn(c, stream, sql, after, upTo, entity, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("eventlog/sqlite: read: %w", err)
	}
	return out, nil
}

// ReadBackIn is ReadBack inside a read or write of the caller's; in a write
// it sees what that has appended.
func (l *Log) ReadBackIn(c *sqlitedb.Conn, stream ids.ID, before uint64, limit int) ([]eventlog.Event, error) {
	return readIn(c, stream, selectEvents+"WHERE place > ? AND place <= ? ORDER BY place DESC LIMIT ?", 0, below(before), nil, limit)
}

// ReadIn is Read inside a read or write of the caller's.
func (l *Log) ReadIn(c *sqlitedb.Conn, stream ids.ID, after uint64, limit int) ([]eventlog.Event, error) {
	return readIn(c, stream, selectEvents+"WHERE place > ? AND place <= ? ORDER BY place LIMIT ?", after, maxSeq, nil, limit)
}

func readIn(c *sqlitedb.Conn, stream ids.ID, sql string, after, upTo uint64, entity *ids.ID, limit int) ([]eventlog.Event, error) {
	if limit <= 0 || after >= upTo {
		return nil, nil
	}
	n, _, err := find(c, stream)
	if err != nil || n == 0 {
		return nil, err
	}
	stmt, err := c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	stmt.BindInt64(1, place(n, after))
	stmt.BindInt64(2, place(n, upTo))
	next := 3
	if entity != nil {
		sqlitedb.BindID(stmt, next, *entity)
		next++
	}
	stmt.BindInt64(next, int64(limit))
	var out []eventlog.Event
	for {
		row, err := stmt.Step()
		if err != nil {
			return nil, err
		}
		if !row {
			return out, nil
		}
		out = append(out, eventlog.Event{
			Stream:  stream,
			Seq:     uint64(stmt.ColumnInt64(0)) & maxSeq, // #nosec G115 -- never negative
			ID:      sqlitedb.ColumnID(stmt, 1),
			Entity:  sqlitedb.ColumnID(stmt, 2),
			Scope:   sqlitedb.ColumnID(stmt, 3),
			Type:    stmt.ColumnText(4),
			Version: uint16(stmt.ColumnInt32(5)), // #nosec G115 -- written as one
			Actor:   sqlitedb.ColumnID(stmt, 6),
			At:      time.UnixMilli(stmt.ColumnInt64(7)).UTC(),
			Cause:   stmt.ColumnText(8),
			Data:    sqlitedb.ColumnBlob(stmt, 9),
		})
	}
}

// find answers a stream's number and head, zeros where there is none.
func find(c *sqlitedb.Conn, stream ids.ID) (n int64, head uint64, err error) {
	stmt, err := c.Prepare("SELECT n, head FROM streams WHERE id = ?")
	if err != nil {
		return 0, 0, err
	}
	sqlitedb.BindID(stmt, 1, stream)
	row, err := stmt.Step()
	if err != nil || !row {
		return 0, 0, err
	}
	return stmt.ColumnInt64(0), uint64(stmt.ColumnInt64(1)), nil // #nosec G115 -- written as uint64
}

// Head implements eventlog.Log.
func (l *Log) Head(ctx context.Context, stream ids.ID) (head uint64, err error) {
	err = l.db.Read(ctx, func(c *sqlitedb.Conn) error {
		_, head, err = find(c, stream)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("eventlog/sqlite: head: %w", err)
	}
	return head, nil
}

// Changed implements eventlog.Log.
func (l *Log) Changed(ctx context.Context, category eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error) {
	var out []eventlog.StreamHead
	to := after
	err := l.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT id, head, changed FROM streams WHERE category = ? AND changed > ? ORDER BY changed LIMIT ?",
			func(s *sqlitedb.Stmt) error {
				out = append(out, eventlog.StreamHead{Stream: sqlitedb.ColumnID(s, 0), Head: uint64(s.ColumnInt64(1))}) // #nosec G115 -- written as uint64
				to = eventlog.Cursor(s.ColumnInt64(2))                                                                  // #nosec G115 -- counts up from 1
				return nil
			}, string(category), uint64(after), max(limit, 0))
	})
	if err != nil {
		return nil, after, fmt.Errorf("eventlog/sqlite: changed: %w", err)
	}
	return out, to, nil
}

// Newest implements eventlog.Log.
func (l *Log) Newest(ctx context.Context, category eventlog.Category) (newest eventlog.Cursor, err error) {
	err = l.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT max(changed) FROM streams WHERE category = ?", func(s *sqlitedb.Stmt) error {
			newest = eventlog.Cursor(s.ColumnInt64(0)) // #nosec G115 -- counts up from 1
			return nil
		}, string(category))
	})
	if err != nil {
		return 0, fmt.Errorf("eventlog/sqlite: newest: %w", err)
	}
	return newest, nil
}
