package sqlitedb

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"headway/internal/platform/ids"
)

// Stmt is a prepared statement of the SQLite package: bind parameters from 1,
// read columns from 0. BindID, ColumnID and ColumnBlob of this package help.
type Stmt = sqlite.Stmt

// Conn is a connection inside one Write or Read; it must not be kept or
// shared beyond it.
type Conn struct {
	raw   *sqlite.Conn
	stmts map[string]prepared
	used  []*Stmt

	// Of a reader only: the version that it read last, and the statement that
	// holds its snapshot, where it holds one.
	version uint64
	holder  *Stmt
	holds   bool

	// Of the writer only.
	job       *job
	group     *group
	writing   bool // in a job that may write
	wrote     bool // the job has written
	savepoint bool // the job's savepoint is open
}

type prepared struct {
	stmt  *Stmt
	reads bool
}

func newConn(raw *sqlite.Conn) *Conn {
	return &Conn{raw: raw, stmts: map[string]prepared{}}
}

// Prepare answers the statement for the SQL text, prepared once per
// connection, reset and without bindings. Use constant texts. It is reset
// again when the Write or Read ends.
func (c *Conn) Prepare(sql string) (*Stmt, error) {
	p, ok := c.stmts[sql]
	if !ok {
		stmt, err := c.raw.Prepare(steady(sql))
		if err != nil {
			return nil, fmt.Errorf("sqlitedb: %w", err)
		}
		p = prepared{stmt: stmt, reads: isRead(sql)}
		c.stmts[sql] = p
	} else {
		if err := p.stmt.Reset(); err != nil {
			return nil, fmt.Errorf("sqlitedb: %w", err)
		}
		if err := p.stmt.ClearBindings(); err != nil {
			return nil, fmt.Errorf("sqlitedb: %w", err)
		}
	}
	c.used = append(c.used, p.stmt)
	if !p.reads && c.writing {
		if err := c.beforeWrite(); err != nil {
			return nil, err
		}
	}
	return p.stmt, nil
}

// steady keeps SQLite from planning a statement anew each time: it looks at
// the value that is bound to a LIMIT when it plans, and so throws the plan
// away whenever that parameter is bound again. It does not look into a sum.
func steady(sql string) string { return strings.ReplaceAll(sql, "LIMIT ?", "LIMIT ? + 0") }

// isRead reports whether the statement only reads, by its first word. WITH
// may begin a write, so it counts as one.
func isRead(sql string) bool {
	s := strings.TrimSpace(sql)
	return len(s) >= 6 && strings.EqualFold(s[:6], "SELECT")
}

// beforeWrite notes that the job writes, and opens its savepoint where it needs one.
func (c *Conn) beforeWrite() error {
	if c.wrote {
		return nil
	}
	c.wrote = true
	if c.group.careful && c.group.wrote {
		if err := c.run("SAVEPOINT job"); err != nil {
			return err
		}
		c.savepoint = true
	}
	c.group.wrote = true
	return nil
}

// run steps a statement without parameters to its end, past the savepoint logic.
func (c *Conn) run(sql string) error {
	stmt, err := c.raw.Prepare(sql)
	if err != nil {
		return fmt.Errorf("sqlitedb: %s: %w", sql, err)
	}
	for {
		row, err := stmt.Step()
		if err != nil {
			return fmt.Errorf("sqlitedb: %s: %w", sql, err)
		}
		if !row {
			return nil
		}
	}
}

// Exec runs one statement and drops its rows. Arguments may be nil, bool,
// int, int64, uint64, string, []byte, ids.ID and time.Time (kept as Unix
// milliseconds).
func (c *Conn) Exec(sql string, args ...any) error {
	return c.Query(sql, nil, args...)
}

