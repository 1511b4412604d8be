package sqlite

import (
	"context"
	"strings"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
)

const noticeColumns = "user, id, workspace, project, task, about, kind, actor, at, read, hidden, version"

func scanNotice(s *sqlitedb.Stmt) state.Notice {
	return state.Notice{
		User: sqlitedb.ColumnID(s, 0), ID: sqlitedb.ColumnID(s, 1), Workspace: sqlitedb.ColumnID(s, 2), Project: sqlitedb.ColumnID(s, 3),
		Task: sqlitedb.ColumnID(s, 4), About: sqlitedb.ColumnID(s, 5), Kind: state.Kind(s.ColumnText(6)), Actor: sqlitedb.ColumnID(s, 7),
		At: sqlitedb.ColumnTime(s, 8), Read: s.ColumnBool(9), Hidden: state.Hidden(s.ColumnText(10)), Version: version(s, 11),
	}
}

// kinds writes a list of kinds for kindsLeftOut.
func kinds(list []state.Kind) string {
	var b strings.Builder
	for _, k := range list {
		b.WriteString("," + string(k) + ",")
	}
	return b.String()
}

// kindsLeftOut is a condition whose parameter is made by kinds.
const kindsLeftOut = " AND instr(?, ',' || kind || ',') = 0"

// List implements store.Notices.
func (s *Store) List(ctx context.Context, q store.List) (out []state.Notice, err error) {
	sql := "SELECT " + noticeColumns + " FROM notification_notices WHERE user = ? AND hidden = ''"
	args := []any{q.User}
	if q.Unread {
		sql += " AND read = 0"
	}
	if q.After != (store.Place{}) {
		sql += " AND (at, id) < (?, ?)"
		args = append(args, q.After.At, q.After.ID)
	}
	if len(q.Without) > 0 {
		sql += kindsLeftOut
		args = append(args, kinds(q.Without))
	}
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		out = nil
		return c.Query(sql+" ORDER BY at DESC, id DESC LIMIT ?", func(s *sqlitedb.Stmt) error {
			out = append(out, scanNotice(s))
			return nil
		}, append(args, q.Limit)...)
	})
	return out, wrap("list", err)
}

// Unread implements store.Notices.
func (s *Store) Unread(ctx context.Context, user ids.ID, without []state.Kind, limit int) (n int, err error) {
	sql, args := "SELECT 1 FROM notification_notices WHERE user = ? AND hidden = '' AND read = 0", []any{user}
	if len(without) > 0 {
		sql += kindsLeftOut
		args = append(args, kinds(without))
	}
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT count(*) FROM ("+sql+" LIMIT ?)", func(s *sqlitedb.Stmt) error {
			n = s.ColumnInt(0)
			return nil
		}, append(args, limit)...)
	})
	return n, wrap("count", err)
}

// Notice implements store.Notices.
func (s *Store) Notice(ctx context.Context, user, id ids.ID) (n state.Notice, err error) {
	found := false
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT "+noticeColumns+" FROM notification_notices WHERE user = ? AND id = ?", func(s *sqlitedb.Stmt) error {
			n, found = scanNotice(s), true
			return nil
		}, user, id)
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return n, wrap("notice", err)
}

// Mark implements store.Notices.
func (s *Store) Mark(ctx context.Context, user ids.ID, notices []ids.ID, read bool) (changed int, err error) {
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		changed = 0
		for _, id := range notices {
			if err := c.Exec("UPDATE notification_notices SET read = ? WHERE user = ? AND id = ? AND hidden = '' AND read <> ?", read, user, id, read); err != nil {
				return err
			}
			changed += c.Changes()
		}
		return nil
	})
	return changed, wrap("mark", err)
}

// MarkUpTo implements store.Notices.
func (s *Store) MarkUpTo(ctx context.Context, user ids.ID, p store.Place) (changed int, err error) {
	err = s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		err := c.Exec("UPDATE notification_notices SET read = 1 WHERE user = ? AND hidden = '' AND read = 0 AND (at, id) <= (?, ?)", user, p.At, p.ID)
		changed = c.Changes()
		return err
	})
	return changed, wrap("mark", err)
}
