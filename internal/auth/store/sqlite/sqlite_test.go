package sqlite_test

import (
	"testing"

	"headway/internal/auth/store"
	"headway/internal/auth/store/sqlite"
	"headway/internal/auth/store/storetest"
	"headway/internal/platform/eventlog"
	eventsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) (store.Store, eventlog.Log) {
		db := sqlitedbtest.Open(t, eventsqlite.Migrations(), sqlite.Migrations())
		log, err := eventsqlite.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		return sqlite.New(db, log), log
	})
}

func TestTwoStores(t *testing.T) {
	t.Parallel()
	storetest.RunShared(t, func(t *testing.T) (a, b store.Store, log eventlog.Log) {
		db := sqlitedbtest.Open(t, eventsqlite.Migrations(), sqlite.Migrations())
		events, err := eventsqlite.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		return sqlite.New(db, events), sqlite.New(db, events), events
	})
}
