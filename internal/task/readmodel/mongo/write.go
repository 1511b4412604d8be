package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	logmongo "headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// A commit's rows are worked out before it is made, and go with it as a note:
// whole values, each with the seq from which on it holds. So whoever finds a
// commit whose rows are not written writes them without folding anything, and
// writing them twice, or late, changes nothing.

// The collections of a write.
const (
	inRows int32 = iota
	inMembers
	inInvitations
)

// write is one row's change.
type write struct {
	In int32  `bson:"c,omitempty"`
	ID string `bson:"i"`
	// V is the seq of the change: a row that is as new already is left as it is.
	V     int64    `bson:"v"`
	Set   bson.D   `bson:"s,omitempty"`
	Unset []string `bson:"u,omitempty"`
	// Words are added to the row's.
	Words []string `bson:"a,omitempty"`
}

// note is what a commit does to the rows: from Prev, the seq of the commit
// before, to Last. Frame is the newest seq of anything in the frame.
type note struct {
	Prev   int64   `bson:"p"`
	Last   int64   `bson:"l"`
	Frame  int64   `bson:"f"`
	Writes []write `bson:"o"`
}

type packer struct {
	in  *zstd.Encoder
	out *zstd.Decoder
}

func newPacker() (packer, error) {
	in, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return packer{}, err
	}
	out, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	return packer{in, out}, err
}

func (p packer) pack(n *note) ([]byte, error) {
	b, err := bson.Marshal(n)
	if err != nil {
		return nil, err
	}
	return p.in.EncodeAll(b, nil), nil
}

func (p packer) unpack(b []byte) (*note, error) {
	raw, err := p.out.DecodeAll(b, nil)
	if err != nil {
		return nil, err
	}
	n := &note{}
	return n, bson.Unmarshal(raw, n)
}

// keySize is the length of an id as text, with which each _id begins.
const keySize = 36

// filter names the row, as long as it is older than the change. over takes one
// that is as new too.
func (w *write) filter(over bool) bson.D {
	older := "$lt"
	if over {
		older = "$lte"
	}
	guard := bson.E{Key: "v", Value: bson.D{{Key: older, Value: w.V}}}
	key := bson.E{Key: "_id", Value: w.ID}
	switch w.In {
	case inMembers:
		return bson.D{{Key: "u", Value: w.ID[:keySize]}, key, guard}
	case inInvitations:
		return bson.D{key, guard}
	}
	return bson.D{{Key: "w", Value: w.ID[:keySize]}, key, guard}
}

func (w *write) model(over bool) mongo.WriteModel {
	update := bson.D{{Key: "$set", Value: append(bson.D{{Key: "v", Value: w.V}}, w.Set...)}}
	if len(w.Unset) > 0 {
		unset := make(bson.D, 0, len(w.Unset))
		for _, f := range w.Unset {
			unset = append(unset, bson.E{Key: f, Value: ""})
		}
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	if len(w.Words) > 0 {
		update = append(update, bson.E{Key: "$addToSet", Value: bson.D{{Key: "words", Value: bson.D{{Key: "$each", Value: w.Words}}}}})
	}
	return mongo.NewUpdateOneModel().SetFilter(w.filter(over)).SetUpdate(update).SetUpsert(true)
}

// headModel moves the workspace's head on, if it is where the commit before
// left it; alone, also only if no other process wishes to be let in (yield.go).
func (n *note) headModel(workspace ids.ID, alone bool) mongo.WriteModel {
	filter := append(byID(workspace, kindHead, ids.Nil), bson.E{Key: "v", Value: n.Prev})
	if alone {
		filter = append(filter, bson.E{Key: "wish", Value: bson.D{{Key: "$exists", Value: false}}})
	}
	update := bson.D{{Key: "$set", Value: bson.D{{Key: "v", Value: n.Last}, {Key: "frame", Value: n.Frame}}}}
	return mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(update).SetUpsert(n.Prev == 0)
}

// errBehind says that rows were not as the commit before left them.
var errBehind = errors.New("the rows of an earlier commit are not written")

// writeFirst writes the rows of a commit that was just made: one command
// where no other process writes them at the same time.
func (s *Store) writeFirst(ctx context.Context, workspace ids.ID, n *note) error {
	var rows []mongo.WriteModel
	for _, in := range []int32{inMembers, inInvitations} {
		var models []mongo.WriteModel
		for i := range n.Writes {
			if n.Writes[i].In == in {
				models = append(models, n.Writes[i].model(false))
			}
		}
		if err := s.bulk(ctx, in, models); err != nil {
			return err
		}
	}
	for i := range n.Writes {
		if n.Writes[i].In == inRows {
			rows = append(rows, n.Writes[i].model(false))
		}
	}
	rows = append(rows, n.headModel(workspace, true))
	for part := range slices.Chunk(rows, bulkSize) {
		done, err := s.rows.BulkWrite(ctx, part)
		if err != nil {
			return err
		}
		if done.MatchedCount+done.UpsertedCount != int64(len(part)) {
			return errBehind
		}
	}
	return nil
}

// bulkSize is how many rows are written by one command, so that each ends in time.
const bulkSize = 1000

// bulk writes what is newer than the rows that are there.
func (s *Store) bulk(ctx context.Context, in int32, models []mongo.WriteModel) error {
	to := map[int32]*mongo.Collection{inRows: s.rows, inMembers: s.members, inInvitations: s.invitations}[in]
	for len(models) > 0 {
		n := min(len(models), bulkSize)
		_, err := to.BulkWrite(ctx, models[:n])
		place, duplicate := mongodb.Duplicate(err)
		switch {
		case err == nil:
			models = models[n:]
		case duplicate:
			models = models[place+1:] // that row is as new already
		default:
			return err
		}
	}
	return nil
}

// writeAgain writes the rows of a commit of which any may be written already.
func (s *Store) writeAgain(ctx context.Context, workspace ids.ID, n *note) error {
	newer, err := s.newer(ctx, workspace, n)
	if err != nil {
		return err
	}
	for _, in := range []int32{inMembers, inInvitations, inRows} {
		var models []mongo.WriteModel
		for i := range n.Writes {
			if w := &n.Writes[i]; w.In == in && (in != inRows || newer[w.ID] < w.V) {
				models = append(models, w.model(false))
			}
		}
		if err := s.bulk(ctx, in, models); err != nil {
			return err
		}
	}
	_, err = s.rows.BulkWrite(ctx, []mongo.WriteModel{n.headModel(workspace, false)})
	if _, raced := mongodb.Duplicate(err); raced {
		return nil
	}
	return err
}

// newer answers how new the rows are that a note writes.
func (s *Store) newer(ctx context.Context, workspace ids.ID, n *note) (map[string]int64, error) {
	out := map[string]int64{}
	const page = 1000
	for at := 0; at < len(n.Writes); at += page {
		var list bson.A
		for _, w := range n.Writes[at:min(at+page, len(n.Writes))] {
			if w.In == inRows {
				list = append(list, w.ID)
			}
		}
		if len(list) == 0 {
			continue
		}
		found, err := find[row](ctx, s.rows, bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "_id", Value: bson.D{{Key: "$in", Value: list}}}},
			options.Find().SetProjection(bson.D{{Key: "v", Value: 1}}).SetBatchSize(page))
		if err != nil {
			return nil, err
		}
		for i := range found {
			out[found[i].ID] = found[i].V
		}
	}
	return out, nil
}

