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
	hadRow := work.saved != nil
	work.saved = cur
	if !work.detailDirty {
		return nil
	}
	work.detailDirty = false
	detail := readmodel.AppendDetail(nil, work.detail)
	work.detailJSON = detail
	switch {
	case !emptyDetail(detail):
		st, err := t.c.Prepare("INSERT INTO task_details (n, detail) VALUES (?, ?) ON CONFLICT (n) DO UPDATE SET detail = excluded.detail")
		if err != nil {
			return err
		}
		st.BindInt64(1, work.n)
		st.BindBytes(2, detail)
		_, err = st.Step()
		return err
	case hadRow:
		return t.step("DELETE FROM task_details WHERE n = ?", work.n)
	}
	return nil
}

// taskStatement prepares the statement that brings the task's row up to date,
// with its parameters. It names the columns of an index only where one of
// them differs, because naming them is what has the index written.
func (t *tx) taskStatement(work *taskWork) (*sqlitedb.Stmt, error) {
	cur, saved := work.cur, work.saved
	lifecycle, err := lifecycleNumber(cur.State)
	if err != nil {
		return nil, err
	}
	if saved != nil && saved.Project == cur.Project && saved.State == cur.State && saved.Column == cur.Column && saved.Position == cur.Position {
		st, err := t.c.Prepare("UPDATE tasks SET seq = ?, card = ? WHERE n = ?")
		if err != nil {
			return nil, err
		}
		st.BindInt64(1, int64(cur.Seq)) // #nosec G115 -- below 2^38
		st.BindBytes(2, work.card)
		st.BindInt64(3, work.n)
		return st, nil
	}
	sql := "INSERT INTO tasks (project, state, col, position, seq, card, w, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
	if saved != nil {
		sql = "UPDATE tasks SET state = ?2, col = ?3, position = ?4, seq = ?5, card = ?6 WHERE n = ?7"
		if saved.Project != cur.Project {
			sql = "UPDATE tasks SET project = ?1, state = ?2, col = ?3, position = ?4, seq = ?5, card = ?6 WHERE n = ?7"
		}
	}
	st, err := t.c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	sqlitedb.BindID(st, 1, cur.Project)
	st.BindInt64(2, lifecycle)
	sqlitedb.BindID(st, 3, cur.Column)
	st.BindText(4, cur.Position)
	st.BindInt64(5, int64(cur.Seq)) // #nosec G115 -- below 2^38
	st.BindBytes(6, work.card)
	if saved != nil {
		st.BindInt64(7, work.n)
		return st, nil
	}
	st.BindInt64(7, t.w)
	sqlitedb.BindID(st, 8, cur.ID)
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
