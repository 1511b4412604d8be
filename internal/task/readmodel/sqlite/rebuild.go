package sqlite

import (
	"context"
	"fmt"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/projection"
	"headway/internal/task/readmodel"
)

// projectionVersion is raised when the projections make other rows of the
// same events; rows of another version are built anew at the next start.
const projectionVersion = 1

// rebuildBatch is how many events one transaction of a rebuild folds.
const rebuildBatch = 1000

// Progress tells how far a rebuild has got: events folded of all there are.
type Progress = func(done, total uint64)

// Rebuild drops all rows and makes them anew from the log. Commands and reads
// are answered Unavailable meanwhile. Broken off anywhere, New goes on with it.
func (s *Store) Rebuild(ctx context.Context, progress Progress) error {
	if !s.rebuilding.CompareAndSwap(false, true) {
		return errRebuilding()
	}
	defer s.rebuilding.Store(false)
	// Every job ahead of this one in the queue was decided on rows that are still there.
	err := s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		for _, sql := range []string{
			"DELETE FROM tasks", "DELETE FROM task_details", "DELETE FROM comments", "DELETE FROM docs",
			"DELETE FROM invitations", "DELETE FROM tombstones", "DELETE FROM project_heads",
			"DELETE FROM column_counts", "DELETE FROM user_workspaces", "DELETE FROM rebuilds",
			"INSERT INTO rebuilds (stream, seq) SELECT id, 0 FROM streams WHERE category = 'workspace' AND head > 0",
		} {
			if err := c.Exec(sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		if err := s.forgetWords(c); err != nil {
			return err
		}
		return setProjection(c)
	})
	if err != nil {
		return wrap(err, "rebuild")
	}
	return s.refill(ctx, progress)
}

func setProjection(c *sqlitedb.Conn) error {
	if err := c.Exec("DELETE FROM projection"); err != nil {
		return err
	}
	return c.Exec("INSERT INTO projection (version) VALUES (?)", projectionVersion)
}

// resume finishes a rebuild that was broken off, and starts one where the
// rows are of another projection.
func (s *Store) resume(ctx context.Context) error {
	version, pending := 0, false
	err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		err := c.Query("SELECT version FROM projection", func(st *sqlitedb.Stmt) error {
			version = st.ColumnInt(0)
			return nil
		})
		if err != nil {
			return err
		}
		return c.Query("SELECT 1 FROM rebuilds LIMIT 1", func(*sqlitedb.Stmt) error { pending = true; return nil })
	})
	switch {
	case err != nil:
		return wrap(err, "open")
	case version != projectionVersion:
		return s.Rebuild(ctx, nil)
	case pending:
		s.rebuilding.Store(true)
		defer s.rebuilding.Store(false)
		return s.refill(ctx, nil)
	}
	return nil
}

// forgetRows empties the memory of rows.
func (s *Store) forgetRows() {
	s.cache.clear()
	s.tasks.clear()
}

// refill folds what is left to fold, a batch in a transaction.
func (s *Store) refill(ctx context.Context, progress Progress) error {
	s.forgetRows()
	defer s.forgetRows()
	var total, done uint64
	err := s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT coalesce(sum(s.head - r.seq), 0) FROM rebuilds r JOIN streams s ON s.id = r.stream", func(st *sqlitedb.Stmt) error {
			total = columnUint(st, 0)
			return nil
		})
	})
	if err != nil {
		return wrap(err, "rebuild")
	}
	for {
		var folded int
		more := false
		err := s.db.Write(ctx, func(c *sqlitedb.Conn) (err error) {
			folded, more, err = s.refillBatch(c)
			return err
		})
		if err != nil {
			return wrap(err, "rebuild")
		}
		if !more {
			return nil
		}
		if done += uint64(folded); progress != nil { // #nosec G115 -- a count
			progress(done, total)
		}
	}
}

func (s *Store) refillBatch(c *sqlitedb.Conn) (folded int, more bool, err error) {
	var stream ids.ID
	var seq uint64
	err = c.Query("SELECT stream, seq FROM rebuilds LIMIT 1", func(st *sqlitedb.Stmt) error {
		stream, seq, more = sqlitedb.ColumnID(st, 0), columnUint(st, 1), true
		return nil
	})
	if err != nil || !more {
		return 0, false, err
	}
	events, err := s.log.ReadIn(c, stream, seq, rebuildBatch)
	if err != nil {
		return 0, false, err
	}
	if len(events) == 0 {
		return 0, true, c.Exec("DELETE FROM rebuilds WHERE stream = ?", stream)
	}
	t := &s.tx
	if err := t.replay(c, stream, seq); err != nil {
		return 0, false, err
	}
	defer func() { t.c = nil }()
	for i := range events {
		t.head = events[i].Seq
		if err := projection.ApplyRecorded(t, events[i]); err != nil {
			return 0, false, err
		}
	}
	if err := t.write(); err != nil {
		return 0, false, err
	}
	if err := t.merge(); err != nil {
		return 0, false, err
	}
	c.OnRollback(s.forget)
	return len(events), true, c.Exec("UPDATE rebuilds SET seq = ? WHERE stream = ?", t.head, stream)
}

// replay starts over for a workspace whose rows are those of its first seq
// events. The workspace stays out of the cache.
func (t *tx) replay(c *sqlitedb.Conn, id ids.ID, seq uint64) error {
	t.reset(c)
	im, err := t.s.read(c, id)
	if err != nil {
		return err
	}
	if im == nil {
		return fmt.Errorf("%w: no stream %s", readmodel.ErrRow, id)
	}
	ws := &workspace{id: id, replay: true}
	ws.work(im)
	t.ws, t.w, t.head, t.base, t.frame, t.latest = ws, ws.w, seq, seq, ws.frame, ws.latest
	if seq == 0 {
		t.frame = nil // before its first event there was no workspace
	}
	return nil
}
