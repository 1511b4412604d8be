package mongo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"headway/internal/platform/consumer"
	"headway/internal/platform/mongodb"
)

// kept is an event that is set aside, in the document of its stream's checkpoint.
type kept struct {
	Seq    int64         `bson:"seq"`
	Event  bson.Binary   `bson:"event"`
	Type   string        `bson:"type"`
	Reason string        `bson:"reason"`
	Tries  int32         `bson:"tries"`
	At     bson.DateTime `bson:"at"`
}

func keep(a *consumer.Aside) kept {
	return kept{
		Seq: signed(a.Seq), Event: mongodb.ID(a.Event), Type: a.Type, Reason: a.Reason,
		Tries: int32(min(a.Tries, 1<<30)), At: bson.NewDateTimeFromTime(a.At), // #nosec G115 -- bounded
	}
}

// SetAside implements consumer.Checkpoints.
func (c *checkpoints) SetAside(ctx context.Context, name string, after consumer.Place, limit int) ([]consumer.Aside, error) {
	g, err := c.generation(ctx, name)
	if err != nil {
		return nil, wrap(err, "list what is set aside")
	}
	cursor, err := c.c.Find(ctx, bson.D{{Key: "x", Value: name}})
	if err != nil {
		return nil, wrap(err, "list what is set aside")
	}
	var found []document
	if err := cursor.All(ctx, &found); err != nil {
		return nil, wrap(err, "list what is set aside")
	}
	var out []consumer.Aside
	for i := range found {
		if found[i].Generation != g {
			continue
		}
		stream := mongodb.ReadKey(strings.TrimPrefix(found[i].ID, name+"/"))
		for _, k := range found[i].Aside {
			a := consumer.Aside{
				Place: consumer.Place{Stream: stream, Seq: uint64(k.Seq)}, // #nosec G115 -- written as such
				Event: mongodb.ReadID(k.Event), Type: k.Type, Reason: k.Reason, Tries: int(k.Tries), At: k.At.Time().UTC(),
			}
			if compare(a.Place, after) > 0 {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, func(a, b consumer.Aside) int { return compare(a.Place, b.Place) })
	return out[:min(max(limit, 0), len(out))], nil
}

func compare(a, b consumer.Place) int {
	return cmp.Or(bytes.Compare(a.Stream[:], b.Stream[:]), cmp.Compare(a.Seq, b.Seq))
}

// NoteAside implements consumer.Checkpoints.
func (c *checkpoints) NoteAside(ctx context.Context, name string, generation uint64, a consumer.Aside) error {
	err := c.change(ctx, name, generation, a.Place, func(list []kept, at int) []kept {
		again := keep(&a)
		list[at].Reason, list[at].Tries, list[at].At = again.Reason, again.Tries, again.At
		return list
	})
	if errors.Is(err, consumer.ErrNotAside) {
		return nil
	}
	return err
}

// Release implements consumer.Checkpoints, for an event whose effect has run.
func (c *checkpoints) Release(ctx context.Context, name string, generation uint64, place consumer.Place, _ consumer.Effect) error {
	return c.change(ctx, name, generation, place, func(list []kept, at int) []kept { return slices.Delete(list, at, at+1) })
}

// rivals is how many others may be faster before a change of a list is given up.
const rivals = 100

// change changes the list in which the place is, unless another did meanwhile; then it begins again.
func (c *checkpoints) change(ctx context.Context, name string, generation uint64, place consumer.Place, change func(list []kept, at int) []kept) error {
	id, g := key(name, place.Stream), signed(generation)
	if at, err := c.generation(ctx, name); err != nil || at != g {
		return cmp.Or(wrap(err, "change what is set aside"), consumer.ErrNotAside)
	}
	for range rivals {
		var d document
		err := c.c.FindOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "g", Value: g}}).Decode(&d)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return consumer.ErrNotAside
		}
		if err != nil {
			return wrap(err, "change what is set aside")
		}
		at := slices.IndexFunc(d.Aside, func(k kept) bool { return k.Seq == signed(place.Seq) })
		if at < 0 {
			return consumer.ErrNotAside
		}
		list := change(d.Aside, at)
		update := bson.D{
			{Key: "$set", Value: bson.D{{Key: "aside", Value: list}}},
			{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}},
		}
		if len(list) == 0 {
			update = append(update, bson.E{Key: "$unset", Value: bson.D{{Key: "x", Value: ""}}})
		}
		done, err := c.c.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "g", Value: g}, {Key: "n", Value: d.Version}}, update)
		if err != nil {
			return wrap(err, "change what is set aside")
		}
		if done.MatchedCount > 0 {
			return nil
		}
	}
	return fmt.Errorf("consumer/mongo: what is set aside of stream %s changes too fast", place.Stream)
}
