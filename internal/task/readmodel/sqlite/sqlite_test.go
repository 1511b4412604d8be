package sqlite_test

import (
	"testing"

	"headway/internal/platform/clock"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/readmodeltest"
	"headway/internal/task/readmodel/sqlite"
)

func open(t testing.TB, opts sqlitedb.Options, c clock.Clock, onCommit func(readmodel.Commit)) (*sqlite.Store, *sqlitedb.DB) {
	t.Helper()
	opts.Migrations = []sqlitedb.Migrations{logsqlite.Migrations(), sqlite.Migrations()}
	db := sqlitedbtest.OpenWith(t, opts)
	log, err := logsqlite.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	o := sqlite.Options{DB: db, Log: log, Clock: c}
	if onCommit != nil {
		o.OnCommit = append(o.OnCommit, onCommit)
	}
	s, err := sqlite.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

func TestConformance(t *testing.T) {
	t.Parallel()
	readmodeltest.Run(t, func(t testing.TB, c clock.Clock, onCommit func(readmodel.Commit)) readmodeltest.Store {
		s, _ := open(t, sqlitedb.Options{}, c, onCommit)
		return s
	})
}
