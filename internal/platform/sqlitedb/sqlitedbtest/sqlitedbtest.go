// Package sqlitedbtest gives tests a database of their own.
package sqlitedbtest

import (
	"errors"
	"testing"

	"headway/internal/platform/sqlitedb"
)

// Open opens a new database in a folder that goes with the test.
func Open(t testing.TB, migrations ...sqlitedb.Migrations) *sqlitedb.DB {
	t.Helper()
	return OpenWith(t, sqlitedb.Options{Migrations: migrations})
}

// OpenWith is Open with options; without a folder it takes one that goes with the test.
func OpenWith(t testing.TB, opts sqlitedb.Options) *sqlitedb.DB {
	t.Helper()
	if opts.Folder == "" {
		opts.Folder = t.TempDir()
	}
	db, err := sqlitedb.Open(t.Context(), opts)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		// A test may have closed it as part of what it shows.
		if err := db.Close(); err != nil && !errors.Is(err, sqlitedb.ErrClosed) {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}
