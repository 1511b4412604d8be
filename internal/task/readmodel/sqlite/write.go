package sqlite

import (
	"encoding/json"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// write writes the tasks and comments that changed since the last write, so
// that queries of the same command see them. The rest waits for merge.
func (t *tx) write() error {
	if !t.unwritten {
		return nil
	}
	t.unwritten = false
	for _, r := range t.touched {
		switch r.kind {
		case readmodel.KindTask:
			if work := t.tasks[r.id]; work.dirty {
				if err := t.writeTask(r.id, work); err != nil {
					return err
				}
			}
		case readmodel.KindComment:
			if work := t.comments[r.id]; work.dirty && work.cur != nil {
				if err := t.writeComment(work); err != nil {
					return err
				}
			}
		}
	}
	for id, work := range t.comments {
		if !work.dirty || work.cur != nil {
			continue
		}
		if err := t.step("DELETE FROM comments WHERE id = ?", id[:]); err != nil {
			return err
		}
		work.dirty, work.n = false, 0
	}
	return nil
}

// step runs a statement with one parameter.
func (t *tx) step(sql string, arg any) error { return t.c.Exec(sql, arg) }

func (t *tx) writeTask(id ids.ID, work *taskWork) error {
	work.dirty = false
	if work.cur == nil {
		return t.removeTask(id, work)
	}
	cur := work.cur
	work.card = readmodel.AppendCard(make([]byte, 0, 640+len(cur.Title)), cur)
	if work.detailDirty {
		work.detailJSON = readmodel.AppendDetail(nil, work.detail)
	}
	st, err := t.taskStatement(work)
	if err != nil {
		return err
	}
	if _, err := st.Step(); err != nil {
		return err
	}
	if work.saved == nil {
		work.n = t.c.LastInsertRowID()
	}
	work.saved = cur
	if !work.detailDirty {
		return nil
	}
	work.detailDirty = false
	was, is := work.apart, len(work.detailJSON) > maxShort
	work.apart = is
	switch {
	case is:
		return t.c.Exec("INSERT INTO task_details (n, detail) VALUES (?, ?) ON CONFLICT (n) DO UPDATE SET detail = excluded.detail", work.n, work.detailJSON)
	case was:
		return t.step("DELETE FROM task_details WHERE n = ?", work.n)
	}
	return nil
}

// The statements that change a task's row. They name the columns of an index
// only where one of them differs, because naming them is what has the index
// written, and the detail only where it is another.
const (
	changeRow   = "UPDATE tasks SET seq = ?1, card = ?2"
	placeRow    = changeRow + ", state = ?4, col = ?5, position = ?6"
	moveRow     = placeRow + ", project = ?7"
	withDetail  = ", detail = ?8"
	ofRow       = " WHERE n = ?3"
	insertRow   = "INSERT INTO tasks (seq, card, w, state, col, position, project, detail, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	changeWhole = changeRow + withDetail + ofRow
	placeWhole  = placeRow + withDetail + ofRow
	moveWhole   = moveRow + withDetail + ofRow
)

// taskStatement prepares the statement that brings the task's row up to date,
// with its parameters.
func (t *tx) taskStatement(work *taskWork) (*sqlitedb.Stmt, error) {
	cur, saved := work.cur, work.saved
	placed := saved == nil || saved.State != cur.State || saved.Column != cur.Column || saved.Position != cur.Position
	moved := saved == nil || saved.Project != cur.Project
	var sql string
	switch {
	case saved == nil:
		sql = insertRow
	case moved && work.detailDirty:
		sql = moveWhole
	case moved:
		sql = moveRow + ofRow
	case placed && work.detailDirty:
		sql = placeWhole
	case placed:
		sql = placeRow + ofRow
	case work.detailDirty:
		sql = changeWhole
	default:
		sql = changeRow + ofRow
	}
	st, err := t.c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	st.BindInt64(1, int64(cur.Seq)) // #nosec G115 -- below 2^38
	st.BindBytes(2, work.card)
	st.BindInt64(3, work.n)
	if placed || moved {
		lifecycle, err := lifecycleNumber(cur.State)
		if err != nil {
			return nil, err
		}
		st.BindInt64(4, lifecycle)
		sqlitedb.BindID(st, 5, cur.Column)
		st.BindText(6, cur.Position)
	}
	if moved {
		sqlitedb.BindID(st, 7, cur.Project)
	}
	if work.detailDirty {
		switch {
		case len(work.detailJSON) > maxShort:
			st.BindNull(8)
		case emptyDetail(work.detailJSON):
			st.BindZeroBlob(8, 0)
		default:
			st.BindBytes(8, work.detailJSON)
		}
	}
	if saved == nil {
		st.BindInt64(3, t.w)
		sqlitedb.BindID(st, 9, cur.ID)
	}
	return st, nil
}

func (t *tx) removeTask(id ids.ID, work *taskWork) error {
	if work.saved == nil {
		return nil
	}
	work.saved = nil
	if err := t.step("DELETE FROM tasks WHERE id = ?", id[:]); err != nil {
		return err
	}
	if !work.apart {
		return nil
	}
	return t.step("DELETE FROM task_details WHERE n = ?", work.n)
}

func (t *tx) writeComment(work *commentWork) error {
	b, err := json.Marshal(work.cur)
	if err != nil {
		return err
	}
	work.json, work.dirty = b, false
	t.latest.comments = max(t.latest.comments, work.cur.Seq)
	if work.n != 0 {
		return t.c.Exec("UPDATE comments SET project = ?, seq = ?, json = ? WHERE n = ?", work.cur.Project, work.cur.Seq, b, work.n)
	}
	err = t.c.Exec("INSERT INTO comments (w, id, task, project, at, seq, json) VALUES (?, ?, ?, ?, ?, ?, ?)",
		t.w, work.cur.ID, work.cur.Task, work.cur.Project, work.cur.CreatedAt, work.cur.Seq, b)
	work.n = t.c.LastInsertRowID()
	return err
}

// writeFrame writes the rows of the frame and the tombstones.
func (t *tx) writeFrame() error {
	for key := range t.docs {
		b, seq, err := encodeDoc(t.frame, key.Kind, key.ID)
		if err != nil {
			return err
		}
		if b == nil {
			err = t.c.Exec("DELETE FROM docs WHERE w = ? AND kind = ? AND id = ?", t.w, kindNumber(key.Kind), key.ID)
		} else {
			t.latest.docs = max(t.latest.docs, seq)
			err = t.c.Exec("INSERT INTO docs (w, kind, id, seq, json) VALUES (?, ?, ?, ?, ?) ON CONFLICT (w, kind, id) DO UPDATE SET seq = excluded.seq, json = excluded.json",
				t.w, kindNumber(key.Kind), key.ID, seq, b)
		}
		if err != nil {
			return err
		}
	}
	for _, s := range t.stones {
		var scope any
		if !s.scope.IsZero() {
			scope = s.scope
		}
		t.latest.tombstones = max(t.latest.tombstones, s.seq)
		err := t.c.Exec("INSERT INTO tombstones (w, seq, kind, id, scope, moved) VALUES (?, ?, ?, ?, ?, ?)",
			t.w, s.seq, kindNumber(s.kind), s.id, scope, s.moved)
		if err != nil {
			return err
		}
	}
	return nil
}

// encodeDoc answers a row of the frame and its seq, nil where it is gone.
func encodeDoc(f *state.Frame, kind readmodel.Kind, id ids.ID) ([]byte, uint64, error) {
	var v any
	var seq uint64
	switch kind {
	case readmodel.KindWorkspace:
		v, seq = &f.Workspace, f.Workspace.Seq
	case readmodel.KindMember:
		if m := f.Members[id]; m != nil {
			v, seq = m, m.Seq
		}
	case readmodel.KindProject:
		if p := f.Projects[id]; p != nil {
			v, seq = p, p.Seq
		}
	case readmodel.KindLabel:
		if l := f.Labels[id]; l != nil {
			v, seq = l, l.Seq
		}
	}
	if v == nil {
		return nil, 0, nil
	}
	b, err := json.Marshal(v)
	return b, seq, err
}

func (t *tx) putMembership(user ids.ID) error {
	m := t.frame.Members[user]
	if m == nil || m.Removed || m.Kind == event.Placeholder {
		return t.c.Exec("DELETE FROM user_workspaces WHERE user = ? AND w = ?", user, t.w)
	}
	return t.c.Exec("INSERT INTO user_workspaces (user, w, joined) VALUES (?, ?, ?) ON CONFLICT (user, w) DO UPDATE SET joined = excluded.joined",
		user, t.w, m.JoinedAt)
}

// putInvitations writes what differs between two frames' invitations.
func (t *tx) putInvitations(prev, next *state.Frame) error {
	if prev != nil {
		for id := range prev.Invitations {
			if next.Invitations[id] == nil {
				if err := t.c.Exec("DELETE FROM invitations WHERE w = ? AND id = ?", t.w, id); err != nil {
					return err
				}
			}
		}
	}
	for id, inv := range next.Invitations {
		if prev != nil && prev.Invitations[id] == inv {
			continue
		}
		b, err := json.Marshal(inv)
		if err != nil {
			return err
		}
		err = t.c.Exec("INSERT INTO invitations (w, id, token_hash, json) VALUES (?, ?, ?, ?) ON CONFLICT (w, id) DO UPDATE SET json = excluded.json",
			t.w, id, inv.TokenHash, b)
		if err != nil {
			return err
		}
	}
	return nil
}
