//go:build servers

package redisdb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"go.uber.org/goleak"

	"headway/internal/platform/redisdb"
	"headway/test/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, servers.RedisLeftovers()...) }

// patience is how long a test waits for what must come in the end.
const patience = 30 * time.Second

// bound is what an exchange may take at most with the timeout that open sets;
// beyond the timeout it is what a busy machine adds.
const bound = 3 * time.Second

func open(t *testing.T, address string) *redisdb.DB {
	t.Helper()
	target, err := redisdb.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	db, err := redisdb.Open(t.Context(), redisdb.Options{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// set writes a key and reads it back.
func set(t *testing.T, db *redisdb.DB, key string) error {
	t.Helper()
	start := time.Now()
	err := db.Do(t.Context(), key, func(ctx context.Context, c rueidis.Client) error {
		if err := c.Do(ctx, c.B().Set().Key(key).Value("v").Build()).Error(); err != nil {
			return err
		}
		return c.Do(ctx, c.B().Get().Key(key).Build()).Error()
	})
	if took := time.Since(start); took > bound {
		t.Errorf("an exchange took %s", took)
	}
	if err != nil && !errors.Is(err, redisdb.ErrAway) {
		t.Fatal(err)
	}
	return err
}

// eventually waits until do answers nil.
func eventually(t *testing.T, what string, do func() error) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := do()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

func TestServerComesAndGoes(t *testing.T) {
	server := servers.Redis(t)
	db := open(t, server.URL()+"?timeout=100ms")
	eventually(t, "at first", func() error { return errors.Join(set(t, db, "a"), db.Ping(t.Context())) })
	for name, c := range map[string]struct{ off, on func() }{
		"killed": {server.Kill, func() { server.Start(t) }},
		"paused": {func() { server.Pause(t) }, func() { server.Resume(t) }},
	} {
		outages := db.Stats().Outages
		c.off()
		eventually(t, name, func() error {
			if set(t, db, "a") == nil {
				return errors.New("still answered")
			}
			return nil
		})
		before := db.Stats()
		start := time.Now()
		for range 1000 {
			if set(t, db, "a") == nil {
				t.Fatalf("%s: answered", name)
			}
		}
		after := db.Stats()
		if after.Refused-before.Refused != 1000 || after.Failures != before.Failures {
			t.Errorf("%s: of 1000 exchanges %d were refused at once, %d failed; in %s", name, after.Refused-before.Refused, after.Failures-before.Failures, time.Since(start))
		}
		if err := db.Ping(t.Context()); !errors.Is(err, redisdb.ErrAway) || after.Outages != outages+1 {
			t.Errorf("%s: ping %v, %d outages", name, err, after.Outages-outages)
		}
		c.on()
		eventually(t, name+" and back", func() error { return set(t, db, "a") })
		eventually(t, name+" and well", func() error { return db.Ping(t.Context()) })
	}
}

func TestStartsWithoutAServer(t *testing.T) {
	server := servers.Redis(t)
	server.Kill()
	db := open(t, server.URL())
	if err := set(t, db, "a"); !errors.Is(err, redisdb.ErrAway) {
		t.Fatal(err)
	}
	server.Start(t)
	eventually(t, "first connection", func() error { return set(t, db, "a") })
}

func TestANodeThatIsAwayLeavesTheOthers(t *testing.T) {
	cluster := servers.Cluster(t)
	db := open(t, cluster.URL()+"?timeout=100ms")
	keys := make([]string, 64)
	for i := range keys {
		keys[i] = fmt.Sprint("key-", i)
		eventually(t, "at first", func() error { return set(t, db, keys[i]) })
	}
	cluster.Nodes[1].Pause(t)
	for range 3 {
		for _, key := range keys {
			_ = set(t, db, key) // meets the node that is away
		}
	}
	before, served := db.Stats(), 0
	for _, key := range keys {
		if set(t, db, key) == nil {
			served++
		}
	}
	after := db.Stats()
	if served < len(keys)/3 || served == len(keys) {
		t.Errorf("%d of %d keys are served with one node of three away", served, len(keys))
	}
	if n := after.Failures - before.Failures; n > 16 {
		t.Errorf("%d exchanges waited for a node that is away", n)
	}
	cluster.Nodes[1].Resume(t)
	for _, key := range keys {
		eventually(t, key, func() error { return set(t, db, key) })
	}
	eventually(t, "well", func() error { return db.Ping(t.Context()) })
}

func TestACallerWhoLeavesShutsNothing(t *testing.T) {
	server := servers.Redis(t)
	db := open(t, server.URL())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := db.Do(ctx, "a", func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Get().Key("a").Build()).Error()
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, redisdb.ErrAway) || db.Away() {
		t.Errorf("%v, away %v", err, db.Away())
	}
	err = db.Do(t.Context(), "a", func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Get().Key("a").Build()).Error()
	})
	if !rueidis.IsRedisNil(err) || db.Away() {
		t.Errorf("a key that is not there: %v", err)
	}
	err = db.Do(t.Context(), "a", func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Arbitrary("NONSENSE").Build()).Error()
	})
	if _, ok := rueidis.IsRedisErr(err); !ok || db.Away() {
		t.Errorf("a command that Redis does not know: %v", err)
	}
}

func TestAWrongPasswordIsSaidAtStart(t *testing.T) {
	server := servers.Redis(t, "--requirepass", "right")
	for _, who := range []string{":wrong@", ""} {
		target, err := redisdb.Parse("redis://" + who + server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		db, err := redisdb.Open(t.Context(), redisdb.Options{Target: target})
		if err == nil {
			_ = db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "refuses the connection") || strings.Contains(err.Error(), ":wrong") {
			t.Errorf("%q: %v", who, err)
		}
	}
	if err := set(t, open(t, "redis://:right@"+server.Addr), "a"); err != nil {
		t.Error(err)
	}
}

func TestTLS(t *testing.T) {
	server, ca := servers.RedisTLS(t)
	if err := set(t, open(t, "rediss://"+server.TLSAddr+"?timeout=2s&ca="+ca), "a"); err != nil {
		t.Error(err)
	}
	target, err := redisdb.Parse("rediss://" + server.TLSAddr + "?timeout=2s")
	if err != nil {
		t.Fatal(err)
	}
	db, err := redisdb.Open(t.Context(), redisdb.Options{Target: target})
	if err == nil {
		_ = db.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "no safe connection") {
		t.Errorf("a certificate that nobody vouches for is answered %v", err)
	}
}

func TestSentinel(t *testing.T) {
	sentinels := servers.Sentinel(t)
	db := open(t, sentinels.URL())
	if err := set(t, db, "a"); err != nil {
		t.Fatal(err)
	}
	sentinels.Primary.Kill()
	eventually(t, "failover", func() error { return set(t, db, "a") })
}
