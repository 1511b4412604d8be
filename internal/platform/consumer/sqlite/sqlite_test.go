package sqlite_test

import (
	"testing"

	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/consumertest"
	"headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	consumertest.Run(t, func(t *testing.T) consumertest.Store {
		db := sqlitedbtest.Open(t, sqlite.Migrations(), consumertest.SQLiteMigrations())
		return consumertest.Store{Checkpoints: sqlite.New(db), Other: sqlite.New(db), Effects: consumertest.SQLite{DB: db}}
	})
}

func TestConformanceApart(t *testing.T) {
	t.Parallel()
	consumertest.Run(t, func(t *testing.T) consumertest.Store {
		db := sqlitedbtest.Open(t, sqlite.Migrations())
		return consumertest.Store{
			Checkpoints: consumer.Apart(sqlite.New(db)), Other: consumer.Apart(sqlite.New(db)), Effects: consumertest.NewMemory(),
		}
	})
}
