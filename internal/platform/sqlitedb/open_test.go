package sqlitedb_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

func TestASecondOpenIsRefusedUntilTheFirstCloses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := sqlitedbtest.OpenWith(t, sqlitedb.Options{Folder: folder})
	_, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Folder: folder})
	var inUse *sqlitedb.InUseError
	if !errors.As(err, &inUse) || !strings.Contains(err.Error(), folder) {
		t.Fatalf("the second was answered %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	sqlitedbtest.OpenWith(t, sqlitedb.Options{Folder: folder})
}

func TestMigrationsRunOnceAndInOrder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	all := sqlitedb.Migrations{Owner: "notes", Dir: "sql", Files: fstest.MapFS{
		"sql/0001_notes.sql": {Data: []byte("CREATE TABLE notes (n INTEGER PRIMARY KEY, text TEXT NOT NULL);")},
		"sql/0002_more.sql":  {Data: []byte("ALTER TABLE notes ADD COLUMN mark TEXT NOT NULL DEFAULT 'old'; UPDATE notes SET text = text || '!';")},
	}}
	old := all
	old.UpTo = 1
	db := sqlitedbtest.OpenWith(t, sqlitedb.Options{Folder: folder, Migrations: []sqlitedb.Migrations{old}})
	if err := db.Write(t.Context(), insert(1, "kept")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db = sqlitedbtest.OpenWith(t, sqlitedb.Options{Folder: folder, Migrations: []sqlitedb.Migrations{all}})
		if got := texts(t, db); !slices.Equal(got, []string{"kept!"}) {
			t.Errorf("after the upgrade the table holds %q", got)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Folder: folder, Migrations: []sqlitedb.Migrations{old}})
	var newer *sqlitedb.NewerSchemaError
	if !errors.As(err, &newer) || newer.Has != 2 || newer.Knows != 1 {
		t.Errorf("an older program was answered %v", err)
	}
}

func TestABrokenMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	broken := sqlitedb.Migrations{Owner: "notes", Files: fstest.MapFS{
		"0001_notes.sql": {Data: []byte("CREATE TABLE notes (n INTEGER PRIMARY KEY, text TEXT NOT NULL); CREATE TABLE oops (")},
	}}
	if _, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Folder: folder, Migrations: []sqlitedb.Migrations{broken}}); err == nil {
		t.Fatal("a broken migration was accepted")
	}
	db := sqlitedbtest.OpenWith(t, sqlitedb.Options{Folder: folder, Migrations: []sqlitedb.Migrations{notes}})
	if got := texts(t, db); len(got) != 0 {
		t.Errorf("the table holds %q", got)
	}
}

func TestCloseRunsWhatHasQueuedAndRefusesWhatComesAfter(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	opts := sqlitedb.Options{Folder: folder, Migrations: []sqlitedb.Migrations{notes}}
	db := sqlitedbtest.OpenWith(t, opts)
	for i, err := range together(t, db, insert(1, "a"), insert(2, "b")) {
		if err != nil {
			t.Errorf("job %d: %v", i, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert(3, "c")); !errors.Is(err, sqlitedb.ErrClosed) {
		t.Errorf("a write after Close was answered %v", err)
	}
	if err := db.Read(t.Context(), func(*sqlitedb.Conn) error { return nil }); !errors.Is(err, sqlitedb.ErrClosed) {
		t.Errorf("a read after Close was answered %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, sqlitedb.FileName+"-wal")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the WAL is still there: %v", err)
	}
	info, err := os.Stat(filepath.Join(folder, sqlitedb.FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	if got := texts(t, sqlitedbtest.OpenWith(t, opts)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the table holds %q", got)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, o := range []sqlitedb.Options{{}, {Folder: "x", Readers: -1}, {Folder: "x", MaxHold: -1}} {
		if o.Validate() == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}
