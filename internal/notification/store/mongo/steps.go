package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// noticeDocument is a notice. Zero ids are empty.
type noticeDocument struct {
	User      string `bson:"u"`
	ID        string `bson:"n"`
	Workspace string `bson:"w"`
	Project   string `bson:"p"`
	Task      string `bson:"t"`
	About     string `bson:"a"`
	Kind      string `bson:"k"`
	Actor     string `bson:"by"`
	At        int64  `bson:"at"`
	Read      bool   `bson:"r"`
	Hidden    string `bson:"h"`
	Shown     bool   `bson:"s"`
	Version   int64  `bson:"v"`
}

func (n *noticeDocument) notice() state.Notice {
	return state.Notice{
		User: mongodb.ReadKey(n.User), ID: mongodb.ReadKey(n.ID), Workspace: mongodb.ReadKey(n.Workspace), Project: mongodb.ReadKey(n.Project),
		Task: mongodb.ReadKey(n.Task), About: mongodb.ReadKey(n.About), Kind: state.Kind(n.Kind), Actor: mongodb.ReadKey(n.Actor),
		At: moment(n.At), Read: n.Read, Hidden: state.Hidden(n.Hidden), Version: versioned(n.Version),
	}
}

func (s *Store) steps(ctx context.Context, list []store.Step) error {
	for i := range list {
		run := s.change
		if list[i].Put != nil {
			run = s.put
		}
		if err := run(ctx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) put(ctx context.Context, st *store.Step) error {
	n := st.Put
	_, err := s.db.Collection(notices).UpdateOne(ctx,
		d("u", mongodb.Key(n.User), "n", mongodb.Key(n.ID), "v", d("$lt", signed(st.Version))),
		d("$set", d("p", key(n.Project), "h", string(n.Hidden), "s", n.Hidden == state.Shown, "v", signed(st.Version)),
			"$setOnInsert", d("w", key(n.Workspace), "t", key(n.Task), "a", key(n.About), "k", string(n.Kind), "by", key(n.Actor),
				"at", n.At.UnixMilli(), "r", n.Read)),
		upsert())
	if err = unless(err); err != nil || !st.Send {
		return err
	}
	return s.send(ctx, store.Mail(n))
}

func (s *Store) change(ctx context.Context, st *store.Step) error {
	m := st.Match
	filter := d("u", mongodb.Key(m.User), "w", mongodb.Key(m.Workspace), "v", d("$lt", signed(st.Version)))
	set := d("v", signed(st.Version), "h", string(st.To), "s", st.To == state.Shown)
	switch {
	case !st.MoveTo.IsZero():
		set = d("v", signed(st.Version), "p", mongodb.Key(st.MoveTo))
	case st.To == state.Undone:
		filter = append(filter, bson.E{Key: "h", Value: d("$ne", string(state.Undone))})
	default:
		filter = append(filter, bson.E{Key: "h", Value: string(st.From)})
	}
	for _, f := range []struct {
		field string
		id    ids.ID
	}{{"t", m.Task}, {"a", m.About}, {"p", m.Project}} {
		if !f.id.IsZero() {
			filter = append(filter, bson.E{Key: f.field, Value: mongodb.Key(f.id)})
		}
	}
	if m.Kind != "" {
		filter = append(filter, bson.E{Key: "k", Value: string(m.Kind)})
	}
	if m.Outside != nil {
		filter = append(filter, bson.E{Key: "p", Value: d("$nin", append(mongodb.Keys(m.Outside), ""))})
	}
	_, err := s.db.Collection(notices).UpdateMany(ctx, filter, d("$set", set))
	return err
}
