// Package sqlite keeps analytics' read model in the SQLite database of the process.
package sqlite

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/event"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations is the schema.
func Migrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "analytics", Files: files, Dir: "migrations"}
}

// Store implements readmodel.Store. It is safe for concurrent use.
type Store struct{ db *sqlitedb.DB }

var _ readmodel.Store = (*Store)(nil)

// New makes a store in a database that was opened with Migrations.
func New(db *sqlitedb.DB) *Store { return &Store{db} }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("analytics/sqlite: %s: %w", what, err)
}

// Frame implements readmodel.Store.
func (s *Store) Frame(ctx context.Context, workspace ids.ID) (frame *readmodel.Frame, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT version, frame FROM analytics_workspaces WHERE workspace = ?", func(row *sqlitedb.Stmt) error {
			frame = readmodel.NewFrame(workspace, readmodel.Version(row.ColumnInt64(0))) // #nosec G115 -- written as one
			return json.Unmarshal(sqlitedb.ColumnBlob(row, 1), frame)
		}, workspace)
	})
	return frame, wrap("read a workspace", err)
}

// Tasks implements readmodel.Store.
func (s *Store) Tasks(ctx context.Context, workspace ids.ID, tasks []ids.ID) (map[ids.ID]*readmodel.Task, error) {
	out := make(map[ids.ID]*readmodel.Task, len(tasks))
	err := s.db.View(ctx, func(c *sqlitedb.Conn) error {
		for _, id := range tasks {
			t, err := task(c, workspace, id)
			if err != nil {
				return err
			}
			if t != nil {
				out[id] = t
			}
		}
		return nil
	})
	return out, wrap("read tasks", err)
}

func task(c *sqlitedb.Conn, workspace, id ids.ID) (*readmodel.Task, error) {
	row, err := c.Prepare(`SELECT version, project, col, assignees, state, created, started, completed, gone
		FROM analytics_tasks WHERE workspace = ? AND task = ?`)
	if err != nil {
		return nil, err
	}
	sqlitedb.BindID(row, 1, workspace)
	sqlitedb.BindID(row, 2, id)
	if there, err := row.Step(); err != nil || !there {
		return nil, err
	}
	t := &readmodel.Task{
		ID: id, Version: readmodel.Version(row.ColumnInt64(0)), // #nosec G115 -- written as one
		Project: sqlitedb.ColumnID(row, 1), Column: sqlitedb.ColumnID(row, 2), Assignees: split(sqlitedb.ColumnBlob(row, 3)),
		State: event.Lifecycle(row.ColumnText(4)), Created: sqlitedb.ColumnTime(row, 5), Gone: row.ColumnBool(8),
	}
	if !row.ColumnIsNull(6) {
		t.Started = sqlitedb.ColumnTime(row, 6)
	}
	if !row.ColumnIsNull(7) {
		t.Completed = sqlitedb.ColumnTime(row, 7)
	}
	return t, nil
}

// split takes ids apart that lie one after another.
func split(b []byte) []ids.ID {
	var out []ids.ID
	for ; len(b) >= len(ids.Nil); b = b[len(ids.Nil):] {
		out = append(out, ids.ID(b[:len(ids.Nil)]))
	}
	return out
}

func join(list []ids.ID) []byte {
	b := make([]byte, 0, len(list)*len(ids.Nil))
	for _, id := range list {
		b = append(b, id[:]...)
	}
	return b
}

// Save implements readmodel.Store. All of it is one transaction.
func (s *Store) Save(ctx context.Context, frame *readmodel.Frame, tasks []*readmodel.Task) error {
	text, err := json.Marshal(frame)
	if err != nil {
		return wrap("save", err)
	}
	return wrap("save", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		for _, t := range tasks {
			if err := put(c, frame.Workspace, t); err != nil {
				return err
			}
		}
		return c.Exec(`INSERT INTO analytics_workspaces (workspace, version, frame) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET version = excluded.version, frame = excluded.frame WHERE version < excluded.version`,
			frame.Workspace, uint64(frame.Version), string(text))
	}))
}

func put(c *sqlitedb.Conn, workspace ids.ID, t *readmodel.Task) error {
	row, err := c.Prepare(`INSERT INTO analytics_tasks
		(workspace, task, version, project, col, assignees, state, created, started, completed, gone, counted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET version = excluded.version, project = excluded.project, col = excluded.col, assignees = excluded.assignees,
			state = excluded.state, created = excluded.created, started = excluded.started, completed = excluded.completed,
			gone = excluded.gone, counted = excluded.counted
		WHERE version < excluded.version`)
	if err != nil {
		return err
	}
	sqlitedb.BindID(row, 1, workspace)
	sqlitedb.BindID(row, 2, t.ID)
	row.BindInt64(3, int64(t.Version)) // #nosec G115 -- read back as it was
	sqlitedb.BindID(row, 4, t.Project)
	sqlitedb.BindID(row, 5, t.Column)
	row.BindBytes(6, join(t.Assignees))
	row.BindText(7, string(t.State))
	row.BindInt64(8, t.Created.UnixMilli())
	for i, at := range []time.Time{t.Started, t.Completed} {
		if at.IsZero() {
			row.BindNull(9 + i)
		} else {
			row.BindInt64(9+i, at.UnixMilli())
		}
	}
	row.BindBool(11, t.Gone)
	row.BindBool(12, t.Counted())
	_, err = row.Step()
	return err
}

// Counts implements readmodel.Store.
func (s *Store) Counts(ctx context.Context, workspace, assignee ids.ID) (map[ids.ID]int, error) {
	out := map[ids.ID]int{}
	count := func(row *sqlitedb.Stmt) error {
		out[sqlitedb.ColumnID(row, 0)] = row.ColumnInt(1)
		return nil
	}
	err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		if assignee.IsZero() {
			return c.Query("SELECT col, count(*) FROM analytics_tasks WHERE workspace = ? AND counted = 1 GROUP BY col", count, workspace)
		}
		return c.Query("SELECT col, count(*) FROM analytics_tasks WHERE workspace = ? AND counted = 1 AND instr(assignees, ?) > 0 GROUP BY col",
			count, workspace, assignee)
	})
	return out, wrap("count tasks", err)
}

// Forget implements readmodel.Store.
func (s *Store) Forget(ctx context.Context, workspace ids.ID) error {
	return wrap("forget a workspace", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		if err := c.Exec("DELETE FROM analytics_workspaces WHERE workspace = ?", workspace); err != nil {
			return err
		}
		return c.Exec("DELETE FROM analytics_tasks WHERE workspace = ?", workspace)
	}))
}

// OptedOut implements readmodel.Store.
func (s *Store) OptedOut(ctx context.Context, user ids.ID) (out bool, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT 1 FROM analytics_opted_out WHERE user = ?", func(*sqlitedb.Stmt) error { out = true; return nil }, user)
	})
	return out, wrap("read a choice", err)
}

// SetOptedOut implements readmodel.Store.
func (s *Store) SetOptedOut(ctx context.Context, user ids.ID, out bool) error {
	sql := "DELETE FROM analytics_opted_out WHERE user = ?"
	if out {
		sql = "INSERT INTO analytics_opted_out (user) VALUES (?) ON CONFLICT DO NOTHING"
	}
	return wrap("keep a choice", s.db.Write(ctx, func(c *sqlitedb.Conn) error { return c.Exec(sql, user) }))
}
