package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What a server keeps is small beside what its requests make and drop, so the
// garbage collector runs less often than by default: garbage may take spareHeap,
// or as much as what lives where that is more, and three times that at most.
const (
	spareHeap    = 18 << 20
	leastPercent = 100
	mostPercent  = 300
)

// gcPercent answers GOGC for a heap of which so many bytes live.
func gcPercent(live uint64) int {
	return int(min(max(spareHeap*100/max(live, 1), leastPercent), mostPercent)) // #nosec G115 -- 100 to 300
}

// tuneGarbage keeps the garbage collector at that until ctx ends.
func tuneGarbage(ctx context.Context) {
	now := mostPercent
	debug.SetGCPercent(now)
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		metrics.Read(sample)
		if sample[0].Value.Kind() != metrics.KindUint64 {
			return
		}
		// A change stops all for a moment: small ones are not worth it.
		if want := gcPercent(sample[0].Value.Uint64()); want < now*9/10 || want > now*11/10 {
			now = want
			debug.SetGCPercent(now)
		}
	}
}
