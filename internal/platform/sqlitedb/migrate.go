package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite/sqlitex"
)

// Migrations is the schema of one owner of tables: SQL files named
// 0001_words.sql, 0002_words.sql … without a gap. A file that was released is
// never changed; a change of schema is a further file.
type Migrations struct {
	// Owner names whose tables they are, such as "eventlog". It is kept with the version.
	Owner string
	// Files holds the SQL files in Dir ("" is its root).
	Files fs.FS
	Dir   string
	// UpTo stops at that version, so that a test can build an older schema; 0 is all.
	UpTo int
}

// NewerSchemaError says that the database was written by a later version of the program.
type NewerSchemaError struct {
	Folder, Owner string
	// Has is the database's version, Knows the newest that this program knows.
	Has, Knows int
}

// Error implements error.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the data in %s was written by a newer headway (%s schema %d, this program knows up to %d); start that version, or restore a backup made before the upgrade",
		e.Folder, e.Owner, e.Has, e.Knows)
}

// migrate brings every owner's tables up to date, each step in a transaction of its own.
func migrate(ctx context.Context, c *Conn, folder string, all []Migrations) error {
	if err := c.Exec("CREATE TABLE IF NOT EXISTS schema_migrations (owner TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT"); err != nil {
		return err
	}
	// Nothing is changed before every owner was found to be known.
	type todo struct {
		owner string
		has   int
		steps []string
	}
	var work []todo
	for _, m := range all {
		steps, err := m.steps()
		if err != nil {
			return err
		}
		has := 0
		err = c.Query("SELECT version FROM schema_migrations WHERE owner = ?", func(s *Stmt) error {
			has = s.ColumnInt(0)
			return nil
		}, m.Owner)
		if err != nil {
			return err
		}
		if has > len(steps) {
			return &NewerSchemaError{Folder: folder, Owner: m.Owner, Has: has, Knows: len(steps)}
		}
		work = append(work, todo{m.Owner, has, steps})
	}
	for _, w := range work {
		for v := w.has + 1; v <= len(w.steps); v++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := migrateStep(c, w.owner, v, w.steps[v-1]); err != nil {
				return err
			}
		}
	}
	c.endRead()
	return nil
}

func migrateStep(c *Conn, owner string, version int, script string) (err error) {
	if err := c.run("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil && !c.raw.AutocommitEnabled() {
			err = errors.Join(err, c.run("ROLLBACK"))
		}
	}()
	if err := sqlitex.ExecuteScript(c.raw, script, nil); err != nil {
		return fmt.Errorf("sqlitedb: migrate %s to %d: %w", owner, version, err)
	}
	err = c.Exec("INSERT INTO schema_migrations (owner, version) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET version = excluded.version", owner, version)
	if err != nil {
		return err
	}
	return c.run("COMMIT")
}

// steps reads the SQL files in order.
func (m Migrations) steps() ([]string, error) {
	dir := m.Dir
	if dir == "" {
		dir = "."
	}
	entries, err := fs.ReadDir(m.Files, dir)
	if err != nil {
		return nil, fmt.Errorf("sqlitedb: migrations of %s: %w", m.Owner, err)
	}
	var steps []string
	for _, e := range entries { // sorted by name
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".sql") {
			continue
		}
		number, _, _ := strings.Cut(name, "_")
		if v, err := strconv.Atoi(number); err != nil || v != len(steps)+1 {
			return nil, fmt.Errorf("sqlitedb: migrations of %s: %s should begin with %04d_", m.Owner, name, len(steps)+1)
		}
		if m.UpTo > 0 && len(steps) == m.UpTo {
			break
		}
		b, err := fs.ReadFile(m.Files, path.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("sqlitedb: migrations of %s: %w", m.Owner, err)
		}
		steps = append(steps, string(b))
	}
	return steps, nil
}
