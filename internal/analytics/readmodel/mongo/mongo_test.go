//go:build servers

package mongo_test

import (
	"testing"

	"headway/internal/analytics/readmodel"
	"headway/internal/analytics/readmodel/mongo"
	"headway/internal/analytics/readmodel/readmodeltest"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/test/servers"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for _, backend := range []servers.Backend{servers.OnSQLite, servers.OnPostgres} {
		t.Run(string(backend), func(t *testing.T) {
			t.Parallel()
			server := servers.FerretDB(t, backend)
			readmodeltest.Run(t, func(t *testing.T) readmodel.Store {
				return mongo.New(mongodbtest.Open(t, server.StrictDatabase(t), mongo.Schema()))
			})
		})
	}
}
