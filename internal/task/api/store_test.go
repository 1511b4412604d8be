package api_test

import (
	"context"
	"sync/atomic"
	"testing"

	"headway/internal/platform/cache"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/sqlite"
)

// store is one of the real stores.
type store struct {
	commands command.Store
	reader   readmodel.Reader
	log      eventlog.Log
	onCommit func(func(readmodel.Commit))
}

// forEachStore runs a test over every store.
func forEachStore(t *testing.T, test func(*testing.T, store)) {
	t.Helper()
	for name, open := range map[string]func(testing.TB) store{"sqlite": openSQLite} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// late is a subscriber that is known only after the store is.
type late struct {
	to atomic.Pointer[func(readmodel.Commit)]
}

func (l *late) commit(c readmodel.Commit) {
	if to := l.to.Load(); to != nil {
		(*to)(c)
	}
}

func (l *late) set(to func(readmodel.Commit)) { l.to.Store(&to) }

func openSQLite(t testing.TB) store {
	t.Helper()
	db := sqlitedbtest.Open(t, logsqlite.Migrations(), sqlite.Migrations())
	log, err := logsqlite.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var l late
	s, err := sqlite.New(t.Context(), sqlite.Options{DB: db, Log: log, Clock: clock.System{}, OnCommit: []func(readmodel.Commit){l.commit}})
	if err != nil {
		t.Fatal(err)
	}
	return store{commands: s, reader: s, log: log, onCommit: l.set}
}

// pages is the page cache, which a benchmark can turn off.
type pages struct {
	cache.Cache
	off bool
}

func newPages() *pages {
	c, err := cache.NewMemory(16 << 20)
	if err != nil {
		panic(err)
	}
	return &pages{Cache: c}
}

// Get implements cache.Cache.
func (p *pages) Get(ctx context.Context, key []byte) ([]byte, bool) {
	if p.off {
		return nil, false
	}
	return p.Cache.Get(ctx, key)
}
