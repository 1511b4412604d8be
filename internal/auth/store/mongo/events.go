package mongo

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// waiting is an event that is not in the log yet. Its stream is known from
// the document that it waits in.
type waiting struct {
	ID      bson.Binary   `bson:"id"`
	Entity  bson.Binary   `bson:"entity"`
	Scope   bson.Binary   `bson:"scope"`
	Type    string        `bson:"type"`
	Version int32         `bson:"version"`
	Actor   bson.Binary   `bson:"actor"`
	At      bson.DateTime `bson:"at"`
	Cause   string        `bson:"cause,omitempty"`
	Data    []byte        `bson:"data"`
}

func wait(events []eventlog.Event) []waiting {
	out := make([]waiting, 0, len(events))
	for i := range events {
		e := &events[i]
		out = append(out, waiting{
			ID: mongodb.ID(e.ID), Entity: mongodb.ID(e.Entity), Scope: mongodb.ID(e.Scope), Type: e.Type, Version: int32(e.Version),
			Actor: mongodb.ID(e.Actor), At: instant(e.At), Cause: e.Cause, Data: e.Data,
		})
	}
	return out
}

func recorded(stream ids.ID, all []waiting) []eventlog.Event {
	out := make([]eventlog.Event, 0, len(all))
	for i := range all {
		w := &all[i]
		out = append(out, eventlog.Event{
			ID: mongodb.ReadID(w.ID), Stream: stream, Entity: mongodb.ReadID(w.Entity), Scope: mongodb.ReadID(w.Scope),
			Type: w.Type, Version: uint16(w.Version), Actor: mongodb.ReadID(w.Actor), // #nosec G115 -- written as one
			At: moment(w.At), Cause: w.Cause, Data: w.Data,
		})
	}
	return out
}

func moment(t bson.DateTime) time.Time { return t.Time().UTC() }
