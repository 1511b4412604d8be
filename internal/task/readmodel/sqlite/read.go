package sqlite

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// Seq implements readmodel.Reader, from memory.
func (s *Store) Seq(ctx context.Context, id ids.ID) (uint64, error) {
	_, pub, err := s.find(ctx, id)
	if err != nil || pub == nil {
		return 0, err
	}
	return pub.head, nil
}

// ProjectSeq implements readmodel.Reader, from memory.
func (s *Store) ProjectSeq(ctx context.Context, id, projectID ids.ID) (uint64, error) {
	ws, _, err := s.visible(ctx, id)
	if err != nil {
		return 0, err
	}
	ws.mu.RLock()
	seq, ok := ws.seqs[projectID]
	ws.mu.RUnlock()
	if !ok {
		return 0, errNotFound("project")
	}
	return seq, nil
}

// Frame implements readmodel.Reader, from memory.
func (s *Store) Frame(ctx context.Context, id ids.ID) (*state.Frame, error) {
	_, pub, err := s.visible(ctx, id)
	if err != nil {
		return nil, err
	}
	return pub.frame, nil
}

// WorkspacesOf implements readmodel.Reader.
func (s *Store) WorkspacesOf(ctx context.Context, user ids.ID) ([]state.Workspace, error) {
	if s.rebuilding.Load() {
		return nil, errRebuilding()
	}
	var out []state.Workspace
	err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT d.json FROM user_workspaces u JOIN docs d ON d.w = u.w AND d.kind = 1 WHERE u.user = ? ORDER BY u.joined, d.id",
			func(st *sqlitedb.Stmt) error {
				m := map[ids.ID]*state.Workspace{}
				err := into(sqlitedb.ColumnBlob(st, 0), m, func(w *state.Workspace) ids.ID { return w.ID })
				for _, w := range m {
					out = append(out, *w)
				}
				return err
			}, user)
	})
	return out, wrap(err, "list workspaces")
}

// InvitationWorkspace implements readmodel.Reader.
func (s *Store) InvitationWorkspace(ctx context.Context, tokenHash string) (found ids.ID, err error) {
	if s.rebuilding.Load() {
		return ids.Nil, errRebuilding()
	}
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT d.id FROM invitations i JOIN docs d ON d.w = i.w AND d.kind = 1 WHERE i.token_hash = ?",
			func(st *sqlitedb.Stmt) error {
				found = sqlitedb.ColumnID(st, 0)
				return nil
			}, tokenHash)
	})
	if err != nil {
		return ids.Nil, wrap(err, "look an invitation up")
	}
	if found.IsZero() {
		return ids.Nil, errNotFound("invitation")
	}
	return found, nil
}

// Task implements readmodel.Reader.
func (s *Store) Task(ctx context.Context, workspace, id ids.ID) (readmodel.TaskRow, error) {
	_, pub, err := s.visible(ctx, workspace)
	if err != nil {
		return readmodel.TaskRow{}, err
	}
	t, ok := s.tasks.whole.get(id)
	if !ok {
		now := s.tasks.whole.now()
		err := s.db.Read(ctx, func(c *sqlitedb.Conn) (err error) {
			t, err = readTask(c, id)
			return err
		})
		if err != nil {
			return readmodel.TaskRow{}, wrap(err, "read a task")
		}
		if t != nil {
			s.tasks.whole.put(id, t, now)
		}
	}
	if t == nil || t.w != pub.w {
		return readmodel.TaskRow{}, errNotFound("task")
	}
	return t.row, nil
}

// arena copies the rows of a page into few pieces of memory.
type arena struct{ b []byte }

func (a *arena) blob(st *sqlitedb.Stmt, col int) []byte {
	n := st.ColumnLen(col)
	if cap(a.b)-len(a.b) < n {
		a.b = make([]byte, 0, max(n, 16<<10))
	}
	start := len(a.b)
	a.b = a.b[:start+n]
	st.ColumnBytes(col, a.b[start:])
	return a.b[start : start+n : start+n]
}

// hasProject reports whether anything was ever in the project.
func (ws *workspace) hasProject(id ids.ID) bool {
	ws.mu.RLock()
	defer ws.mu.RUnlock()
	_, ok := ws.seqs[id]
	return ok
}

