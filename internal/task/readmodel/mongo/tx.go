package mongo

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/projection"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// tx is one command's turn: what it has changed, over its group.
type tx struct {
	g  *group
	at time.Time

	head     uint64
	frame    *state.Frame
	frameSeq uint64
	events   []eventlog.Event
	bytes    int
	made     []ids.ID
	fresh    map[ids.ID]bool // made by this command
	assumed  map[ids.ID]bool // taken for free without looking

	tasks    map[ids.ID]*taskWork
	comments map[ids.ID]*commentWork
	docs     map[readmodel.FrameRow]uint64
	invites  map[ids.ID]uint64
	order    []touched
	moved    []movedStone
	projects map[ids.ID]project
	counts   map[columnKey]int // by how much they changed
	lasts    map[columnKey]last
}

// touched names a row of the commit, in the order in which rows were touched.
type touched struct {
	kind readmodel.Kind
	id   ids.ID
}

// last is the greatest position of a column, where it is known.
type last struct {
	position string
	known    bool
}

var (
	_ command.Tx     = (*tx)(nil)
	_ readmodel.Rows = (*tx)(nil)
)

func newTx(g *group) *tx {
	return &tx{
		g: g, head: g.head, frame: g.frame, frameSeq: g.frameSeq, fresh: map[ids.ID]bool{}, assumed: map[ids.ID]bool{},
		tasks: map[ids.ID]*taskWork{}, comments: map[ids.ID]*commentWork{}, docs: map[readmodel.FrameRow]uint64{},
		invites: map[ids.ID]uint64{}, projects: map[ids.ID]project{}, counts: map[columnKey]int{}, lasts: map[columnKey]last{},
	}
}

// Head implements command.Tx.
func (t *tx) Head() uint64 { return t.head }

// Frame implements command.Tx and readmodel.Rows.
func (t *tx) Frame() (*state.Frame, error) { return t.frame, nil }

// Append implements command.Tx.
func (t *tx) Append(events ...command.New) error {
	if t.at.IsZero() {
		t.at = t.g.s.clock.Now().UTC().Truncate(time.Millisecond)
	}
	for i := range events {
		n := &events[i]
		data, version, err := event.Encode(n.Type, n.Data)
		if err != nil {
			return wrap(err, "append")
		}
		ev := eventlog.Event{
			ID: n.ID, Stream: t.g.ws.id, Seq: t.head + 1, Entity: n.Entity, Scope: n.Scope,
			Type: string(n.Type), Version: version, Actor: n.Actor, At: t.at, Cause: n.Cause, Data: data,
		}
		if ev.ID.IsZero() {
			ev.ID = ids.New()
		}
		t.head = ev.Seq
		t.events = append(t.events, ev)
		t.bytes += len(data) + 1024 // with its rows
		t.making(n.Type, n.Entity, n.Data)
		if err := projection.Apply(t, ev, n.Data); err != nil {
			return wrap(err, "append")
		}
	}
	return nil
}

// making notes the id of a task or comment that an event makes.
func (t *tx) making(typ event.Type, entity ids.ID, p event.Payload) {
	id := entity
	switch p := p.(type) {
	case *event.TaskData:
		if typ != event.TaskCreated {
			return
		}
	case *event.CommentData:
		if typ != event.CommentAdded {
			return
		}
		id = p.Comment.ID
	default:
		return
	}
	t.made = append(t.made, id)
	t.fresh[id] = true
}

// Taken implements command.Tx. An id of which nothing is known is taken to be
// free: the reservation that goes before the commit finds out, or doubtful.
func (t *tx) Taken(id ids.ID) (bool, error) {
	if w := t.seenTask(id); w != nil && w.cur != nil {
		return true, nil
	}
	if c := t.seenComment(id); c != nil && c.cur != nil {
		return true, nil
	}
	if t.fresh[id] || t.g.isMade[id] {
		c := t.seenComment(id)
		return c == nil || c.cur != nil, nil // a comment that is removed again is free, a task is not
	}
	if f := t.frame; f != nil && (f.Workspace.ID == id || f.Projects[id] != nil || f.Labels[id] != nil || f.Members[id] != nil || f.Invitations[id] != nil) {
		return true, nil
	}
	switch t.g.ws.ids[id] {
	case idTaken:
		return true, nil
	case idLeftOver:
		return false, nil
	}
	t.assumed[id] = true
	return false, nil
}

// doubtful are the ids that were taken for free and that the commit does not
// reserve: those that it makes are in doubt where there is no commit.
func (t *tx) doubtful(refused bool) []ids.ID {
	var out []ids.ID
	for id := range t.assumed {
		if refused || !t.fresh[id] {
			out = append(out, id)
		}
	}
	return out
}

// NextNumber implements command.Tx.
func (t *tx) NextNumber(id ids.ID) (uint64, error) { return t.project(id).number + 1, nil }

func (t *tx) project(id ids.ID) project {
	if p, ok := t.projects[id]; ok {
		return p
	}
	return t.g.projects[id]
}

