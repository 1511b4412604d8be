// Package mongo keeps what the notification service keeps in a database of the
// MongoDB protocol, beside the event log and the checkpoints. It needs no
// transactions: what is made of events bears being made again, by versions and
// derived ids (see store.Plan), and runs before the checkpoint moves.
//
// An outbox is safe where a compare-and-set is not: each try to send is a
// document of its own, of which only one process can insert the one with the
// next number.
package mongo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// The collections.
const (
	settings    = "notification_settings"
	preferences = "notification_preferences"
	frames      = "notification_frames"
	tasks       = "notification_tasks"
	reminders   = "notification_reminders"
	notices     = "notification_notices"
	outbox      = "notification_outbox"
	attempts    = "notification_attempts"
)

// Schema is what the store keeps.
func Schema() mongodb.Schema {
	return mongodb.Schema{Owner: "notification", Version: 1, Collections: []mongodb.Collection{
		{Name: settings, ShardKey: "_id", Small: true},
		// _id is the user, and of frames the workspace.
		{Name: preferences, ShardKey: "_id"},
		{Name: frames, ShardKey: "_id", Swept: "g", Indexes: []mongodb.Index{{Fields: []string{"g"}}}},
		{Name: tasks, ShardKey: "w", Swept: "g", Indexes: []mongodb.Index{
			{Fields: []string{"w", "t"}, Unique: true, Gathered: true}, {Fields: []string{"g"}},
		}},
		// q is when it is due, or until when somebody has it.
		{Name: reminders, ShardKey: "w", Swept: "q", Indexes: []mongodb.Index{
			{Fields: []string{"w", "t"}, Gathered: true}, {Fields: []string{"w", "t", "v", "at"}, Unique: true}, {Fields: []string{"q"}},
		}},
		{Name: notices, ShardKey: "u", Swept: "at", Indexes: []mongodb.Index{
			{Fields: []string{"u", "n"}, Unique: true, Gathered: true},
			{Fields: []string{"u", "s"}, Gathered: true}, // what is shown; Keep bounds how much that is
			{Fields: []string{"u", "w"}, Gathered: true},
			{Fields: []string{"at"}},
		}},
		// q: see queuePlace.
		{Name: outbox, ShardKey: "u", Swept: "q", Indexes: []mongodb.Index{
			{Fields: []string{"u", "o"}, Unique: true, Gathered: true}, {Fields: []string{"q"}},
		}},
		{Name: attempts, ShardKey: "u", Indexes: []mongodb.Index{{Fields: []string{"u", "o", "k"}, Unique: true}}},
	}}
}

// Store implements store.Store.
type Store struct{ db *mongodb.DB }

var _ store.Store = (*Store)(nil)

// New makes a store on a database in which Schema is ensured.
func New(db *mongodb.DB) *Store { return &Store{db} }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("notification/store/mongo: %s: %w", what, err)
}

// d is a filter or an update: names and values by turns.
func d(pairs ...any) bson.D {
	out := make(bson.D, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		out = append(out, bson.E{Key: name, Value: pairs[i+1]})
	}
	return out
}

// key writes an id, "" for none.
func key(id ids.ID) string {
	if id.IsZero() {
		return ""
	}
	return mongodb.Key(id)
}

func signed(v state.Version) int64 { return int64(v) } // #nosec G115 -- far below 2^63

// versioned is a version as it was written.
func versioned(v int64) state.Version { return state.Version(v) } // #nosec G115 -- written by signed

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// unless passes over that a document with the key is there already.
func unless(err error) error {
	if _, there := mongodb.Duplicate(err); there {
		return nil
	}
	return err
}

func upsert() *options.UpdateOneOptionsBuilder { return options.UpdateOne().SetUpsert(true) }

