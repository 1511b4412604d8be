package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// headOnly leaves the events out.
func headOnly() options.Lister[options.FindOneOptions] {
	return options.FindOne().SetProjection(bson.D{{Key: "w", Value: 1}, {Key: "first", Value: 1}, {Key: "last", Value: 1}})
}

// between is the filter of a stream's commits that begin in an interval.
func between(stream ids.ID, from, to uint64) bson.D {
	return bson.D{{Key: "w", Value: mongodb.Key(stream)}, {Key: "first", Value: bson.D{{Key: "$gte", Value: signed(max(from, 1))}, {Key: "$lte", Value: signed(to)}}}}
}

const forever = 1 << 62

var upwards, downwards = bson.D{{Key: "first", Value: 1}}, bson.D{{Key: "first", Value: -1}}

// Head implements eventlog.Log.
func (l *Log) Head(ctx context.Context, stream ids.ID) (uint64, error) {
	var d document
	err := l.commits.FindOne(ctx, between(stream, 1, forever), headOnly(), options.FindOne().SetSort(downwards)).Decode(&d)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil
	}
	if err != nil {
		return 0, wrap(err, "head")
	}
	return uint64(d.Last), nil // #nosec G115 -- counted up from 1
}

// Read implements eventlog.Log.
func (l *Log) Read(ctx context.Context, stream ids.ID, after uint64, limit int) (out []eventlog.Event, err error) {
	if limit <= 0 || after >= forever {
		return nil, nil
	}
	whole := func(e *eventlog.Event) bool { return e.Seq > after }
	out, err = l.read(ctx, between(stream, after+1, forever), upwards, limit, whole)
	if err != nil || after == 0 || len(out) > 0 && out[0].Seq == after+1 {
		return out, wrap(err, "read")
	}
	// The place is inside a commit, or at the end.
	rest, err := l.read(ctx, between(stream, 1, after), downwards, 1, nil)
	if err != nil {
		return nil, wrap(err, "read")
	}
	var from []eventlog.Event
	for i := range rest {
		if rest[i].Seq > after {
			from = append(from, rest[i])
		}
	}
	out = append(from, out...)
	return out[:min(limit, len(out))], nil
}

// ReadBack implements eventlog.Log.
func (l *Log) ReadBack(ctx context.Context, stream ids.ID, before uint64, limit int) ([]eventlog.Event, error) {
	if limit <= 0 || before <= 1 {
		return nil, nil
	}
	out, err := l.read(ctx, between(stream, 1, before-1), downwards, limit, func(e *eventlog.Event) bool { return e.Seq < before })
	return out, wrap(err, "read back")
}

// ReadEntity implements eventlog.Log.
func (l *Log) ReadEntity(ctx context.Context, stream, entity ids.ID, after, upTo uint64, limit int) ([]eventlog.Event, error) {
	if limit <= 0 || after >= upTo || after >= forever {
		return nil, nil
	}
	out, err := l.read(ctx, bson.D{
		{Key: "w", Value: mongodb.Key(stream)}, {Key: "events.e", Value: mongodb.ID(entity)},
		{Key: "first", Value: bson.D{{Key: "$lte", Value: signed(upTo)}}}, {Key: "last", Value: bson.D{{Key: "$gt", Value: signed(after)}}},
	}, upwards, limit, func(e *eventlog.Event) bool { return e.Entity == entity && e.Seq > after && e.Seq <= upTo })
	return out, wrap(err, "read an entity")
}

// ReadEntityBack implements eventlog.Log.
func (l *Log) ReadEntityBack(ctx context.Context, stream, entity ids.ID, before uint64, limit int) ([]eventlog.Event, error) {
	if limit <= 0 || before <= 1 {
		return nil, nil
	}
	out, err := l.read(ctx, bson.D{
		{Key: "w", Value: mongodb.Key(stream)}, {Key: "events.e", Value: mongodb.ID(entity)},
		{Key: "first", Value: bson.D{{Key: "$lt", Value: signed(before)}}},
	}, downwards, limit, func(e *eventlog.Event) bool { return e.Entity == entity && e.Seq < before })
	return out, wrap(err, "read an entity")
}

// read answers the events that want takes, in the order of the sort, up to
// limit of them; with want nil, all events of up to limit commits.
func (l *Log) read(ctx context.Context, filter, sort bson.D, limit int, want func(*eventlog.Event) bool) (out []eventlog.Event, err error) {
	back := sort[0].Value == -1
	commits := int64(limit)
	if back && want != nil {
		commits++ // the newest may be a fence
	}
	cursor, err := l.commits.Find(ctx, filter, options.Find().SetSort(sort).SetLimit(commits).SetProjection(bson.D{{Key: "note", Value: 0}}))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cursor.Close(context.WithoutCancel(ctx))) }()
	for cursor.Next(ctx) {
		var d document
		if err := cursor.Decode(&d); err != nil {
			return nil, err
		}
		if err := l.join(ctx, &d); err != nil {
			return nil, err
		}
		for i := range d.Events {
			if want != nil && back {
				i = len(d.Events) - 1 - i
			}
			e := d.event(i)
			if want != nil && !want(&e) {
				continue
			}
			if out = append(out, e); want != nil && len(out) == limit {
				return out, nil
			}
		}
	}
	return out, cursor.Err()
}

// Committed is a commit as Commits answers it.
type Committed struct {
	First, Last uint64
	Events      []eventlog.Event
	Note        []byte
}

// Commits answers up to limit commits of a stream from the one that begins
// after a seq at which another ended, oldest first.
func (l *Log) Commits(ctx context.Context, stream ids.ID, after uint64, limit int) (out []Committed, err error) {
	cursor, err := l.commits.Find(ctx, between(stream, after+1, forever), options.Find().SetSort(upwards).SetLimit(int64(limit)))
	if err != nil {
		return nil, wrap(err, "read commits")
	}
	var all []document
	if err := cursor.All(ctx, &all); err != nil {
		return nil, wrap(err, "read commits")
	}
	for i := range all {
		d := &all[i]
		if d.fence() {
			continue
		}
		if err := l.join(ctx, d); err != nil {
			return nil, wrap(err, "read commits")
		}
		c := Committed{First: uint64(d.First), Last: uint64(d.Last), Note: d.Note, Events: make([]eventlog.Event, len(d.Events))} // #nosec G115 -- counted up from 1
		for n := range d.Events {
			c.Events[n] = d.event(n)
		}
		out = append(out, c)
	}
	return out, nil
}