// Tasks implements readmodel.Reader.
func (s *Store) Tasks(ctx context.Context, workspace ids.ID, q readmodel.TaskQuery) (page readmodel.Page, err error) {
	ws, pub, err := s.visible(ctx, workspace)
	if err != nil {
		return page, err
	}
	if !ws.hasProject(q.Project) {
		return page, errNotFound("project")
	}
	lifecycle, err := lifecycleNumber(q.State)
	if err != nil {
		return page, err
	}
	// The index alone answers these; the cards come from memory where they are there.
	sql := "SELECT n, id, col, position FROM tasks INDEXED BY tasks_board WHERE w = ? AND project = ? AND state = ? AND (col, position, id) > (?, ?, ?) ORDER BY col, position, id LIMIT ?"
	if !q.Column.IsZero() {
		sql = "SELECT n, id, col, position FROM tasks INDEXED BY tasks_board WHERE w = ? AND project = ? AND state = ? AND col = ? AND (position, id) > (?, ?) ORDER BY position, id LIMIT ?"
	}
	now := s.tasks.cards.now()
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		st, err := c.Prepare(sql)
		if err != nil {
			return err
		}
		st.BindInt64(1, pub.w)
		sqlitedb.BindID(st, 2, q.Project)
		st.BindInt64(3, lifecycle)
		after := q.After
		if !q.Column.IsZero() {
			sqlitedb.BindID(st, 4, q.Column)
			if after.Column != q.Column {
				after = readmodel.TaskCursor{}
			}
		} else {
			sqlitedb.BindID(st, 4, after.Column)
		}
		st.BindText(5, after.Position)
		sqlitedb.BindID(st, 6, after.ID)
		st.BindInt64(7, int64(q.Limit)+1)
		page.Rows = make([][]byte, 0, min(q.Limit, 64))
		cards := cards{s: s, c: c, now: now}
		for {
			row, err := st.Step()
			if err != nil || !row {
				return err
			}
			if len(page.Rows) == q.Limit {
				page.Next = &after
				return nil
			}
			// While st is on a row it holds its snapshot, in which each task of the order has its card.
			card, err := cards.card(st.ColumnInt64(0))
			if err != nil {
				return err
			}
			page.Rows = append(page.Rows, card)
			if len(page.Rows) == q.Limit {
				after = readmodel.TaskCursor{Column: sqlitedb.ColumnID(st, 2), Position: st.ColumnText(3), ID: sqlitedb.ColumnID(st, 1)}
			}
		}
	})
	return page, wrap(err, "list tasks")
}

// Shelf implements readmodel.Reader.
func (s *Store) Shelf(ctx context.Context, workspace ids.ID, l event.Lifecycle, access readmodel.Access, after readmodel.SearchCursor, limit int) ([][]byte, *readmodel.SearchCursor, error) {
	_, pub, err := s.visible(ctx, workspace)
	if err != nil {
		return nil, nil, err
	}
	lifecycle, err := lifecycleNumber(l)
	if err != nil || lifecycle == 0 {
		return nil, nil, wrap(err, "list a shelf")
	}
	return s.newest(ctx, access, after, limit, nil,
		"SELECT card, project, seq, id FROM tasks INDEXED BY tasks_shelf WHERE w = ? AND state = ? AND state <> 0 AND (seq, id) < (?, ?) ORDER BY seq DESC, id DESC",
		pub.w, lifecycle)
}

// scanFirst is how many of the newest tasks a search looks at before it asks
// the index. Words that many tasks hold fill their page from these; the index
// would list every task that holds them before it answered the first.
const scanFirst = 200

