package mongodb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// ShardStep is one step of spreading a database over the shards of a cluster.
// Each can be done again without harm.
type ShardStep struct {
	// Database is where the command runs: the data's own, or "admin".
	Database string
	Command  bson.D
	// Shell is the same for mongosh.
	Shell string
}

// ShardPlan answers how the collections of the schemas are spread: each by the
// hash of its shard key, but for small ones. With a zone, all of them are kept
// on the shards of that zone.
//
// Ids of workspaces begin with their time, so ranges of them would put all that
// is new on one shard; by their hash, each workspace, account and session lies
// on one shard as a whole and they are spread evenly. A unique index on a
// spread collection begins with the shard key, as every declared one does.
func ShardPlan(database, zone string, all ...Schema) []ShardStep {
	steps := []ShardStep{{
		Database: "admin", Command: bson.D{{Key: "enableSharding", Value: database}},
		Shell: fmt.Sprintf("sh.enableSharding(%q)", database),
	}}
	for _, s := range all {
		for _, c := range s.Collections {
			if !c.Small {
				steps = append(steps, c.shard(database, zone)...)
			}
		}
	}
	return steps
}

func (c Collection) shard(database, zone string) []ShardStep {
	namespace := database + "." + c.Name
	key := bson.D{{Key: c.ShardKey, Value: "hashed"}}
	steps := []ShardStep{
		{
			// A collection that has documents already is spread by an index that is there.
			Database: database,
			Command: bson.D{{Key: "createIndexes", Value: c.Name}, {Key: "indexes", Value: bson.A{
				bson.D{{Key: "key", Value: key}, {Key: "name", Value: c.ShardKey + "_hashed"}},
			}}},
			Shell: fmt.Sprintf("db.getSiblingDB(%q).getCollection(%q).createIndex({%s: \"hashed\"})", database, c.Name, c.ShardKey),
		},
		{
			Database: "admin",
			Command:  bson.D{{Key: "shardCollection", Value: namespace}, {Key: "key", Value: key}},
			Shell:    fmt.Sprintf("sh.shardCollection(%q, {%s: \"hashed\"})", namespace, c.ShardKey),
		},
	}
	if zone == "" {
		return steps
	}
	return append(steps, ShardStep{
		Database: "admin",
		Command: bson.D{
			{Key: "updateZoneKeyRange", Value: namespace},
			{Key: "min", Value: bson.D{{Key: c.ShardKey, Value: bson.MinKey{}}}},
			{Key: "max", Value: bson.D{{Key: c.ShardKey, Value: bson.MaxKey{}}}},
			{Key: "zone", Value: zone},
		},
		Shell: fmt.Sprintf("sh.updateZoneKeyRange(%q, {%[2]s: MinKey()}, {%[2]s: MaxKey()}, %[3]q)", namespace, c.ShardKey, zone),
	})
}

// Router reports whether the server is one through which a cluster's shards
// are reached and told how to spread data (mongos).
func (db *DB) Router(ctx context.Context) (bool, error) {
	var hello struct {
		Message string `bson:"msg"`
	}
	if err := db.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return false, fmt.Errorf("mongodb: ask whether the server is a mongos: %w", err)
	}
	return hello.Message == "isdbgrid", nil
}

// Name answers the database's name.
func (db *DB) Name() string { return db.database.Name() }

// Shard takes one step of a ShardPlan.
func (db *DB) Shard(ctx context.Context, step ShardStep) error {
	err := db.client.Database(step.Database).RunCommand(ctx, step.Command).Err()
	var refused mongo.CommandError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.HasErrorCode(codeUnauthorized):
		return fmt.Errorf("mongodb: the user may not run %s; spreading data needs the role clusterManager on admin: %w", step.Shell, err)
	case errors.As(err, &refused) && strings.HasPrefix(step.Shell, "sh.updateZoneKeyRange"):
		return fmt.Errorf("mongodb: %s was refused; has a shard of the cluster been given to the zone (sh.addShardToZone)? %w", step.Shell, err)
	}
	return fmt.Errorf("mongodb: %s: %w", step.Shell, err)
}
