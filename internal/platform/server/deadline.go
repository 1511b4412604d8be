package server

import (
	"context"
	"sync"
	"time"
)

// deadline is a context with a deadline whose timer is started by the first
// who waits for it. Most requests are answered without anybody waiting, and a
// timer costs as much as some of their whole work. stop is to be called at the end.
type deadline struct {
	context.Context
	at time.Time

	mu     sync.Mutex
	inner  context.Context // nil as long as nobody waits
	cancel context.CancelFunc
	ended  bool
}

func withDeadline(parent context.Context, at time.Time) *deadline {
	if earlier, ok := parent.Deadline(); ok && earlier.Before(at) {
		at = earlier
	}
	return &deadline{Context: parent, at: at}
}

// stop lets go of the timer and ends the context, as a cancel function does.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.cancel != nil {
		d.cancel()
	}
}

// Deadline implements context.Context.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// Done implements context.Context.
func (d *deadline) Done() <-chan struct{} { return d.started().Done() }

// Err implements context.Context.
func (d *deadline) Err() error {
	d.mu.Lock()
	inner, ended := d.inner, d.ended
	d.mu.Unlock()
	switch {
	case inner != nil:
		return inner.Err()
	case d.Context.Err() != nil:
		return d.Context.Err()
	case ended:
		return context.Canceled
	case !time.Now().Before(d.at):
		return context.DeadlineExceeded
	}
	return nil
}

func (d *deadline) started() context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner == nil {
		d.inner, d.cancel = context.WithDeadline(d.Context, d.at)
		if d.ended {
			d.cancel()
		}
	}
	return d.inner
}
