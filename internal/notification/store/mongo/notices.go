package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

func shown(user ids.ID, unread bool, without []state.Kind) bson.D {
	filter := d("u", mongodb.Key(user), "s", true)
	if unread {
		filter = append(filter, bson.E{Key: "r", Value: false})
	}
	if len(without) > 0 {
		kinds := make(bson.A, 0, len(without))
		for _, k := range without {
			kinds = append(kinds, string(k))
		}
		filter = append(filter, bson.E{Key: "k", Value: d("$nin", kinds)})
	}
	return filter
}

// List implements store.Notices.
func (s *Store) List(ctx context.Context, q store.List) ([]state.Notice, error) {
	filter := shown(q.User, q.Unread, q.Without)
	if q.After != (store.Place{}) {
		at := q.After.At.UnixMilli()
		filter = append(filter, bson.E{Key: "$or", Value: bson.A{d("at", d("$lt", at)), d("at", at, "n", d("$lt", mongodb.Key(q.After.ID)))}})
	}
	found, err := all[noticeDocument](ctx, s.db.Collection(notices), filter, options.Find().SetSort(d("at", -1, "n", -1)).SetLimit(int64(q.Limit)))
	out := make([]state.Notice, 0, len(found))
	for i := range found {
		out = append(out, found[i].notice())
	}
	return out, wrap("list", err)
}

// Unread implements store.Notices.
func (s *Store) Unread(ctx context.Context, user ids.ID, without []state.Kind, limit int) (int, error) {
	n, err := s.db.Collection(notices).CountDocuments(ctx, shown(user, true, without), options.Count().SetLimit(int64(limit)))
	return int(n), wrap("count", err)
}

// Notice implements store.Notices.
func (s *Store) Notice(ctx context.Context, user, id ids.ID) (state.Notice, error) {
	var n noticeDocument
	found, err := first(s.db.Collection(notices).FindOne(ctx, d("u", mongodb.Key(user), "n", mongodb.Key(id))), &n)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return state.Notice{}, wrap("notice", err)
	}
	return n.notice(), nil
}

// Mark implements store.Notices.
func (s *Store) Mark(ctx context.Context, user ids.ID, list []ids.ID, read bool) (int, error) {
	done, err := s.db.Collection(notices).UpdateMany(ctx,
		d("u", mongodb.Key(user), "n", d("$in", mongodb.Keys(list)), "s", true, "r", !read), d("$set", d("r", read)))
	if err != nil {
		return 0, wrap("mark", err)
	}
	return int(done.ModifiedCount), nil
}

// MarkUpTo implements store.Notices.
func (s *Store) MarkUpTo(ctx context.Context, user ids.ID, p store.Place) (int, error) {
	at := p.At.UnixMilli()
	filter := append(shown(user, true, nil), bson.E{Key: "$or", Value: bson.A{d("at", d("$lt", at)), d("at", at, "n", d("$lte", mongodb.Key(p.ID)))}})
	done, err := s.db.Collection(notices).UpdateMany(ctx, filter, d("$set", d("r", true)))
	if err != nil {
		return 0, wrap("mark", err)
	}
	return int(done.ModifiedCount), nil
}
