package sqlite

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel"
)

// errEnough ends a query whose page is full.
var errEnough = errors.New("enough")

func enough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// Changes implements readmodel.Reader. Rows that the viewer may not see count
// for the limit, so that a page costs what its limit says; a page may
// therefore hold few rows, or none, and still not reach upTo.
func (s *Store) Changes(ctx context.Context, workspace ids.ID, since, upTo uint64, access readmodel.Access, limit int) ([]readmodel.Row, uint64, error) {
	_, pub, err := s.visible(ctx, workspace)
	if err != nil {
		return nil, 0, err
	}
	upTo = min(upTo, pub.head)
	if since >= upTo {
		return nil, max(since, upTo), nil
	}
	g := gather{pub: pub, since: since, upTo: upTo, access: access}
	// The rows of one seq are answered together; where they alone are more than the limit, so is the page.
	for g.limit = limit; ; g.limit *= 4 {
		g.rows, g.full = g.rows[:0], upTo
		err := s.db.Read(ctx, func(c *sqlitedb.Conn) error { return g.all(c) })
		if err != nil {
			return nil, 0, wrap(err, "list changes")
		}
		if rows, reaches := g.cut(limit); reaches > since {
			return rows, reaches, nil
		}
	}
}

// gather collects the rows of a delta from the tables.
type gather struct {
	pub         *published
	since, upTo uint64
	access      readmodel.Access
	limit       int
	arena       arena

	rows []readmodel.Row
	// full is the seq up to which every table was read to its end.
	full uint64
}

func (g *gather) all(c *sqlitedb.Conn) error {
	if g.since < g.pub.latest.docs {
		err := g.table(c, "SELECT seq, id, id, json, kind FROM docs INDEXED BY docs_seq WHERE w = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
			func(st *sqlitedb.Stmt, r *readmodel.Row) (bool, error) {
				r.Kind = kinds[st.ColumnInt64(4)]
				if r.Kind != readmodel.KindProject {
					r.Scope = ids.Nil
				}
				return true, nil
			})
		if err != nil {
			return err
		}
	}
	err := g.table(c, "SELECT seq, id, project, card FROM tasks INDEXED BY tasks_seq WHERE w = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
		func(_ *sqlitedb.Stmt, r *readmodel.Row) (bool, error) { r.Kind = readmodel.KindTask; return true, nil })
	if err != nil {
		return err
	}
	if g.since < g.pub.latest.comments {
		err := g.table(c, "SELECT seq, id, project, json FROM comments INDEXED BY comments_seq WHERE w = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
			func(_ *sqlitedb.Stmt, r *readmodel.Row) (bool, error) {
				r.Kind = readmodel.KindComment
				return true, nil
			})
		if err != nil {
			return err
		}
	}
	if g.since < g.pub.latest.tombstones {
		return g.table(c, "SELECT seq, id, scope, NULL, kind, moved FROM tombstones INDEXED BY tombstones_seq WHERE w = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
			func(st *sqlitedb.Stmt, r *readmodel.Row) (bool, error) {
				r.Kind, r.Removed, r.JSON = kinds[st.ColumnInt64(4)], true, nil
				if !st.ColumnBool(5) {
					return true, nil
				}
				return g.lost(c, r.ID)
			})
	}
	return nil
}

// table reads one table in order of seq: seq, id, scope, JSON, then what more needs.
func (g *gather) table(c *sqlitedb.Conn, sql string, more func(*sqlitedb.Stmt, *readmodel.Row) (bool, error)) error {
	st, err := c.Prepare(sql)
	if err != nil {
		return err
	}
	st.BindInt64(1, g.pub.w)
	st.BindInt64(2, int64(g.since)) // #nosec G115 -- below 2^38
	st.BindInt64(3, int64(g.upTo))  // #nosec G115 -- below 2^38
	st.BindInt64(4, int64(g.limit)+1)
	for n := 0; ; n++ {
		row, err := st.Step()
		if err != nil || !row {
			return err
		}
		seq := columnUint(st, 0)
		if n == g.limit {
			g.full = min(g.full, seq-1)
			return nil
		}
		r := readmodel.Row{Seq: seq, ID: sqlitedb.ColumnID(st, 1), Scope: sqlitedb.ColumnID(st, 2)}
		keep, err := more(st, &r)
		if err != nil {
			return err
		}
		if !keep || !g.access.Allows(r.Scope) {
			continue
		}
		if !r.Removed {
			r.JSON = g.arena.blob(st, 3)
		}
		g.rows = append(g.rows, r)
	}
}

// lost reports whether a task that left a project is out of the viewer's sight now.
func (g *gather) lost(c *sqlitedb.Conn, id ids.ID) (bool, error) {
	if g.access.All {
		return false, nil
	}
	st, err := c.Prepare("SELECT project FROM tasks WHERE id = ? AND w = ?")
	if err != nil {
		return false, err
	}
	sqlitedb.BindID(st, 1, id)
	st.BindInt64(2, g.pub.w)
	row, err := st.Step()
	if err != nil {
		return false, err
	}
	return !row || !g.access.Allows(sqlitedb.ColumnID(st, 0)), nil
}

// cut answers the rows in order up to where all tables were read and the
// limit allows, never in the middle of a seq.
func (g *gather) cut(limit int) ([]readmodel.Row, uint64) {
	slices.SortStableFunc(g.rows, func(a, b readmodel.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	n := len(g.rows)
	for n > 0 && g.rows[n-1].Seq > g.full {
		n--
	}
	reaches := g.full
	for n > limit {
		last := g.rows[n-1].Seq
		m := n
		for m > 0 && g.rows[m-1].Seq == last {
			m--
		}
		if m == 0 {
			break
		}
		n, reaches = m, last-1
	}
	return g.rows[:n:n], reaches
}

// ProjectRows implements readmodel.Reader: tasks in order of id, each followed by its comments.
func (s *Store) ProjectRows(ctx context.Context, workspace, projectID ids.ID, after ids.ID, limit int) (out []readmodel.Row, next ids.ID, err error) {
	ws, pub, err := s.visible(ctx, workspace)
	if err != nil {
		return nil, ids.Nil, err
	}
	if !ws.hasProject(projectID) {
		return nil, ids.Nil, errNotFound("project")
	}
	err = s.db.View(ctx, func(c *sqlitedb.Conn) error {
		var rows arena
		var last ids.ID
		return enough(c.Query("SELECT id, seq, card FROM tasks INDEXED BY tasks_project WHERE w = ? AND project = ? AND id > ? ORDER BY id", func(st *sqlitedb.Stmt) error {
			if len(out) >= limit {
				next = last
				return errEnough
			}
			last = sqlitedb.ColumnID(st, 0)
			out = append(out, readmodel.Row{Kind: readmodel.KindTask, ID: last, Scope: projectID, Seq: columnUint(st, 1), JSON: rows.blob(st, 2)})
			return c.Query("SELECT id, seq, json FROM comments WHERE w = ? AND task = ? ORDER BY at, id", func(st *sqlitedb.Stmt) error {
				out = append(out, readmodel.Row{Kind: readmodel.KindComment, ID: sqlitedb.ColumnID(st, 0), Scope: projectID, Seq: columnUint(st, 1), JSON: rows.blob(st, 2)})
				return nil
			}, pub.w, last)
		}, pub.w, projectID, after))
	})
	return out, next, wrap(err, "list a project")
}