// Search implements readmodel.Reader.
func (s *Store) Search(ctx context.Context, workspace ids.ID, query []string, access readmodel.Access, after readmodel.SearchCursor, limit int) ([][]byte, *readmodel.SearchCursor, error) {
	_, pub, err := s.visible(ctx, workspace)
	if err != nil || len(query) == 0 {
		return nil, nil, err
	}
	scanned := 0
	out, next, err := s.newest(ctx, access, after, limit, func(c *sqlitedb.Conn, st *sqlitedb.Stmt) (bool, error) {
		if scanned++; scanned > scanFirst {
			return false, errEnough
		}
		return holds(c, pub.w, st.ColumnInt64(4), query)
	}, "SELECT card, project, seq, id, n FROM tasks INDEXED BY tasks_seq WHERE w = ? AND state = ? AND (seq, id) < (?, ?) ORDER BY seq DESC, id DESC",
		pub.w, 0)
	if err != nil || next != nil {
		return out, next, wrap(err, "search")
	}
	if err := s.catchUp(ctx, pub.w); err != nil {
		return nil, nil, wrap(err, "search")
	}
	return s.newest(ctx, access, after, limit, nil,
		"SELECT t.card, t.project, t.seq, t.id FROM search s CROSS JOIN tasks t ON t.n = s.rowid WHERE search MATCH ? AND t.w = ? AND t.state = 0 AND (t.seq, t.id) < (?, ?) ORDER BY t.seq DESC, t.id DESC",
		matchExpr(pub.w, query), pub.w)
}

// newest answers a page of cards that want takes, newest change first. The
// statement has two parameters of its own before those of the cursor.
func (s *Store) newest(ctx context.Context, access readmodel.Access, after readmodel.SearchCursor, limit int, want func(*sqlitedb.Conn, *sqlitedb.Stmt) (bool, error), sql string, first, second any) (out [][]byte, next *readmodel.SearchCursor, err error) {
	if after.Seq == 0 {
		after.Seq = 1 << 62
	}
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		var rows arena
		var last readmodel.SearchCursor
		err := c.Query(sql, func(st *sqlitedb.Stmt) error {
			if !access.All && !access.Allows(sqlitedb.ColumnID(st, 1)) {
				return nil
			}
			if want != nil {
				if ok, err := want(c, st); !ok || err != nil {
					return err
				}
			}
			if len(out) == limit {
				next = &last
				return errEnough
			}
			out = append(out, rows.blob(st, 0))
			last = readmodel.SearchCursor{Seq: columnUint(st, 2), ID: sqlitedb.ColumnID(st, 3)}
			return nil
		}, first, second, after.Seq, after.ID)
		return enough(err)
	})
	return out, next, wrap(err, "list tasks")
}

// Counts implements readmodel.Reader.
func (s *Store) Counts(ctx context.Context, workspace, projectID ids.ID) (readmodel.Counts, error) {
	ws, pub, err := s.visible(ctx, workspace)
	if err != nil {
		return nil, err
	}
	if !ws.hasProject(projectID) {
		return nil, errNotFound("project")
	}
	out := readmodel.Counts{}
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT col, live FROM column_counts WHERE w = ? AND project = ? AND live <> 0", func(st *sqlitedb.Stmt) error {
			out[sqlitedb.ColumnID(st, 0)] = st.ColumnInt(1)
			return nil
		}, pub.w, projectID)
	})
	return out, wrap(err, "count tasks")
}

// Comments implements readmodel.Reader.
func (s *Store) Comments(ctx context.Context, workspace, task ids.ID, after readmodel.CommentCursor, limit int) (out [][]byte, next *readmodel.CommentCursor, err error) {
	_, pub, err := s.visible(ctx, workspace)
	if err != nil {
		return nil, nil, err
	}
	found := false
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		err := c.Query("SELECT 1 FROM tasks WHERE id = ? AND w = ?", func(*sqlitedb.Stmt) error { found = true; return nil }, task, pub.w)
		if err != nil || !found {
			return err
		}
		sql := "SELECT json, at, id FROM comments WHERE w = ? AND task = ? AND (at, id) > (?, ?) ORDER BY at, id"
		if after == (readmodel.CommentCursor{}) {
			after.At = -1 << 62
		}
		var rows arena
		var last readmodel.CommentCursor
		return enough(c.Query(sql, func(st *sqlitedb.Stmt) error {
			if len(out) == limit {
				next = &last
				return errEnough
			}
			out = append(out, rows.blob(st, 0))
			last = readmodel.CommentCursor{At: st.ColumnInt64(1), ID: sqlitedb.ColumnID(st, 2)}
			return nil
		}, pub.w, task, after.At, after.ID))
	})
	if err != nil {
		return nil, nil, wrap(err, "list comments")
	}
	if !found {
		return nil, nil, errNotFound("task")
	}
	return out, next, nil
}
