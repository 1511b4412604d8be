//go:build servers

package consumertest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/bus/bustest"
	"headway/internal/platform/bus/poll"
	busredis "headway/internal/platform/bus/redis"
	"headway/internal/platform/bus/sqs"
	"headway/internal/platform/consumer/consumertest"
	"headway/internal/platform/consumer/mongo"
	"headway/internal/platform/consumer/sqlite"
	logmongo "headway/internal/platform/eventlog/mongo"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/internal/platform/redisdb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
	"headway/test/servers"
)

var scale = consumertest.Scale{Streams: 12, Commits: 10, Crashes: 25}

// local are two processes over one database of this one.
func local(t *testing.T) (one, two consumertest.Process) {
	t.Helper()
	db := sqlitedbtest.Open(t, logsqlite.Migrations(), sqlite.Migrations(), consumertest.SQLiteMigrations())
	log, err := logsqlite.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	one = consumertest.Process{Log: log, Checkpoints: sqlite.New(db), Effects: consumertest.SQLite{DB: db}}
	return one, one
}

// TestPropertyOnMongoDB has two processes with nothing between them but the database.
func TestPropertyOnMongoDB(t *testing.T) {
	url := servers.FerretDB(t, servers.OnPostgres).StrictDatabase(t)
	wakeUps := bus.NewMemory()
	process := func() consumertest.Process {
		db := mongodbtest.Open(t, url, logmongo.Schema(), mongo.Schema(), consumertest.MongoSchema())
		return consumertest.Process{Log: logmongo.New(db), Bus: wakeUps, Checkpoints: mongo.New(db), Effects: consumertest.NewMongo(db)}
	}
	for range 2 {
		consumertest.Property(t, consumertest.Scale{Streams: 6, Commits: 6, Crashes: 15}, process(), process())
	}
}

func TestPropertyOverRedis(t *testing.T) {
	address := servers.Redis(t).URL() + "?timeout=5s&prefix=consumers"
	open := func() bus.Bus {
		target, err := redisdb.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		db, err := redisdb.Open(t.Context(), redisdb.Options{Target: target})
		if err != nil {
			t.Fatal(err)
		}
		b, err := busredis.New(busredis.Options{DB: db, Retry: bustest.Retry, Lease: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(b.Close(), db.Close()); err != nil {
				t.Error(err)
			}
		})
		return b
	}
	one, two := local(t)
	one.Bus, two.Bus = open(), open()
	consumertest.Property(t, scale, one, two)
}

func TestPropertyOverSQS(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	target, err := sqs.Parse(servers.SQS(t).URL("consumers"))
	if err != nil {
		t.Fatal(err)
	}
	one, two := local(t)
	open := func() bus.Bus {
		b, err := sqs.New(t.Context(), sqs.Options{
			Target: target, Retry: bustest.Retry, Lease: 3 * time.Second, Wait: time.Second, Discover: 100 * time.Millisecond,
			Changes: poll.Options{Source: one.Log},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	}
	one.Bus, two.Bus = open(), open()
	consumertest.Property(t, scale, one, two)
}

// polled is a bus of which nobody publishes: what has changed is polled.
type polled struct{ *bus.Memory }

// Publish implements bus.Bus.
func (polled) Publish(context.Context, bus.Reached) error { return nil }

func TestPropertyOverPolling(t *testing.T) {
	one, two := local(t)
	wakeUps := bus.NewMemory()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- poll.Run(ctx, poll.Options{Source: one.Log, Every: 5 * time.Millisecond}, ready, func(m bus.Reached) {
			if err := wakeUps.Publish(ctx, m); err != nil {
				t.Error(fmt.Errorf("publish: %w", err))
			}
		})
	}()
	<-ready
	one.Bus, two.Bus = polled{wakeUps}, polled{wakeUps}
	consumertest.Property(t, scale, one, two)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
