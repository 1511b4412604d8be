// Package mongo keeps analytics' read model in a database of the MongoDB
// protocol. Each row is a document that takes only what has a higher version,
// by an upsert whose filter says so. Where one is there already the upsert's
// insert meets it, and an update alone decides.
package mongo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/event"
)

// The collections.
const (
	workspaces = "analytics_workspaces"
	tasks      = "analytics_tasks"
	choices    = "analytics_opted_out"
)

// Schema is what the store keeps.
func Schema() mongodb.Schema {
	return mongodb.Schema{Owner: "analytics", Version: 1, Collections: []mongodb.Collection{
		{Name: workspaces, ShardKey: "workspace", Indexes: []mongodb.Index{
			{Fields: []string{"workspace"}, Unique: true},
			{Fields: []string{"workspace", "version"}}, // writes ask by both
		}},
		{Name: tasks, ShardKey: "workspace", Indexes: []mongodb.Index{
			{Fields: []string{"workspace", "task"}, Unique: true},
			{Fields: []string{"workspace", "task", "version"}},
			{Fields: []string{"workspace", "counted", "column"}},
			{Fields: []string{"workspace", "counted", "assignees", "column"}},
		}},
		// _id is the user.
		{Name: choices, ShardKey: "_id"},
	}}
}

// Store implements readmodel.Store. It is safe for concurrent use, also by several processes.
type Store struct{ db *mongodb.DB }

var _ readmodel.Store = (*Store)(nil)

// New makes a store on a database in which Schema is ensured.
func New(db *mongodb.DB) *Store { return &Store{db} }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("analytics/mongo: %s: %w", what, err)
}

type frameDocument struct {
	Version int64  `bson:"version"`
	Frame   []byte `bson:"frame"` // JSON
}

type taskDocument struct {
	Task      string         `bson:"task"`
	Version   int64          `bson:"version"`
	Project   string         `bson:"project"`
	Column    string         `bson:"column"`
	Assignees []string       `bson:"assignees"`
	State     string         `bson:"state"`
	Created   bson.DateTime  `bson:"created"`
	Started   *bson.DateTime `bson:"started"`
	Completed *bson.DateTime `bson:"completed"`
	Gone      bool           `bson:"gone"`
	Counted   bool           `bson:"counted"`
}

// is begins a filter by the workspace.
func is(workspace ids.ID, more ...bson.E) bson.D {
	return append(bson.D{{Key: "workspace", Value: mongodb.Key(workspace)}}, more...)
}

// Frame implements readmodel.Store.
func (s *Store) Frame(ctx context.Context, workspace ids.ID) (*readmodel.Frame, error) {
	var d frameDocument
	err := s.db.Collection(workspaces).FindOne(ctx, is(workspace)).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("read a workspace", err)
	}
	f := readmodel.NewFrame(workspace, readmodel.Version(d.Version)) // #nosec G115 -- written as one
	return f, wrap("read a workspace", json.Unmarshal(d.Frame, f))
}

// Tasks implements readmodel.Store.
func (s *Store) Tasks(ctx context.Context, workspace ids.ID, list []ids.ID) (map[ids.ID]*readmodel.Task, error) {
	out := make(map[ids.ID]*readmodel.Task, len(list))
	if len(list) == 0 {
		return out, nil
	}
	cursor, err := s.db.Collection(tasks).Find(ctx, is(workspace, bson.E{Key: "task", Value: bson.D{{Key: "$in", Value: mongodb.Keys(list)}}}))
	if err != nil {
		return nil, wrap("read tasks", err)
	}
	var found []taskDocument
	if err := cursor.All(ctx, &found); err != nil {
		return nil, wrap("read tasks", err)
	}
	for i := range found {
		t := found[i].task()
		out[t.ID] = t
	}
	return out, nil
}

func (d *taskDocument) task() *readmodel.Task {
	t := &readmodel.Task{
		ID: mongodb.ReadKey(d.Task), Project: mongodb.ReadKey(d.Project), Column: mongodb.ReadKey(d.Column),
		Version: readmodel.Version(d.Version), State: event.Lifecycle(d.State), Gone: d.Gone, // #nosec G115 -- written as one
		Created: d.Created.Time().UTC(), Started: moment(d.Started), Completed: moment(d.Completed),
	}
	for _, b := range d.Assignees {
		t.Assignees = append(t.Assignees, mongodb.ReadKey(b))
	}
	return t
}

func moment(t *bson.DateTime) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time().UTC()
}

func instant(t time.Time) *bson.DateTime {
	if t.IsZero() {
		return nil
	}
	d := bson.NewDateTimeFromTime(t)
	return &d
}

