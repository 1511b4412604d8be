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

// sweepPage is how many changed workspaces a sweep asks for at once.
const sweepPage = 500

// Sweep writes the rows of commits whose process ended before it could, in
// all workspaces that changed since the sweep before (any process's), and
// answers in how many it did. It costs by what changed.
func (s *Store) Sweep(ctx context.Context) (mended int, err error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	var at struct {
		Cursor int64 `bson:"cursor"`
	}
	key := bson.D{{Key: "_id", Value: "sweep"}}
	if err := s.meta.FindOne(ctx, key).Decode(&at); err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return 0, wrap(err, "sweep")
	}
	from := eventlog.Cursor(at.Cursor) // #nosec G115 -- below 2^60
	for {
		changed, to, err := s.log.Changed(ctx, eventlog.Workspace, from, sweepPage)
		if err != nil {
			return mended, wrap(err, "sweep")
		}
		for _, c := range changed {
			behind, err := s.behind(ctx, c)
			if err == nil && behind {
				_, err = s.catchUp(ctx, c.Stream, c.Head)
				mended++
			}
			if err != nil {
				return mended, wrap(err, "sweep")
			}
		}
		if to != from {
			// Of two processes that sweep at once, the one that got further stands.
			_, err := s.meta.UpdateOne(ctx, key, bson.D{{Key: "$max", Value: bson.D{{Key: "cursor", Value: int64(to)}}}}, options.UpdateOne().SetUpsert(true)) // #nosec G115 -- below 2^60
			if _, raced := mongodb.Duplicate(err); err != nil && !raced {
				return mended, wrap(err, "sweep")
			}
		}
		if len(changed) == 0 || to == from {
			return mended, nil
		}
		from = to
	}
}

// behind reports whether a workspace's rows are not as new as its log.
func (s *Store) behind(ctx context.Context, c eventlog.StreamHead) (bool, error) {
	head, err := s.one(ctx, byID(c.Stream, kindHead, ids.Nil), "v", "building")
	switch {
	case err != nil:
		return false, err
	case head == nil:
		return c.Head > 0, nil
	case head.Building != "":
		return false, nil // whoever builds it sees to it
	}
	return uint64(head.V) < c.Head, nil // #nosec G115 -- a seq
}
