package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
)

// Check answers what is wrong with the database in a folder, a sentence each
// and none where all is as it should be: the version of each owner's schema,
// each table and index as the migrations make it, and SQLite's own quick check
// of the file. It changes nothing and may run beside the process that has the
// folder open.
func Check(ctx context.Context, folder string, all ...Migrations) (findings []string, err error) {
	c, closeConn, err := beside(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeConn()) }()
	all = withOwn(all)
	findings, err = checkVersions(c, folder, all)
	if err != nil {
		return nil, err
	}
	if len(findings) == 0 {
		lacks, err := checkObjects(ctx, c, folder, all)
		if err != nil {
			return nil, err
		}
		findings = append(findings, lacks...)
	}
	err = c.Query("PRAGMA quick_check(20)", func(s *Stmt) error {
		if text := s.ColumnText(0); text != "ok" {
			findings = append(findings, "SQLite finds the file damaged ("+text+"); restore a backup, or move what can be read to another store")
		}
		return nil
	})
	return findings, err
}

// beside opens a connection that only reads, without the folder's lock.
func beside(ctx context.Context, folder string) (*Conn, func() error, error) {
	path := filepath.Join(folder, FileName)
	if _, err := os.Stat(path); err != nil {
		return nil, nil, fmt.Errorf("there is no database in %s; is --data the right folder? %w", folder, err)
	}
	// Reading a WAL needs the right to write its index, so the file is not opened as read-only.
	raw, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, nil, fmt.Errorf("sqlitedb: connect: %w", err)
	}
	raw.SetBusyTimeout(10 * time.Second)
	raw.SetInterrupt(ctx.Done())
	c := newConn(raw)
	for _, p := range []string{"PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF"} {
		if err := c.Exec(p); err != nil {
			return nil, nil, errors.Join(err, raw.Close())
		}
	}
	return c, raw.Close, nil
}

// checkVersions compares the versions of all owners' tables.
func checkVersions(c *Conn, folder string, all []Migrations) (findings []string, err error) {
	for _, m := range all {
		steps, err := m.steps()
		if err != nil {
			return nil, err
		}
		has, err := versionIn(c, m.Owner)
		if err != nil {
			return nil, err
		}
		switch {
		case has > len(steps):
			findings = append(findings, (&NewerSchemaError{Folder: folder, Owner: m.Owner, Has: has, Knows: len(steps)}).Error())
		case has < len(steps):
			findings = append(findings, fmt.Sprintf("the %s tables are at version %d and this program needs %d; start the program once", m.Owner, has, len(steps)))
		}
	}
	return findings, nil
}

// versionIn answers the version of an owner's tables, 0 before they are there.
func versionIn(c *Conn, owner string) (version int, err error) {
	there := false
	err = c.Query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'", func(*Stmt) error { there = true; return nil })
	if err != nil || !there {
		return 0, err
	}
	err = c.Query("SELECT version FROM schema_migrations WHERE owner = ?", func(s *Stmt) error {
		version = s.ColumnInt(0)
		return nil
	}, owner)
	return version, err
}

// checkObjects compares the tables and indexes with those that the migrations make.
func checkObjects(ctx context.Context, c *Conn, folder string, all []Migrations) (findings []string, err error) {
	raw, err := sqlite.OpenConn(":memory:", sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("sqlitedb: connect: %w", err)
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	fresh := newConn(raw)
	if err := migrate(ctx, fresh, folder, all); err != nil {
		return nil, err
	}
	there, err := objects(c)
	if err != nil {
		return nil, err
	}
	want, err := objects(fresh)
	if err != nil {
		return nil, err
	}
	err = fresh.Query("SELECT name, type FROM sqlite_schema ORDER BY name", func(s *Stmt) error {
		name, kind := s.ColumnText(0), s.ColumnText(1)
		switch sql, ok := there[name]; {
		case !ok:
			findings = append(findings, fmt.Sprintf("the %s %s is missing; restore a backup, or make it again as the program's migrations do", kind, name))
		case sql != want[name]:
			findings = append(findings, fmt.Sprintf("the %s %s is not as the program makes it; restore a backup, or make it again as the program's migrations do", kind, name))
		}
		return nil
	})
	return findings, err
}

// objects answers the tables and indexes with the statements that made them.
func objects(c *Conn) (map[string]string, error) {
	out := map[string]string{}
	err := c.Query("SELECT name, coalesce(sql, '') FROM sqlite_schema", func(s *Stmt) error {
		out[s.ColumnText(0)] = s.ColumnText(1)
		return nil
	})
	return out, err
}
