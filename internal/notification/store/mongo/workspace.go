package mongo

import (
	"context"
	"encoding/json"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/consumer"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// blob is a frame or a task, as JSON.
type blob struct {
	Data string `bson:"d"`
}

func read[T any](b *blob) (v T, err error) {
	err = json.Unmarshal([]byte(b.Data), &v)
	return v, err
}

// Load implements store.Workspaces.
func (s *Store) Load(ctx context.Context, workspace ids.ID, generation uint64, tasks []ids.ID) (*state.Frame, map[ids.ID]state.Task, error) {
	f, found, err := s.Seen(ctx, workspace, tasks)
	f, found = store.Of(generation, f, found)
	return f, found, err
}

// Seen implements store.Workspaces.
func (s *Store) Seen(ctx context.Context, workspace ids.ID, list []ids.ID) (*state.Frame, map[ids.ID]state.Task, error) {
	var b blob
	there, err := first(s.db.Collection(frames).FindOne(ctx, d("_id", mongodb.Key(workspace))), &b)
	if err != nil {
		return nil, nil, wrap("load", err)
	}
	var f *state.Frame
	if there {
		v, err := read[state.Frame](&b)
		if err != nil {
			return nil, nil, wrap("load", err)
		}
		f = &v
	}
	out := make(map[ids.ID]state.Task, len(list))
	if len(list) == 0 {
		return f, out, nil
	}
	found, err := all[blob](ctx, s.db.Collection(tasks), d("w", mongodb.Key(workspace), "t", d("$in", mongodb.Keys(list))))
	if err != nil {
		return nil, nil, wrap("load", err)
	}
	for i := range found {
		t, err := read[state.Task](&found[i])
		if err != nil {
			return nil, nil, wrap("load", err)
		}
		out[t.ID] = t
	}
	return f, out, nil
}

var errTogether = errors.New("notification/store/mongo: the checkpoints are of another kind of store")

// Effect implements store.Workspaces.
func (s *Store) Effect(plan store.Plan) consumer.Effect {
	return func(ctx context.Context, tx consumer.Tx) error {
		if tx.Together() {
			return errTogether
		}
		return wrap("write", s.write(ctx, &plan))
	}
}

func (s *Store) write(ctx context.Context, plan *store.Plan) error {
	if err := s.steps(ctx, plan.Steps); err != nil {
		return err
	}
	for _, list := range plan.Tasks {
		if due, ok := plan.Reminders[list.ID]; ok {
			if err := s.setReminders(ctx, plan.Workspace, list.ID, list.Version, due); err != nil {
				return err
			}
		}
	}
	for i := range plan.Tasks {
		t := &plan.Tasks[i]
		data, err := json.Marshal(t)
		if err != nil {
			return err
		}
		filter := d("w", mongodb.Key(plan.Workspace), "t", mongodb.Key(t.ID), "v", d("$lt", signed(t.Version)))
		if err := s.replace(ctx, tasks, filter, t.Version, data); err != nil {
			return err
		}
	}
	if plan.Frame == nil {
		return nil
	}
	data, err := json.Marshal(plan.Frame)
	if err != nil {
		return err
	}
	filter := d("_id", mongodb.Key(plan.Workspace), "v", d("$lt", signed(plan.Frame.Version)))
	return s.replace(ctx, frames, filter, plan.Frame.Version, data)
}

// replace writes what is new, where what is there is older.
func (s *Store) replace(ctx context.Context, collection string, filter bson.D, v state.Version, data []byte) error {
	generation := int64(v.Generation()) // #nosec G115 -- counted up from 1
	_, err := s.db.Collection(collection).UpdateOne(ctx, filter, d("$set", d("v", signed(v), "g", generation, "d", string(data))), upsert())
	return unless(err)
}

// Reset implements store.Workspaces. Reminders of earlier generations find
// their tasks as they are, and go when they are due.
func (s *Store) Reset(ctx context.Context, tx consumer.Tx) error {
	if tx.Together() {
		return errTogether
	}
	old := d("g", d("$lt", int64(tx.Generation()))) // #nosec G115 -- counted up from 1
	for _, c := range []string{frames, tasks} {
		if _, err := s.db.Collection(c).DeleteMany(ctx, old); err != nil {
			return wrap("reset", err)
		}
	}
	_, err := s.db.Collection(notices).UpdateMany(ctx, d("at", d("$gte", int64(0))), d("$set", d("h", string(state.Replaying), "s", false)))
	return wrap("reset", err)
}
