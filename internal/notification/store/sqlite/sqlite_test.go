package sqlite_test

import (
	"testing"

	"headway/internal/notification/store/sqlite"
	"headway/internal/notification/store/storetest"
	consumer "headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Opened {
		db := sqlitedbtest.Open(t, consumer.Migrations(), sqlite.Migrations())
		return storetest.Opened{Store: sqlite.New(db), Checkpoints: consumer.New(db)}
	})
}
