package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	tasksqlite "headway/internal/task/readmodel/sqlite"
)

// shard is a store of its own.
type shard struct {
	folder   string
	db       *sqlitedb.DB
	log      eventlog.Log
	store    *tasksqlite.Store
	commands *command.Service
	// changes are those that it has taken.
	changes atomic.Int64
}

// openShard makes an empty one.
func openShard(ctx context.Context, folder string) (_ *shard, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	s := &shard{folder: folder}
	s.db, err = sqlitedb.Open(ctx, sqlitedb.Options{
		Folder: folder, Migrations: []sqlitedb.Migrations{logsqlite.Migrations(), tasksqlite.Migrations()},
	})
	if err != nil {
		return nil, err
	}
	log, err := logsqlite.New(ctx, s.db)
	if err == nil {
		s.log = log
		s.store, err = tasksqlite.New(ctx, tasksqlite.Options{DB: s.db, Log: log})
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	s.commands = command.NewService(s.store, clock.System{})
	return s, nil
}

// bytes is what the shard takes on disk.
func (s *shard) bytes() (total int64, err error) {
	entries, err := os.ReadDir(s.folder)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return 0, err
		}
		total += info.Size()
	}
	return total, err
}

func (s *shard) close() error { return errors.Join(s.db.Close(), os.RemoveAll(s.folder)) }

// openShards makes so many.
func openShards(ctx context.Context, folder string, n int) (all []*shard, err error) {
	for i := range n {
		s, err := openShard(ctx, filepath.Join(folder, fmt.Sprintf("shard-%d", i)))
		if err != nil {
			return all, errors.Join(err, closeShards(all))
		}
		all = append(all, s)
	}
	return all, nil
}

func closeShards(all []*shard) error {
	var errs []error
	for _, s := range all {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}
