// Package sqlite keeps the task service's read model in the SQLite database
// that holds the event log too, so that a command's events and rows are one
// transaction. It implements both sides: readmodel.Reader for queries and
// command.Store for commands.
//
// Commands are decided in the database's one writer, so none is decided
// twice. What most of them need (frame, heads, counts) stays in memory; what
// every command of a transaction would write again (heads, counts, search) is
// written once, before it commits.
package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync/atomic"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations is the read model's schema. It needs that of the event log before it.
func Migrations() sqlitedb.Migrations {
	return sqlitedb.Migrations{Owner: "task", Files: files, Dir: "migrations"}
}

// Store is the read model in SQLite. It is safe for concurrent use. There
// must be one Store for a database, and nothing else may append to its
// workspaces' streams.
type Store struct {
	db    *sqlitedb.DB
	log   *logsqlite.Log
	clock clock.Clock
	cache cache
	tasks tasks

	// Of the writer's goroutine only.
	tx    tx
	dirty []*workspace
	index indexing
	words wordSet

	subscribers []func(readmodel.Commit)
	rebuilding  atomic.Bool
}

var (
	_ readmodel.Reader = (*Store)(nil)
	_ command.Store    = (*Store)(nil)
)

// Options say how a Store is run.
type Options struct {
	DB  *sqlitedb.DB
	Log *logsqlite.Log
	// Clock gives the events their times; nil is the machine's.
	Clock clock.Clock
	// Workspaces is how many workspaces' frames stay in memory; 0 is 4,096.
	Workspaces int
	// RowBytes is how much memory the tasks' rows that are read most may take; 0 is 32 MiB, less is none.
	RowBytes int64
	// OnCommit are called with every commit once it is durable: those of a
	// workspace in the order of their seqs, one at a time. They should be
	// quick, and must not change the commit or call Do.
	OnCommit []func(readmodel.Commit)
}

// New opens the read model in a database that was opened with the migrations
// of the event log and of this package. Where a rebuild was broken off, or
// the rows were made by another version of the projections, it builds them
// anew first.
func New(ctx context.Context, o Options) (*Store, error) {
	if o.DB == nil || o.Log == nil {
		return nil, errors.New("readmodel/sqlite: needs a database and its event log")
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Workspaces == 0 {
		o.Workspaces = 4096
	}
	s := &Store{db: o.DB, log: o.Log, clock: o.Clock, subscribers: o.OnCommit}
	s.cache.open(o.Workspaces)
	if o.RowBytes == 0 {
		o.RowBytes = 32 << 20
	}
	if err := s.tasks.open(o.RowBytes); err != nil {
		return nil, err
	}
	s.tx.open(s)
	if err := s.openIndex(ctx); err != nil {
		return nil, wrap(err, "open")
	}
	if err := s.resume(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Do implements command.Store.
func (s *Store) Do(ctx context.Context, workspace ids.ID, decide func(command.Tx) error) (readmodel.Commit, error) {
	if s.rebuilding.Load() {
		return readmodel.Commit{}, errRebuilding()
	}
	var commit readmodel.Commit
	err := s.db.Write(ctx, func(c *sqlitedb.Conn) (err error) {
		commit, err = s.tx.run(c, workspace, decide)
		return err
	})
	if err != nil {
		return readmodel.Commit{}, err
	}
	return commit, nil
}

func errRebuilding() error {
	return apperr.New(apperr.Unavailable, "The tasks are being built anew from their history. Try again in a while.")
}

func errNotFound(what string) error { return apperr.New(apperr.NotFound, "There is no such %s.", what) }

// wrap gives a fault of the store its context; coded errors stay as they are.
func wrap(err error, what string) error {
	var coded *apperr.Error
	if err == nil || errors.As(err, &coded) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("readmodel/sqlite: %s: %w", what, err)
}
