package sqlite

import (
	"context"
	"sync"
	"time"

	"headway/internal/platform/sqlitedb"
)

// The search index is written for many commits at once, since each write of it
// costs about as much as a commit does. Until then the writer knows what is to
// be indexed, and the table search_lag from which seq on to look for it where
// the process ended before. A search that finds its workspace lagging has the
// index written first, so that nobody sees it lag.
const (
	indexAfter = 500 * time.Millisecond
	indexFrom  = 512
	// indexText bounds the text of a new task that is kept until then; longer ones are read again.
	indexText = 4 << 10
)

// reindex is a task whose words are to be written.
type reindex struct {
	w, n int64
	// after is the workspace's seq before the command that asks for it.
	after uint64
	// gone says that the task is no more.
	gone bool
	// isNew says that the index holds nothing of it.
	isNew bool
	// text is all there is to index, where whole is set.
	text  string
	whole bool
}

// indexing is what the writer knows of the index. lagging is for readers too.
type indexing struct {
	// queued are those of the transaction under way, pending those of commits
	// before it by their row, and written those that the last write of the index held.
	queued  []reindex
	pending map[int64]reindex
	written map[int64]reindex
	since   time.Time
	now     bool // write with this transaction
	// marked are the workspaces of which search_lag is known to have a row;
	// unread says that it has rows of which pending knows nothing.
	marked map[int64]bool
	unread bool

	mu      sync.RWMutex
	lagging map[int64]bool
}

func (x *indexing) setLagging(w int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.lagging == nil {
		x.lagging = map[int64]bool{}
	}
	x.lagging[w] = true
}

// gatherWords queues the tasks of the command whose words changed. Those that
// are gone come first, since a new one may have taken the row of one.
func (t *tx) gatherWords() {
	x := &t.s.index
	for _, work := range t.tasks {
		if work.cur == nil {
			x.queued = append(x.queued, reindex{w: t.w, n: work.n, after: t.base, gone: true})
		}
	}
	for _, work := range t.tasks {
		if work.cur == nil || !work.words {
			continue
		}
		r := reindex{w: t.w, n: work.n, after: t.base}
		if work.first == nil && work.cur.Comments == 0 && work.detail != nil {
			r.isNew = true
			if len(work.detail.Description) <= indexText {
				r.text, r.whole = work.cur.Title+"\n"+work.detail.Description, true
			}
		}
		x.queued = append(x.queued, r)
	}
}

// flushWords takes over what the transaction has queued, and writes the index
// where it is time to, outside of any savepoint: the index writes what it has
// gathered wherever one begins.
func (s *Store) flushWords(c *sqlitedb.Conn) error {
	x := &s.index
	x.settle()
	if err := s.readLag(c); err != nil {
		return err
	}
	for _, r := range x.queued {
		if err := s.pend(c, r); err != nil {
			return err
		}
	}
	clear(x.queued)
	x.queued = x.queued[:0]
	if len(x.pending) == 0 || !x.now && len(x.pending) < indexFrom && time.Since(x.since) < indexAfter {
		return nil
	}
	x.now = false
	for _, r := range x.pending {
		if err := s.writeWords(c, r); err != nil {
			return err
		}
	}
	x.written, x.pending, x.marked = x.pending, nil, nil
	return c.Exec("DELETE FROM search_lag")
}

// writeWords writes the words of one task.
func (s *Store) writeWords(c *sqlitedb.Conn, r reindex) error {
	texts := []string{r.text}
	if !r.whole {
		var err error
		if texts, err = taskTexts(c, r.w, r.n); err != nil {
			return err
		}
	}
	if !r.isNew {
		if err := c.Exec("DELETE FROM search WHERE rowid = ?", r.n); err != nil {
			return err
		}
	}
	if texts == nil {
		return nil // the task is gone
	}
	st, err := c.Prepare("INSERT INTO search (rowid, words) VALUES (?, ?)")
	if err != nil {
		return err
	}
	st.BindInt64(1, r.n)
	st.BindText(2, s.words.indexed(r.w, texts))
	_, err = st.Step()
	return err
}