// LastPosition implements command.Tx.
func (t *tx) LastPosition(projectID, column ids.ID) (string, error) {
	key := columnKey{projectID, column}
	if l, ok := t.lasts[key]; ok && l.known {
		return l.position, nil
	} else if position, ok := t.g.lasts[key]; ok && (!t.hasLast(key)) {
		return position, nil
	}
	stored, err := t.stored(projectID, 0, column, -1)
	if err != nil {
		return "", wrap(err, "find the last position")
	}
	position := ""
	if stored != nil {
		position = stored.Position
	}
	t.eachTask(func(task *state.Task) {
		if task.Project == projectID && task.Column == column && task.State == event.Live {
			position = max(position, task.Position)
		}
	})
	t.lasts[key] = last{position, true}
	return position, nil
}

func (t *tx) hasLast(key columnKey) bool { _, ok := t.lasts[key]; return ok }

// Occupied implements command.Tx.
func (t *tx) Occupied(projectID, column ids.ID) (bool, error) {
	found := false
	t.eachTask(func(task *state.Task) { found = found || task.Project == projectID && task.Column == column })
	for n := range lifecycles {
		if found {
			break
		}
		stored, err := t.stored(projectID, int32(n), column, 1) // #nosec G115 -- 0 to 2
		if err != nil {
			return false, wrap(err, "look into a column")
		}
		found = stored != nil
	}
	return found, nil
}

// stored answers the first (way 1) or last (way -1) task of a column's rows
// that neither the group nor the command has changed, nil where there is none.
func (t *tx) stored(projectID ids.ID, lifecycle int32, column ids.ID, way int) (*readmodel.TaskCursor, error) {
	if t.g.detached {
		return nil, nil
	}
	known := 0
	t.eachWork(func(w *taskWork) {
		if b := w.before; b != nil && b.Project == projectID && b.Column == column {
			known++
		}
	})
	rows, err := find[row](t.g.ctx, t.g.s.rows, within(t.g.ws.id, columnPlace(projectID, lifecycle, column), ""),
		options.Find().SetSort(bson.D{{Key: "place", Value: way}}).SetLimit(int64(known)+1).SetProjection(bson.D{{Key: "place", Value: 1}}))
	if err != nil {
		return nil, err
	}
	for i := range rows {
		at, err := readTaskPlace(rows[i].Place)
		if err != nil {
			return nil, err
		}
		if t.seenTask(at.ID) == nil {
			return &at, nil
		}
	}
	return nil, nil
}

// eachWork calls f with every task that the group or the command has seen.
func (t *tx) eachWork(f func(*taskWork)) {
	for _, w := range t.tasks {
		f(w)
	}
	for id, w := range t.g.tasks {
		if t.tasks[id] == nil {
			f(w)
		}
	}
}

func (t *tx) eachTask(f func(*state.Task)) {
	t.eachWork(func(w *taskWork) {
		if w.cur != nil {
			f(w.cur)
		}
	})
}

// Past implements command.Tx.
func (t *tx) Past(before uint64, limit int) ([]eventlog.Event, error) {
	var out []eventlog.Event
	for _, part := range [][]eventlog.Event{t.events, t.g.events} {
		for i := len(part) - 1; i >= 0 && len(out) < limit; i-- {
			if part[i].Seq < before {
				out = append(out, part[i])
			}
		}
	}
	if len(out) == limit || t.g.base == 0 {
		return out, nil
	}
	older, err := t.g.s.log.ReadBack(t.g.ctx, t.g.ws.id, min(before, t.g.base+1), limit-len(out))
	return append(out, older...), wrap(err, "read the past")
}

// bump records that something of the project changed at seq.
func (t *tx) bump(id ids.ID, seq uint64) {
	p := t.project(id)
	p.seq = max(p.seq, seq)
	t.projects[id] = p
}

// count records that a column gained or lost a live task.
func (t *tx) count(projectID, column ids.ID, by int) { t.counts[columnKey{projectID, column}] += by }

// merge makes what the command did the group's.
func (t *tx) merge() {
	g := t.g
	g.head, g.frame, g.frameSeq = t.head, t.frame, t.frameSeq
	g.events = append(g.events, t.events...)
	g.bytes += t.bytes
	for _, id := range t.made {
		g.made, g.isMade[id] = append(g.made, id), true
	}
	g.moved = append(g.moved, t.moved...)
	for id, w := range t.tasks {
		g.tasks[id] = w
	}
	for id, c := range t.comments {
		g.see(id, c)
	}
	for key, seq := range t.docs {
		g.docs[key] = seq
	}
	for id, seq := range t.invites {
		g.invites[id] = seq
	}
	for id, p := range t.projects {
		was := g.projects[id]
		p.counts = was.counts
		if g.touched[id] == nil {
			g.touched[id] = map[ids.ID]bool{}
			counts := make(map[ids.ID]int, len(was.counts)+1)
			for c, n := range was.counts {
				counts[c] = n
			}
			p.counts = counts
		}
		g.projects[id] = p
	}
	for key, by := range t.counts {
		if by != 0 {
			g.projects[key.project].counts[key.column] += by
			g.touched[key.project][key.column] = true
		}
	}
	for key, l := range t.lasts {
		if l.known {
			g.lasts[key] = l.position
		} else {
			delete(g.lasts, key)
		}
	}
}
