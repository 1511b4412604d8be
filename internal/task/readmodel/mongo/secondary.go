package mongo

import (
	"context"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// Readers ask a secondary of the replica set, the same one for all reads of a
// workspace, if it has got as far as anything that this process knows of the
// workspace: what it committed, what it has answered, what other processes
// told of and what a client was told elsewhere (readmodel.WithMinSeq). So a
// seq and the rows that it names are never of two members of which one is
// behind, and nobody misses what they wrote. What is not there yet is asked of
// the primary. Decisions, sweeps and the log always ask the primary.

const (
	// secondaryTimeout is how long a secondary is waited for.
	secondaryTimeout = 2 * time.Second
	// behindFor is how long a secondary is not asked about a workspace again
	// that it was behind with.
	behindFor = 50 * time.Millisecond
)

// held is how far a secondary has got with a workspace. It is never changed.
type held struct {
	member *mongodb.Member
	seq    uint64
	// again is when a secondary that was behind may be asked again.
	again time.Time
}

// Heard says that the workspace's log has reached a seq, as another process
// told: readers are not shown less from then on by a secondary that is behind.
func (s *Store) Heard(workspace ids.ID, seq uint64) {
	if ws := s.kept(workspace); ws != nil {
		raise(&ws.heard, seq)
	}
}

// remember notes that the rows have reached a seq.
func (s *Store) remember(workspace ids.ID, at uint64) {
	if ws := s.kept(workspace); ws != nil {
		raise(&ws.reached, at)
	}
}

func raise(to *atomic.Uint64, seq uint64) {
	for was := to.Load(); was < seq && !to.CompareAndSwap(was, seq); was = to.Load() {
		continue
	}
}

// hold keeps a workspace, where it is not kept yet.
func (s *Store) hold(id ids.ID) *workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keptWorkspace(id)
}

// need is the seq that a secondary must have reached to answer.
func (ws *workspace) need() uint64 { return max(ws.reached.Load(), ws.heard.Load()) }

// secondary answers the secondary to ask about a workspace, nil for none, and
// whether it is known to have got far enough.
func (s *Store) secondary(id ids.ID) (m *mongodb.Member, ws *workspace, fresh bool) {
	if m = s.db.Member(id); m == nil {
		return nil, nil, false
	}
	ws = s.hold(id)
	h := ws.held.Load()
	switch {
	case h == nil || h.member != m:
		return m, ws, false
	case h.seq >= ws.need():
		return m, ws, true
	case time.Now().Before(h.again):
		return nil, nil, false
	}
	return m, ws, false
}

// saw notes how far a secondary has got, and reports whether that is enough.
func (ws *workspace) saw(m *mongodb.Member, head *row) bool {
	if head == nil || head.Building != "" || head.V < 1 {
		// It may be that there is no such workspace: the primary knows.
		ws.held.Store(&held{member: m, again: time.Now().Add(behindFor)})
		return false
	}
	h := &held{member: m, seq: uint64(head.V)}
	enough := h.seq >= ws.need()
	if enough {
		raise(&ws.reached, h.seq)
	} else {
		h.again = time.Now().Add(behindFor)
	}
	ws.held.Store(h)
	return enough
}

// ask has a secondary answer, if there is one that has got far enough; it
// reports whether it did. A secondary that fails is as one that is behind.
// known reads from one that is known to be so far; unknown, which must begin
// with the workspace's head, from any.
func (s *Store) ask(ctx context.Context, id ids.ID, known func(context.Context, *mongo.Collection) error, unknown func(context.Context, *mongo.Collection) (*row, error)) bool {
	m, ws, fresh := s.secondary(id)
	if m == nil {
		return false
	}
	short, cancel := context.WithTimeout(ctx, secondaryTimeout)
	defer cancel()
	rows := m.Collection(rowsName)
	var err error
	if !fresh || known == nil {
		var head *row
		if head, err = unknown(short, rows); err == nil && !ws.saw(m, head) {
			return false
		}
	} else {
		err = known(short, rows)
	}
	if err != nil && ctx.Err() == nil {
		m.Failed()
	}
	return err == nil
}

