package mongo

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
)

const rowsName = "task_rows"

// Schema is what the read model keeps. All rows of a workspace are in one
// collection, so that the rows of a commit are one command, and so are the
// changes since a seq, whatever kinds of rows changed.
//
// A row's _id is the workspace, its kind and its own id; v is the seq of its last change, which a write must be above to take effect. A row
// that is gone stays as its tombstone, so that no late write brings it back.
func Schema() mongodb.Schema {
	return mongodb.Schema{Owner: "task", Version: 1, Collections: []mongodb.Collection{
		{Name: rowsName, ShardKey: "w", Indexes: []mongodb.Index{
			{Fields: []string{"w", "seq"}},                   // what changed since
			{Fields: []string{"w", "place"}},                 // boards, and the comments of a task
			{Fields: []string{"w", "shelf", "seq", "scope"}}, // archive and trash
			{Fields: []string{"w", "scope", "owner"}},        // a project as a whole
			{Fields: []string{"w", "words"}, Gathered: true}, // search
		}},
		{Name: "task_members", ShardKey: "u", Indexes: []mongodb.Index{
			{Fields: []string{"u", "in", "joined", "w"}}, // the workspaces of a user
		}},
		{Name: "task_invitations", ShardKey: "_id"}, // by the hash of the token
		{Name: "task_meta", ShardKey: "_id", Small: true},
	}}
}

// The kinds of rows. Those up to kindProjectHead are what decisions need of a
// workspace, and are read together.
const (
	kindHead byte = iota
	kindWorkspace
	kindMember
	kindProject
	kindLabel
	kindInvitation
	kindProjectHead
	kindTask
	kindComment
	kindMoved // a task that left a project; its id is derived from seq and task
)

var kinds = map[byte]readmodel.Kind{
	kindWorkspace: readmodel.KindWorkspace, kindMember: readmodel.KindMember, kindProject: readmodel.KindProject,
	kindLabel: readmodel.KindLabel, kindTask: readmodel.KindTask, kindComment: readmodel.KindComment, kindMoved: readmodel.KindTask,
}

func kindByte(k readmodel.Kind) byte {
	for b, other := range kinds {
		if other == k && b != kindMoved {
			return b
		}
	}
	return kindHead
}

// rowID is the _id of a row: "WORKSPACE/KIND/ID".
func rowID(workspace ids.ID, kind byte, id ids.ID) string {
	b := make([]byte, 0, 80)
	b = workspace.AppendTo(b)
	b = append(b, '/', '0'+kind, '/')
	return string(id.AppendTo(b))
}

// byID is the filter of one row.
func byID(workspace ids.ID, kind byte, id ids.ID) bson.D {
	return bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "_id", Value: rowID(workspace, kind, id)}}
}

// byKinds is the filter of all rows of the kinds from one to another.
func byKinds(workspace ids.ID, from, to byte) bson.D {
	var low, high ids.ID
	for i := range high {
		high[i] = 0xff
	}
	return bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "_id", Value: bson.D{
		{Key: "$gte", Value: rowID(workspace, from, low)}, {Key: "$lte", Value: rowID(workspace, to, high)},
	}}}
}

// row is a row of any kind as it is read.
type row struct {
	ID    string      `bson:"_id"`
	V     int64       `bson:"v"`
	Seq   int64       `bson:"seq"`
	Gone  bool        `bson:"gone"`
	Scope bson.Binary `bson:"scope"`
	// JSON is the row as it is sent; of a task, its card.
	JSON   []byte      `bson:"json"`
	Detail []byte      `bson:"detail"`
	Words  []string    `bson:"words"`
	Place  string      `bson:"place"`
	State  int32       `bson:"state"`
	Owner  bson.Binary `bson:"owner"`
	At     int64       `bson:"at"`
	Task   bson.Binary `bson:"task"`
	// Of a project's head.
	Number int64            `bson:"number"`
	Counts map[string]int64 `bson:"counts"`
	// Of the workspace's head.
	Frame    int64  `bson:"frame"`
	Building string `bson:"building"`
	// Wish is how long, in milliseconds, a process that keeps losing took for its last attempt.
	Wish int64 `bson:"wish"`
}

// idParts is where the kind and the row's own id stand in an _id.
const kindAt, ownAt, idSize = 37, 39, 75

func (r *row) kind() byte {
	if len(r.ID) != idSize {
		return kindHead
	}
	return r.ID[kindAt] - '0'
}

func (r *row) own() ids.ID {
	if len(r.ID) != idSize {
		return ids.Nil
	}
	return mongodb.ReadKey(r.ID[ownAt:])
}

func (r *row) seq() uint64 { return uint64(max(r.Seq, 0)) } // #nosec G115 -- not negative

// detail answers a task's detail as it is sent.
func (r *row) detail() []byte {
	if r.Detail == nil {
		return []byte(readmodel.EmptyDetail)
	}
	return r.Detail
}

// Places are strings that sort as what they stand for: tasks in board order,
// comments by time. ' ' and '/' sort below all that stands in a position.

func hexID(id ids.ID) string { return hex.EncodeToString(id[:]) }

// columnPlace is how the places of a column's tasks begin; with a zero column, those of the project.
func columnPlace(project ids.ID, state int32, column ids.ID) string {
	s := fmt.Sprintf("t%s/%d/", hexID(project), state)
	if column.IsZero() {
		return s
	}
	return s + hexID(column) + "/"
}

func taskPlace(project ids.ID, state int32, at readmodel.TaskCursor) string {
	return columnPlace(project, state, ids.Nil) + hexID(at.Column) + "/" + at.Position + " " + hexID(at.ID)
}

// readTaskPlace reads the board's part of a place back.
func readTaskPlace(place string) (at readmodel.TaskCursor, err error) {
	parts := strings.SplitN(place, "/", 4)
	if len(parts) != 4 || len(parts[3]) < 33 {
		return at, fmt.Errorf("%w: place %q", readmodel.ErrRow, place)
	}
	cut := len(parts[3]) - 33
	at.Position = parts[3][:cut]
	if _, err := hex.Decode(at.Column[:], []byte(parts[2])); err != nil {
		return at, fmt.Errorf("%w: place %q", readmodel.ErrRow, place)
	}
	if _, err := hex.Decode(at.ID[:], []byte(parts[3][cut+1:])); err != nil {
		return at, fmt.Errorf("%w: place %q", readmodel.ErrRow, place)
	}
	return at, nil
}

func commentsPlace(task ids.ID) string { return "c" + hexID(task) + "/" }

func commentPlace(task ids.ID, at readmodel.CommentCursor) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(at.At)^1<<63) // #nosec G115 -- a bit pattern that sorts as the number
	return commentsPlace(task) + hex.EncodeToString(b[:]) + " " + hexID(at.ID)
}

// within is the filter of the rows whose places begin with a prefix.
func within(workspace ids.ID, prefix, after string) bson.D {
	low := bson.E{Key: "$gte", Value: prefix}
	if after != "" {
		low = bson.E{Key: "$gt", Value: after}
	}
	end := prefix[:len(prefix)-1] + "0" // prefixes end in '/', and '0' is what follows it
	return bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "place", Value: bson.D{low, {Key: "$lt", Value: end}}}}
}

var lifecycles = [...]event.Lifecycle{event.Live, event.Archived, event.Trashed}

func lifecycleNumber(l event.Lifecycle) (int32, error) {
	for i, other := range lifecycles {
		if other == l {
			return int32(i), nil // #nosec G115 -- 0 to 2
		}
	}
	return 0, fmt.Errorf("%w: lifecycle %q", readmodel.ErrRow, l)
}
