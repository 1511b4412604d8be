// Package mongo keeps checkpoints in a database of the MongoDB protocol. One
// update of one document is a step, guarded by where the checkpoint was; what
// is set aside lies in the same document, so that it is recorded with the
// step. Effects run before it: see consumer.Apart.
//
// FerretDB 1.24 reads a document, looks at the guard, and writes the document
// back: of two processes that step at the same moment both may succeed, and
// the slower one sets the document back to what it made of the older state.
// That is a state in which the checkpoint was, so that events are handled
// again, which their effects bear. MongoDB and DocumentDB look at the guard in the update.
package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/internal/mutant"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

const collection = "consumers"

// Schema is what the checkpoints are kept in: one collection. A document's
// _id is the consumer's name; the name and the stream, of a checkpoint; or the
// name and the generation, of a cursor. A checkpoint of an earlier generation
// than the consumer's counts as none.
func Schema() mongodb.Schema {
	return mongodb.Schema{Owner: "consumer", Version: 1, Collections: []mongodb.Collection{{
		// x is the consumer's name in documents with events that are set aside.
		Name: collection, ShardKey: "_id", Swept: "x", Indexes: []mongodb.Index{{Fields: []string{"x"}}},
	}}}
}

type checkpoints struct{ c *mongo.Collection }

// New keeps checkpoints in a database in which Schema is ensured. Any number
// of processes may share it.
func New(db *mongodb.DB) consumer.Checkpoints {
	return consumer.Apart(&checkpoints{db.Collection(collection)})
}

// document is a consumer, or one of its checkpoints.
type document struct {
	ID         string `bson:"_id"`
	Generation int64  `bson:"g"`
	Resetting  bool   `bson:"resetting,omitempty"`
	Cursor     int64  `bson:"cursor,omitempty"`
	Seq        int64  `bson:"seq,omitempty"`
	Aside      []kept `bson:"aside,omitempty"`
	// Version counts the changes of Aside.
	Version int64 `bson:"n,omitempty"`
}

func key(name string, stream ids.ID) string { return name + "/" + mongodb.Key(stream) }

// cursorKey is that of a cursor, apart from the consumer's own document, which
// only a replay changes.
func cursorKey(name string, generation uint64) string {
	return fmt.Sprintf("%s/cursor-%d", name, generation)
}

func signed[T ~uint64](n T) int64 { return int64(min(n, 1<<62)) } // #nosec G115 -- bounded

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("consumer/mongo: %s: %w", what, err)
}

// Load implements consumer.Checkpoints.
func (c *checkpoints) Load(ctx context.Context, name string, streams ...ids.ID) (consumer.State, error) {
	keys := bson.A{name}
	of := make(map[string]ids.ID, len(streams))
	for _, id := range streams {
		k := key(name, id)
		keys, of[k] = append(keys, k), id
	}
	cursor, err := c.c.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}},
		options.Find().SetBatchSize(consumer.MaxLoad+1).SetProjection(bson.D{{Key: "aside", Value: 0}}))
	if err != nil {
		return consumer.State{}, wrap(err, "load")
	}
	var found []document
	if err := cursor.All(ctx, &found); err != nil {
		return consumer.State{}, wrap(err, "load")
	}
	out := consumer.State{Generation: 1, Seqs: make(map[ids.ID]uint64, len(streams))}
	for i := range found {
		if d := &found[i]; d.ID == name {
			out.Generation, out.Resetting = uint64(d.Generation), d.Resetting // #nosec G115 -- counted up from 1
		}
	}
	for i := range found {
		if d := &found[i]; d.ID != name && uint64(d.Generation) == out.Generation { // #nosec G115 -- counted up from 1
			out.Seqs[of[d.ID]] = uint64(d.Seq) // #nosec G115 -- written as such
		}
	}
	if len(streams) == 0 { // the sweep's question
		out.Cursor, err = c.cursor(ctx, name, out.Generation)
	}
	return out, wrap(err, "load")
}

func (c *checkpoints) cursor(ctx context.Context, name string, generation uint64) (eventlog.Cursor, error) {
	var d document
	err := c.c.FindOne(ctx, bson.D{{Key: "_id", Value: cursorKey(name, generation)}}).Decode(&d)
	if errors.Is(err, mongo.ErrNoDocuments) {
		err = nil
	}
	return eventlog.Cursor(d.Cursor), err // #nosec G115 -- written as such
}

