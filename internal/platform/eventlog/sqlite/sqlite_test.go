package sqlite_test

import (
	"testing"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/eventlog/eventlogtest"
	"headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		log, err := sqlite.New(t.Context(), sqlitedbtest.Open(t, sqlite.Migrations()))
		if err != nil {
			t.Fatal(err)
		}
		return log
	})
}

func TestTheOrderOfChangesGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	opts := sqlitedb.Options{Folder: t.TempDir(), Migrations: []sqlitedb.Migrations{sqlite.Migrations()}}
	var streams []ids.ID
	for range 3 {
		db := sqlitedbtest.OpenWith(t, opts)
		log, err := sqlite.New(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, ids.New())
		_, err = log.Append(t.Context(), eventlog.Workspace, streams[len(streams)-1], 0,
			[]eventlog.Event{{ID: ids.New(), Entity: ids.New(), Type: "t", Version: 1, At: time.Now(), Data: []byte("{}")}})
		if err != nil {
			t.Fatal(err)
		}
		heads, _, err := log.Changed(t.Context(), eventlog.Workspace, 0, 10)
		if err != nil || len(heads) != len(streams) {
			t.Fatalf("changed: %v, %v", heads, err)
		}
		for i, h := range heads {
			if h.Stream != streams[i] {
				t.Errorf("place %d is another stream", i)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
