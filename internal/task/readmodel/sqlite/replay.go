package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"headway/internal/platform/eventlog"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/projection"
)

// Replay records events of another store as they are, with their ids, seqs and
// times, and their rows. They must follow the workspace's head; what is there
// already is left as it is.
func (s *Store) Replay(ctx context.Context, workspace ids.ID, events []eventlog.Event) error {
	_, err := s.Do(ctx, workspace, func(c command.Tx) error {
		t, ok := c.(*tx)
		if !ok {
			return errors.New("readmodel/sqlite: not a transaction of this store")
		}
		return t.replayed(events)
	})
	return err
}

func (t *tx) replayed(events []eventlog.Event) error {
	if err := t.create(); err != nil {
		return err
	}
	for i := range events {
		ev := events[i]
		if ev.Seq <= t.head {
			continue
		}
		if ev.Seq != t.head+1 || ev.Stream != t.ws.id {
			return fmt.Errorf("readmodel/sqlite: event %d of %s does not follow %d of %s", ev.Seq, ev.Stream, t.head, t.ws.id)
		}
		if err := t.s.log.Insert(t.c, t.w, ev.Seq, &ev); err != nil {
			return wrap(err, "replay")
		}
		t.head = ev.Seq
		t.events = append(t.events, ev)
		if err := projection.ApplyRecorded(t, ev); err != nil {
			return wrap(err, "replay")
		}
	}
	return nil
}

// create makes the workspace's stream where it is not there yet.
func (t *tx) create() error {
	if t.w != 0 {
		return nil
	}
	w, err := t.s.log.Create(t.c, eventlog.Workspace, t.ws.id)
	if err != nil {
		return err
	}
	t.w = w
	return nil
}

// Snapshot answers the digest of a workspace's rows and the seq that they are
// as of, as Digest does, but for the index of search. It needs no Store, so
// that it can read beside the process whose the database is.
func Snapshot(ctx context.Context, db *sqlitedb.DB, log *logsqlite.Log, workspace ids.ID) (digest string, seq uint64, err error) {
	h := sha256.New()
	err = db.View(ctx, func(c *sqlitedb.Conn) error {
		var w int64
		if w, seq, err = log.Find(c, workspace); err != nil || seq == 0 {
			return err
		}
		return dumpRows(c, w, func(line string) error {
			_, err := fmt.Fprintln(h, line)
			return err
		})
	})
	return hex.EncodeToString(h.Sum(nil)), seq, wrap(err, "read a snapshot")
}
