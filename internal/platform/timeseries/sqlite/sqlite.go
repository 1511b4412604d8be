// Package sqlite keeps time series in the SQLite database of the process.
//
// A batch goes in as several writes, so that other writers of the database
// come in between; what is read comes from one snapshot.
package sqlite

import (
	"context"
	"embed"
	"fmt"

	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/timeseries"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations is the schema.
func Migrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "timeseries", Files: files, Dir: "migrations"}
}

// chunk is how many points one write adds or deletes at most: some 10 ms of
// the database's one writer.
const chunk = 2000

// Store keeps points in SQLite. It is safe for concurrent use.
type Store struct {
	db *sqlitedb.DB
	// numbers are those of series written to lately. Only the writer touches it.
	numbers map[seriesKey]int64
}

var _ timeseries.Store = (*Store)(nil)

// New opens the store in a database that was opened with Migrations. There
// must be one Store for a database.
func New(db *sqlitedb.DB) *Store { return &Store{db: db, numbers: map[seriesKey]int64{}} }

// maxNumbers bounds the memory of series' numbers.
const maxNumbers = 50_000

// kept reads how far retention went.
func kept(c *sqlitedb.Conn) (k timeseries.Kept, err error) {
	err = c.Query("SELECT points, slots FROM timeseries_kept", func(s *sqlitedb.Stmt) error {
		k = timeseries.Kept{Points: s.ColumnInt64(0), Slots: s.ColumnInt64(1)}
		return nil
	})
	return k, err
}

// found is a selected series.
type found struct {
	n          int64
	text       string
	dimensions timeseries.Dimensions
}

// selected answers the series that are meant, sorted by the text of their dimensions.
func selected(c *sqlitedb.Conn, sel timeseries.Selection) ([]found, error) {
	var out []found
	err := c.Query("SELECT n, dimensions FROM timeseries_series WHERE workspace = ? AND metric = ? ORDER BY dimensions", func(s *sqlitedb.Stmt) error {
		text := s.ColumnText(1)
		d, err := timeseries.ParseDimensions(text)
		if err == nil && sel.Matches(d) {
			out = append(out, found{s.ColumnInt64(0), text, d})
		}
		return err
	}, sel.Workspace, sel.Metric)
	return out, err
}

// view reads from one snapshot and says in errors what was being done.
func (s *Store) view(ctx context.Context, what string, fn func(*sqlitedb.Conn) error) error {
	err := s.db.View(ctx, fn)
	switch err {
	case nil, timeseries.ErrTooFine, timeseries.ErrTooMuch: //nolint:errorlint // fn answers these bare
		return err
	}
	return fmt.Errorf("timeseries/sqlite: %s: %w", what, err)
}
