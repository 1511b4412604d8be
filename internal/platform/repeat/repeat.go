// Package repeat does work again and again in the background.
package repeat

import (
	"context"
	"time"
)

// Every calls do at once, and at each interval after, until ctx ends. One call
// ends before the next begins; intervals that pass meanwhile are left out.
func Every(ctx context.Context, interval time.Duration, do func(context.Context)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		do(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Watched is Every for what may fail for a while: changed hears of the first
// failure, and with nil of the first success after it. What ends with ctx is
// neither.
func Watched(ctx context.Context, interval time.Duration, do func(context.Context) error, changed func(error)) {
	well := true
	Every(ctx, interval, func(ctx context.Context) {
		err := do(ctx)
		if ctx.Err() != nil {
			return
		}
		if well != (err == nil) {
			changed(err)
		}
		well = err == nil
	})
}

// Pause waits, or answers false where ctx ends first.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
