package app

import (
	"context"
	"errors"

	"headway/internal/app/config"
	"headway/internal/auth/store"
	"headway/internal/platform/blob"
	"headway/internal/platform/bus"
	"headway/internal/platform/cache"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/moving"
	movingmongo "headway/internal/platform/moving/mongo"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
)

// platform is what the settings chose. Everything that is open is closed by
// close. Of what only services use that the process does not run, the fields are nil.
type platform struct {
	clock    clock.Clock
	db       *sqlitedb.DB // nil with MongoDB
	mongo    *mongodb.DB  // nil with SQLite
	events   eventlog.Log
	accounts store.Store
	tasks    taskStore
	sweeps   func(context.Context) (int, error) // nil where nothing is ever left undone
	// heard takes what other processes have committed; nil where there are none.
	heard   func(workspace ids.ID, seq uint64)
	bus     bus.Bus
	pages   *cache.Memory // nil where nothing is kept
	limiter *limit.Memory
	shared  shared // what goes through Redis instead or besides
	blobs   blob.Store
	notices notices
	// measures are the analytics service's.
	measures measures
	closers  []func() error // of what has no field of its own
	// control tells of a move to another store; gate and processes are nil where the
	// store refuses writes by itself (SQLite).
	control    moving.Control
	gate       *moving.Gate
	processes  *movingmongo.Control
	closeTasks func() // nil where there is nothing to wait for

	// committed are called with each durable commit of the task service; they
	// are set before the first one.
	committed []func(readmodel.Commit)
}

// taskStore is the task service's store with both its sides.
type taskStore interface {
	command.Store
	readmodel.Reader
	Rebuild(ctx context.Context, progress func(done, total uint64)) error
	// Workspaces and Digest serve the comparison of rows before and after a rebuild.
	Workspaces(ctx context.Context) ([]ids.ID, error)
	// Replay records events of another store as they are.
	Replay(ctx context.Context, workspace ids.ID, events []eventlog.Event) error
	Digest(ctx context.Context, workspace ids.ID) (string, error)
}

// openPlatform picks the adapters. It is the only place that knows them; the
// settings' Validate has refused what is not supported.
func openPlatform(ctx context.Context, cfg config.Config) (*platform, error) {
	p, err := openStores(ctx, cfg)
	if err == nil && p.control != nil {
		p, err = p.whereMoved(ctx, cfg)
	}
	if err != nil {
		return nil, err
	}
	if cfg.Target.Has(config.TargetAnalytics) && p.measures.rows == nil {
		if err := p.openMeasures(ctx, cfg); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	return p, nil
}

// openStores is openPlatform for those who know of moves to other stores.
func openStores(ctx context.Context, cfg config.Config) (_ *platform, err error) {
	p := &platform{clock: clock.System{}, bus: bus.NewMemory()}
	p.limiter = limit.NewMemory(p.clock, 0)
	if !cfg.Target.Stateful() {
		return p, nil
	}
	if cfg.Cache.Bytes > 0 && (cfg.Target.Has(config.TargetTask) || cfg.Target.Has(config.TargetAnalytics)) {
		if p.pages, err = cache.NewMemory(uint64(cfg.Cache.Bytes)); err != nil {
			return nil, err
		}
	}
	open := p.openSQLite
	if cfg.Store.Shared() {
		open = p.openMongo
	}
	if err := open(ctx, cfg); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if cfg.Target.Has(config.TargetNotification) {
		p.openNotices()
	}
	return p, nil
}

func (p *platform) onCommit(c readmodel.Commit) {
	for _, tell := range p.committed {
		tell(c)
	}
}

// rebuild makes the read model anew from the log.
func (p *platform) rebuild(ctx context.Context, progress func(done, total uint64)) error {
	return p.tasks.Rebuild(ctx, progress)
}

func (p *platform) close() error {
	errs := []error{p.shared.close(), p.closeStores()}
	for _, c := range p.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}
