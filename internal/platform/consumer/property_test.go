package consumer_test

import (
	"testing"

	"go.uber.org/goleak"

	"headway/internal/platform/bus"
	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/consumertest"
	"headway/internal/platform/consumer/memory"
	"headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/eventlog"
	logmemory "headway/internal/platform/eventlog/memory"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scale is that of histories in this process.
var scale = consumertest.Scale{Streams: 12, Commits: 12, Crashes: 30}

// twice makes two processes of one.
func twice(p consumertest.Process) []consumertest.Process { return []consumertest.Process{p, p} }

func openLog(t testing.TB, more ...sqlitedb.Migrations) (*sqlitedb.DB, eventlog.Log) {
	db := sqlitedbtest.Open(t, append([]sqlitedb.Migrations{logsqlite.Migrations(), sqlite.Migrations()}, more...)...)
	log, err := logsqlite.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return db, log
}

// TestPropertyEachEventTakesEffectOnce is run again with faults planted, and
// must fail then: see mutants_test.go.
func TestPropertyEachEventTakesEffectOnce(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) consumertest.Process{
		"memory": func(*testing.T) consumertest.Process {
			return consumertest.Process{Log: logmemory.New(), Bus: bus.NewMemory(), Checkpoints: memory.New(), Effects: consumertest.NewMemory()}
		},
		"memory, apart": func(*testing.T) consumertest.Process {
			return consumertest.Process{Log: logmemory.New(), Bus: bus.NewMemory(), Checkpoints: consumer.Apart(memory.New()), Effects: consumertest.NewMemory()}
		},
		"sqlite": func(t *testing.T) consumertest.Process {
			db, log := openLog(t, consumertest.SQLiteMigrations())
			return consumertest.Process{Log: log, Bus: bus.NewMemory(), Checkpoints: sqlite.New(db), Effects: consumertest.SQLite{DB: db}}
		},
		"sqlite, apart": func(t *testing.T) consumertest.Process {
			db, log := openLog(t)
			return consumertest.Process{Log: log, Bus: bus.NewMemory(), Checkpoints: consumer.Apart(sqlite.New(db)), Effects: consumertest.NewMemory()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 3 {
				consumertest.Property(t, scale, twice(open(t))...)
			}
		})
	}
}
