package sqlite

import (
	"fmt"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

// AppendIn is Append inside a write of the caller's: durable when that is.
func (l *Log) AppendIn(c *sqlitedb.Conn, category eventlog.Category, stream ids.ID, expected uint64, events []eventlog.Event) (eventlog.Appended, error) {
	if len(events) == 0 {
		return eventlog.Appended{}, eventlog.ErrEmpty
	}
	n, head, err := find(c, stream)
	if err != nil {
		return eventlog.Appended{}, fmt.Errorf("eventlog/sqlite: append: %w", err)
	}
	if n != 0 {
		at, known, err := repeated(c, n, events)
		switch {
		case err != nil:
			return eventlog.Appended{}, fmt.Errorf("eventlog/sqlite: append: %w", err)
		case known == len(events):
			return at, nil
		case known > 0:
			return eventlog.Appended{}, eventlog.ErrPartlyRepeated
		}
	}
	if head != expected {
		return eventlog.Appended{}, &eventlog.ConflictError{Expected: expected, Head: head}
	}
	if n == 0 {
		if n, err = l.Create(c, category, stream); err != nil {
			return eventlog.Appended{}, err
		}
	}
	for i := range events {
		head++
		if err := l.Insert(c, n, head, &events[i]); err != nil {
			return eventlog.Appended{}, err
		}
	}
	if err := l.SetHead(c, n, head); err != nil {
		return eventlog.Appended{}, err
	}
	return eventlog.Appended{First: expected + 1, Last: head}, nil
}

// repeated answers where those events are that the stream holds, and how many they are.
func repeated(c *sqlitedb.Conn, n int64, events []eventlog.Event) (at eventlog.Appended, known int, err error) {
	for i := range events {
		err := c.Query("SELECT place FROM events INDEXED BY events_id WHERE id = ? AND place > ? AND place <= ?", func(s *sqlitedb.Stmt) error {
			seq := uint64(s.ColumnInt64(0)) & maxSeq // #nosec G115 -- never negative
			if known == 0 || seq < at.First {
				at.First = seq
			}
			at.Last = max(at.Last, seq)
			known++
			return nil
		}, events[i].ID, place(n, 0), place(n, maxSeq))
		if err != nil {
			return at, known, err
		}
	}
	at.Repeated = true
	return at, known, nil
}

// The steps below are for a store that is the only one to append to its
// streams, keeps their heads itself, and so need not look anything up: Create
// once, Insert for each event with the seq that follows, and SetHead before
// the transaction ends, once for however many events were inserted.

// Create makes a stream and answers its number.
func (l *Log) Create(c *sqlitedb.Conn, category eventlog.Category, stream ids.ID) (int64, error) {
	stmt, err := c.Prepare("INSERT INTO streams (id, category, head, changed) VALUES (?, ?, 0, 0)")
	if err != nil {
		return 0, fmt.Errorf("eventlog/sqlite: create a stream: %w", err)
	}
	sqlitedb.BindID(stmt, 1, stream)
	stmt.BindText(2, string(category))
	if _, err := stmt.Step(); err != nil {
		return 0, fmt.Errorf("eventlog/sqlite: create a stream: %w", err)
	}
	return c.LastInsertRowID(), nil
}

// Find answers a stream's number and head, zeros where there is no such stream.
func (l *Log) Find(c *sqlitedb.Conn, stream ids.ID) (n int64, head uint64, err error) {
	if n, head, err = find(c, stream); err != nil {
		return 0, 0, fmt.Errorf("eventlog/sqlite: find a stream: %w", err)
	}
	return n, head, nil
}

// Insert writes one event of the stream with number n at seq.
func (l *Log) Insert(c *sqlitedb.Conn, n int64, seq uint64, e *eventlog.Event) error {
	stmt, err := c.Prepare("INSERT INTO events (place, id, entity, scope, type, version, actor, at, cause, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return fmt.Errorf("eventlog/sqlite: insert: %w", err)
	}
	stmt.BindInt64(1, place(n, seq))
	sqlitedb.BindID(stmt, 2, e.ID)
	sqlitedb.BindID(stmt, 3, e.Entity)
	if !e.Scope.IsZero() {
		sqlitedb.BindID(stmt, 4, e.Scope)
	}
	stmt.BindText(5, e.Type)
	stmt.BindInt64(6, int64(e.Version))
	if !e.Actor.IsZero() {
		sqlitedb.BindID(stmt, 7, e.Actor)
	}
	stmt.BindInt64(8, e.At.UnixMilli())
	if e.Cause != "" {
		stmt.BindText(9, e.Cause)
	}
	stmt.BindBytes(10, e.Data)
	if _, err := stmt.Step(); err != nil {
		return fmt.Errorf("eventlog/sqlite: insert: %w", err)
	}
	return nil
}

// SetHead records the newest seq of the stream with number n, and that it changed.
func (l *Log) SetHead(c *sqlitedb.Conn, n int64, head uint64) error {
	l.changed++
	stmt, err := c.Prepare("UPDATE streams SET head = ?, changed = ? WHERE n = ?")
	if err != nil {
		return fmt.Errorf("eventlog/sqlite: set the head: %w", err)
	}
	stmt.BindInt64(1, int64(head)) // #nosec G115 -- below 2^38
	stmt.BindInt64(2, l.changed)
	stmt.BindInt64(3, n)
	if _, err := stmt.Step(); err != nil {
		return fmt.Errorf("eventlog/sqlite: set the head: %w", err)
	}
	return nil
}
