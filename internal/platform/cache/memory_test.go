package cache_test

import (
	"context"
	"testing"
	"time"

	"headway/internal/platform/cache"
	"headway/internal/platform/cache/cachetest"
)

func newMemory(t testing.TB, maxBytes uint64) *cache.Memory {
	c, err := cache.NewMemory(maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMemory(t *testing.T) {
	cachetest.Run(t, func(t *testing.T, maxBytes uint64) cache.Cache { return newMemory(t, maxBytes) })
}

func TestStats(t *testing.T) {
	c := newMemory(t, 1<<20)
	c.Set(context.Background(), []byte("a"), []byte("1"), time.Hour)
	c.Get(context.Background(), []byte("a"))
	c.Get(context.Background(), []byte("b"))
	if s := c.Stats(); s.Hits != 1 || s.Misses != 1 || s.Bytes == 0 {
		t.Errorf("%+v", s)
	}
}

func BenchmarkGet(b *testing.B) {
	c := newMemory(b, 1<<20)
	key := []byte("a key about as long as a real one, 64 bytes, with the seq in it.")
	c.Set(context.Background(), key, make([]byte, 1000), time.Hour)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.Get(context.Background(), key)
		}
	})
}