// Query runs one statement and calls row, where not nil, for each of its
// rows. An error of row ends it and is answered as it is. Arguments are
// those of Exec.
func (c *Conn) Query(sql string, row func(*Stmt) error, args ...any) error {
	stmt, err := c.Prepare(sql)
	if err != nil {
		return err
	}
	for i, a := range args {
		if err := bind(stmt, i+1, a); err != nil {
			return err
		}
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			return fmt.Errorf("sqlitedb: %w", err)
		}
		if !more {
			return nil
		}
		if row == nil {
			continue
		}
		if err := row(stmt); err != nil {
			return errors.Join(err, stmt.Reset())
		}
	}
}

// Changes answers how many rows the last INSERT, UPDATE or DELETE touched.
func (c *Conn) Changes() int { return c.raw.Changes() }

// LastInsertRowID answers the rowid of the last row inserted.
func (c *Conn) LastInsertRowID() int64 { return c.raw.LastInsertRowID() }

// OnCommit runs fn after the group that the job is in is durable, before its
// Write returns. All such calls run one after another in the order of the
// jobs, on a goroutine of their own: fn should be quick and must not call
// Write. It is ignored in a Read.
func (c *Conn) OnCommit(fn func()) {
	if c.job != nil {
		c.job.onCommit = append(c.job.onCommit, fn)
	}
}

// OnRollback runs fn where nothing of the job stays, because it answered an
// error or because its group could not be committed: on the writer's
// goroutine, latest first, before any other job runs.
func (c *Conn) OnRollback(fn func()) {
	if c.job != nil {
		c.job.onRollback = append(c.job.onRollback, fn)
	}
}

// BeforeCommit runs fn once, after the last job of the group and before its
// commit, where some job of the group asked for it and was not rolled back
// alone. Calls with the same key in one group are one. It serves what is
// cheaper to write once for a group than once for a job. An error of fn
// fails the whole group.
func (c *Conn) BeforeCommit(key any, fn func(*Conn) error) {
	if c.group == nil {
		return
	}
	for _, f := range c.group.flushes {
		if f.key == key {
			return
		}
	}
	c.group.flushes = append(c.group.flushes, flush{key, fn})
}

// endRead resets what was used, so that no statement holds a snapshot open or a commit up.
func (c *Conn) endRead() {
	for _, s := range c.used {
		// An error here is that of the statement's last step, which its caller saw.
		_ = s.Reset()
	}
	c.used = c.used[:0]
}

func bind(stmt *Stmt, i int, a any) error {
	switch v := a.(type) {
	case nil:
		stmt.BindNull(i)
	case bool:
		stmt.BindBool(i, v)
	case int:
		stmt.BindInt64(i, int64(v))
	case int64:
		stmt.BindInt64(i, v)
	case uint64:
		stmt.BindInt64(i, int64(v)) // #nosec G115 -- sequence numbers, far below 2^63
	case string:
		stmt.BindText(i, v)
	case []byte:
		stmt.BindBytes(i, v)
	case ids.ID:
		stmt.BindBytes(i, v[:])
	case time.Time:
		stmt.BindInt64(i, v.UnixMilli())
	default:
		return fmt.Errorf("sqlitedb: parameter %d: cannot bind a %T", i, a)
	}
	return nil
}

// BindID binds an ID as its 16 bytes.
func BindID(stmt *Stmt, param int, id ids.ID) { stmt.BindBytes(param, id[:]) }

// ColumnID reads an ID; anything that is not 16 bytes is the zero ID.
func ColumnID(stmt *Stmt, col int) ids.ID {
	var id ids.ID
	if stmt.ColumnLen(col) == len(id) {
		stmt.ColumnBytes(col, id[:])
	}
	return id
}

// ColumnBlob reads a blob or text into bytes of its own, nil where it is NULL or empty.
func ColumnBlob(stmt *Stmt, col int) []byte {
	n := stmt.ColumnLen(col)
	if n == 0 {
		return nil
	}
	b := make([]byte, n)
	stmt.ColumnBytes(col, b)
	return b
}

// ColumnTime reads Unix milliseconds as a time in UTC.
func ColumnTime(stmt *Stmt, col int) time.Time {
	return time.UnixMilli(stmt.ColumnInt64(col)).UTC()
}
