package consumertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Process is what one process of a consumer stands on. Those of a test share
// what lies beneath.
type Process struct {
	Log         eventlog.Log
	Bus         bus.Bus
	Checkpoints consumer.Checkpoints
	Effects     Effects
}

// Scale is the size of a history.
type Scale struct {
	// Streams get up to Commits commits each, of up to five events.
	Streams, Commits int
	// Crashes is how many processes die in all.
	Crashes int64
}

// patience is how long a history may take to come to its end. A correct
// consumer is far from it.
const patience = 90 * time.Second

// Property runs a random history: writers append to streams and tell of it
// over a bus that drops, doubles, reorders and delays, some events cannot be
// handled, processes of one consumer stall and die, and one replays. Then the
// effects must be those of each event once, in order. HEADWAY_SEED says the
// seed of a run that is to be repeated, as far as goroutines can be.
func Property(t *testing.T, scale Scale, processes ...Process) {
	t.Helper()
	seed := rand.Uint64() // #nosec G404 -- a test's choices
	if text := os.Getenv("HEADWAY_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("HEADWAY_SEED=%d", seed)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	h := &history{T: t, scale: scale, processes: processes, random: newDice(seed), name: fmt.Sprintf("property-%d", seed%1e6)}
	h.lives.Store(scale.Crashes)
	for range scale.Streams {
		h.streams = append(h.streams, ids.New())
	}
	for i := range processes {
		h.unruly = append(h.unruly, NewUnruly(processes[i].Bus, seed+uint64(i))) // #nosec G115 -- an index
	}
	h.run(ctx)
}

type history struct {
	*testing.T
	scale     Scale
	processes []Process
	unruly    []*Unruly
	streams   []ids.ID
	random    *dice
	name      string
	lives     atomic.Int64
	mended    atomic.Bool // the handler can handle what it could not
}

// body is an event's payload.
type body struct {
	N int `json:"n"`
	// Poison is "error", "panic" or "effect" for what cannot be handled, and how.
	Poison string `json:"poison,omitempty"`
}

func (h *history) run(ctx context.Context) {
	var writers, runners sync.WaitGroup
	running, stop := context.WithCancel(ctx)
	defer runners.Wait()
	defer stop()
	for i := range h.processes {
		runners.Go(func() { h.process(running, i) })
	}
	for i := range 3 {
		writers.Go(func() { h.write(ctx, i) })
	}
	h.replay(ctx)
	writers.Wait()
	for _, u := range h.unruly {
		u.Settle()
	}
	if h.await(ctx) {
		h.mend(ctx)
		h.compare(ctx)
	}
}

// write appends to every third stream and tells of it.
func (h *history) write(ctx context.Context, which int) {
	heads := map[ids.ID]uint64{}
	for range h.scale.Commits {
		for i := which; i < len(h.streams); i += 3 {
			stream := h.streams[i]
			batch := make([]eventlog.Event, 1+h.random.below(5))
			for k := range batch {
				b := body{N: h.random.below(1000)}
				if h.random.oneIn(60) {
					b.Poison = [...]string{"error", "panic", "effect"}[h.random.below(3)]
				}
				data, err := json.Marshal(b)
				if err != nil {
					h.Error(err)
				}
				batch[k] = eventlog.Event{ID: ids.New(), Entity: stream, Type: "test.happened", Version: 1, At: time.Now(), Data: data}
			}
			process := h.random.below(len(h.processes))
			done, err := h.processes[process].Log.Append(ctx, eventlog.Workspace, stream, heads[stream], batch)
			if err != nil {
				h.Errorf("append: %v", err)
				return
			}
			heads[stream] = done.Last
			if err := h.unruly[process].Publish(ctx, bus.Reached{Stream: stream, Seq: done.Last}); err != nil {
				h.Errorf("publish: %v", err)
			}
		}
	}
}

// options are those of a runner of a process.
func (h *history) options(which int, checkpoints consumer.Checkpoints) consumer.Options {
	p := h.processes[which]
	return consumer.Options{
		Name: h.name, Category: eventlog.Workspace, Events: p.Log, Bus: p.Bus, Checkpoints: checkpoints,
		Handler: &handler{history: h, Process: p}, Batch: 16, Parallel: 4, Queue: len(h.streams)/2 + 1, Tries: 2,
		Backoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond, SweepEvery: 15 * time.Millisecond,
	}
}

// process runs a process, and another in its place when it dies.
func (h *history) process(ctx context.Context, which int) {
	for ctx.Err() == nil {
		life, kill := context.WithCancel(ctx)
		r, err := consumer.New(h.options(which, &dying{Checkpoints: h.processes[which].Checkpoints, random: h.random, lives: &h.lives, kill: kill}))
		if err != nil {
			h.Error(err)
			kill()
			return
		}
		if err := r.Run(life); err != nil {
			h.Errorf("run: %v", err)
		}
		kill()
	}
}

// runner answers one that does not die.
func (h *history) runner() *consumer.Runner {
	r, err := consumer.New(h.options(0, h.processes[0].Checkpoints))
	if err != nil {
		h.Fatal(err)
	}
	return r
}

// replay begins anew in the middle, for every other seed.
func (h *history) replay(ctx context.Context) {
	if h.random.oneIn(2) {
		return
	}
	time.Sleep(time.Duration(h.random.below(60)) * time.Millisecond)
	if err := h.runner().Reset(ctx); err != nil {
		h.Errorf("reset: %v", err)
	}
}

var errBack = errors.New("a checkpoint went back")

// await waits until the checkpoints are at the heads, and answers whether they came there.
func (h *history) await(ctx context.Context) bool {
	var generation uint64
	seen := map[ids.ID]uint64{}
	behind := func() error {
		state, err := h.processes[0].Checkpoints.Load(ctx, h.name, h.streams...)
		if err != nil {
			return err
		}
		if state.Generation != generation {
			generation = state.Generation
			clear(seen)
		}
		for _, stream := range h.streams {
			at := state.Seqs[stream]
			if at < seen[stream] {
				return fmt.Errorf("%w: of stream %s from %d to %d", errBack, stream, seen[stream], at)
			}
			seen[stream] = at
			head, err := h.processes[0].Log.Head(ctx, stream)
			if err != nil {
				return err
			}
			if at != head {
				return fmt.Errorf("the checkpoint of stream %s is %d, its head %d", stream, at, head)
			}
		}
		return nil
	}
	for {
		err := behind()
		switch {
		case err == nil:
			return true
		case errors.Is(err, errBack):
			h.Error(err)
			return false
		}
		select {
		case <-ctx.Done():
			h.Errorf("the consumer did not come to the end: %v", errors.Join(err, ctx.Err()))
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
}
