package mongo

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// workspace is what a process keeps of a workspace.
type workspace struct {
	id ids.ID

	// shown is the frame for readers, nil before the first read.
	shown atomic.Pointer[shown]
	// reached is a seq that the rows are known to have reached, heard one that
	// the log has: a secondary that answers readers must have got so far.
	reached, heard atomic.Uint64
	// held is how far the secondary had got that was asked last.
	held atomic.Pointer[held]

	mu      sync.Mutex
	queue   []*job
	running bool
	used    uint64

	// Of the workspace's turn only.
	loaded bool // image holds
	// behind says that the image held until another process committed.
	behind bool
	epoch  uint64
	// wished says that others were asked to let this process in, and rest is how
	// long they have asked for.
	wished bool
	rest   time.Duration
	image
	ids idStatus
	// untold are commits that were not known to be there, or whose rows were not
	// written, when they should have been told of.
	untold []readmodel.Commit
}

// shown is a frame and the seq of its newest change. It is never changed.
type shown struct {
	seq   uint64
	frame *state.Frame
}

// image is what decisions need of a workspace, as of head.
type image struct {
	head  uint64
	frame *state.Frame
	// frameSeq is the newest seq of anything in the frame.
	frameSeq uint64
	projects map[ids.ID]project
	// lasts holds the greatest position of columns, as far as it is known.
	lasts map[columnKey]string
}

type columnKey struct{ project, column ids.ID }

// project is the part of a project that changes with its tasks. Its counts are
// shared between copies and copied before they are changed.
type project struct {
	seq, number uint64
	counts      map[ids.ID]int
}

func (im *image) copied() image {
	next := *im
	next.projects = maps.Clone(im.projects)
	next.lasts = maps.Clone(im.lasts)
	return next
}

func emptyImage() image {
	return image{projects: map[ids.ID]project{}, lasts: map[columnKey]string{}}
}

// tellLate tells of commits of which it was not known that they are there, or
// whose rows were not.
func (s *Store) tellLate(ctx context.Context, ws *workspace) error {
	for len(ws.untold) > 0 {
		c := ws.untold[0]
		if c.Last <= ws.head {
			there, err := s.log.Read(ctx, ws.id, c.First-1, 1)
			if err != nil {
				ws.loaded = false
				return err
			}
			if len(there) == 1 && there[0].ID == c.Events[0].ID {
				s.tell(c)
			}
		}
		ws.untold = ws.untold[1:]
	}
	return nil
}

// read reads a workspace's image from its rows.
func read(ctx context.Context, in *mongo.Collection, id ids.ID) (*image, error) {
	// The head first: what is read after it may be newer, which folding mends, and not older.
	rows, err := find[row](ctx, in, byKinds(id, kindHead, kindProjectHead), options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, err
	}
	im := emptyImage()
	f := &state.Frame{
		Members: map[ids.ID]*state.Member{}, Projects: map[ids.ID]*state.Project{},
		Labels: map[ids.ID]*state.Label{}, Invitations: map[ids.ID]*state.Invitation{},
	}
	for i := range rows {
		r := &rows[i]
		if r.Gone {
			continue
		}
		switch r.kind() {
		case kindHead:
			if r.Building != "" {
				return nil, errRebuilding()
			}
			im.head, im.frameSeq = uint64(r.V), uint64(r.Frame) // #nosec G115 -- seqs
		case kindWorkspace:
			im.frame = f
			err = json.Unmarshal(r.JSON, &f.Workspace)
		case kindMember:
			err = into(r.JSON, f.Members, func(m *state.Member) ids.ID { return m.User })
		case kindProject:
			err = into(r.JSON, f.Projects, func(p *state.Project) ids.ID { return p.ID })
		case kindLabel:
			err = into(r.JSON, f.Labels, func(l *state.Label) ids.ID { return l.ID })
		case kindInvitation:
			err = into(r.JSON, f.Invitations, func(i *state.Invitation) ids.ID { return i.ID })
		case kindProjectHead:
			im.projects[r.own()], err = readProject(r)
		}
		if err != nil {
			return nil, err
		}
	}
	return &im, nil
}

func readProject(r *row) (project, error) {
	p := project{seq: uint64(r.V), number: uint64(r.Number), counts: make(map[ids.ID]int, len(r.Counts))} // #nosec G115 -- counted up from 0
	for column, n := range r.Counts {
		var id ids.ID
		if _, err := hex.Decode(id[:], []byte(column)); err != nil {
			return p, readmodel.ErrRow
		}
		p.counts[id] = int(n)
	}
	return p, nil
}

func into[T any](b []byte, m map[ids.ID]*T, id func(*T) ids.ID) error {
	v := new(T)
	if err := json.Unmarshal(b, v); err != nil {
		return err
	}
	m[id(v)] = v
	return nil
}

// kept answers what is kept of a workspace for a reader, nil where that is nothing.
func (s *Store) kept(id ids.ID) *workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := s.workspaces[id]
	if ws != nil {
		s.ticks++
		ws.used = s.ticks
	}
	return ws
}

// keptWorkspace answers what is kept of a workspace, making room for it. Its
// image is read by its first turn. The store is locked.
func (s *Store) keptWorkspace(id ids.ID) *workspace {
	ws := s.workspaces[id]
	if ws == nil {
		if len(s.workspaces) >= s.keep {
			s.evict()
		}
		ws = &workspace{id: id}
		s.workspaces[id] = ws
	}
	s.ticks++
	ws.used = s.ticks
	return ws
}

// evict forgets the longest unused of some workspaces that have nothing under way.
func (s *Store) evict() {
	var oldest *workspace
	seen := 0
	for _, ws := range s.workspaces {
		ws.mu.Lock()
		idle := !ws.running && len(ws.queue)+len(ws.untold) == 0
		ws.mu.Unlock()
		if idle && (oldest == nil || ws.used < oldest.used) {
			oldest = ws
		}
		if seen++; seen == 16 {
			break
		}
	}
	if oldest != nil {
		delete(s.workspaces, oldest.id)
	}
}
