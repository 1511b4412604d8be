// Package sqlite keeps checkpoints in the SQLite database that a process
// shares with what its consumers write: an effect that writes through Conn
// commits with its checkpoint.
package sqlite

import (
	"context"
	"embed"
	"fmt"

	zombiezen "zombiezen.com/go/sqlite"

	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/internal/mutant"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations is the schema of the checkpoints.
func Migrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "consumer", Files: files, Dir: "migrations"}
}

// Checkpoints implements consumer.Checkpoints. It is safe for concurrent use.
type Checkpoints struct{ db *sqlitedb.DB }

var _ consumer.Checkpoints = (*Checkpoints)(nil)

// New keeps checkpoints in a database that was opened with Migrations.
func New(db *sqlitedb.DB) *Checkpoints { return &Checkpoints{db} }

type tx struct {
	conn       *sqlitedb.Conn
	generation uint64
}

// Together implements consumer.Tx.
func (tx) Together() bool { return true }

// Generation implements consumer.Tx.
func (t tx) Generation() uint64 { return t.generation }

// OnCommit implements consumer.Tx.
func (t tx) OnCommit(fn func()) {
	if mutant.TellFirst {
		fn()
		return
	}
	t.conn.OnCommit(fn)
}

// Conn answers the connection of the transaction that the checkpoint moves
// in. It is in the writer's turn: what it runs should be short. It answers
// false for a Tx that is not of this package, such as one of consumer.Apart.
func Conn(t consumer.Tx) (*sqlitedb.Conn, bool) {
	own, ok := t.(tx)
	return own.conn, ok
}

// Load implements consumer.Checkpoints.
func (c *Checkpoints) Load(ctx context.Context, name string, streams ...ids.ID) (consumer.State, error) {
	out := consumer.State{Seqs: make(map[ids.ID]uint64, len(streams))}
	err := c.db.View(ctx, func(conn *sqlitedb.Conn) (err error) {
		if out.Generation, out.Resetting, out.Cursor, err = find(conn, name); err != nil {
			return err
		}
		for _, id := range streams {
			seq, err := seqOf(conn, name, id, out.Generation)
			if err != nil {
				return err
			}
			if seq > 0 {
				out.Seqs[id] = seq
			}
		}
		return nil
	})
	if err != nil {
		return consumer.State{}, fmt.Errorf("consumer/sqlite: load: %w", err)
	}
	return out, nil
}

// find answers a consumer's row, as it begins where there is none.
func find(c *sqlitedb.Conn, name string) (generation uint64, resetting bool, cursor eventlog.Cursor, err error) {
	generation = 1
	err = c.Query("SELECT generation, resetting, cursor FROM consumers WHERE name = ?", func(s *sqlitedb.Stmt) error {
		generation = uint64(s.ColumnInt64(0)) // #nosec G115 -- counted up from 1
		resetting = s.ColumnBool(1)
		cursor = eventlog.Cursor(s.ColumnInt64(2)) // #nosec G115 -- written as one
		return nil
	}, name)
	return generation, resetting, cursor, err
}

func seqOf(c *sqlitedb.Conn, name string, stream ids.ID, generation uint64) (seq uint64, err error) {
	stmt, err := c.Prepare("SELECT seq FROM consumer_checkpoints WHERE consumer = ? AND stream = ? AND generation = ?")
	if err != nil {
		return 0, err
	}
	stmt.BindText(1, name)
	sqlitedb.BindID(stmt, 2, stream)
	stmt.BindInt64(3, int64(generation)) // #nosec G115 -- counted up from 1
	if row, err := stmt.Step(); err != nil || !row {
		return 0, err
	}
	return uint64(stmt.ColumnInt64(0)), nil // #nosec G115 -- written as uint64
}

