package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"headway/internal/app/config"
	authstore "headway/internal/auth/store"
	authmongo "headway/internal/auth/store/mongo"
	authsqlite "headway/internal/auth/store/sqlite"
	logmongo "headway/internal/platform/eventlog/mongo"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/moving"
	movingmongo "headway/internal/platform/moving/mongo"
	"headway/internal/platform/repeat"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel"
	taskmongo "headway/internal/task/readmodel/mongo"
	tasksqlite "headway/internal/task/readmodel/sqlite"
)

// openSQLite opens the stores in the data folder, or in the one that store.url
// names beside it.
func (p *platform) openSQLite(ctx context.Context, cfg config.Config) (err error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	p.db, err = sqlitedb.Open(ctx, sqlitedb.Options{
		Folder: cfg.Store.Folder(cfg.Data), Readers: cfg.Store.Readers, CheckpointPages: cfg.Store.CheckpointPages,
		Migrations: sqliteMigrations(),
	})
	if err != nil {
		return err
	}
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
	p.events, p.accounts, p.tasks, p.control = events, authsqlite.New(p.db, events), tasks, p.db
	return nil
}

// openMongo opens the stores that processes share, those of the services that
// the process runs.
func (p *platform) openMongo(ctx context.Context, cfg config.Config) (err error) {
	if p.mongo, err = mongodb.Open(ctx, mongodb.Options{URL: cfg.Store.URL}); err != nil {
		return err
	}
	if err := mongodb.Ensure(ctx, p.mongo, mongoSchemas(cfg.Target)...); err != nil {
		return err
	}
	events := logmongo.New(p.mongo)
	p.events, p.processes, p.gate = events, movingmongo.New(p.mongo), new(moving.Gate)
	p.control = p.processes
	if cfg.Target.Has(config.TargetAuth) {
		p.accounts = gatedAccounts{authstore.Coded(authmongo.New(p.mongo, events), mongodb.Coded), p.gate}
	}
	if !cfg.Target.Has(config.TargetTask) {
		return nil
	}
	// The data folder stays this process's own, for files of imports.
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	tasks, err := taskmongo.New(ctx, taskmongo.Options{
		DB: p.mongo, Log: events, Clock: p.clock, OnCommit: []func(readmodel.Commit){p.onCommit},
	})
	if err != nil {
		return fmt.Errorf("open the task store: %w", err)
	}
	p.tasks, p.sweeps, p.heard, p.closeTasks = gatedTasks{tasks, p.gate}, tasks.Sweep, tasks.Heard, tasks.Close
	return nil
}

// ping answers nil where the store can be read.
func (p *platform) ping(ctx context.Context) error {
	if p.mongo != nil {
		return p.mongo.Ping(ctx)
	}
	return p.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT 1", func(*sqlitedb.Stmt) error { return nil })
	})
}

// closeStores closes what is open.
func (p *platform) closeStores() (err error) {
	if p.closeTasks != nil {
		p.closeTasks() // waits for what is under way
	}
	if p.mongo != nil {
		err = p.mongo.Close()
	}
	if p.db != nil {
		err = errors.Join(err, p.db.Close())
	}
	return err
}

// sweepEvery is how often commits are looked for whose process ended before it
// could write their rows.
const sweepEvery = 15 * time.Second

// sweep does that until ctx ends.
func (p *platform) sweep(ctx context.Context, log *slog.Logger) {
	if p.sweeps == nil {
		return
	}
	repeat.Every(ctx, sweepEvery, func(ctx context.Context) {
		mended, err := p.sweeps(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			log.Warn("a sweep failed; it is tried again", "cause", err, "after", sweepEvery)
		case mended > 0:
			log.Info("rows that a process left unwritten were written", "workspaces", mended)
		}
	})
}
