package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

type reminderDocument struct {
	Workspace string `bson:"w"`
	Task      string `bson:"t"`
	Version   int64  `bson:"v"`
	At        int64  `bson:"at"`
	Queue     int64  `bson:"q"`
}

func (r *reminderDocument) reminder() state.Reminder {
	return state.Reminder{Workspace: mongodb.ReadKey(r.Workspace), Task: mongodb.ReadKey(r.Task), Version: versioned(r.Version), At: moment(r.At)}
}

// setReminders inserts a task's reminders and drops the older ones.
func (s *Store) setReminders(ctx context.Context, workspace, task ids.ID, v state.Version, list []state.Reminder) error {
	c := s.db.Collection(reminders)
	for _, r := range list {
		_, err := c.InsertOne(ctx, reminderDocument{
			Workspace: mongodb.Key(workspace), Task: mongodb.Key(task), Version: signed(r.Version), At: r.At.UnixMilli(), Queue: r.At.UnixMilli(),
		})
		if err = unless(err); err != nil {
			return err
		}
		v = r.Version
	}
	_, err := c.DeleteMany(ctx, d("w", mongodb.Key(workspace), "t", mongodb.Key(task), "v", d("$lt", signed(v))))
	return err
}

// Reminders implements store.Workspaces. Two processes may get the same: see package reminder.
func (s *Store) Reminders(ctx context.Context, now, until time.Time, limit int) ([]state.Reminder, error) {
	c := s.db.Collection(reminders)
	due, err := all[reminderDocument](ctx, c, d("q", d("$lte", now.UnixMilli())), options.Find().SetLimit(int64(limit)))
	if err != nil {
		return nil, wrap("reminders", err)
	}
	out := make([]state.Reminder, 0, len(due))
	for i := range due {
		r := &due[i]
		done, err := c.UpdateOne(ctx, d("w", r.Workspace, "t", r.Task, "v", r.Version, "at", r.At, "q", r.Queue), d("$set", d("q", until.UnixMilli())))
		if err != nil {
			return out, wrap("reminders", err)
		}
		if done.MatchedCount > 0 {
			out = append(out, r.reminder())
		}
	}
	return out, nil
}

// Remind implements store.Workspaces: what is put may be out of date when it
// is there, so it looks again, until nothing has changed meanwhile.
func (s *Store) Remind(ctx context.Context, r state.Reminder, decide func(*state.Frame, *state.Task) []store.Step) error {
	look := func() (*state.Frame, *state.Task, error) {
		f, found, err := s.Seen(ctx, r.Workspace, []ids.ID{r.Task})
		if t, ok := found[r.Task]; ok && err == nil {
			return f, &t, nil
		}
		return f, nil, err
	}
	f, t, err := look()
	for err == nil {
		if err = s.steps(ctx, decide(f, t)); err != nil {
			break
		}
		before, was := f, t
		if f, t, err = look(); err == nil && versionsOf(f, t) == versionsOf(before, was) {
			_, err = s.db.Collection(reminders).DeleteOne(ctx, d("w", mongodb.Key(r.Workspace), "t", mongodb.Key(r.Task), "v", signed(r.Version), "at", r.At.UnixMilli()))
			break
		}
	}
	return wrap("remind", err)
}

func versionsOf(f *state.Frame, t *state.Task) (out [2]state.Version) {
	if f != nil {
		out[0] = f.Version
	}
	if t != nil {
		out[1] = t.Version
	}
	return out
}
