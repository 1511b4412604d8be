package sqlite

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/consumer"
	consumersqlite "headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

func readFrame(c *sqlitedb.Conn, workspace ids.ID) (f *state.Frame, err error) {
	err = c.Query("SELECT data FROM notification_frames WHERE workspace = ?", func(s *sqlitedb.Stmt) error {
		v, err := decode[state.Frame](s, 0)
		f = &v
		return err
	}, workspace)
	return f, err
}

func readTask(c *sqlitedb.Conn, workspace, task ids.ID) (t *state.Task, err error) {
	err = c.Query("SELECT data FROM notification_tasks WHERE workspace = ? AND task = ?", func(s *sqlitedb.Stmt) error {
		v, err := decode[state.Task](s, 0)
		t = &v
		return err
	}, workspace, task)
	return t, err
}

// Load implements store.Workspaces.
func (s *Store) Load(ctx context.Context, workspace ids.ID, generation uint64, tasks []ids.ID) (*state.Frame, map[ids.ID]state.Task, error) {
	f, found, err := s.Seen(ctx, workspace, tasks)
	f, found = store.Of(generation, f, found)
	return f, found, err
}

// Seen implements store.Workspaces.
func (s *Store) Seen(ctx context.Context, workspace ids.ID, tasks []ids.ID) (f *state.Frame, found map[ids.ID]state.Task, err error) {
	found = make(map[ids.ID]state.Task, len(tasks))
	err = s.db.View(ctx, func(c *sqlitedb.Conn) error {
		if f, err = readFrame(c, workspace); err != nil {
			return err
		}
		for _, id := range tasks {
			t, err := readTask(c, workspace, id)
			if err != nil {
				return err
			}
			if t != nil {
				found[id] = *t
			}
		}
		return nil
	})
	return f, found, wrap("load", err)
}

var errForeign = errors.New("not a transaction of checkpoints in SQLite")

// Effect implements store.Workspaces.
func (s *Store) Effect(plan store.Plan) consumer.Effect {
	return func(_ context.Context, tx consumer.Tx) error {
		c, ok := consumersqlite.Conn(tx)
		if !ok {
			return wrap("write", errForeign)
		}
		return wrap("write", write(c, &plan))
	}
}

func write(c *sqlitedb.Conn, plan *store.Plan) error {
	if err := steps(c, plan.Steps); err != nil {
		return err
	}
	for task, list := range plan.Reminders {
		if err := c.Exec("DELETE FROM notification_reminders WHERE workspace = ? AND task = ?", plan.Workspace, task); err != nil {
			return err
		}
		for _, r := range list {
			if err := c.Exec("INSERT OR IGNORE INTO notification_reminders (workspace, task, version, at, taken) VALUES (?, ?, ?, ?, 0)",
				r.Workspace, r.Task, uint64(r.Version), r.At); err != nil {
				return err
			}
		}
	}
	for i := range plan.Tasks {
		t := &plan.Tasks[i]
		data, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if err := c.Exec(`INSERT INTO notification_tasks (workspace, task, version, data) VALUES (?, ?, ?, ?)
			ON CONFLICT (workspace, task) DO UPDATE SET version = excluded.version, data = excluded.data WHERE version < excluded.version`,
			plan.Workspace, t.ID, uint64(t.Version), string(data)); err != nil {
			return err
		}
	}
	if plan.Frame == nil {
		return nil
	}
	data, err := json.Marshal(plan.Frame)
	if err != nil {
		return err
	}
	return c.Exec(`INSERT INTO notification_frames (workspace, version, data) VALUES (?, ?, ?)
		ON CONFLICT (workspace) DO UPDATE SET version = excluded.version, data = excluded.data WHERE version < excluded.version`,
		plan.Workspace, uint64(plan.Frame.Version), string(data))
}

func steps(c *sqlitedb.Conn, list []store.Step) error {
	for i := range list {
		st := &list[i]
		run := change
		if st.Put != nil {
			run = put
		}
		if err := run(c, st); err != nil {
			return err
		}
	}
	return nil
}

