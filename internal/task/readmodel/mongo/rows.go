package mongo

import (
	"encoding/json"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// taskWork is a task that a group or a command has looked at or changed. A
// command works on copies.
type taskWork struct {
	before *state.Task // as its row is, nil where there is none
	first  *state.Task // as the command found it, nil for a new one
	cur    *state.Task // as it is now, nil where it is not there

	card        []byte // as AppendCard writes cur
	raw         []byte // the detail as it is sent
	detail      *state.Detail
	detailDirty bool

	touched   bool // by the command
	dirty     bool
	words     bool     // all words are to be gathered anew
	added     []string // texts whose words are to be added
	goneScope ids.ID
	goneSeq   uint64
}

// commentWork is a comment that a group or a command has looked at or changed.
type commentWork struct {
	task      ids.ID
	first     *state.Comment
	cur       *state.Comment
	touched   bool
	dirty     bool
	json      []byte
	goneScope ids.ID
	// goneSeq is zero where the comment went with its task, whose tombstone speaks for it.
	goneSeq uint64
	// v is the seq of the change that took it away.
	v uint64
}

// seenTask answers a task that the command or the group has looked at, nil otherwise.
func (t *tx) seenTask(id ids.ID) *taskWork {
	if w := t.tasks[id]; w != nil {
		return w
	}
	return t.g.tasks[id]
}

func (t *tx) seenComment(id ids.ID) *commentWork {
	if c := t.comments[id]; c != nil {
		return c
	}
	return t.g.comments[id]
}

// task answers the command's copy of a task, reading it where nobody has yet.
// One that is not there has a nil cur.
func (t *tx) task(id ids.ID) (*taskWork, error) {
	if w := t.tasks[id]; w != nil {
		return w, nil
	}
	if t.g.tasks[id] == nil {
		w, err := t.g.readTask(id)
		if err != nil {
			return nil, err
		}
		t.g.tasks[id] = w
	}
	own := *t.g.tasks[id]
	own.first, own.touched = own.cur, false
	t.tasks[id] = &own
	return &own, nil
}

func (g *group) readTask(id ids.ID) (*taskWork, error) {
	if g.detached {
		return &taskWork{}, nil
	}
	r, err := g.s.one(g.ctx, byID(g.ws.id, kindTask, id), "gone", "json", "detail")
	if err != nil || r == nil || r.Gone {
		return &taskWork{}, err
	}
	task, err := readmodel.DecodeTask(r.JSON, nil)
	if err != nil {
		return nil, err
	}
	return &taskWork{before: task, cur: task, card: r.JSON, raw: r.detail()}, nil
}

// Task implements command.Tx and readmodel.Rows.
func (t *tx) Task(id ids.ID, detail bool) (*state.Task, error) {
	w, err := t.task(id)
	if err != nil || w.cur == nil {
		return nil, wrap(err, "read a task")
	}
	if !detail || w.cur.Detail != nil {
		return w.cur, nil
	}
	if w.detail == nil {
		if w.detail, err = readmodel.DecodeDetail(w.raw); err != nil {
			return nil, wrap(err, "read a task")
		}
	}
	whole := *w.cur
	whole.Detail = w.detail
	w.cur = &whole
	return w.cur, nil
}

func (t *tx) touchTask(id ids.ID, w *taskWork) {
	w.dirty, w.card = true, nil
	if !w.touched {
		w.touched = true
		t.order = append(t.order, touched{readmodel.KindTask, id})
	}
}

// PutTask implements readmodel.Rows. A task that goes to another project takes its comments along.
func (t *tx) PutTask(prev, next *state.Task) error {
	w := t.tasks[next.ID]
	if prev == nil && t.seenTask(next.ID) == nil {
		w = &taskWork{} // its id is free, or the commit is refused
		t.tasks[next.ID] = w
	} else if w == nil {
		var err error
		if w, err = t.task(next.ID); err != nil {
			return err
		}
	}
	if prev == nil || prev.Title != next.Title {
		w.words = true
	}
	if next.Detail != nil {
		if prev == nil || prev.Detail == nil || prev.Detail.Description != next.Detail.Description {
			w.words = true
		}
		w.detail, w.detailDirty = next.Detail, true
		w.raw = readmodel.AppendDetail(nil, next.Detail)
	}
	w.cur = next
	t.touchTask(next.ID, w)
	t.bump(next.Project, next.Seq)
	t.placed(next)
	if prev == nil {
		return nil
	}
	t.left(prev, next)
	if prev.Project == next.Project {
		return nil
	}
	t.bump(prev.Project, next.Seq)
	t.moved = append(t.moved, movedStone{task: next.ID, scope: prev.Project, seq: next.Seq})
	return t.moveComments(prev, next)
}

// placed counts a live task in its column.
func (t *tx) placed(task *state.Task) {
	if task.State != event.Live {
		return
	}
	t.count(task.Project, task.Column, 1)
	key := columnKey{task.Project, task.Column}
	if l, ok := t.lasts[key]; ok {
		l.position = max(l.position, task.Position)
		t.lasts[key] = l
	} else if position, ok := t.g.lasts[key]; ok {
		t.lasts[key] = last{max(position, task.Position), true}
	}
}

// left takes a live task out of where it was; next is where it is now, nil where it is gone.
func (t *tx) left(prev, next *state.Task) {
	if prev.State != event.Live {
		return
	}
	t.count(prev.Project, prev.Column, -1)
	if next != nil && next.State == event.Live && next.Project == prev.Project && next.Column == prev.Column && next.Position == prev.Position {
		return
	}
	key := columnKey{prev.Project, prev.Column}
	l, ok := t.lasts[key]
	if !ok {
		l.position, l.known = t.g.lasts[key]
	}
	if l.known && l.position == prev.Position {
		t.lasts[key] = last{} // whoever asks finds the one before it
	}
}

func (t *tx) moveComments(prev, task *state.Task) error {
	all, err := t.commentsOf(task.ID, prev.Comments > 0)
	if err != nil {
		return err
	}
	for _, c := range all {
		moved := *c.cur
		moved.Project, moved.Seq = task.Project, task.Seq
		t.setComment(c, &moved)
	}
	return nil
}

// commentsOf answers the command's copies of a task's comments.
func (t *tx) commentsOf(task ids.ID, stored bool) ([]*commentWork, error) {
	if err := t.g.readComments(task, stored); err != nil {
		return nil, err
	}
	var out []*commentWork
	for id := range t.g.ofTask[task] {
		if _, err := t.comment(id); err != nil {
			return nil, err
		}
	}
	for _, c := range t.comments {
		if c.task == task && c.cur != nil {
			out = append(out, c)
		}
	}
	return out, nil
}

// readComments has the group see all comments of a task that are stored.
func (g *group) readComments(task ids.ID, stored bool) error {
	if g.detached || !stored {
		return nil
	}
	rows, err := find[row](g.ctx, g.s.rows, within(g.ws.id, commentsPlace(task), ""), options.Find().SetProjection(fields("json")))
	if err != nil {
		return err
	}
	for i := range rows {
		id := rows[i].own()
		if g.comments[id] != nil {
			continue
		}
		c := &state.Comment{}
		if err := json.Unmarshal(rows[i].JSON, c); err != nil {
			return err
		}
		g.see(id, &commentWork{task: task, cur: c})
	}
	return nil
}

// DeleteTask implements readmodel.Rows.
func (t *tx) DeleteTask(prev *state.Task, seq uint64) error {
	all, err := t.commentsOf(prev.ID, prev.Comments > 0)
	if err != nil {
		return err
	}
	for _, c := range all {
		c.cur, c.dirty, c.goneSeq, c.v = nil, true, 0, seq
	}
	w, err := t.task(prev.ID)
	if err != nil {
		return err
	}
	w.cur, w.detail, w.raw = nil, nil, nil
	w.goneScope, w.goneSeq = prev.Project, seq
	t.touchTask(prev.ID, w)
	t.bump(prev.Project, seq)
	t.left(prev, nil)
	return nil
}

// Comment implements command.Tx and readmodel.Rows.
func (t *tx) Comment(id ids.ID) (*state.Comment, error) {
	if t.fresh[id] && t.seenComment(id) == nil {
		return nil, nil // its id is free, or the commit is refused
	}
	c, err := t.comment(id)
	if err != nil {
		return nil, wrap(err, "read a comment")
	}
	return c.cur, nil
}

// comment answers the command's copy of a comment, reading it where nobody has yet.
func (t *tx) comment(id ids.ID) (*commentWork, error) {
	if c := t.comments[id]; c != nil {
		return c, nil
	}
	if t.g.comments[id] == nil {
		c, err := t.g.readComment(id)
		if err != nil {
			return nil, err
		}
		t.g.see(id, c)
	}
	own := *t.g.comments[id]
	own.first, own.touched = own.cur, false
	t.comments[id] = &own
	return &own, nil
}

// see keeps a comment, also by its task.
func (g *group) see(id ids.ID, c *commentWork) {
	g.comments[id] = c
	if c.task.IsZero() {
		return
	}
	if g.ofTask[c.task] == nil {
		g.ofTask[c.task] = map[ids.ID]bool{}
	}
	g.ofTask[c.task][id] = true
}

func (g *group) readComment(id ids.ID) (*commentWork, error) {
	if g.detached {
		return &commentWork{}, nil
	}
	r, err := g.s.one(g.ctx, byID(g.ws.id, kindComment, id), "gone", "json")
	if err != nil || r == nil || r.Gone {
		return &commentWork{}, err
	}
	c := &state.Comment{}
	if err := json.Unmarshal(r.JSON, c); err != nil {
		return nil, err
	}
	return &commentWork{task: c.Task, cur: c}, nil
}

// PutComment implements readmodel.Rows.
func (t *tx) PutComment(c *state.Comment) error {
	w := t.comments[c.ID]
	if w == nil && t.fresh[c.ID] && t.seenComment(c.ID) == nil {
		w = &commentWork{}
		t.comments[c.ID] = w
	} else if w == nil {
		var err error
		if w, err = t.comment(c.ID); err != nil {
			return err
		}
	}
	isNew := w.cur == nil
	t.setComment(w, c)
	task, err := t.task(c.Task)
	if err != nil {
		return err
	}
	if isNew {
		task.added = append(task.added, c.Text)
	} else {
		task.words = true
	}
	return nil
}

func (t *tx) setComment(w *commentWork, c *state.Comment) {
	w.task, w.cur, w.dirty, w.json = c.Task, c, true, nil
	if !w.touched {
		w.touched = true
		t.order = append(t.order, touched{readmodel.KindComment, c.ID})
	}
	t.bump(c.Project, c.Seq)
}

// DeleteComment implements readmodel.Rows.
func (t *tx) DeleteComment(c *state.Comment, seq uint64) error {
	w, err := t.comment(c.ID)
	if err != nil {
		return err
	}
	w.cur, w.dirty, w.goneScope, w.goneSeq, w.v = nil, true, c.Project, seq, seq
	if !w.touched {
		w.touched = true
		t.order = append(t.order, touched{readmodel.KindComment, c.ID})
	}
	t.bump(c.Project, seq)
	task, err := t.task(c.Task)
	task.words = true
	return err
}

// UseNumber implements readmodel.Rows.
func (t *tx) UseNumber(projectID ids.ID, n uint64) error {
	p := t.project(projectID)
	p.number = max(p.number, n)
	t.projects[projectID] = p
	return nil
}

// PutFrame implements readmodel.Rows.
func (t *tx) PutFrame(next *state.Frame, changed ...readmodel.FrameRow) error {
	prev := t.frame
	t.frame, t.frameSeq = next, t.head
	for _, r := range changed {
		if r.Kind == readmodel.KindProject {
			t.bump(r.ID, t.head)
		}
		key := readmodel.FrameRow{Kind: r.Kind, ID: r.ID}
		if _, again := t.docs[key]; !again {
			t.order = append(t.order, touched{r.Kind, r.ID})
		}
		t.docs[key] = t.head
	}
	if prev == nil {
		return nil
	}
	for id, inv := range next.Invitations {
		if prev.Invitations[id] != inv {
			t.invites[id] = t.head
		}
	}
	for id := range prev.Invitations {
		if next.Invitations[id] == nil {
			t.invites[id] = t.head
		}
	}
	return nil
}