// settle runs before anything else of a transaction's end: that it runs says
// that the one before was committed, or was given up, by revert.
func (x *indexing) settle() {
	if x.written == nil {
		return
	}
	x.written = nil
	lagging := map[int64]bool{}
	for _, r := range x.pending {
		lagging[r.w] = true
	}
	x.mu.Lock()
	x.lagging = lagging
	x.mu.Unlock()
}

// pend has a task wait for the next write of the index.
func (s *Store) pend(c *sqlitedb.Conn, r reindex) error {
	x := &s.index
	if r.gone {
		delete(x.pending, r.n)
		return c.Exec("DELETE FROM search WHERE rowid = ?", r.n)
	}
	if before, again := x.pending[r.n]; again {
		r.isNew = before.isNew
		if !r.isNew {
			r.whole = false
		}
	}
	if x.pending == nil {
		x.pending, x.since = map[int64]reindex{}, time.Now()
	}
	x.pending[r.n] = r
	x.setLagging(r.w)
	if x.marked[r.w] {
		return nil
	}
	if x.marked == nil {
		x.marked = map[int64]bool{}
	}
	x.marked[r.w] = true
	return c.Exec("INSERT INTO search_lag (w, seq) VALUES (?, ?) ON CONFLICT (w) DO NOTHING", r.w, r.after)
}

// revert runs where the transaction was lost: what it took over or wrote is
// to be written again, by what the rows say then.
func (x *indexing) revert() {
	clear(x.queued)
	x.queued = x.queued[:0]
	lost := x.pending
	if lost == nil {
		lost = map[int64]reindex{}
	}
	for n, r := range x.written {
		if _, again := lost[n]; !again {
			lost[n] = r
		}
	}
	for n, r := range lost {
		lost[n] = reindex{w: r.w, n: n, after: r.after}
	}
	x.pending, x.written, x.marked = lost, nil, nil
}

// openIndex finds out of which workspaces the process before left tasks to be indexed.
func (s *Store) openIndex(ctx context.Context) error {
	return s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT w FROM search_lag", func(st *sqlitedb.Stmt) error {
			s.index.unread = true
			s.index.setLagging(st.ColumnInt64(0))
			return nil
		})
	})
}

// readLag has the tasks wait that search_lag tells of.
func (s *Store) readLag(c *sqlitedb.Conn) error {
	x := &s.index
	if !x.unread {
		return nil
	}
	var left []reindex
	err := c.Query("SELECT l.w, l.seq, t.n FROM search_lag l JOIN tasks t ON t.w = l.w AND t.seq > l.seq", func(st *sqlitedb.Stmt) error {
		left = append(left, reindex{w: st.ColumnInt64(0), after: columnUint(st, 1), n: st.ColumnInt64(2)})
		return nil
	})
	if err != nil {
		return err
	}
	x.unread = false
	for _, r := range left {
		if _, known := x.pending[r.n]; known {
			continue
		}
		if err := s.pend(c, r); err != nil {
			return err
		}
	}
	return nil
}

// forgetWords empties the index, for rows that are all made anew.
func (s *Store) forgetWords(c *sqlitedb.Conn) error {
	x := &s.index
	x.queued, x.pending, x.written, x.marked, x.unread = nil, nil, nil, nil, false
	// What was forgotten stands in search_lag, if the transaction is lost.
	c.OnRollback(func() { x.unread = true })
	for _, sql := range []string{"INSERT INTO search (search) VALUES ('delete-all')", "DELETE FROM search_lag"} {
		if err := c.Exec(sql); err != nil {
			return err
		}
	}
	return nil
}

// catchUp has the index written, where tasks of the workspace may be missing
// from it, or of any workspace where w is 0.
func (s *Store) catchUp(ctx context.Context, w int64) error {
	x := &s.index
	x.mu.RLock()
	behind := x.lagging[w] || w == 0 && len(x.lagging) > 0
	x.mu.RUnlock()
	if !behind {
		return nil
	}
	return s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		x.now = true
		c.BeforeCommit(flushKey{}, s.flush)
		return nil
	})
}
