package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel/words"
)

// dumped are the rows of a workspace as lines, without the row numbers that
// only this store knows. All stores write the same lines for the same rows.
var dumped = []string{
	"SELECT 'task', id, project, state, col, position, seq, card, coalesce(detail, (SELECT detail FROM task_details d WHERE d.n = t.n)) FROM tasks t WHERE w = ?1 ORDER BY id",
	"SELECT 'comment', id, task, project, at, seq, json FROM comments WHERE w = ?1 ORDER BY id",
	"SELECT 'doc', kind, id, seq, json FROM docs WHERE w = ?1 ORDER BY kind, id",
	"SELECT 'invitation', id, token_hash, json FROM invitations WHERE w = ?1 ORDER BY id",
	"SELECT 'tombstone', seq, kind, id, coalesce(scope, x''), moved FROM tombstones WHERE w = ?1 ORDER BY seq, kind, id, scope",
	"SELECT 'project', project, seq, number FROM project_heads WHERE w = ?1 ORDER BY project",
	"SELECT 'count', project, col, live FROM column_counts WHERE w = ?1 AND live <> 0 ORDER BY project, col",
	"SELECT 'member of', user, joined FROM user_workspaces WHERE w = ?1 ORDER BY user",
}

// Dump calls line with every row of a workspace, in an order that depends on
// nothing but the rows, so that two stores can be compared row by row: a live
// one with a rebuilt one, or this one with that in memory. The words of the
// search index are part of it; a task whose words are not indexed as its text
// says is an error.
func (s *Store) Dump(ctx context.Context, workspace ids.ID, line func(string) error) error {
	if err := s.catchUp(ctx, 0); err != nil {
		return wrap(err, "dump")
	}
	return wrap(s.db.View(ctx, func(c *sqlitedb.Conn) error {
		w, head, err := s.log.Find(c, workspace)
		if err != nil || head == 0 {
			return err
		}
		if err := dumpRows(c, w, line); err != nil {
			return err
		}
		return checkWords(c, w)
	}), "dump")
}

// dumpRows calls line with every row of the workspace with number w.
func dumpRows(c *sqlitedb.Conn, w int64, line func(string) error) error {
	for _, sql := range dumped {
		err := c.Query(sql, func(st *sqlitedb.Stmt) error {
			var b strings.Builder
			for i := range st.ColumnCount() {
				if i > 0 {
					b.WriteByte(' ')
				}
				writeColumn(&b, st, i)
			}
			return line(b.String())
		}, w)
		if err != nil {
			return err
		}
	}
	return nil
}

func writeColumn(b *strings.Builder, st *sqlitedb.Stmt, i int) {
	blob := sqlitedb.ColumnBlob(st, i)
	if st.ColumnType(i) == sqlite.TypeBlob && len(blob) == len(ids.ID{}) {
		b.WriteString(sqlitedb.ColumnID(st, i).String())
		return
	}
	b.WriteString(st.ColumnText(i))
}

// Digest answers a hash of a workspace's rows, that of Dump's lines.
func (s *Store) Digest(ctx context.Context, workspace ids.ID) (string, error) {
	h := sha256.New()
	err := s.Dump(ctx, workspace, func(line string) error {
		_, err := fmt.Fprintln(h, line)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// Workspaces answers the ids of all workspaces, sorted, for tools that go through them.
func (s *Store) Workspaces(ctx context.Context) ([]ids.ID, error) {
	var out []ids.ID
	err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT id FROM streams WHERE category = 'workspace' AND head > 0 ORDER BY id", func(st *sqlitedb.Stmt) error {
			out = append(out, sqlitedb.ColumnID(st, 0))
			return nil
		})
	})
	return out, wrap(err, "list workspaces")
}

// checkWords compares the index with the texts, task by task.
func checkWords(c *sqlitedb.Conn, w int64) error {
	indexed := map[int64][]string{}
	prefix := fmt.Sprintf("%dx", w)
	err := c.Query("SELECT doc, term FROM search_words WHERE term >= ?1 AND term < ?2", func(st *sqlitedb.Stmt) error {
		n := st.ColumnInt64(0)
		indexed[n] = append(indexed[n], strings.TrimPrefix(st.ColumnText(1), prefix))
		return nil
	}, prefix, fmt.Sprintf("%dy", w))
	if err != nil {
		return err
	}
	var tasks []int64
	err = c.Query("SELECT n FROM tasks WHERE w = ?", func(st *sqlitedb.Stmt) error {
		tasks = append(tasks, st.ColumnInt64(0))
		return nil
	}, w)
	if err != nil {
		return err
	}
	for _, n := range tasks {
		texts, err := taskTexts(c, w, n)
		if err != nil {
			return err
		}
		want := make([]string, 0, 16)
		for word := range words.Set(texts...) {
			want = append(want, word)
		}
		got := indexed[n]
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			return fmt.Errorf("task row %d is indexed by %q, its words are %q", n, got, want)
		}
		delete(indexed, n)
	}
	if len(indexed) > 0 {
		return fmt.Errorf("%d rows are indexed that are not there", len(indexed))
	}
	return nil
}