// find answers all that a filter finds.
func find[T any](ctx context.Context, in *mongo.Collection, filter bson.D, opts ...options.Lister[options.FindOptions]) ([]T, error) {
	cursor, err := in.Find(ctx, filter, opts...)
	if err != nil {
		return nil, err
	}
	var out []T
	err = cursor.All(ctx, &out)
	return out, err
}

// one answers the one row of a filter as the primary has it, nil where there is none.
func (s *Store) one(ctx context.Context, filter bson.D, names ...string) (*row, error) {
	return findOne(ctx, s.rows, filter, names...)
}

func findOne(ctx context.Context, in *mongo.Collection, filter bson.D, names ...string) (*row, error) {
	opts := options.FindOne()
	if len(names) > 0 {
		opts.SetProjection(fields(names...))
	}
	r := &row{}
	err := in.FindOne(ctx, filter, opts).Decode(r)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// everything is a seq above every one.
const everything = 1 << 62

// catchUp writes the rows of commits up to a seq that have none yet, and
// answers how far the rows have got: there, beyond it, or as far as there are
// commits. Any process may do it, at any time. One that asked for all could be
// kept at it for as long as others commit.
func (s *Store) catchUp(ctx context.Context, workspace ids.ID, upTo uint64) (uint64, error) {
	for {
		head, err := s.one(ctx, byID(workspace, kindHead, ids.Nil), "v", "building")
		if err != nil {
			return 0, err
		}
		var at int64
		if head != nil {
			if head.Building != "" {
				return 0, errRebuilding()
			}
			at = head.V
		}
		if uint64(at) >= upTo { // #nosec G115 -- a seq
			return uint64(at), nil // #nosec G115 -- a seq
		}
		commits, err := s.log.Commits(ctx, workspace, uint64(at), 64) // #nosec G115 -- a seq
		if err != nil || len(commits) == 0 {
			return uint64(at), err // #nosec G115 -- a seq
		}
		for i := range commits {
			n, err := s.noteOf(workspace, uint64(at), &commits[i]) // #nosec G115 -- a seq
			if err != nil {
				return 0, err
			}
			if err := s.writeAgain(ctx, workspace, n); err != nil {
				return 0, err
			}
			if at = n.Last; uint64(at) >= upTo { // #nosec G115 -- a seq
				return uint64(at), nil // #nosec G115 -- a seq
			}
		}
	}
}

// noteOf answers the note of the commit that follows on a seq.
func (s *Store) noteOf(workspace ids.ID, at uint64, c *logmongo.Committed) (*note, error) {
	if c.First != at+1 || c.Note == nil {
		return nil, fmt.Errorf("workspace %s: the commit after seq %d begins at %d and has a note of %d bytes; rebuild the rows", workspace, at, c.First, len(c.Note))
	}
	return s.packer.unpack(c.Note)
}
