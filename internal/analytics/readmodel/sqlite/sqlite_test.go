package sqlite_test

import (
	"testing"

	"headway/internal/analytics/readmodel"
	"headway/internal/analytics/readmodel/readmodeltest"
	"headway/internal/analytics/readmodel/sqlite"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	readmodeltest.Run(t, func(t *testing.T) readmodel.Store {
		return sqlite.New(sqlitedbtest.Open(t, sqlite.Migrations()))
	})
}
