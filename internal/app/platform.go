package app

import (
	"context"
	"errors"
	"fmt"

	"headway/internal/app/config"
	"headway/internal/auth/store"
	authsqlite "headway/internal/auth/store/sqlite"
	"headway/internal/platform/bus"
	"headway/internal/platform/cache"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
	tasksqlite "headway/internal/task/readmodel/sqlite"
)

// platform is what the settings chose. Everything that is open is closed by close.
type platform struct {
	clock    clock.Clock
	db       *sqlitedb.DB
	events   eventlog.Log
	accounts store.Store
	tasks    taskStore
	bus      bus.Bus
	pages    *cache.Memory // nil where nothing is kept
	limiter  *limit.Memory
	shared   shared // what goes through Redis instead or besides

	// committed are called with each durable commit of the task service; they
	// are set before the first one.
	committed []func(readmodel.Commit)
}

// taskStore is the task service's store with both its sides.
type taskStore interface {
	command.Store
	readmodel.Reader
	Rebuild(ctx context.Context, progress tasksqlite.Progress) error
	// Workspaces and Digest serve the comparison of rows before and after a rebuild.
	Workspaces(ctx context.Context) ([]ids.ID, error)
	Digest(ctx context.Context, workspace ids.ID) (string, error)
}

// openPlatform picks the adapters. It is the only place that knows them; the
// settings' Validate has refused what is not supported.
func openPlatform(ctx context.Context, cfg config.Config) (_ *platform, err error) {
	p := &platform{clock: clock.System{}, bus: bus.NewMemory()}
	p.limiter = limit.NewMemory(p.clock, 0)
	if cfg.Cache.Bytes > 0 {
		if p.pages, err = cache.NewMemory(uint64(cfg.Cache.Bytes)); err != nil {
			return nil, err
		}
	}
	p.db, err = sqlitedb.Open(ctx, sqlitedb.Options{
		Folder: cfg.Data, Readers: cfg.Store.Readers, CheckpointPages: cfg.Store.CheckpointPages,
		Migrations: []sqlitedb.Migrations{logsqlite.Migrations(), authsqlite.Migrations(), tasksqlite.Migrations()},
	})
	if err != nil {
		return nil, err
	}
	if err := p.openStores(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *platform) openStores(ctx context.Context) error {
	events, err := logsqlite.New(ctx, p.db)
	if err != nil {
		return err
	}
	tasks, err := tasksqlite.New(ctx, tasksqlite.Options{
		DB: p.db, Log: events, Clock: p.clock, OnCommit: []func(readmodel.Commit){p.onCommit},
	})
	if err != nil {
		return fmt.Errorf("open the task store: %w", err)
	}
	p.events, p.accounts, p.tasks = events, authsqlite.New(p.db, events), tasks
	return nil
}

func (p *platform) onCommit(c readmodel.Commit) {
	for _, tell := range p.committed {
		tell(c)
	}
}

// ping answers nil where the store can be read.
func (p *platform) ping(ctx context.Context) error {
	return p.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT 1", func(*sqlitedb.Stmt) error { return nil })
	})
}

// rebuild makes the read model anew from the log.
func (p *platform) rebuild(ctx context.Context, progress func(done, total uint64)) error {
	return p.tasks.Rebuild(ctx, progress)
}

func (p *platform) close() error {
	err := p.shared.close()
	if p.db == nil {
		return err
	}
	return errors.Join(err, p.db.Close())
}
