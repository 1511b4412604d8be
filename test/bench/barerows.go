package main

import (
	"fmt"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"headway/internal/platform/ids"
	"headway/internal/task/readmodel/words"
)

// sampleRows are the rows that one create writes, taken from the newest task
// of a real store: its event, its row and its words, and, once for
// a group, the heads and counts that move with it.
type sampleRows struct {
	// workspace is the stream's number, and base the key of its event 0.
	workspace, base int64
	seq             int64
	project, column []byte
	kind            string
	actor           []byte
	at              int64
	data            []byte
	card, detail    []byte
	words           string
	// task is the row written last.
	task int64
}

// copyStore copies the whole store into the file, so that tables, indexes and
// their depth are the same.
func copyStore(source, own string) error {
	conn, err := sqlite.OpenConn(source, sqlite.OpenReadOnly)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it only read
	return sqlitex.ExecuteTransient(conn, "VACUUM INTO ?", &sqlitex.ExecOptions{Args: []any{own}})
}

// readSample finds the rows of the newest task.
func readSample(conn *sqlite.Conn) (*sampleRows, error) {
	s := &sampleRows{}
	err := one(conn, `SELECT t.n, t.w, t.project, t.col, t.card, t.detail, e.place - t.seq, e.type, e.actor, e.at, e.data, s.head
		FROM tasks t JOIN streams s ON s.n = t.w
		JOIN events e ON e.entity = t.id AND e.type = 'task.created' ORDER BY t.n DESC LIMIT 1`, func(st *sqlite.Stmt) {
		s.task, s.workspace = st.ColumnInt64(0), st.ColumnInt64(1)
		s.project, s.column, s.card, s.detail = blob(st, 2), blob(st, 3), blob(st, 4), blob(st, 5)
		s.base, s.kind, s.actor, s.at, s.data = st.ColumnInt64(6), st.ColumnText(7), blob(st, 8), st.ColumnInt64(9), blob(st, 10)
		s.seq = st.ColumnInt64(11)
	})
	if err != nil {
		return nil, err
	}
	prefix := strconv.FormatInt(s.workspace, 10) + "x"
	var text strings.Builder
	for word := range words.Set(sampleTitle, sampleDescription) {
		text.WriteString(prefix + word + " ")
	}
	s.words = text.String()
	return s, nil
}

// insert writes the rows of one more task.
func (s *sampleRows) insert(conn *sqlite.Conn, id ids.ID) error {
	s.seq++
	s.task++
	event := ids.New()
	return firstError(
		func() error {
			return put(conn, "INSERT INTO events (place, id, entity, scope, type, version, actor, at, cause, data) VALUES (?, ?, ?, ?, ?, 1, ?, ?, NULL, ?)",
				s.base+s.seq, event[:], id[:], s.project, s.kind, s.actor, s.at, s.data)
		},
		func() error {
			return put(conn, "INSERT INTO tasks (n, w, id, project, state, col, position, seq, card, detail) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)",
				s.task, s.workspace, id[:], s.project, s.column, fmt.Sprintf("z%010d", s.seq), s.seq, s.card, s.detail)
		})
}

// finish writes what moves once for a group, and the words of its tasks,
// which the server also writes at the end, as the index prefers it.
func (s *sampleRows) finish(conn *sqlite.Conn, group []*insertion) error {
	prefix := strconv.FormatInt(s.workspace, 10) + "x"
	for i, in := range group {
		row := s.task - int64(len(group)-1-i)
		if err := put(conn, "INSERT INTO search (rowid, words) VALUES (?, ?)", row, s.words+prefix+in.id.String()[24:]); err != nil {
			return err
		}
	}
	return firstError(
		func() error {
			return put(conn, "UPDATE streams SET head = ?, changed = changed + 1 WHERE n = ?", s.seq, s.workspace)
		},
		func() error {
			return put(conn, "UPDATE project_heads SET seq = ?, number = number + ? WHERE w = ? AND project = ?", s.seq, int64(len(group)), s.workspace, s.project)
		},
		func() error {
			return put(conn, "UPDATE column_counts SET live = live + ? WHERE w = ? AND project = ? AND col = ?", int64(len(group)), s.workspace, s.project, s.column)
		})
}

func firstError(steps ...func() error) error {
	for _, do := range steps {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// put runs a prepared statement with its parameters to the end.
func put(conn *sqlite.Conn, sql string, args ...any) error {
	st, err := conn.Prepare(sql)
	if err != nil {
		return err
	}
	for i, arg := range args {
		switch v := arg.(type) {
		case int64:
			st.BindInt64(i+1, v)
		case string:
			st.BindText(i+1, v)
		case []byte:
			st.BindBytes(i+1, v)
		default:
			return fmt.Errorf("cannot bind a %T", arg)
		}
	}
	_, err = st.Step()
	if reset := st.Reset(); err == nil {
		err = reset
	}
	return err
}

// one reads the row that the query must answer.
func one(conn *sqlite.Conn, sql string, read func(*sqlite.Stmt)) error {
	found := false
	err := sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(st *sqlite.Stmt) error {
		found = true
		read(st)
		return nil
	}})
	if err == nil && !found {
		err = fmt.Errorf("no row for %s", sql)
	}
	return err
}

func blob(st *sqlite.Stmt, col int) []byte {
	b := make([]byte, st.ColumnLen(col))
	st.ColumnBytes(col, b)
	return b
}
