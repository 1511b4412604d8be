// Package cachetest is the conformance suite of the cache port. Every adapter runs it.
package cachetest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/cache"
)

// Run holds an adapter to what the port promises. open makes an empty cache of about maxBytes.
func Run(t *testing.T, open func(t *testing.T, maxBytes uint64) cache.Cache) {
	ctx := context.Background()
	t.Run("answers what was set", func(t *testing.T) {
		c := open(t, 1<<20)
		if _, ok := c.Get(ctx, []byte("a")); ok {
			t.Error("an empty cache has an entry")
		}
		c.Set(ctx, []byte("a"), []byte("1"), time.Hour)
		c.Set(ctx, []byte("a\x00"), []byte{}, time.Hour)
		if v, ok := c.Get(ctx, []byte("a")); !ok || string(v) != "1" {
			t.Errorf("%q %v", v, ok)
		}
		if v, ok := c.Get(ctx, []byte("a\x00")); !ok || len(v) != 0 {
			t.Errorf("%q %v", v, ok)
		}
		c.Set(ctx, []byte("a"), []byte("2"), time.Hour)
		if v, _ := c.Get(ctx, []byte("a")); string(v) != "2" {
			t.Errorf("%q", v)
		}
	})
	t.Run("the key's bytes may be used again after Get", func(t *testing.T) {
		c := open(t, 1<<20)
		c.Set(ctx, []byte("k1"), []byte("1"), time.Hour)
		key := []byte("k1")
		c.Get(ctx, key)
		key[1] = '2'
		if _, ok := c.Get(ctx, key); ok {
			t.Error("k2 was never set")
		}
		if v, ok := c.Get(ctx, []byte("k1")); !ok || string(v) != "1" {
			t.Errorf("%q %v", v, ok)
		}
	})
	t.Run("keeps nothing without time, and nothing too large", func(t *testing.T) {
		c := open(t, 64<<20)
		c.Set(ctx, []byte("a"), []byte("1"), 0)
		c.Set(ctx, []byte("b"), make([]byte, cache.MaxValue+1), time.Hour)
		c.Set(ctx, make([]byte, cache.MaxKey+1), []byte("1"), time.Hour)
		for _, key := range [][]byte{[]byte("a"), []byte("b"), make([]byte, cache.MaxKey+1)} {
			if _, ok := c.Get(ctx, key); ok {
				t.Errorf("kept a key of %d bytes", len(key))
			}
		}
	})
	t.Run("stays within its size", func(t *testing.T) {
		c := open(t, 1<<20)
		value := bytes.Repeat([]byte("x"), 10_000)
		for i := range 1000 {
			c.Set(ctx, fmt.Appendf(nil, "key-%d", i), value, time.Hour)
		}
		kept := 0
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
			kept = 0
			for i := range 1000 {
				if _, ok := c.Get(ctx, fmt.Appendf(nil, "key-%d", i)); ok {
					kept++
				}
			}
			if kept <= 200 {
				return // evicting may happen a little later
			}
		}
		t.Errorf("kept %d entries of 10 kB in 1 MiB", kept)
	})
	t.Run("lets go of what is too old", func(t *testing.T) {
		c := open(t, 1<<20)
		c.Set(ctx, []byte("short"), []byte("1"), 50*time.Millisecond)
		c.Set(ctx, []byte("long"), []byte("1"), time.Hour)
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			if _, ok := c.Get(ctx, []byte("short")); !ok {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("kept far beyond its time")
			}
		}
		if _, ok := c.Get(ctx, []byte("long")); !ok {
			t.Error("went with another's time")
		}
	})
	t.Run("concurrent use", func(t *testing.T) {
		c := open(t, 1<<18)
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				for i := range 2000 {
					key := fmt.Appendf(nil, "%d", (i+g)%300)
					c.Set(ctx, key, append([]byte("v"), key...), time.Minute)
					if v, ok := c.Get(ctx, key); ok && string(v) != "v"+string(key) {
						t.Errorf("%s has %s", key, v)
					}
				}
			})
		}
		all.Wait()
	})
}
