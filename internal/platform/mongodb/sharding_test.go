package mongodb_test

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/mongodb"
)

func TestAShardPlanSpreadsByHashAndLeavesSmallCollections(t *testing.T) {
	s := mongodb.Schema{Owner: "test", Version: 1, Collections: []mongodb.Collection{
		{Name: "things", ShardKey: "w", Indexes: []mongodb.Index{{Fields: []string{"w", "n"}, Unique: true}}},
		{Name: "notes", ShardKey: "_id"},
		{Name: "state", ShardKey: "_id", Small: true},
	}}
	hashed := func(field string) bson.D { return bson.D{{Key: field, Value: "hashed"}} }
	index := func(collection, field string) bson.D {
		return bson.D{{Key: "createIndexes", Value: collection}, {Key: "indexes", Value: bson.A{
			bson.D{{Key: "key", Value: hashed(field)}, {Key: "name", Value: field + "_hashed"}},
		}}}
	}
	shard := func(namespace, field string) bson.D {
		return bson.D{{Key: "shardCollection", Value: namespace}, {Key: "key", Value: hashed(field)}}
	}
	zone := func(namespace, field string) bson.D {
		return bson.D{
			{Key: "updateZoneKeyRange", Value: namespace},
			{Key: "min", Value: bson.D{{Key: field, Value: bson.MinKey{}}}}, {Key: "max", Value: bson.D{{Key: field, Value: bson.MaxKey{}}}},
			{Key: "zone", Value: "eu"},
		}
	}
	enable := bson.D{{Key: "enableSharding", Value: "db"}}
	for _, c := range []struct {
		zone string
		want []bson.D
		in   []string
	}{
		{"", []bson.D{enable, index("things", "w"), shard("db.things", "w"), index("notes", "_id"), shard("db.notes", "_id")},
			[]string{"admin", "db", "admin", "db", "admin"}},
		{"eu", []bson.D{
			enable, index("things", "w"), shard("db.things", "w"), zone("db.things", "w"),
			index("notes", "_id"), shard("db.notes", "_id"), zone("db.notes", "_id"),
		}, []string{"admin", "db", "admin", "admin", "db", "admin", "admin"}},
	} {
		steps := mongodb.ShardPlan("db", c.zone, s)
		if len(steps) != len(c.want) {
			t.Fatalf("zone %q: %d steps, want %d", c.zone, len(steps), len(c.want))
		}
		for i, step := range steps {
			have, err := bson.Marshal(step.Command)
			if err != nil {
				t.Fatal(err)
			}
			want, err := bson.Marshal(c.want[i])
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(have, want) || step.Database != c.in[i] {
				t.Errorf("zone %q, step %d: %s in %s, want %s in %s", c.zone, i, bson.Raw(have), step.Database, bson.Raw(want), c.in[i])
			}
		}
	}
	shells := []string{
		`sh.enableSharding("db")`,
		`db.getSiblingDB("db").getCollection("things").createIndex({w: "hashed"})`,
		`sh.shardCollection("db.things", {w: "hashed"})`,
		`sh.updateZoneKeyRange("db.things", {w: MinKey()}, {w: MaxKey()}, "eu")`,
	}
	for i, step := range mongodb.ShardPlan("db", "eu", s)[:len(shells)] {
		if step.Shell != shells[i] {
			t.Errorf("step %d is %s, want %s", i, step.Shell, shells[i])
		}
	}
}
