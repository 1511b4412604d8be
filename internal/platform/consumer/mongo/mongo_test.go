//go:build servers

package mongo_test

import (
	"testing"

	"headway/internal/platform/consumer/consumertest"
	"headway/internal/platform/consumer/mongo"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/test/servers"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	consumertest.Run(t, func(t *testing.T) consumertest.Store {
		url := server.StrictDatabase(t)
		one := mongodbtest.Open(t, url, mongo.Schema(), consumertest.MongoSchema())
		two := mongodbtest.Open(t, url, mongo.Schema(), consumertest.MongoSchema())
		return consumertest.Store{Checkpoints: mongo.New(one), Other: mongo.New(two), Effects: consumertest.NewMongo(one)}
	})
}