// Save implements readmodel.Store.
func (s *Store) Save(ctx context.Context, f *readmodel.Frame, list []*readmodel.Task) error {
	for part := range slices.Chunk(list, chunk) {
		if err := s.saveTasks(ctx, f.Workspace, part); err != nil {
			return wrap("save tasks", err)
		}
	}
	text, err := json.Marshal(f)
	if err != nil {
		return wrap("save a workspace", err)
	}
	version := int64(f.Version) // #nosec G115 -- read back as it was
	filter, set := is(f.Workspace, older(version)), bson.D{{Key: "$set", Value: frameDocument{version, text}}}
	_, err = s.db.Collection(workspaces).UpdateOne(ctx, filter, set, options.UpdateOne().SetUpsert(true))
	if _, there := mongodb.Duplicate(err); there {
		// Another inserted it meanwhile, in a newer version or an older one.
		_, err = s.db.Collection(workspaces).UpdateOne(ctx, filter, set)
	}
	return wrap("save a workspace", err)
}

// older holds for a document of a lower version.
func older(version int64) bson.E {
	return bson.E{Key: "version", Value: bson.D{{Key: "$lt", Value: version}}}
}

// chunk is how many tasks one command writes.
const chunk = 64

func (s *Store) saveTasks(ctx context.Context, workspace ids.ID, list []*readmodel.Task) error {
	writes := make([]*driver.UpdateOneModel, len(list))
	for i, t := range list {
		d := taskDocument{
			Task: mongodb.Key(t.ID), Version: int64(t.Version), Project: mongodb.Key(t.Project), Column: mongodb.Key(t.Column), // #nosec G115 -- read back as it was
			State: string(t.State), Created: bson.NewDateTimeFromTime(t.Created), Started: instant(t.Started), Completed: instant(t.Completed),
			Gone: t.Gone, Counted: t.Counted(), Assignees: make([]string, len(t.Assignees)),
		}
		for k, id := range t.Assignees {
			d.Assignees[k] = mongodb.Key(id)
		}
		writes[i] = driver.NewUpdateOneModel().
			SetFilter(is(workspace, bson.E{Key: "task", Value: d.Task}, older(d.Version))).SetUpdate(bson.D{{Key: "$set", Value: d}})
	}
	return s.upsert(ctx, writes)
}

// upsert writes one after the other, as an ordered batch does; after one whose
// document was there already it goes on behind it. FerretDB ends every batch
// at its first error, also one that is not ordered, and says that this was the
// first write, whichever it was: so what is behind it is written again, which
// changes nothing where it was.
func (s *Store) upsert(ctx context.Context, writes []*driver.UpdateOneModel) error {
	for len(writes) > 0 {
		models := make([]driver.WriteModel, len(writes))
		for i, w := range writes {
			upsert := *w
			models[i] = upsert.SetUpsert(true)
		}
		_, err := s.db.Collection(tasks).BulkWrite(ctx, models)
		place, there := mongodb.Duplicate(err)
		if !there {
			return err
		}
		// It is in a newer version or, where another inserted it meanwhile, in an older one.
		if _, err := s.db.Collection(tasks).BulkWrite(ctx, []driver.WriteModel{writes[place]}); err != nil {
			return err
		}
		writes = writes[place+1:]
	}
	return nil
}

// Counts implements readmodel.Store.
func (s *Store) Counts(ctx context.Context, workspace, assignee ids.ID) (map[ids.ID]int, error) {
	match := is(workspace, bson.E{Key: "counted", Value: true})
	if !assignee.IsZero() {
		match = append(match, bson.E{Key: "assignees", Value: mongodb.Key(assignee)})
	}
	cursor, err := s.db.Collection(tasks).Aggregate(ctx, driver.Pipeline{
		{{Key: "$match", Value: match}},
		{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$column"}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}}}},
	})
	if err != nil {
		return nil, wrap("count tasks", err)
	}
	var found []struct {
		Column string `bson:"_id"`
		N      int    `bson:"n"`
	}
	if err := cursor.All(ctx, &found); err != nil {
		return nil, wrap("count tasks", err)
	}
	out := make(map[ids.ID]int, len(found))
	for _, f := range found {
		out[mongodb.ReadKey(f.Column)] = f.N
	}
	return out, nil
}

// Forget implements readmodel.Store.
func (s *Store) Forget(ctx context.Context, workspace ids.ID) error {
	if _, err := s.db.Collection(workspaces).DeleteMany(ctx, is(workspace)); err != nil {
		return wrap("forget a workspace", err)
	}
	_, err := s.db.Collection(tasks).DeleteMany(ctx, is(workspace))
	return wrap("forget a workspace", err)
}

// OptedOut implements readmodel.Store.
func (s *Store) OptedOut(ctx context.Context, user ids.ID) (bool, error) {
	err := s.db.Collection(choices).FindOne(ctx, bson.D{{Key: "_id", Value: mongodb.Key(user)}}).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, wrap("read a choice", err)
}

// SetOptedOut implements readmodel.Store.
func (s *Store) SetOptedOut(ctx context.Context, user ids.ID, out bool) error {
	id := bson.D{{Key: "_id", Value: mongodb.Key(user)}}
	var err error
	if out {
		if _, err = s.db.Collection(choices).InsertOne(ctx, id); err != nil {
			if _, there := mongodb.Duplicate(err); there {
				return nil
			}
		}
	} else {
		_, err = s.db.Collection(choices).DeleteOne(ctx, id)
	}
	return wrap("keep a choice", err)
}
