// Package sqlitedb runs one SQLite database for all who keep tables in it:
// one writer that commits what has queued as one durable transaction (group
// commit), a pool of readers, schema migrations by owner, and a lock that
// keeps a second process out of the folder.
//
// A write is durable when Write returns nil: the database runs in WAL mode
// with synchronous=FULL, so it survives a killed process and a power cut.
// Because this process is the only writer, what it knows in memory of
// committed state stays true.
package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
)

// ErrClosed is answered once Close was called.
var ErrClosed = errors.New("sqlitedb: the database is closed")

// DB is an open database. It is safe for concurrent use.
type DB struct {
	opts Options
	path string
	lock *folderLock

	// queue feeds the writer. mu is held for reading while a job is put in,
	// so that Close knows that nothing comes after it.
	queue  chan *job
	mu     sync.RWMutex
	closed bool
	done   chan *group // groups that were decided, to be told to those who wait
	ended  sync.WaitGroup

	// Of the writer's goroutine only: the size of the group before, and what it waits with.
	before int
	timer  *time.Timer

	writer  *Conn
	side    side
	guest   bool // another process may be the writer
	readers pool
	all     []*Conn // the readers, for Close
	// version is raised by every commit, before anybody is told of it.
	version atomic.Uint64
	// gate is held for reading by every read; the checkpoint takes it whole
	// where readers have kept the WAL from starting over for too long.
	gate sync.RWMutex

	checkpoint checkpointer
	stats      counters
}

// Stats are counters since Open, for metrics.
type Stats struct {
	// Jobs and Groups are what was committed; Jobs/Groups is the size of a group.
	Jobs, Groups uint64
	// Failed are the jobs that answered an error or whose commit failed.
	Failed uint64
	// Checkpoints is how often the WAL was copied into the database.
	Checkpoints uint64
	// WALPages is how many pages the WAL held after the last commit.
	WALPages int
	// Queued is how many jobs wait now.
	Queued int
}

type counters struct {
	jobs, groups, failed, checkpoints atomic.Uint64
	walPages                          atomic.Int64
}

// Open opens the database in the folder, makes it where it is missing, and
// brings its schema up to date. A folder in use answers *InUseError, a schema
// from a later version *NewerSchemaError.
func Open(ctx context.Context, opts Options) (*DB, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	opts = opts.filled()
	if err := os.MkdirAll(opts.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("sqlitedb: make the data folder: %w", err)
	}
	lock, err := lockFolder(opts.Folder)
	if err != nil {
		return nil, err
	}
	db := newDB(opts, lock)
	if err := db.open(ctx); err != nil {
		return nil, errors.Join(err, db.closeConns(), lock.release())
	}
	db.ended.Add(3)
	go db.runWriter()
	go db.runTeller()
	go db.runCheckpointer()
	return db, nil
}

func newDB(opts Options, lock *folderLock) *DB {
	return &DB{
		opts:    opts,
		path:    filepath.Join(opts.Folder, FileName),
		lock:    lock,
		queue:   make(chan *job, 4*opts.MaxGroup),
		done:    make(chan *group, 4),
		timer:   time.NewTimer(time.Hour),
		readers: newPool(opts.Readers),
	}
}

func (db *DB) open(ctx context.Context) error {
	// The file is made here so that nobody but its owner can read it, whatever the umask.
	f, err := os.OpenFile(db.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("sqlitedb: open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("sqlitedb: open the database: %w", err)
	}
	db.writer, err = db.connect(sqlite.OpenReadWrite|sqlite.OpenWAL, db.opts.WriterCacheKiB,
		// The checkpointer does this, beside the writer instead of inside its commits.
		"PRAGMA wal_autocheckpoint = 0",
		"PRAGMA foreign_keys = ON",
	)
	if err != nil {
		return err
	}
	if err := migrate(ctx, db.writer, db.opts.Folder, withOwn(db.opts.Migrations)); err != nil {
		return err
	}
	if err := errors.Join(db.checkpoint.open(db), db.side.open(db)); err != nil {
		return err
	}
	return db.openReaders()
}

func (db *DB) openReaders() error {
	for range db.opts.Readers {
		c, err := db.connect(sqlite.OpenReadWrite, db.opts.ReaderCacheKiB, "PRAGMA query_only = ON")
		if err != nil {
			return err
		}
		db.all = append(db.all, c)
		db.readers.add(c)
	}
	return nil
}

// connect opens a connection and sets what all of them share.
func (db *DB) connect(flags sqlite.OpenFlags, cacheKiB int, pragmas ...string) (*Conn, error) {
	raw, err := sqlite.OpenConn(db.path, flags)
	if err != nil {
		return nil, fmt.Errorf("sqlitedb: connect: %w", err)
	}
	raw.SetBusyTimeout(10 * time.Second)
	c := newConn(raw)
	for _, p := range append([]string{
		"PRAGMA synchronous = FULL",
		"PRAGMA temp_store = MEMORY",
		fmt.Sprintf("PRAGMA cache_size = -%d", cacheKiB),
		fmt.Sprintf("PRAGMA mmap_size = %d", db.opts.MapMiB<<20),
		"PRAGMA trusted_schema = OFF",
	}, pragmas...) {
		if err := c.Exec(p); err != nil {
			return nil, errors.Join(err, raw.Close())
		}
	}
	return c, nil
}

// Folder answers the folder that the database is in.
func (db *DB) Folder() string { return db.opts.Folder }

// Stats answers the counters.
func (db *DB) Stats() Stats {
	return Stats{
		Jobs:        db.stats.jobs.Load(),
		Groups:      db.stats.groups.Load(),
		Failed:      db.stats.failed.Load(),
		Checkpoints: db.stats.checkpoints.Load(),
		WALPages:    int(db.stats.walPages.Load()),
		Queued:      len(db.queue),
	}
}

// Close runs what has queued, refuses what comes after, copies the WAL into
// the database and gives the folder free. Reads that run are waited for.
// A second Close answers ErrClosed.
func (db *DB) Close() error {
	if db.guest {
		return db.closeGuest()
	}
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return ErrClosed
	}
	db.closed = true
	close(db.queue)
	db.mu.Unlock()
	db.ended.Wait()
	db.readers.drain()
	err := db.writer.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, db.closeConns(), db.lock.release())
}

func (db *DB) closeConns() error {
	var errs []error
	for _, c := range db.all {
		errs = append(errs, c.raw.Close())
	}
	errs = append(errs, db.side.close(), db.checkpoint.close())
	if db.writer != nil {
		errs = append(errs, db.writer.raw.Close())
	}
	return errors.Join(errs...)
}
