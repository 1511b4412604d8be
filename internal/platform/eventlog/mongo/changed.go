package mongo

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// Commits write nothing for Changed: what changed is read from the time in
// their ids. A commit can come into sight later than its time says, though, up
// to mongodb.Settle later. So a log looks at the last while again each time,
// and keeps in memory in which order the commits came into its sight: that is
// the order of its cursors. A cursor that it did not give out itself (that of
// another process, or from before a restart) is taken Settle back, which tells
// of some streams once more and leaves none out.

// tail is what a log knows of the last while.
type tail struct {
	now func() time.Time

	mu      sync.Mutex
	start   uint64 // the stamp from which on entries are complete; 0 before the first look
	looked  time.Time
	entries []change // in the order in which they came into sight
	seen    map[ids.ID]bool
	last    uint64 // the newest stamp given to an entry or a cursor
	dropped uint64 // of what came into sight, all with later stamps is among the entries
	// issued are cursors given out, and whether everything before them had settled.
	issued map[eventlog.Cursor]bool
	order  []eventlog.Cursor
}

// change is one commit.
type change struct {
	stamp    uint64
	id       ids.ID
	stream   ids.ID
	head     uint64
	category eventlog.Category
}

// stampBits is how many bits of a stamp are below its millisecond: those of a UUIDv7's rand_a.
const stampBits = 12

// stampOf answers the time of a UUIDv7: its milliseconds and what parts those of one.
func stampOf(id ids.ID) uint64 {
	return binary.BigEndian.Uint64(id[:8])>>16<<stampBits | uint64(binary.BigEndian.Uint16(id[6:8])&0x0fff)
}

func stampAt(t time.Time) uint64 { return uint64(max(t.UnixMilli(), 0)) << stampBits } // #nosec G115 -- not negative

// lowest answers the lowest UUIDv7 of a stamp.
func lowest(stamp uint64) bson.Binary {
	var id ids.ID
	binary.BigEndian.PutUint64(id[:8], stamp>>stampBits<<16|0x7000|stamp&0x0fff)
	id[8] = 0x80
	return mongodb.ID(id)
}

const (
	settle = uint64(mongodb.Settle/time.Millisecond) << stampBits
	// segment is how many commits are read at once by one who is far behind:
	// such a reader is told of a stream once for each.
	segment = 10_000
	// remembered is how many cursors a log knows as its own.
	remembered = 4096
)

// Changed implements eventlog.Log.
func (l *Log) Changed(ctx context.Context, category eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error) {
	l.tail.mu.Lock()
	defer l.tail.mu.Unlock()
	if err := l.look(ctx); err != nil {
		return nil, after, wrap(err, "changed")
	}
	t := &l.tail
	settled, own := t.issued[after]
	from := uint64(after)
	// A reader who has been told of everything for long needs no second look at what has settled.
	held := own && from >= t.dropped
	if !settled && !held && (!own || from < t.start) {
		from -= min(from, settle)
	}
	var all []change
	whole := true
	if !held && from < t.start {
		old, err := l.scan(ctx, from+1, t.start, segment)
		if err != nil {
			return nil, after, wrap(err, "changed")
		}
		all, whole = old, len(old) < segment
	}
	if whole {
		for _, c := range t.entries {
			if c.stamp > from {
				all = append(all, c)
			}
		}
	}
	return t.answer(category, after, all, limit)
}

// Newest implements eventlog.Log. The cursor is not one that was given out by
// Changed, so it is taken Settle back: what comes into sight late is told of.
func (l *Log) Newest(ctx context.Context, _ eventlog.Category) (eventlog.Cursor, error) {
	return eventlog.Cursor(stampAt(l.tail.now())), ctx.Err()
}

