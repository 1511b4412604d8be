// Package mongo is the event log in a database of the MongoDB protocol. A
// batch of events is one document, unique by its stream and first seq, so that
// a batch is there as a whole or not at all and no two batches overlap: the
// one insert is the commit. No transactions are needed.
//
// A store that keeps read models in the same database commits through Commit,
// which takes ids that are to be unique among all streams, and a note of what
// is to be done after the commit, into the same round trip.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

const collection = "commits"

// Schema is what the log keeps: one collection. Its documents are
//
//   - commits: w is the stream, first and last are the seqs of the events;
//   - reservations: w is the reserved id, first is 0, owner is the stream it belongs to;
//   - parts of a commit that is too large for one document: w is the commit's
//     _id, first counts from 0;
//   - fences of streams that are moved to another store (fence.go).
//
// Every _id is a UUIDv7, so that a sweep reads what is new in order of time.
func Schema() mongodb.Schema {
	return mongodb.Schema{Owner: "eventlog", Version: 1, Collections: []mongodb.Collection{{
		Name: collection, ShardKey: "w", Scattered: true,
		Indexes: []mongodb.Index{
			{Fields: []string{"w", "first"}, Unique: true},
			{Fields: []string{"w", "events.e", "first", "last"}}, // the history of one entity
			{Fields: []string{"w", "events.id"}},                 // an event that is appended again
		},
	}}}
}

// Log is an event log in a database. It is safe for concurrent use, also by
// several processes.
type Log struct {
	commits *mongo.Collection
	tail    tail
}

var _ eventlog.Log = (*Log)(nil)

// New makes a log over a database in which Schema is ensured.
func New(db *mongodb.DB) *Log {
	return &Log{commits: db.Collection(collection), tail: tail{now: time.Now}}
}

// document is a commit, a reservation or a part.
type document struct {
	ID       bson.Binary       `bson:"_id"`
	Stream   string            `bson:"w"`
	First    int64             `bson:"first"`
	Last     int64             `bson:"last,omitempty"`
	Category eventlog.Category `bson:"category,omitempty"`
	// Events are whole, or the ids alone where the commit has parts.
	Events []record `bson:"events,omitempty"`
	Note   []byte   `bson:"note,omitempty"`
	// Parts is how many documents hold the rest.
	Parts int    `bson:"parts,omitempty"`
	Owner string `bson:"owner,omitempty"`
	Body  []byte `bson:"body,omitempty"`
}

// record is an event. Its seq follows from its place.
type record struct {
	ID      bson.Binary    `bson:"id"`
	Entity  bson.Binary    `bson:"e"`
	Scope   *bson.Binary   `bson:"s,omitempty"`
	Type    string         `bson:"t,omitempty"`
	Version int32          `bson:"v,omitempty"`
	Actor   *bson.Binary   `bson:"a,omitempty"`
	At      *bson.DateTime `bson:"at,omitempty"`
	Cause   string         `bson:"c,omitempty"`
	Data    []byte         `bson:"d,omitempty"`
}

func optional(id ids.ID) *bson.Binary {
	if id.IsZero() {
		return nil
	}
	b := mongodb.ID(id)
	return &b
}

func encode(events []eventlog.Event) []record {
	out := make([]record, len(events))
	for i := range events {
		e := &events[i]
		at := bson.NewDateTimeFromTime(e.At)
		out[i] = record{
			ID: mongodb.ID(e.ID), Entity: mongodb.ID(e.Entity), Scope: optional(e.Scope), Type: e.Type, Version: int32(e.Version),
			Actor: optional(e.Actor), At: &at, Cause: e.Cause, Data: e.Data,
		}
	}
	return out
}

// event answers the event at a place in a commit that is whole.
func (d *document) event(i int) eventlog.Event {
	r := &d.Events[i]
	e := eventlog.Event{
		ID: mongodb.ReadID(r.ID), Stream: mongodb.ReadKey(d.Stream), Seq: d.seq(i), Entity: mongodb.ReadID(r.Entity),
		Type: r.Type, Version: uint16(r.Version), Cause: r.Cause, Data: r.Data, // #nosec G115 -- written as one
	}
	if r.Scope != nil {
		e.Scope = mongodb.ReadID(*r.Scope)
	}
	if r.Actor != nil {
		e.Actor = mongodb.ReadID(*r.Actor)
	}
	if r.At != nil {
		e.At = r.At.Time().UTC()
	}
	return e
}

func (d *document) seq(i int) uint64 {
	return uint64(d.First) + uint64(i) // #nosec G115 -- both counted up from 1
}

// signed writes a seq as the protocol's integer; a seq above all stays above all.
func signed(seq uint64) int64 { return int64(min(seq, 1<<62)) } // #nosec G115 -- bounded

// wrap gives a fault its context, and its code where the database is away.
func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return mongodb.Coded(fmt.Errorf("eventlog/mongo: %s: %w", what, err))
}

// confirmFor is how long the outcome of an insert without an answer is looked for.
const (
	confirmFor   = 5 * time.Second
	confirmEvery = 10 * time.Millisecond
)

// confirm looks whether the commit at first is the one with the id. Where
// there is one for sure, it waits until it is seen. fence says that it is one.
func (l *Log) confirm(ctx context.Context, stream string, first int64, id bson.Binary, there bool) (ours, fence bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmFor)
	defer cancel()
	for {
		var d document
		err := l.commits.FindOne(ctx, bson.D{{Key: "w", Value: stream}, {Key: "first", Value: first}}, headOnly()).Decode(&d)
		switch {
		case err == nil:
			return d.ID.Equal(id), d.fence(), nil
		case !there || !errors.Is(err, mongo.ErrNoDocuments):
			return false, false, err
		}
		select {
		case <-ctx.Done():
			return false, false, ctx.Err()
		case <-time.After(confirmEvery):
		}
	}
}
