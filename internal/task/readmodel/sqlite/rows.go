package sqlite

import (
	"encoding/json"
	"fmt"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// taskWork is a task that a command has looked at or changed.
type taskWork struct {
	n     int64       // its row, 0 before it is written
	first *state.Task // as the command found it, nil for a new one
	saved *state.Task // as its row is, nil where there is none
	cur   *state.Task // as it is now, nil where it was removed
	// detail is the newest known detail, nil where it was not needed yet.
	detail *state.Detail

	touched, dirty, detailDirty, words bool

	card, detailJSON []byte // as stored or last written; detailJSON is nil where it was not read
	apart            bool   // the stored detail is in a row of its own
	goneScope        ids.ID
	goneSeq          uint64
}

// commentWork is a comment that a command has looked at or changed.
type commentWork struct {
	n         int64
	first     *state.Comment
	cur       *state.Comment
	touched   bool
	dirty     bool
	json      []byte
	goneScope ids.ID
	goneSeq   uint64
}

// Task implements command.Tx and readmodel.Rows.
func (t *tx) Task(id ids.ID, detail bool) (*state.Task, error) {
	work, err := t.task(id)
	if err != nil || work == nil || work.cur == nil {
		return nil, wrap(err, "read a task")
	}
	if !detail || work.cur.Detail != nil {
		return work.cur, nil
	}
	if err := t.loadDetail(work); err != nil {
		return nil, wrap(err, "read a task")
	}
	whole := *work.cur
	whole.Detail = work.detail
	work.cur = &whole
	return work.cur, nil
}

func (t *tx) task(id ids.ID) (*taskWork, error) {
	if work := t.tasks[id]; work != nil || t.w == 0 {
		return work, nil
	}
	st, err := t.c.Prepare("SELECT n, w, card, detail FROM tasks WHERE id = ?")
	if err != nil {
		return nil, err
	}
	sqlitedb.BindID(st, 1, id)
	row, err := st.Step()
	if err != nil || !row || st.ColumnInt64(1) != t.w {
		return nil, err
	}
	task, err := readmodel.DecodeTask(sqlitedb.ColumnBlob(st, 2), nil)
	if err != nil {
		return nil, err
	}
	work := &taskWork{n: st.ColumnInt64(0), first: task, saved: task, cur: task}
	work.detailJSON, work.apart = shortDetail(st, 3)
	t.tasks[id] = work
	return work, nil
}

func (t *tx) loadDetail(work *taskWork) error {
	if work.detail != nil {
		return nil
	}
	if err := t.showDetail(work); err != nil {
		return err
	}
	d, err := readmodel.DecodeDetail(work.detailJSON)
	work.detail = d
	return err
}

// showDetail has the encoded detail at hand.
func (t *tx) showDetail(work *taskWork) (err error) {
	if work.detailJSON == nil && work.cur != nil {
		work.detailJSON, err = longDetail(t.c, work.n)
	}
	return err
}

// maxShort is the longest detail, in bytes, that stands in its task's row.
const maxShort = 1024

// shortDetail reads the column detail of tasks: nil and true where the detail is in a row of its own.
func shortDetail(st *sqlitedb.Stmt, col int) (detail []byte, apart bool) {
	if st.ColumnIsNull(col) {
		return nil, true
	}
	if detail = sqlitedb.ColumnBlob(st, col); detail == nil {
		detail = []byte(readmodel.EmptyDetail)
	}
	return detail, false
}

// longDetail reads a detail that has a row of its own.
func longDetail(c *sqlitedb.Conn, n int64) ([]byte, error) {
	st, err := c.Prepare("SELECT detail FROM task_details WHERE n = ?")
	if err != nil {
		return nil, err
	}
	st.BindInt64(1, n)
	row, err := st.Step()
	if err == nil && !row {
		err = fmt.Errorf("%w: task row %d has no detail", readmodel.ErrRow, n)
	}
	if err != nil {
		return nil, err
	}
	return sqlitedb.ColumnBlob(st, 0), nil
}

// PutTask implements readmodel.Rows. A task that goes to another project takes its comments along.
func (t *tx) PutTask(prev, next *state.Task) error {
	work, err := t.task(next.ID)
	if err != nil {
		return err
	}
	if work == nil {
		work = &taskWork{}
		t.tasks[next.ID] = work
	}
	if prev == nil || prev.Title != next.Title {
		work.words = true
	}
	if next.Detail != nil {
		if prev == nil || prev.Detail == nil || prev.Detail.Description != next.Detail.Description {
			work.words = true
		}
		work.detail, work.detailDirty, work.detailJSON = next.Detail, true, nil
	}
	work.cur, work.dirty, work.card, t.unwritten = next, true, nil, true
	if !work.touched {
		work.touched = true
		t.touched = append(t.touched, touched{readmodel.KindTask, next.ID})
	}
	t.bump(next.Project, next.Seq)
	if next.State == event.Live {
		t.counts[columnKey{next.Project, next.Column}]++
	}
	if prev == nil {
		return nil
	}
	if prev.State == event.Live {
		t.counts[columnKey{prev.Project, prev.Column}]--
	}
	if prev.Project == next.Project {
		return nil
	}
	t.bump(prev.Project, next.Seq)
	t.stones = append(t.stones, tombstone{readmodel.KindTask, next.ID, prev.Project, next.Seq, true})
	return t.moveComments(next)
}

func (t *tx) moveComments(task *state.Task) error {
	all, err := t.commentsOf(task.ID)
	if err != nil {
		return err
	}
	for _, work := range all {
		moved := *work.cur
		moved.Project, moved.Seq = task.Project, task.Seq
		t.setComment(work, &moved)
	}
	return nil
}

// commentsOf answers all comments of a task, oldest first, also those that are not written yet.
func (t *tx) commentsOf(task ids.ID) ([]*commentWork, error) {
	if err := t.write(); err != nil {
		return nil, err
	}
	var list []ids.ID
	err := t.c.Query("SELECT id FROM comments WHERE w = ? AND task = ? ORDER BY at, id", func(st *sqlitedb.Stmt) error {
		list = append(list, sqlitedb.ColumnID(st, 0))
		return nil
	}, t.w, task)
	if err != nil {
		return nil, err
	}
	out := make([]*commentWork, 0, len(list))
	for _, id := range list {
		work, err := t.comment(id)
		if err != nil {
			return nil, err
		}
		out = append(out, work)
	}
	return out, nil
}

// DeleteTask implements readmodel.Rows.
func (t *tx) DeleteTask(prev *state.Task, seq uint64) error {
	all, err := t.commentsOf(prev.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		c.cur, c.dirty, c.goneSeq = nil, true, 0 // the task's tombstone speaks for them
		t.unwritten = true
	}
	work, err := t.task(prev.ID)
	if err != nil || work == nil {
		return err
	}
	work.cur, work.detail, work.dirty, t.unwritten = nil, nil, true, true
	work.goneScope, work.goneSeq = prev.Project, seq
	if !work.touched {
		work.touched = true
		t.touched = append(t.touched, touched{readmodel.KindTask, prev.ID})
	}
	t.bump(prev.Project, seq)
	if prev.State == event.Live {
		t.counts[columnKey{prev.Project, prev.Column}]--
	}
	t.stones = append(t.stones, tombstone{kind: readmodel.KindTask, id: prev.ID, scope: prev.Project, seq: seq})
	return nil
}

// Comment implements command.Tx and readmodel.Rows.
func (t *tx) Comment(id ids.ID) (*state.Comment, error) {
	work, err := t.comment(id)
	if err != nil || work == nil {
		return nil, wrap(err, "read a comment")
	}
	return work.cur, nil
}

func (t *tx) comment(id ids.ID) (*commentWork, error) {
	if work := t.comments[id]; work != nil || t.w == 0 {
		return work, nil
	}
	st, err := t.c.Prepare("SELECT n, w, json FROM comments WHERE id = ?")
	if err != nil {
		return nil, err
	}
	sqlitedb.BindID(st, 1, id)
	row, err := st.Step()
	if err != nil || !row || st.ColumnInt64(1) != t.w {
		return nil, err
	}
	c := &state.Comment{}
	if err := json.Unmarshal(sqlitedb.ColumnBlob(st, 2), c); err != nil {
		return nil, err
	}
	work := &commentWork{n: st.ColumnInt64(0), first: c, cur: c}
	t.comments[id] = work
	return work, nil
}

// PutComment implements readmodel.Rows.
func (t *tx) PutComment(c *state.Comment) error {
	work, err := t.comment(c.ID)
	if err != nil {
		return err
	}
	if work == nil {
		work = &commentWork{}
		t.comments[c.ID] = work
	}
	t.setComment(work, c)
	return t.commentsChanged(c)
}

func (t *tx) setComment(work *commentWork, c *state.Comment) {
	work.cur, work.dirty, work.json, t.unwritten = c, true, nil, true
	if !work.touched {
		work.touched = true
		t.touched = append(t.touched, touched{readmodel.KindComment, c.ID})
	}
	t.bump(c.Project, c.Seq)
}

// commentsChanged has the task's words gathered anew.
func (t *tx) commentsChanged(c *state.Comment) error {
	work, err := t.task(c.Task)
	if work != nil {
		work.words = true
	}
	return err
}

// DeleteComment implements readmodel.Rows.
func (t *tx) DeleteComment(c *state.Comment, seq uint64) error {
	work, err := t.comment(c.ID)
	if err != nil || work == nil {
		return err
	}
	work.cur, work.dirty, work.goneScope, work.goneSeq = nil, true, c.Project, seq
	t.unwritten = true
	if !work.touched {
		work.touched = true
		t.touched = append(t.touched, touched{readmodel.KindComment, c.ID})
	}
	t.bump(c.Project, seq)
	t.stones = append(t.stones, tombstone{kind: readmodel.KindComment, id: c.ID, scope: c.Project, seq: seq})
	return t.commentsChanged(c)
}

// UseNumber implements readmodel.Rows.
func (t *tx) UseNumber(projectID ids.ID, n uint64) error {
	p := t.bump(projectID, 0)
	p.number = max(p.number, n)
	return nil
}

// PutFrame implements readmodel.Rows.
func (t *tx) PutFrame(next *state.Frame, changed ...readmodel.FrameRow) error {
	prev := t.frame
	t.frame = next
	for _, r := range changed {
		seq := t.head
		if r.Removed {
			t.stones = append(t.stones, tombstone{kind: r.Kind, id: r.ID, seq: seq})
		}
		if r.Kind == readmodel.KindProject {
			t.bump(r.ID, seq)
		}
		key := readmodel.FrameRow{Kind: r.Kind, ID: r.ID}
		if !t.docs[key] {
			t.docs[key] = true
			t.touched = append(t.touched, touched{r.Kind, r.ID})
		}
		if r.Kind == readmodel.KindMember {
			if err := t.putMembership(r.ID); err != nil {
				return err
			}
		}
	}
	if len(changed) == 0 || prev == nil {
		return t.putInvitations(prev, next)
	}
	return nil
}

// row answers the task as the commit shows it; the zero row where the commit made and removed it.
func (w *taskWork) row() readmodel.Row {
	if w.cur == nil {
		if w.first == nil {
			return readmodel.Row{}
		}
		return readmodel.Row{Kind: readmodel.KindTask, ID: w.first.ID, Scope: w.goneScope, Seq: w.goneSeq, Removed: true}
	}
	r := readmodel.Row{Kind: readmodel.KindTask, ID: w.cur.ID, Scope: w.cur.Project, Seq: w.cur.Seq, JSON: w.card, Detail: w.detailJSON}
	if w.first != nil && w.first.Project != w.cur.Project {
		r.Was = w.first.Project
	}
	return r
}

func (w *commentWork) row() readmodel.Row {
	if w.cur == nil {
		if w.first == nil || w.goneSeq == 0 {
			return readmodel.Row{}
		}
		return readmodel.Row{Kind: readmodel.KindComment, ID: w.first.ID, Scope: w.goneScope, Seq: w.goneSeq, Removed: true}
	}
	r := readmodel.Row{Kind: readmodel.KindComment, ID: w.cur.ID, Scope: w.cur.Project, Seq: w.cur.Seq, JSON: w.json}
	if w.first != nil && w.first.Project != w.cur.Project {
		r.Was = w.first.Project
	}
	return r
}