func put(c *sqlitedb.Conn, st *store.Step) error {
	n := st.Put
	err := c.Exec(`INSERT INTO notification_notices (`+noticeColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (user, id) DO UPDATE SET project = excluded.project, hidden = excluded.hidden, version = excluded.version WHERE version < excluded.version`,
		n.User, n.ID, n.Workspace, n.Project, n.Task, n.About, string(n.Kind), n.Actor, n.At, n.Read, string(n.Hidden), uint64(st.Version))
	if err != nil || !st.Send {
		return err
	}
	out := store.Mail(n)
	return c.Exec("INSERT OR IGNORE INTO notification_outbox ("+outboxColumns+", taken) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '', 0)",
		out.User, out.ID, out.Notice, string(out.Channel), out.Created, out.Due, string(out.State))
}

func change(c *sqlitedb.Conn, st *store.Step) error {
	sql, args := "UPDATE notification_notices SET version = ?, ", []any{uint64(st.Version)}
	m := st.Match
	const which = " WHERE user = ? AND workspace = ? AND version < ?"
	switch {
	case !st.MoveTo.IsZero():
		sql += "project = ?" + which
		args = append(args, st.MoveTo, m.User, m.Workspace, uint64(st.Version))
	case st.To == state.Undone:
		sql += "hidden = 'undone'" + which + " AND hidden <> 'undone'"
		args = append(args, m.User, m.Workspace, uint64(st.Version))
	default:
		sql += "hidden = ?" + which + " AND hidden = ?"
		args = append(args, string(st.To), m.User, m.Workspace, uint64(st.Version), string(st.From))
	}
	for _, f := range []struct {
		column string
		id     ids.ID
	}{{"task", m.Task}, {"about", m.About}, {"project", m.Project}} {
		if !f.id.IsZero() {
			sql += " AND " + f.column + " = ?"
			args = append(args, f.id)
		}
	}
	if m.Kind != "" {
		sql += " AND kind = ?"
		args = append(args, string(m.Kind))
	}
	if m.Outside != nil {
		// Bound as one value, so that there is one statement for all lists.
		inside := ","
		for _, p := range m.Outside {
			inside += strings.ToUpper(hex.EncodeToString(p[:])) + ","
		}
		sql += " AND project <> ? AND instr(?, ',' || hex(project) || ',') = 0"
		args = append(args, ids.Nil, inside)
	}
	return c.Exec(sql, args...)
}

// Reset implements store.Workspaces.
func (s *Store) Reset(_ context.Context, tx consumer.Tx) error {
	c, ok := consumersqlite.Conn(tx)
	if !ok {
		return wrap("reset", errForeign)
	}
	for _, sql := range []string{
		"DELETE FROM notification_frames", "DELETE FROM notification_tasks", "DELETE FROM notification_reminders",
	} {
		if err := c.Exec(sql); err != nil {
			return wrap("reset", err)
		}
	}
	return wrap("reset", c.Exec("UPDATE notification_notices SET hidden = ?", string(state.Replaying)))
}

func scanReminder(s *sqlitedb.Stmt) state.Reminder {
	return state.Reminder{Workspace: sqlitedb.ColumnID(s, 0), Task: sqlitedb.ColumnID(s, 1), Version: version(s, 2), At: sqlitedb.ColumnTime(s, 3)}
}

// Reminders implements store.Workspaces.
func (s *Store) Reminders(ctx context.Context, now, until time.Time, limit int) (out []state.Reminder, err error) {
	due := func(c *sqlitedb.Conn) (list []state.Reminder, err error) {
		err = c.Query("SELECT workspace, task, version, at FROM notification_reminders WHERE max(at, taken) <= ? ORDER BY max(at, taken) LIMIT ?", func(s *sqlitedb.Stmt) error {
			list = append(list, scanReminder(s))
			return nil
		}, now, limit)
		return list, err
	}
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		out, err = due(c)
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, wrap("reminders", err)
	}
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		if out, err = due(c); err != nil {
			return err
		}
		for _, r := range out {
			if err := c.Exec("UPDATE notification_reminders SET taken = ? WHERE workspace = ? AND task = ? AND version = ? AND at = ?",
				until, r.Workspace, r.Task, uint64(r.Version), r.At); err != nil {
				return err
			}
		}
		return nil
	})
	return out, wrap("reminders", err)
}

// Remind implements store.Workspaces.
func (s *Store) Remind(ctx context.Context, r state.Reminder, decide func(*state.Frame, *state.Task) []store.Step) error {
	return wrap("remind", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		f, err := readFrame(c, r.Workspace)
		if err != nil {
			return err
		}
		t, err := readTask(c, r.Workspace, r.Task)
		if err != nil {
			return err
		}
		if err := steps(c, decide(f, t)); err != nil {
			return err
		}
		return c.Exec("DELETE FROM notification_reminders WHERE workspace = ? AND task = ? AND version = ? AND at = ?", r.Workspace, r.Task, uint64(r.Version), r.At)
	}))
}