// first decodes one document, and tells whether there is one.
func first(r *driver.SingleResult, v any) (bool, error) {
	err := r.Decode(v)
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

// all decodes what a filter finds.
func all[T any](ctx context.Context, c *driver.Collection, filter bson.D, opts ...options.Lister[options.FindOptions]) (out []T, err error) {
	cursor, err := c.Find(ctx, filter, opts...)
	if err != nil {
		return nil, err
	}
	return out, cursor.All(ctx, &out)
}

// Settings implements store.Store.
func (s *Store) Settings(ctx context.Context, made state.Settings) (state.Settings, error) {
	var doc struct {
		Began  int64  `bson:"began"`
		Secret []byte `bson:"secret"`
	}
	_, err := s.db.Collection(settings).InsertOne(ctx, d("_id", "settings", "began", made.Began.UnixMilli(), "secret", made.Secret))
	if err = unless(err); err == nil {
		err = s.db.Collection(settings).FindOne(ctx, d("_id", "settings")).Decode(&doc)
	}
	return state.Settings{Began: moment(doc.Began), Secret: doc.Secret}, wrap("settings", err)
}

// Preferences implements store.Store.
func (s *Store) Preferences(ctx context.Context, user ids.ID) (p state.Preferences, err error) {
	var doc struct {
		Seq  int64  `bson:"seq"`
		Data string `bson:"d"`
	}
	found, err := first(s.db.Collection(preferences).FindOne(ctx, d("_id", mongodb.Key(user))), &doc)
	if err == nil && found {
		err = json.Unmarshal([]byte(doc.Data), &p)
		p.Seq = uint64(doc.Seq) // #nosec G115 -- counted up from 1
	}
	return p, wrap("preferences", err)
}

// SavePreferences implements store.Store.
func (s *Store) SavePreferences(ctx context.Context, user ids.ID, p state.Preferences) (state.Preferences, error) {
	next := p
	next.Seq++
	data, err := json.Marshal(next)
	if err != nil {
		return state.Preferences{}, wrap("save preferences", err)
	}
	c := s.db.Collection(preferences)
	seq := int64(next.Seq) // #nosec G115 -- counted up from 1
	if seq == 1 {
		_, err = c.InsertOne(ctx, d("_id", mongodb.Key(user), "seq", seq, "d", string(data)))
		if _, there := mongodb.Duplicate(err); there {
			err = store.ErrConflict
		}
	} else {
		var done *driver.UpdateResult
		done, err = c.UpdateOne(ctx, d("_id", mongodb.Key(user), "seq", seq-1), d("$set", d("seq", seq, "d", string(data))))
		if err == nil && done.MatchedCount == 0 {
			err = store.ErrConflict
		}
	}
	if err != nil {
		return state.Preferences{}, wrap("save preferences", err)
	}
	return next, nil
}

// Purge implements store.Store.
func (s *Store) Purge(ctx context.Context, oldNotices, oldOutbox time.Time, limit int) (int, error) {
	old, err := all[noticeDocument](ctx, s.db.Collection(notices), d("at", d("$lt", oldNotices.UnixMilli())), options.Find().SetLimit(int64(limit)))
	if err != nil {
		return 0, wrap("purge", err)
	}
	for i := range old {
		if _, err := s.db.Collection(notices).DeleteOne(ctx, d("u", old[i].User, "n", old[i].ID)); err != nil {
			return 0, wrap("purge", err)
		}
	}
	done, err := s.purgeOutbox(ctx, oldOutbox, limit)
	return len(old) + done, wrap("purge", err)
}

// Dump implements store.Store. It asks every shard for everything: it is for tests and small installations.
func (s *Store) Dump(ctx context.Context) ([]byte, error) {
	out := store.Dump{}
	everything := d("g", d("$gte", int64(0)))
	found, err := all[blob](ctx, s.db.Collection(frames), everything)
	if err != nil {
		return nil, wrap("dump", err)
	}
	for i := range found {
		f, err := read[state.Frame](&found[i])
		if err != nil {
			return nil, wrap("dump", err)
		}
		out.Frames = append(out.Frames, f)
	}
	if found, err = all[blob](ctx, s.db.Collection(tasks), everything); err != nil {
		return nil, wrap("dump", err)
	}
	for i := range found {
		t, err := read[state.Task](&found[i])
		if err != nil {
			return nil, wrap("dump", err)
		}
		out.Tasks = append(out.Tasks, t)
	}
	list, err := all[noticeDocument](ctx, s.db.Collection(notices), d("at", d("$gte", int64(0))))
	if err != nil {
		return nil, wrap("dump", err)
	}
	for i := range list {
		out.Notices = append(out.Notices, list[i].notice())
	}
	due, err := all[reminderDocument](ctx, s.db.Collection(reminders), d("q", d("$gte", int64(0))))
	if err != nil {
		return nil, wrap("dump", err)
	}
	for i := range due {
		out.Reminders = append(out.Reminders, due[i].reminder())
	}
	return out.Bytes()
}
