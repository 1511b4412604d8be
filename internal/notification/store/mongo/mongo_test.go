//go:build servers

package mongo_test

import (
	"testing"

	"headway/internal/notification/store/mongo"
	"headway/internal/notification/store/storetest"
	consumer "headway/internal/platform/consumer/mongo"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/test/servers"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, backend := range []servers.Backend{servers.OnSQLite, servers.OnPostgres} {
		t.Run(string(backend), func(t *testing.T) {
			t.Parallel()
			server := servers.FerretDB(t, backend)
			t.Run("suite", func(t *testing.T) {
				storetest.Run(t, func(t *testing.T) storetest.Opened {
					db := mongodbtest.Open(t, server.StrictDatabase(t), consumer.Schema(), mongo.Schema())
					return storetest.Opened{Store: mongo.New(db), Checkpoints: consumer.New(db)}
				})
			})
		})
	}
}
