package sqlitedb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"zombiezen.com/go/sqlite"
)

// checkpointer copies the WAL into the database beside the writer, so that
// the copying and its sync lengthen no commit. A WAL that is appended to all
// the time is never wholly copied that way, so the writer itself copies the
// short rest between two groups; SQLite then starts the WAL over at the next
// commit, unless a reader still reads from it. Where readers have kept it from
// that until it is twice as long as it should be, reads wait for a moment.
// So the WAL is bounded, whatever the load.
type checkpointer struct {
	conn *Conn
	// shm is the WAL's index; it holds the length of the WAL. It is closed
	// after all connections, because closing it gives its locks up.
	shm   *os.File
	kick  chan struct{}
	ready atomic.Bool // the rest is short: the writer may finish
	busy  atomic.Bool // a copy runs
	next  int         // the length at which the next copy begins
}

// passes is how often the WAL is copied in the background before the writer
// finishes; each pass has less to do than the one before.
const passes = 3

func (k *checkpointer) open(db *DB) error {
	k.kick = make(chan struct{}, 1)
	k.next = db.opts.CheckpointPages
	var err error
	if k.conn, err = db.connect(sqlite.OpenReadWrite, 64, "PRAGMA wal_autocheckpoint = 0"); err != nil {
		return err
	}
	// The first read makes the index file.
	if err := k.conn.Exec("SELECT count(*) FROM schema_migrations"); err != nil {
		return err
	}
	if k.shm, err = os.Open(db.path + "-shm"); err != nil {
		return fmt.Errorf("sqlitedb: open the WAL's index: %w", err)
	}
	return nil
}

func (k *checkpointer) close() error {
	if k.conn == nil {
		return nil
	}
	err := k.conn.raw.Close()
	if k.shm != nil {
		err = errors.Join(err, k.shm.Close())
	}
	return err
}

func (k *checkpointer) stop() { close(k.kick) }

// length reads how many pages the WAL holds, from the index's header
// (mxFrame at byte 16, native byte order; sqlite.org/walformat.html, 2.1).
func (k *checkpointer) length() int {
	var b [4]byte
	if _, err := k.shm.ReadAt(b[:], 16); err != nil {
		return 0
	}
	return int(binary.NativeEndian.Uint32(b[:]))
}

// afterCommit runs on the writer's goroutine between two groups.
func (db *DB) afterCommit() {
	k := &db.checkpoint
	pages := k.length()
	db.stats.walPages.Store(int64(pages))
	limit := db.opts.CheckpointPages
	if pages < limit {
		k.next = limit // it has started over
	} else {
		db.readers.letGo() // what they hold would keep it from starting over
	}
	if pages < k.next || k.busy.Load() {
		return
	}
	if !k.ready.Load() {
		k.busy.Store(true)
		k.kick <- struct{}{} // has room: nothing is under way
		return
	}
	k.ready.Store(false)
	if pages >= 2*limit {
		db.gate.Lock()
		defer db.gate.Unlock()
		db.readers.letGo()
	}
	// An error here is met again by the next commit or by the next checkpoint.
	_ = db.writer.Exec("PRAGMA wal_checkpoint(PASSIVE)")
	db.writer.endRead()
	k.next = pages + limit/2
}

// runCheckpointer copies when the writer asks for it.
func (db *DB) runCheckpointer() {
	defer db.ended.Done()
	k := &db.checkpoint
	for range k.kick {
		for range passes {
			db.readers.letGo()
			var rest int
			err := k.conn.Query("PRAGMA wal_checkpoint(PASSIVE)", func(s *Stmt) error {
				rest = s.ColumnInt(1) - s.ColumnInt(2)
				return nil
			})
			k.conn.endRead()
			if err != nil || rest < db.opts.CheckpointPages/20 {
				break
			}
		}
		db.stats.checkpoints.Add(1)
		k.ready.Store(true)
		k.busy.Store(false)
	}
}
