package mongo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/moving"
)

// A fence of a stream is a document where its next commit would be, with last
// before first and no events: the unique index refuses whatever a process
// still wants to commit there, however late. Reads pass over it.

// fences is how many fences are set or lifted at once.
const fences = 1000

// Fence sets the fence of streams at their heads, and answers those whose head
// is another one by now and that have none. A stream that is fenced already stays so.
func (l *Log) Fence(ctx context.Context, category eventlog.Category, heads []eventlog.StreamHead) (grown []ids.ID, err error) {
	for len(heads) > 0 {
		n := min(fences, len(heads))
		docs := make([]any, n)
		for i, h := range heads[:n] {
			docs[i] = document{ID: fenceID(h), Stream: mongodb.Key(h.Stream), First: signed(h.Head + 1), Last: signed(h.Head), Category: category}
		}
		_, err := l.commits.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
		if err != nil {
			if !mongo.IsDuplicateKeyError(err) {
				return nil, wrap(err, "fence")
			}
			// A driver that sends it again may have met its own.
			for _, h := range heads[:n] {
				fenced, err := l.isFenced(ctx, h)
				if err != nil {
					return nil, wrap(err, "fence")
				}
				if !fenced {
					grown = append(grown, h.Stream)
				}
			}
		}
		heads = heads[n:]
	}
	return grown, nil
}

// fenceID is the _id of a fence: as old as its stream's own id, and the same
// each time, so that it can be lifted by nothing but the stream and its head.
func fenceID(h eventlog.StreamHead) bson.Binary {
	id := h.Stream
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("fence "+h.Stream.String()), h.Head))
	copy(id[9:], sum[:])
	return mongodb.ID(id)
}

func (l *Log) isFenced(ctx context.Context, h eventlog.StreamHead) (bool, error) {
	var d document
	err := l.commits.FindOne(ctx, bson.D{{Key: "w", Value: mongodb.Key(h.Stream)}, {Key: "first", Value: signed(h.Head + 1)}}, headOnly()).Decode(&d)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil && d.fence(), err
}

func (d *document) fence() bool { return d.Last < d.First }

// Unfence lifts the fences of streams.
func (l *Log) Unfence(ctx context.Context, heads []eventlog.StreamHead) error {
	for len(heads) > 0 {
		n := min(fences, len(heads))
		models := make([]mongo.WriteModel, n)
		for i, h := range heads[:n] {
			models[i] = mongo.NewDeleteOneModel().SetFilter(bson.D{{Key: "w", Value: mongodb.Key(h.Stream)}, {Key: "_id", Value: fenceID(h)}})
		}
		if _, err := l.commits.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false)); err != nil {
			return wrap(err, "lift fences")
		}
		heads = heads[n:]
	}
	return nil
}

// refused is ErrLost, or what a fence answers.
func refused(fence bool) error {
	if fence {
		return moving.Refused()
	}
	return ErrLost
}
