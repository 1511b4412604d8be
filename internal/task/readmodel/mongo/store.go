// Package mongo keeps the task service's read model in a database of the
// MongoDB protocol, beside the event log. It implements both sides:
// readmodel.Reader for queries and command.Store for commands.
//
// The commands of a workspace that queue in a process are decided one after
// the other in memory and committed together, by one insert into the log; one
// more command writes their rows. Another process that commits to the same
// workspace is noticed by the insert, which then is refused: the decisions are
// run again on what that process made. Readers, writers and sweeps finish what
// a process left undone that ended between the two commands.
//
// Readers may ask a secondary (secondary.go); whoever was told of a seq reads
// as of it all the same.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	logmongo "headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
)

// Store is the read model in a database. It is safe for concurrent use, also
// by several processes.
type Store struct {
	db          *mongodb.DB
	log         *logmongo.Log
	rows        *mongo.Collection
	members     *mongo.Collection
	invitations *mongo.Collection
	meta        *mongo.Collection
	clock       clock.Clock
	packer      packer
	keep        int
	subscribers []func(readmodel.Commit)

	mu         sync.Mutex
	workspaces map[ids.ID]*workspace
	ticks      uint64
	closed     bool
	turns      sync.WaitGroup

	sweeping   sync.Mutex
	rebuilding atomic.Bool
	epoch      atomic.Uint64 // counts rebuilds: images of before are read anew
}

var (
	_ readmodel.Reader = (*Store)(nil)
	_ command.Store    = (*Store)(nil)
)

// Options say how a Store is run.
type Options struct {
	DB *mongodb.DB
	// Log is the event log in the same database.
	Log *logmongo.Log
	// Clock gives the events their times; nil is the machine's.
	Clock clock.Clock
	// Workspaces is how many workspaces' frames stay in memory; 0 is 4,096.
	Workspaces int
	// OnCommit are called with every commit of this process once its rows are
	// written: those of a workspace in the order of their seqs, one at a time.
	// They should be quick, and must not change the commit or call Do.
	OnCommit []func(readmodel.Commit)
}

// New opens the read model in a database in which Schema and that of the
// event log are ensured. Where the rows were made by an older version of the
// projections, or a rebuild was broken off, it builds them anew first; where
// by a newer one, it refuses.
func New(ctx context.Context, o Options) (*Store, error) {
	if o.DB == nil || o.Log == nil {
		return nil, errors.New("readmodel/mongo: needs a database and its event log")
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Workspaces == 0 {
		o.Workspaces = 4096
	}
	p, err := newPacker()
	if err != nil {
		return nil, wrap(err, "open")
	}
	s := &Store{
		db: o.DB, log: o.Log, clock: o.Clock, packer: p, keep: o.Workspaces, subscribers: o.OnCommit, workspaces: map[ids.ID]*workspace{},
		rows: o.DB.Collection(rowsName), members: o.DB.Collection("task_members"),
		invitations: o.DB.Collection("task_invitations"), meta: o.DB.Collection("task_meta"),
	}
	if err := s.resume(ctx); err != nil {
		return nil, wrap(err, "open")
	}
	return s, nil
}

// Close waits for the commands under way; later ones are refused.
func (s *Store) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.turns.Wait()
}

func (s *Store) tell(c readmodel.Commit) {
	for _, tell := range s.subscribers {
		tell(c)
	}
}

func errRebuilding() error {
	return apperr.New(apperr.Unavailable, "The tasks are being built anew from their history. Try again in a while.")
}

func errNotFound(what string) error { return apperr.New(apperr.NotFound, "There is no such %s.", what) }

// wrap gives a fault of the store its context; coded errors stay as they are,
// and a database that is away is Unavailable.
func wrap(err error, what string) error {
	var coded *apperr.Error
	if err == nil || errors.As(err, &coded) || errors.Is(err, context.Canceled) {
		return err
	}
	return mongodb.Coded(fmt.Errorf("readmodel/mongo: %s: %w", what, err))
}
