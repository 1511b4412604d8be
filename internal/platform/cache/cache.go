// Package cache is the port of a cache of answers. A key names one answer for
// ever (it holds the seq and the viewer's access class), so nothing is ever
// invalidated: entries only age out or make room. Losing any entry at any time
// is harmless.
package cache

import (
	"context"
	"time"
)

// MaxKey and MaxValue bound an entry, in bytes. A larger one is not kept.
const (
	MaxKey   = 1 << 10
	MaxValue = 4 << 20
)

// Cache keeps values by key. It is safe for concurrent use. A cache that
// cannot be reached behaves like an empty one.
type Cache interface {
	// Get answers the value, and whether it is there. The value must not be changed.
	Get(ctx context.Context, key []byte) (value []byte, ok bool)
	// Set keeps the value for up to ttl. Neither key nor value may be changed
	// by the caller afterwards. A ttl of 0 or less keeps nothing.
	Set(ctx context.Context, key, value []byte, ttl time.Duration)
}

// Stats are a cache's figures for metrics.
type Stats struct {
	Hits, Misses uint64
	// Bytes is what the entries weigh, where the adapter knows it.
	Bytes uint64
}