// Commit implements consumer.Checkpoints, for a move whose effect has run. One
// of an earlier generation may succeed: nobody will see it.
func (c *checkpoints) Commit(ctx context.Context, m consumer.Move, _ consumer.Effect) error {
	id, g := key(m.Consumer, m.Stream), signed(m.Generation)
	filter := bson.D{{Key: "_id", Value: id}, {Key: "g", Value: g}, {Key: "seq", Value: signed(m.From)}}
	set := bson.D{{Key: "seq", Value: signed(m.To)}}
	update := bson.D{}
	if m.Aside != nil {
		set = append(set, bson.E{Key: "x", Value: m.Consumer})
		update = append(update, bson.E{Key: "$push", Value: bson.D{{Key: "aside", Value: keep(m.Aside)}}}, bson.E{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}})
	}
	if m.From == 0 {
		// There is no document, or one of an earlier generation. One of this
		// generation is not found, and then the insert finds its _id taken.
		filter = bson.D{{Key: "_id", Value: id}, {Key: "g", Value: bson.D{{Key: "$lt", Value: g}}}}
		list := []kept{}
		if m.Aside != nil {
			list = append(list, keep(m.Aside))
		}
		set = append(set, bson.E{Key: "g", Value: g}, bson.E{Key: "aside", Value: list})
		update = bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}
	}
	if mutant.Unfenced {
		filter = bson.D{{Key: "_id", Value: id}}
		set = append(set[:1:1], bson.E{Key: "g", Value: g})
		update = bson.D{}
	}
	update = append(update, bson.E{Key: "$set", Value: set})
	done, err := c.c.UpdateOne(ctx, filter, update, options.UpdateOne().SetUpsert(m.From == 0))
	if _, taken := mongodb.Duplicate(err); taken || err == nil && done.MatchedCount+done.UpsertedCount == 0 {
		return &consumer.MovedError{Move: m}
	}
	return wrap(err, "commit")
}

// SaveCursor implements consumer.Checkpoints.
func (c *checkpoints) SaveCursor(ctx context.Context, name string, generation uint64, to eventlog.Cursor) error {
	_, err := c.c.UpdateOne(ctx, bson.D{{Key: "_id", Value: cursorKey(name, generation)}},
		bson.D{{Key: "$max", Value: bson.D{{Key: "cursor", Value: signed(to)}}}}, options.UpdateOne().SetUpsert(true))
	if _, raced := mongodb.Duplicate(err); raced { // the other's counts
		return nil
	}
	return wrap(err, "save the cursor")
}

// BeginReset implements consumer.Checkpoints.
func (c *checkpoints) BeginReset(ctx context.Context, name string) (uint64, error) {
	_, err := c.c.UpdateOne(ctx, bson.D{{Key: "_id", Value: name}}, bson.D{{Key: "$setOnInsert", Value: bson.D{{Key: "g", Value: int64(1)}}}},
		options.UpdateOne().SetUpsert(true))
	if _, raced := mongodb.Duplicate(err); err != nil && !raced {
		return 0, wrap(err, "begin a reset")
	}
	var d document
	err = c.c.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: name}}, bson.D{
		{Key: "$inc", Value: bson.D{{Key: "g", Value: int64(1)}}},
		{Key: "$set", Value: bson.D{{Key: "resetting", Value: true}}},
	}, options.FindOneAndUpdate().SetReturnDocument(options.After)).Decode(&d)
	return uint64(d.Generation), wrap(err, "begin a reset") // #nosec G115 -- counted up from 1
}

// EndReset implements consumer.Checkpoints, for one whose effect has run.
func (c *checkpoints) EndReset(ctx context.Context, name string, generation uint64, _ consumer.Effect) error {
	done, err := c.c.UpdateOne(ctx, bson.D{{Key: "_id", Value: name}, {Key: "g", Value: signed(generation)}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "resetting", Value: false}}}})
	if err == nil && done.MatchedCount == 0 {
		return consumer.ErrReset
	}
	return wrap(err, "end a reset")
}

// generation answers that of a consumer.
func (c *checkpoints) generation(ctx context.Context, name string) (int64, error) {
	var d document
	err := c.c.FindOne(ctx, bson.D{{Key: "_id", Value: name}}).Decode(&d)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 1, nil
	}
	return d.Generation, err
}
