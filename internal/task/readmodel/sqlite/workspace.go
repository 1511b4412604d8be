package sqlite

import (
	"encoding/json"
	"sync"
	"sync/atomic"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// workspace is what stays in memory of a workspace. pub and seqs are what is
// durable, for readers; the rest is the writer's own and may be ahead of it.
type workspace struct {
	id ids.ID
	// pub is nil as long as the workspace's creation is not durable.
	pub  atomic.Pointer[published]
	mu   sync.RWMutex
	seqs map[ids.ID]uint64 // ProjectSeq by project

	// pins and used are the cache's: a pinned workspace stays.
	pins int
	used atomic.Uint64

	loaded   bool // what follows holds
	w        int64
	head     uint64
	frame    *state.Frame
	latest   latest
	projects map[ids.ID]*project
	dirty    bool // head or projects are not written yet
	replay   bool // built anew from the log, whose head stands
}

// published is a durable state of a workspace. It is never changed.
type published struct {
	w      int64
	head   uint64
	frame  *state.Frame
	latest latest
}

// latest holds the newest seq of each table that sync reads beside the tasks,
// so that it asks only those that have something.
type latest struct{ docs, comments, tombstones uint64 }

// project is the part of a project that changes with its tasks.
type project struct {
	seq, number uint64
	// counts are the live tasks by column, nil until they are needed.
	counts map[ids.ID]*count
	dirty  bool
}

type count struct {
	live  int
	dirty bool
}

// image is a workspace as the database holds it.
type image struct {
	published
	projects map[ids.ID]*project
}

// read reads a workspace; nil where there is none.
func (s *Store) read(c *sqlitedb.Conn, id ids.ID) (*image, error) {
	w, head, err := s.log.Find(c, id)
	if err != nil || head == 0 {
		return nil, err
	}
	im := &image{published: published{w: w, head: head}, projects: map[ids.ID]*project{}}
	if im.frame, err = readFrame(c, w); err != nil {
		return nil, err
	}
	err = c.Query("SELECT project, seq, number FROM project_heads WHERE w = ?", func(st *sqlitedb.Stmt) error {
		im.projects[sqlitedb.ColumnID(st, 0)] = &project{seq: columnUint(st, 1), number: columnUint(st, 2)}
		return nil
	}, w)
	if err != nil {
		return nil, err
	}
	for table, to := range map[string]*uint64{
		"docs": &im.latest.docs, "comments": &im.latest.comments, "tombstones": &im.latest.tombstones,
	} {
		err := c.Query("SELECT max(seq) FROM "+table+" WHERE w = ?", func(st *sqlitedb.Stmt) error {
			*to = columnUint(st, 0)
			return nil
		}, w)
		if err != nil {
			return nil, err
		}
	}
	return im, nil
}

// The kinds of docs and tombstones as they are stored.
var kinds = [...]readmodel.Kind{
	1: readmodel.KindWorkspace, 2: readmodel.KindMember, 3: readmodel.KindProject,
	4: readmodel.KindLabel, 5: readmodel.KindTask, 6: readmodel.KindComment,
}

func kindNumber(k readmodel.Kind) int64 {
	for i, other := range kinds {
		if other == k {
			return int64(i)
		}
	}
	return 0
}

func readFrame(c *sqlitedb.Conn, w int64) (*state.Frame, error) {
	f := &state.Frame{
		Members: map[ids.ID]*state.Member{}, Projects: map[ids.ID]*state.Project{},
		Labels: map[ids.ID]*state.Label{}, Invitations: map[ids.ID]*state.Invitation{},
	}
	err := c.Query("SELECT kind, json FROM docs WHERE w = ?", func(st *sqlitedb.Stmt) error {
		b := sqlitedb.ColumnBlob(st, 1)
		switch kinds[st.ColumnInt64(0)] {
		case readmodel.KindWorkspace:
			return json.Unmarshal(b, &f.Workspace)
		case readmodel.KindMember:
			return into(b, f.Members, func(m *state.Member) ids.ID { return m.User })
		case readmodel.KindProject:
			return into(b, f.Projects, func(p *state.Project) ids.ID { return p.ID })
		case readmodel.KindLabel:
			return into(b, f.Labels, func(l *state.Label) ids.ID { return l.ID })
		}
		return readmodel.ErrRow
	}, w)
	if err != nil {
		return nil, err
	}
	err = c.Query("SELECT json FROM invitations WHERE w = ?", func(st *sqlitedb.Stmt) error {
		return into(sqlitedb.ColumnBlob(st, 0), f.Invitations, func(i *state.Invitation) ids.ID { return i.ID })
	}, w)
	return f, err
}

func into[T any](b []byte, m map[ids.ID]*T, id func(*T) ids.ID) error {
	v := new(T)
	if err := json.Unmarshal(b, v); err != nil {
		return err
	}
	m[id(v)] = v
	return nil
}

func columnUint(st *sqlitedb.Stmt, col int) uint64 {
	return uint64(st.ColumnInt64(col)) // #nosec G115 -- written as uint64
}

// show makes the image what readers see. It is for a workspace that is new in the cache.
func (ws *workspace) show(im *image) {
	ws.seqs = make(map[ids.ID]uint64, len(im.projects))
	for id, p := range im.projects {
		ws.seqs[id] = p.seq
	}
	ws.pub.Store(&im.published)
}

// work makes the image what the writer goes on from.
func (ws *workspace) work(im *image) {
	ws.w, ws.head, ws.frame, ws.latest, ws.projects = im.w, im.head, im.frame, im.latest, im.projects
	ws.loaded, ws.dirty = true, false
}

func (ws *workspace) project(id ids.ID) *project {
	p := ws.projects[id]
	if p == nil {
		p = &project{}
		ws.projects[id] = p
	}
	return p
}

// count answers a column's count for changing, reading the project's counts
// where they are not in memory yet.
func (ws *workspace) count(c *sqlitedb.Conn, projectID, column ids.ID) (*count, error) {
	p := ws.project(projectID)
	if p.counts == nil {
		counts := map[ids.ID]*count{}
		err := c.Query("SELECT col, live FROM column_counts WHERE w = ? AND project = ?", func(st *sqlitedb.Stmt) error {
			counts[sqlitedb.ColumnID(st, 0)] = &count{live: st.ColumnInt(1)}
			return nil
		}, ws.w, projectID)
		if err != nil {
			return nil, err
		}
		p.counts = counts
	}
	n := p.counts[column]
	if n == nil {
		n = &count{}
		p.counts[column] = n
	}
	return n, nil
}