// headRow answers the head of a workspace for a reader, nil where there is none.
func (s *Store) headRow(ctx context.Context, id ids.ID) (r *row, err error) {
	names := []string{"v", "frame", "building"}
	done := s.ask(ctx, id, nil, func(ctx context.Context, in *mongo.Collection) (*row, error) {
		r, err = findOne(ctx, in, byID(id, kindHead, ids.Nil), names...)
		return r, err
	})
	if done {
		return r, nil
	}
	return s.one(ctx, byID(id, kindHead, ids.Nil), names...)
}

// row answers one row of a workspace for a reader, nil where there is none.
func (s *Store) row(ctx context.Context, id ids.ID, kind byte, own ids.ID, names ...string) (r *row, err error) {
	done := s.ask(ctx, id, func(ctx context.Context, in *mongo.Collection) (err error) {
		r, err = findOne(ctx, in, byID(id, kind, own), names...)
		return err
	}, func(ctx context.Context, in *mongo.Collection) (head *row, err error) {
		head, r, err = withHead(ctx, in, id, kind, own, names)
		return head, err
	})
	if !done {
		r, err = s.one(ctx, byID(id, kind, own), names...)
	}
	if err == nil && r != nil {
		// The row's seq may name what is read next: not of a secondary that is behind it.
		s.Heard(id, uint64(max(r.V, r.Seq, 0))) // #nosec G115 -- not negative
	}
	return r, err
}

// withHead reads a row and, before it, the head of its workspace by one command.
func withHead(ctx context.Context, in *mongo.Collection, id ids.ID, kind byte, own ids.ID, names []string) (head, r *row, err error) {
	headID, rowID := rowID(id, kindHead, ids.Nil), rowID(id, kind, own)
	opts := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}})
	if len(names) > 0 {
		opts.SetProjection(fields(append([]string{"v", "building"}, names...)...))
	}
	rows, err := find[row](ctx, in, bson.D{
		{Key: "w", Value: mongodb.Key(id)}, {Key: "_id", Value: bson.D{{Key: "$in", Value: bson.A{headID, rowID}}}},
	}, opts)
	for i := range rows {
		if rows[i].ID == headID {
			head = &rows[i]
		}
		if rows[i].ID == rowID {
			r = &rows[i]
		}
	}
	return head, r, err
}

// list answers the rows of a filter for a reader.
func (s *Store) list(ctx context.Context, id ids.ID, filter bson.D, opts ...options.Lister[options.FindOptions]) (rows []row, err error) {
	read := func(ctx context.Context, in *mongo.Collection) (err error) {
		rows, err = find[row](ctx, in, filter, opts...)
		return err
	}
	done := s.ask(ctx, id, read, func(ctx context.Context, in *mongo.Collection) (*row, error) {
		head, err := findOne(ctx, in, byID(id, kindHead, ids.Nil), "v", "building")
		if err != nil || head == nil {
			return head, err
		}
		return head, read(ctx, in)
	})
	if done {
		return rows, nil
	}
	return find[row](ctx, s.rows, filter, opts...)
}

// image answers a workspace's image for a reader.
func (s *Store) image(ctx context.Context, id ids.ID) (im *image, err error) {
	done := s.ask(ctx, id, func(ctx context.Context, in *mongo.Collection) (err error) {
		im, err = read(ctx, in, id)
		return err
	}, func(ctx context.Context, in *mongo.Collection) (*row, error) {
		if im, err = read(ctx, in, id); err != nil {
			return nil, err
		}
		return &row{V: int64(im.head)}, nil // #nosec G115 -- read as one
	})
	if done {
		return im, nil
	}
	return read(ctx, s.rows, id)
}
