//go:build servers

package redis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"headway/internal/platform/redisdb"
	"headway/test/servers"
)

// BenchmarkHit reads a page that this process has: from its own cache, and,
// for comparison, from the client library's, which Redis tells of changes.
func BenchmarkHit(b *testing.B) {
	server := servers.Redis(b)
	address := server.URL() + "?timeout=10s"
	key, value := []byte("a key about as long as a real one, 64 bytes, with the seq in it."), make([]byte, 30_000)
	b.Run("own", func(b *testing.B) {
		c := open(b, address, "1", 1<<20)
		c.Set(b.Context(), key, value, time.Hour)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, ok := c.Get(b.Context(), key); !ok {
					b.Error("gone")
				}
			}
		})
	})
	b.Run("tracked", func(b *testing.B) {
		target, err := redisdb.Parse(address)
		if err != nil {
			b.Fatal(err)
		}
		db, err := redisdb.Open(b.Context(), redisdb.Options{Target: target})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		name := string(key)
		err = db.Do(b.Context(), name, func(ctx context.Context, c rueidis.Client) error {
			return c.Do(ctx, c.B().Set().Key(name).Value(string(value)).Build()).Error()
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				err := db.Do(b.Context(), name, func(ctx context.Context, c rueidis.Client) error {
					_, err := c.DoCache(ctx, c.B().Get().Key(name).Cache(), time.Hour).AsBytes()
					return err
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkMiss reads pages that another process has made, and reports how
// many commands Redis was sent for each, in both ways.
func BenchmarkMiss(b *testing.B) {
	for _, way := range []string{"own", "tracked"} {
		b.Run(way, func(b *testing.B) {
			server := servers.Redis(b)
			address := server.URL() + "?timeout=10s"
			target, err := redisdb.Parse(address)
			if err != nil {
				b.Fatal(err)
			}
			db, err := redisdb.Open(b.Context(), redisdb.Options{Target: target})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			c := open(b, address, "1", 1<<20)
			before := total(b, server)
			n := 0
			for b.Loop() {
				n++
				key := fmt.Sprint("key ", n)
				if way == "own" {
					c.Get(b.Context(), []byte(key))
					continue
				}
				err := db.Do(b.Context(), key, func(ctx context.Context, r rueidis.Client) error {
					return r.DoCache(ctx, r.B().Get().Key(key).Cache(), time.Hour).Error()
				})
				if err != nil && !rueidis.IsRedisNil(err) {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(total(b, server)-before)/float64(n), "commands/op")
		})
	}
}

// total is how many commands the server has run, what connections do by themselves left out.
func total(b *testing.B, server *servers.RedisServer) (n int) {
	b.Helper()
	for name, calls := range server.Commands(b) {
		if name != "ping" && name != "info" {
			n += calls
		}
	}
	return n
}
