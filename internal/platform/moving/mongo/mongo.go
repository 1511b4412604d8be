// Package mongo keeps the state of a move in a database of the MongoDB
// protocol, where all processes over it see it, and has them say what they
// have seen: a fence stands once none of them writes any more.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/moving"
)

const collection = "store_moves"

// stateKey is the _id of the state; processes have their own.
const stateKey = "state"

// Schema is the collection that this package keeps: a document for the state
// and one for each process that has seen a move.
func Schema() mongodb.Schema {
	return mongodb.Schema{Owner: "moves", Version: 1, Collections: []mongodb.Collection{{Name: collection, ShardKey: "_id", Scattered: true, Small: true}}}
}

// Control implements moving.Control.
type Control struct{ moves *driver.Collection }

var _ moving.Control = (*Control)(nil)

// New makes a control over a database in which Schema is ensured.
func New(db *mongodb.DB) *Control { return &Control{moves: db.Collection(collection)} }

type document struct {
	ID    string        `bson:"_id"`
	Move  bson.Binary   `bson:"move"`
	Phase moving.Phase  `bson:"phase"`
	Peer  string        `bson:"peer,omitempty"`
	At    bson.DateTime `bson:"at"`
}

// MoveState implements moving.Control.
func (c *Control) MoveState(ctx context.Context) (moving.State, error) {
	var d document
	err := c.moves.FindOne(ctx, bson.D{{Key: "_id", Value: stateKey}}).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return moving.State{}, nil
	}
	if err != nil {
		return moving.State{}, fmt.Errorf("moving/mongo: read the state: %w", err)
	}
	return moving.State{Move: mongodb.ReadID(d.Move), Phase: d.Phase, Peer: d.Peer, At: d.At.Time().UTC()}, nil
}

// SetMoveState implements moving.Control.
func (c *Control) SetMoveState(ctx context.Context, s moving.State) error {
	return c.put(ctx, document{ID: stateKey, Move: mongodb.ID(s.Move), Phase: s.Phase, Peer: s.Peer, At: bson.NewDateTimeFromTime(s.At)})
}

func (c *Control) put(ctx context.Context, d document) error {
	if _, err := c.moves.ReplaceOne(ctx, bson.D{{Key: "_id", Value: d.ID}}, d, options.Replace().SetUpsert(true)); err != nil {
		return fmt.Errorf("moving/mongo: write %s: %w", d.ID, err)
	}
	return nil
}

// Acknowledge says that a process has seen a state and keeps to it: after one
// that is closed it has no write under way and begins none.
func (c *Control) Acknowledge(ctx context.Context, process ids.ID, s moving.State) error {
	return c.put(ctx, document{ID: processKey(process), Move: mongodb.ID(s.Move), Phase: s.Phase, At: bson.NewDateTimeFromTime(time.Now())})
}

// Leave says that a process ends.
func (c *Control) Leave(ctx context.Context, process ids.ID) error {
	if _, err := c.moves.DeleteOne(ctx, bson.D{{Key: "_id", Value: processKey(process)}}); err != nil {
		return fmt.Errorf("moving/mongo: leave: %w", err)
	}
	return nil
}

func processKey(process ids.ID) string { return "process/" + process.String() }

// Seen is what a process said last.
type Seen struct {
	Move  ids.ID
	Phase moving.Phase
	// At is when, by the process's clock.
	At time.Time
}

// Processes answers what each process said last, also those that have died since.
func (c *Control) Processes(ctx context.Context) (map[string]Seen, error) {
	cursor, err := c.moves.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: "process/"}, {Key: "$lt", Value: "process0"}}}})
	if err != nil {
		return nil, fmt.Errorf("moving/mongo: ask for processes: %w", err)
	}
	var all []document
	if err := cursor.All(ctx, &all); err != nil {
		return nil, fmt.Errorf("moving/mongo: ask for processes: %w", err)
	}
	out := make(map[string]Seen, len(all))
	for _, d := range all {
		out[d.ID] = Seen{mongodb.ReadID(d.Move), d.Phase, d.At.Time()}
	}
	return out, nil
}
