package sqlitedb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"

	"zombiezen.com/go/sqlite"

	"headway/internal/platform/moving"
)

//go:embed migrations/*.sql
var ownFiles embed.FS

// withOwn puts the tables of this package before those of the others.
func withOwn(all []Migrations) []Migrations {
	return append([]Migrations{{Owner: "sqlitedb", Files: ownFiles, Dir: "migrations"}}, all...)
}

var _ moving.Control = (*DB)(nil)

// ErrGuest is answered to a write by a guest.
var ErrGuest = errors.New("sqlitedb: a guest in another process's folder only reads")

// OpenGuest opens the database of a folder that another process may have open,
// for reading and for telling that process of a move. Its schema must be that
// of this program.
func OpenGuest(ctx context.Context, opts Options) (*DB, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	opts = opts.filled()
	c, closeConn, err := beside(ctx, opts.Folder)
	if err != nil {
		return nil, err
	}
	findings, err := checkVersions(c, opts.Folder, withOwn(opts.Migrations))
	if err = errors.Join(err, closeConn()); err != nil {
		return nil, err
	}
	if len(findings) > 0 {
		return nil, fmt.Errorf("%s: %s", opts.Folder, findings[0])
	}
	db := newDB(opts, nil)
	db.guest = true
	if err := errors.Join(db.side.open(db), db.openReaders()); err != nil {
		return nil, errors.Join(err, db.closeConns())
	}
	return db, nil
}

// side is a connection beside the writer and the pool, which sees what other
// processes write.
type side struct {
	mu   sync.Mutex
	conn *Conn
}

func (s *side) open(db *DB) (err error) {
	s.conn, err = db.connect(sqlite.OpenReadWrite, 64, "PRAGMA wal_autocheckpoint = 0")
	return err
}

func (s *side) close() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.raw.Close()
}

// MoveState implements moving.Control.
func (db *DB) MoveState(ctx context.Context) (s moving.State, err error) {
	return s, db.beside(ctx, func(c *Conn) error {
		s, err = moveState(c)
		return err
	})
}

func moveState(c *Conn) (s moving.State, err error) {
	return s, c.Query("SELECT move, phase, peer, at FROM store_move", func(row *Stmt) error {
		s = moving.State{Move: ColumnID(row, 0), Phase: moving.Phase(row.ColumnText(1)), Peer: row.ColumnText(2), At: ColumnTime(row, 3)}
		return nil
	})
}

// SetMoveState implements moving.Control.
func (db *DB) SetMoveState(ctx context.Context, s moving.State) error {
	return db.beside(ctx, func(c *Conn) error {
		return c.Exec(`INSERT INTO store_move (one, move, phase, peer, at) VALUES (1, ?, ?, ?, ?)
			ON CONFLICT (one) DO UPDATE SET move = excluded.move, phase = excluded.phase, peer = excluded.peer, at = excluded.at`,
			s.Move, string(s.Phase), s.Peer, s.At)
	})
}

// beside runs fn with the connection that is not the writer's. A write of it
// waits for the transaction under way, of whichever process.
func (db *DB) beside(ctx context.Context, fn func(*Conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	if db.closed {
		return ErrClosed
	}
	db.side.mu.Lock()
	defer db.side.mu.Unlock()
	defer db.side.conn.endRead()
	return fn(db.side.conn)
}

// fenced answers why the writer's transaction, which has begun, may not write.
func (db *DB) fenced() error {
	s, err := moveState(db.writer)
	if err == nil && s.Closed() {
		err = moving.Refused()
	}
	return err
}

// closeGuest waits for the reads that run and leaves the folder as it was.
func (db *DB) closeGuest() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return ErrClosed
	}
	db.closed = true
	db.mu.Unlock()
	db.readers.drain()
	return db.closeConns()
}
