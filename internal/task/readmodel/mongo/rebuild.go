package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/projection"
)

// projectionVersion is raised when the projections make other rows of the
// same events; rows of an older version are built anew at the next start.
const projectionVersion = 1

// rebuildBatch is how many events are read at once.
const rebuildBatch = 1000

type projectionState struct {
	Version  int  `bson:"version"`
	Building bool `bson:"building"`
}

var projectionKey = bson.D{{Key: "_id", Value: "projection"}}

// resume compares the rows' version with the program's.
func (s *Store) resume(ctx context.Context) error {
	var at projectionState
	err := s.meta.FindOne(ctx, projectionKey).Decode(&at)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return s.setProjection(ctx, false)
	}
	switch {
	case err != nil:
		return err
	case at.Version > projectionVersion:
		return fmt.Errorf("the rows were made by projection %d and this program knows %d; start the newer program", at.Version, projectionVersion)
	case at.Version < projectionVersion || at.Building:
		return s.Rebuild(ctx, nil)
	}
	return nil
}

func (s *Store) setProjection(ctx context.Context, building bool) error {
	_, err := s.meta.UpdateOne(ctx, projectionKey,
		bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: projectionVersion}, {Key: "building", Value: building}}}}, options.UpdateOne().SetUpsert(true))
	if _, raced := mongodb.Duplicate(err); raced {
		return nil
	}
	return err
}

// Rebuild drops all rows and makes them anew from the log, one workspace after
// the other; progress tells of the events folded of all there are. This
// process answers commands Unavailable meanwhile, and every process reads of
// a workspace whose rows are not there. Broken off anywhere, New does it again.
func (s *Store) Rebuild(ctx context.Context, progress func(done, total uint64)) error {
	if !s.rebuilding.CompareAndSwap(false, true) {
		return errRebuilding()
	}
	defer s.rebuilding.Store(false)
	if err := s.setProjection(ctx, true); err != nil {
		return wrap(err, "rebuild")
	}
	heads, err := s.heads(ctx)
	if err != nil {
		return wrap(err, "rebuild")
	}
	var done, total uint64
	for _, h := range heads {
		total += h.Head
	}
	for _, h := range heads {
		if err := s.rebuildOne(ctx, h.Stream); err != nil {
			return wrap(err, "rebuild")
		}
		if done += h.Head; progress != nil {
			progress(done, total)
		}
	}
	return wrap(s.setProjection(ctx, false), "rebuild")
}

// heads answers all workspaces, by id.
func (s *Store) heads(ctx context.Context) ([]eventlog.StreamHead, error) {
	all := map[ids.ID]eventlog.StreamHead{}
	var from eventlog.Cursor
	for {
		changed, to, err := s.log.Changed(ctx, eventlog.Workspace, from, 10_000)
		if err != nil {
			return nil, err
		}
		for _, h := range changed {
			all[h.Stream] = h
		}
		if to == from {
			break
		}
		from = to
	}
	out := make([]eventlog.StreamHead, 0, len(all))
	for _, h := range all {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b eventlog.StreamHead) int { return bytes.Compare(a.Stream[:], b.Stream[:]) })
	return out, nil
}

// rebuildOne makes a workspace's rows anew. Whoever commits meanwhile finds
// its head gone, and the rows of such a commit are written at the end.
func (s *Store) rebuildOne(ctx context.Context, id ids.ID) error {
	head, token := byID(id, kindHead, ids.Nil), ids.New().String()
	_, err := s.rows.UpdateOne(ctx, head,
		bson.D{{Key: "$set", Value: bson.D{{Key: "v", Value: int64(-1)}, {Key: "building", Value: token}}}}, options.UpdateOne().SetUpsert(true))
	if err != nil {
		return err
	}
	if _, err := s.rows.DeleteMany(ctx, byKinds(id, kindWorkspace, kindMoved)); err != nil {
		return err
	}
	g, err := s.fold(ctx, id)
	if err != nil {
		return err
	}
	n, err := g.note()
	if err != nil {
		return err
	}
	for _, in := range []int32{inMembers, inInvitations, inRows} {
		var models []mongo.WriteModel
		for i := range n.Writes {
			if n.Writes[i].In == in {
				models = append(models, n.Writes[i].model(in != inRows))
			}
		}
		if err := s.bulk(ctx, in, models); err != nil {
			return err
		}
	}
	done, err := s.rows.UpdateOne(ctx, append(head, bson.E{Key: "building", Value: token}), bson.D{
		{Key: "$set", Value: bson.D{{Key: "v", Value: n.Last}, {Key: "frame", Value: n.Frame}}}, {Key: "$unset", Value: bson.D{{Key: "building", Value: ""}}},
	})
	if err != nil {
		return err
	}
	if done.MatchedCount == 0 {
		return errRebuilding() // by another process, which began later
	}
	s.epoch.Add(1)
	if ws := s.kept(id); ws != nil {
		ws.shown.Store(nil)
	}
	_, err = s.catchUp(ctx, id, everything)
	return err
}

// fold folds a workspace's log in memory.
func (s *Store) fold(ctx context.Context, id ids.ID) (*group, error) {
	g := newGroup(ctx, s, &workspace{id: id, image: emptyImage()})
	g.detached = true
	for {
		events, err := s.log.Read(ctx, id, g.head, rebuildBatch)
		if err != nil || len(events) == 0 {
			return g, err
		}
		for i := range events {
			t := newTx(g)
			t.head = events[i].Seq
			if err := projection.ApplyRecorded(t, events[i]); err != nil {
				return nil, err
			}
			t.merge()
		}
	}
}

// Workspaces answers the ids of all workspaces, sorted, for tools that go through them.
func (s *Store) Workspaces(ctx context.Context) ([]ids.ID, error) {
	heads, err := s.heads(ctx)
	out := make([]ids.ID, 0, len(heads))
	for _, h := range heads {
		out = append(out, h.Stream)
	}
	return out, wrap(err, "list workspaces")
}
