package poll_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headway/internal/platform/bus"
	"headway/internal/platform/bus/poll"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// away is a log that cannot always be asked.
type away struct {
	*memory.Log
	gone atomic.Bool
}

var errAway = errors.New("away")

func (a *away) Changed(ctx context.Context, category eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error) {
	if a.gone.Load() {
		return nil, after, errAway
	}
	return a.Log.Changed(ctx, category, after, limit)
}

func (a *away) Newest(ctx context.Context, category eventlog.Category) (eventlog.Cursor, error) {
	if a.gone.Load() {
		return 0, errAway
	}
	return a.Log.Newest(ctx, category)
}

func add(t *testing.T, log eventlog.Log, category eventlog.Category, stream ids.ID, expected uint64) {
	t.Helper()
	event := eventlog.Event{ID: ids.New(), Entity: ids.New(), Type: "t", Version: 1, At: time.Now(), Data: []byte("{}")}
	if _, err := log.Append(t.Context(), category, stream, expected, []eventlog.Event{event}); err != nil {
		t.Fatal(err)
	}
}

// follow runs a poller until the test's end.
func follow(t *testing.T, o poll.Options) (ready chan struct{}, told chan bus.Reached) {
	t.Helper()
	o.Every = time.Millisecond
	ready, told = make(chan struct{}), make(chan bus.Reached, 5000)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := poll.Run(ctx, o, ready, func(m bus.Reached) { told <- m }); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return ready, told
}

func TestTellsOfWhatChanges(t *testing.T) {
	t.Parallel()
	log := &away{Log: memory.New()}
	old := ids.New()
	add(t, log, eventlog.Workspace, old, 0)
	ready, told := follow(t, poll.Options{Source: log})
	<-ready
	one, two := ids.New(), ids.New()
	add(t, log, eventlog.Workspace, one, 0)
	if m := <-told; m.Stream != one || m.Seq != 1 {
		t.Errorf("told of %+v", m)
	}
	add(t, log, eventlog.Account, two, 0)
	if m := <-told; m.Stream != two || m.Seq != 1 {
		t.Errorf("told of %+v", m)
	}
	// What changes while it cannot be asked comes afterwards, merged.
	log.gone.Store(true)
	add(t, log, eventlog.Workspace, one, 1)
	add(t, log, eventlog.Workspace, one, 2)
	log.gone.Store(false)
	for m := range told {
		if m.Stream != one {
			t.Errorf("told of %+v", m)
		}
		if m.Seq == 3 {
			break
		}
	}
}

func TestTellsOfMoreThanAPage(t *testing.T) {
	t.Parallel()
	log := &away{Log: memory.New()}
	log.gone.Store(true)
	ready, told := follow(t, poll.Options{Source: log, Categories: []eventlog.Category{eventlog.Workspace}})
	select {
	case <-ready:
		t.Error("ready while the log cannot be asked")
	case <-time.After(10 * time.Millisecond):
	}
	log.gone.Store(false)
	<-ready
	log.gone.Store(true)
	const streams = 1234
	for range streams {
		add(t, log, eventlog.Workspace, ids.New(), 0)
	}
	log.gone.Store(false)
	seen := map[ids.ID]bool{}
	for len(seen) < streams {
		seen[(<-told).Stream] = true
	}
}

func TestWantsASource(t *testing.T) {
	t.Parallel()
	if err := poll.Run(t.Context(), poll.Options{}, nil, func(bus.Reached) {}); err == nil {
		t.Error("polls nothing")
	}
}