// answer tells of each stream once, at its last change.
func (t *tail) answer(category eventlog.Category, after eventlog.Cursor, all []change, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error) {
	heads, at := map[ids.ID]uint64{}, map[ids.ID]int{}
	for i, c := range all {
		if c.category == category {
			heads[c.stream], at[c.stream] = max(heads[c.stream], c.head), i
		}
	}
	var out []eventlog.StreamHead
	to := uint64(after)
	for i, c := range all {
		if c.category == category && at[c.stream] == i {
			// Commits of one stamp stay together, so that the cursor is not between them.
			if len(out) >= limit && (len(out) == 0 || c.stamp != to) {
				return out, t.issue(to), nil
			}
			out = append(out, eventlog.StreamHead{Stream: c.stream, Head: heads[c.stream]})
		}
		to = max(to, c.stamp)
	}
	return out, t.issue(to), nil
}

// issue gives a cursor out. Whatever comes into sight from now on comes after it.
func (t *tail) issue(to uint64) eventlog.Cursor {
	cursor := eventlog.Cursor(to)
	if _, known := t.issued[cursor]; !known {
		if t.order = append(t.order, cursor); len(t.order) > remembered {
			delete(t.issued, t.order[0])
			t.order = t.order[1:]
		}
	}
	t.issued[cursor] = to < t.start
	if to >= t.start {
		t.last = max(t.last, to)
	}
	return cursor
}

// look brings the entries up to date.
func (l *Log) look(ctx context.Context) error {
	t := &l.tail
	now := t.now()
	edge := stampAt(now.Add(-2 * mongodb.Settle))
	if t.start == 0 || now.Sub(t.looked) >= mongodb.Settle {
		// What was seen before has nothing to do with what is new.
		t.start, t.entries, t.seen, t.dropped = edge, nil, map[ids.ID]bool{}, max(t.last, edge)
		if t.issued == nil {
			t.issued = map[eventlog.Cursor]bool{}
		}
		for c, settled := range t.issued {
			if !settled {
				delete(t.issued, c)
			}
		}
		t.order = slices.DeleteFunc(t.order, func(c eventlog.Cursor) bool { _, ok := t.issued[c]; return !ok })
		t.looked = now.Add(-mongodb.Settle)
	}
	from := max(t.start, stampAt(t.looked.Add(-mongodb.Settle)))
	for {
		fresh, err := l.scan(ctx, from, 1<<60-1, segment)
		if err != nil {
			return err
		}
		for _, c := range fresh {
			from = c.stamp
			if t.seen[c.id] {
				continue
			}
			t.seen[c.id] = true
			t.last = max(t.last+1, c.stamp)
			c.stamp = t.last
			t.entries = append(t.entries, c)
		}
		if len(fresh) < segment {
			break
		}
	}
	t.looked = now
	kept := slices.IndexFunc(t.entries, func(c change) bool { return c.stamp >= edge })
	if kept < 0 {
		kept = len(t.entries)
	}
	for _, c := range t.entries[:kept] {
		delete(t.seen, c.id)
		t.dropped = max(t.dropped, c.stamp)
	}
	t.entries = slices.Clone(t.entries[kept:])
	t.start = max(t.start, edge)
	return nil
}

// scan reads the commits with from <= stamp < to, in order of their ids.
func (l *Log) scan(ctx context.Context, from, to uint64, limit int) ([]change, error) {
	cursor, err := l.commits.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: lowest(from)}, {Key: "$lt", Value: lowest(to)}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)).SetBatchSize(int32(limit)). // #nosec G115 -- small
																SetProjection(bson.D{{Key: "w", Value: 1}, {Key: "first", Value: 1}, {Key: "last", Value: 1}, {Key: "category", Value: 1}}))
	if err != nil {
		return nil, err
	}
	var found []document
	if err := cursor.All(ctx, &found); err != nil {
		return nil, err
	}
	out := make([]change, 0, len(found))
	for i := range found {
		d := &found[i]
		id := mongodb.ReadID(d.ID)
		out = append(out, change{
			stamp: stampOf(id), id: id, stream: mongodb.ReadKey(d.Stream), head: uint64(d.Last), category: d.Category, // #nosec G115 -- counted up from 1
		})
	}
	return out, nil
}
