package consumertest

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// Mongo keeps what was taken, each event under a key made of it: the way of a
// handler whose effects are apart from the checkpoints.
type Mongo struct{ c *mongo.Collection }

var _ Effects = Mongo{}

// MongoSchema is its schema.
func MongoSchema() mongodb.Schema {
	return mongodb.Schema{Owner: "folds", Version: 1, Collections: []mongodb.Collection{{
		Name: "folds", ShardKey: "w", Swept: "g", Indexes: []mongodb.Index{{Fields: []string{"w", "seq"}, Unique: true}, {Fields: []string{"g"}}},
	}}}
}

// NewMongo keeps them in a database in which MongoSchema is ensured.
func NewMongo(db *mongodb.DB) Mongo { return Mongo{db.Collection("folds")} }

type taken struct {
	Stream     string      `bson:"w"` // with the generation
	Seq        int64       `bson:"seq"`
	Generation int64       `bson:"g"`
	Event      bson.Binary `bson:"event"`
	Data       []byte      `bson:"data"`
	Late       bool        `bson:"late"`
}

func foldKeyOf(stream ids.ID, generation uint64) string {
	return fmt.Sprintf("%s/%d", stream, generation)
}

// Take implements Effects.
func (m Mongo) Take(ctx context.Context, tx consumer.Tx, e *eventlog.Event, late bool) error {
	_, err := m.c.InsertOne(ctx, taken{
		Stream: foldKeyOf(e.Stream, tx.Generation()), Seq: int64(e.Seq), Generation: int64(tx.Generation()), // #nosec G115 -- counted up from 1
		Event: mongodb.ID(e.ID), Data: e.Data, Late: late,
	})
	if _, there := mongodb.Duplicate(err); there {
		return nil
	}
	return err
}

// Drop implements Effects.
func (m Mongo) Drop(ctx context.Context, tx consumer.Tx) error {
	_, err := m.c.DeleteMany(ctx, bson.D{{Key: "g", Value: bson.D{{Key: "$lt", Value: int64(tx.Generation())}}}}) // #nosec G115 -- counted up from 1
	return err
}

// Read implements Effects.
func (m Mongo) Read(ctx context.Context, stream ids.ID, generation uint64) (f Fold, err error) {
	cursor, err := m.c.Find(ctx, bson.D{{Key: "w", Value: foldKeyOf(stream, generation)}}, options.Find().SetSort(bson.D{{Key: "seq", Value: 1}}))
	if err != nil {
		return f, err
	}
	var all []taken
	if err := cursor.All(ctx, &all); err != nil {
		return f, err
	}
	for i := range all {
		f.Take(&eventlog.Event{ID: mongodb.ReadID(all[i].Event), Seq: uint64(all[i].Seq), Data: all[i].Data}, all[i].Late) // #nosec G115 -- written as uint64
	}
	return f, nil
}