// write runs the effect and the step in one transaction.
func (c *Checkpoints) write(ctx context.Context, generation uint64, effect consumer.Effect, step func(*sqlitedb.Conn) error) error {
	if mutant.CheckpointFirst {
		if err := c.db.Write(ctx, step); err != nil {
			return err
		}
		step = func(*sqlitedb.Conn) error { return nil }
	}
	return c.db.Write(ctx, func(conn *sqlitedb.Conn) error {
		// First the step: where it fails, the job has written nothing, and its group need not run again.
		if err := step(conn); err != nil || effect == nil {
			return err
		}
		return judge(effect(ctx, tx{conn, generation}))
	})
}

// judge says of an error that no retry would change that the event is at fault.
func judge(err error) error {
	if err == nil {
		return nil
	}
	switch zombiezen.ErrCode(err).ToPrimary() {
	case zombiezen.ResultConstraint, zombiezen.ResultMismatch, zombiezen.ResultTooBig, zombiezen.ResultRange:
		return consumer.Poison(err)
	}
	return err
}

// Commit implements consumer.Checkpoints.
func (c *Checkpoints) Commit(ctx context.Context, m consumer.Move, effect consumer.Effect) error {
	return c.write(ctx, m.Generation, effect, func(conn *sqlitedb.Conn) error {
		generation, resetting, _, err := find(conn, m.Consumer)
		if err != nil {
			return fmt.Errorf("consumer/sqlite: commit: %w", err)
		}
		at, err := seqOf(conn, m.Consumer, m.Stream, generation)
		if err != nil {
			return fmt.Errorf("consumer/sqlite: commit: %w", err)
		}
		if !mutant.Unfenced && (resetting || generation != m.Generation || at != m.From) {
			return &consumer.MovedError{Move: m}
		}
		err = conn.Exec(`INSERT INTO consumer_checkpoints (consumer, stream, generation, seq) VALUES (?, ?, ?, ?)
			ON CONFLICT (consumer, stream) DO UPDATE SET generation = excluded.generation, seq = excluded.seq`,
			m.Consumer, m.Stream, m.Generation, m.To)
		if err == nil && m.Aside != nil {
			err = insertAside(conn, m.Consumer, m.Aside)
		}
		if err != nil {
			return fmt.Errorf("consumer/sqlite: commit: %w", err)
		}
		return nil
	})
}

// SaveCursor implements consumer.Checkpoints.
func (c *Checkpoints) SaveCursor(ctx context.Context, name string, generation uint64, to eventlog.Cursor) error {
	err := c.db.Write(ctx, func(conn *sqlitedb.Conn) error {
		return conn.Exec(`INSERT INTO consumers (name, generation, resetting, cursor) VALUES (?, ?, 0, ?)
			ON CONFLICT (name) DO UPDATE SET cursor = max(cursor, excluded.cursor) WHERE generation = excluded.generation`,
			name, generation, uint64(to))
	})
	if err != nil {
		return fmt.Errorf("consumer/sqlite: save the cursor: %w", err)
	}
	return nil
}

// BeginReset implements consumer.Checkpoints.
func (c *Checkpoints) BeginReset(ctx context.Context, name string) (generation uint64, err error) {
	err = c.db.Write(ctx, func(conn *sqlitedb.Conn) error {
		if generation, _, _, err = find(conn, name); err != nil {
			return err
		}
		generation++
		if err := conn.Exec("INSERT OR REPLACE INTO consumers (name, generation, resetting, cursor) VALUES (?, ?, 1, 0)", name, generation); err != nil {
			return err
		}
		return conn.Exec("DELETE FROM consumer_aside WHERE consumer = ?", name)
	})
	if err != nil {
		return 0, fmt.Errorf("consumer/sqlite: begin a reset: %w", err)
	}
	return generation, nil
}

// EndReset implements consumer.Checkpoints.
func (c *Checkpoints) EndReset(ctx context.Context, name string, generation uint64, effect consumer.Effect) error {
	return c.write(ctx, generation, effect, func(conn *sqlitedb.Conn) error {
		if err := conn.Exec("UPDATE consumers SET resetting = 0 WHERE name = ? AND generation = ?", name, generation); err != nil {
			return fmt.Errorf("consumer/sqlite: end a reset: %w", err)
		}
		if conn.Changes() == 0 {
			return consumer.ErrReset
		}
		return nil
	})
}
