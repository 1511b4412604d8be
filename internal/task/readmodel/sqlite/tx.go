package sqlite

import (
	"bytes"
	"fmt"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/projection"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// tx is one command's turn: what it has changed so far, over the workspace as
// it was. There is one, the writer's, used again and again; what a commit
// hands out is made new.
type tx struct {
	s  *Store
	c  *sqlitedb.Conn
	ws *workspace
	at time.Time

	w      int64
	base   uint64 // the head before the command
	head   uint64
	frame  *state.Frame
	latest latest
	events []eventlog.Event

	tasks    map[ids.ID]*taskWork
	comments map[ids.ID]*commentWork
	docs     map[readmodel.FrameRow]bool
	touched  []touched
	stones   []tombstone
	projects map[ids.ID]*projectWork
	counts   map[columnKey]int
	// unwritten says that a task or comment changed since the last write.
	unwritten bool
}

// touched names a row of the commit, in the order in which rows were touched.
type touched struct {
	kind readmodel.Kind
	id   ids.ID
}

type columnKey struct{ project, column ids.ID }

type projectWork struct{ seq, number uint64 }

type tombstone struct {
	kind      readmodel.Kind
	id, scope ids.ID
	seq       uint64
	moved     bool
}

var (
	_ command.Tx     = (*tx)(nil)
	_ readmodel.Rows = (*tx)(nil)
)

func (t *tx) open(s *Store) {
	t.s = s
	t.tasks = map[ids.ID]*taskWork{}
	t.comments = map[ids.ID]*commentWork{}
	t.docs = map[readmodel.FrameRow]bool{}
	t.projects = map[ids.ID]*projectWork{}
	t.counts = map[columnKey]int{}
}

// reset forgets the command before.
func (t *tx) reset(c *sqlitedb.Conn) {
	clear(t.tasks)
	clear(t.comments)
	clear(t.docs)
	clear(t.projects)
	clear(t.counts)
	t.touched, t.stones = t.touched[:0], t.stones[:0]
	t.c, t.events, t.at = c, nil, time.Time{}
	t.w, t.base, t.head, t.frame, t.latest = 0, 0, 0, nil, latest{}
	t.unwritten = false
}

// begin starts over for a workspace, which need not be there yet.
func (t *tx) begin(c *sqlitedb.Conn, id ids.ID) error {
	t.reset(c)
	ws := t.s.cache.pin(id)
	if ws == nil || !ws.loaded {
		im, err := t.s.read(c, id)
		if err != nil {
			if ws != nil {
				t.s.cache.unpin(ws)
			}
			return err
		}
		if ws == nil {
			ws = &workspace{id: id, projects: map[ids.ID]*project{}}
			if im == nil {
				t.ws = ws // joins the cache once something was appended
				return nil
			}
			ws.show(im)
			ws = t.s.cache.pinNew(ws)
		}
		if im == nil {
			im = &image{projects: map[ids.ID]*project{}}
		}
		ws.work(im)
	}
	t.ws, t.w, t.base, t.head, t.frame, t.latest = ws, ws.w, ws.head, ws.head, ws.frame, ws.latest
	return nil
}

// run decides and writes one command.
func (t *tx) run(c *sqlitedb.Conn, id ids.ID, decide func(command.Tx) error) (commit readmodel.Commit, err error) {
	if err := t.begin(c, id); err != nil {
		return commit, wrap(err, "load a workspace")
	}
	done := false
	defer func() {
		if !done && t.ws.loaded { // it is pinned: refused, or appended nothing
			t.s.cache.unpin(t.ws)
		}
		t.c = nil
	}()
	if err := decide(t); err != nil {
		return commit, err
	}
	commit = readmodel.Commit{Workspace: id, Last: t.head}
	if len(t.events) == 0 {
		return commit, nil
	}
	if err := t.write(); err != nil {
		return commit, wrap(err, "write rows")
	}
	commit.First, commit.Events = t.events[0].Seq, t.events
	if commit.Rows, err = t.rows(); err != nil {
		return commit, wrap(err, "write rows")
	}
	if err := t.merge(); err != nil {
		return commit, wrap(err, "write rows")
	}
	done = true
	t.announce(commit)
	return commit, nil
}

// Head implements command.Tx.
func (t *tx) Head() uint64 { return t.head }

// Frame implements command.Tx and readmodel.Rows.
func (t *tx) Frame() (*state.Frame, error) { return t.frame, nil }

// Append implements command.Tx.
func (t *tx) Append(events ...command.New) error {
	if t.at.IsZero() {
		t.at = t.s.clock.Now().UTC().Truncate(time.Millisecond)
	}
	if err := t.create(); err != nil {
		return err
	}
	if t.events == nil {
		t.events = make([]eventlog.Event, 0, len(events))
	}
	for i := range events {
		n := &events[i]
		data, version, err := event.Encode(n.Type, n.Data)
		if err != nil {
			return wrap(err, "append")
		}
		ev := eventlog.Event{
			ID: n.ID, Stream: t.ws.id, Seq: t.head + 1, Entity: n.Entity, Scope: n.Scope,
			Type: string(n.Type), Version: version, Actor: n.Actor, At: t.at, Cause: n.Cause, Data: data,
		}
		if ev.ID.IsZero() {
			ev.ID = ids.New()
		}
		if err := t.s.log.Insert(t.c, t.w, ev.Seq, &ev); err != nil {
			return wrap(err, "append")
		}
		t.head = ev.Seq
		t.events = append(t.events, ev)
		if err := projection.Apply(t, ev, n.Data); err != nil {
			return wrap(err, "append")
		}
	}
	return nil
}

// Taken implements command.Tx. An id that an event was ever about stays taken, also of a purged task.
func (t *tx) Taken(id ids.ID) (bool, error) {
	if t.tasks[id] != nil && t.tasks[id].cur != nil || t.comments[id] != nil && t.comments[id].cur != nil {
		return true, nil
	}
	for _, sql := range []string{
		"SELECT 1 FROM events INDEXED BY events_entity WHERE entity = ? LIMIT 1",
		"SELECT 1 FROM comments WHERE id = ?",
	} {
		found, err := t.exists(sql, id)
		if err != nil || found {
			return found, wrap(err, "look an id up")
		}
	}
	return false, nil
}

func (t *tx) exists(sql string, id ids.ID) (bool, error) {
	st, err := t.c.Prepare(sql)
	if err != nil {
		return false, err
	}
	sqlitedb.BindID(st, 1, id)
	return st.Step()
}

// LastPosition implements command.Tx.
func (t *tx) LastPosition(projectID, column ids.ID) (string, error) {
	if err := t.write(); err != nil {
		return "", wrap(err, "find the last position")
	}
	st, err := t.c.Prepare("SELECT position FROM tasks WHERE w = ? AND project = ? AND state = 0 AND col = ? ORDER BY position DESC LIMIT 1")
	if err != nil {
		return "", wrap(err, "find the last position")
	}
	st.BindInt64(1, t.w)
	sqlitedb.BindID(st, 2, projectID)
	sqlitedb.BindID(st, 3, column)
	row, err := st.Step()
	if err != nil || !row {
		return "", wrap(err, "find the last position")
	}
	return st.ColumnText(0), nil
}

// NextNumber implements command.Tx.
func (t *tx) NextNumber(projectID ids.ID) (uint64, error) {
	var n uint64
	if p := t.ws.projects[projectID]; p != nil {
		n = p.number
	}
	if p := t.projects[projectID]; p != nil {
		n = max(n, p.number)
	}
	return n + 1, nil
}

// Occupied implements command.Tx.
func (t *tx) Occupied(projectID, column ids.ID) (bool, error) {
	if err := t.write(); err != nil {
		return false, wrap(err, "look into a column")
	}
	found := false
	err := t.c.Query("SELECT 1 FROM tasks WHERE w = ? AND project = ? AND state IN (0, 1, 2) AND col = ? LIMIT 1",
		func(*sqlitedb.Stmt) error { found = true; return nil }, t.w, projectID, column)
	return found, wrap(err, "look into a column")
}

// Past implements command.Tx.
func (t *tx) Past(before uint64, limit int) ([]eventlog.Event, error) {
	if t.w == 0 {
		return nil, nil
	}
	return t.s.log.ReadBackIn(t.c, t.ws.id, before, limit)
}

// bump records that something of the project changed at seq.
func (t *tx) bump(projectID ids.ID, seq uint64) *projectWork {
	p := t.projects[projectID]
	if p == nil {
		p = &projectWork{}
		t.projects[projectID] = p
	}
	p.seq = max(p.seq, seq)
	return p
}

// rowOf answers the touched row as the commit shows it.
func (t *tx) rows() ([]readmodel.Row, error) {
	out := make([]readmodel.Row, 0, len(t.touched))
	for _, r := range t.touched {
		var row readmodel.Row
		switch r.kind {
		case readmodel.KindTask:
			work := t.tasks[r.id]
			if len(t.touched) == 1 {
				// It is most likely what is answered: reading the detail here, by
				// its row's number, costs less than a read of its own.
				if err := t.showDetail(work); err != nil {
					return nil, err
				}
			}
			row = work.row()
		case readmodel.KindComment:
			row = t.comments[r.id].row()
		default:
			b, seq, err := encodeDoc(t.frame, r.kind, r.id)
			if err != nil {
				return nil, err
			}
			row = readmodel.Row{Kind: r.kind, ID: r.id, Seq: seq, JSON: b}
			if r.kind == readmodel.KindProject {
				row.Scope = r.id
			}
			if b == nil {
				row.Seq, row.Removed = t.stoneSeq(r), true
			}
		}
		if row.ID.IsZero() {
			continue // made and removed again by the same commit
		}
		out = append(out, row)
	}
	return out, nil
}

func (t *tx) stoneSeq(r touched) uint64 {
	for i := len(t.stones) - 1; i >= 0; i-- {
		if t.stones[i].id == r.id && t.stones[i].kind == r.kind {
			return t.stones[i].seq
		}
	}
	return t.head
}

func lifecycleNumber(l event.Lifecycle) (int64, error) {
	switch l {
	case event.Live:
		return 0, nil
	case event.Archived:
		return 1, nil
	case event.Trashed:
		return 2, nil
	}
	return 0, fmt.Errorf("%w: lifecycle %q", readmodel.ErrRow, l)
}

var lifecycles = [...]event.Lifecycle{event.Live, event.Archived, event.Trashed}

func emptyDetail(b []byte) bool { return bytes.Equal(b, []byte(readmodel.EmptyDetail)) }
