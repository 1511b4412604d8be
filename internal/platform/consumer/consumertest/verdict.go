package consumertest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// handler folds events, and fails as their payloads say.
type handler struct {
	*history
	Process
}

var errPoison = errors.New("this event cannot be handled")

// Handle implements consumer.Handler.
func (d *handler) Handle(_ context.Context, batch consumer.Batch) (consumer.Effect, error) {
	if d.random.oneIn(60) {
		return nil, consumer.Temporary(errors.New("away for a moment"))
	}
	bad := false
	for i := range batch.Events {
		var b body
		if err := json.Unmarshal(batch.Events[i].Data, &b); err != nil {
			return nil, err
		}
		if d.mended.Load() {
			continue
		}
		switch b.Poison {
		case "error":
			return nil, errPoison
		case "panic":
			panic(errPoison)
		case "effect":
			bad = true
		}
	}
	return func(ctx context.Context, tx consumer.Tx) error {
		for i := range batch.Events {
			if err := d.Effects.Take(ctx, tx, &batch.Events[i], batch.Late); err != nil {
				return err
			}
		}
		if bad && tx.Together() { // what is apart has no way back
			return consumer.Poison(errPoison)
		}
		d.tell(tx, &batch)
		return nil
	}, nil
}

// tell sees that others are told only of what is committed.
func (d *handler) tell(tx consumer.Tx, batch *consumer.Batch) {
	if batch.Late {
		return
	}
	stream, last := batch.Stream, batch.Events[len(batch.Events)-1].Seq
	tx.OnCommit(func() {
		state, err := d.Checkpoints.Load(context.Background(), d.name, stream)
		if err != nil {
			d.Errorf("load, after a commit: %v", err)
		} else if state.Generation == batch.Generation && state.Seqs[stream] < last {
			d.Errorf("told of event %d of stream %s while the checkpoint is at %d", last, stream, state.Seqs[stream])
		}
	})
}

// Reset implements consumer.Handler.
func (d *handler) Reset(ctx context.Context, tx consumer.Tx) error { return d.Effects.Drop(ctx, tx) }

// together reports whether effects commit with checkpoints.
func (h *history) together(ctx context.Context) (yes bool) {
	err := h.processes[0].Checkpoints.Commit(ctx, consumer.Move{Consumer: h.name + "-probe", Generation: 1, Stream: ids.New(), To: 1},
		func(_ context.Context, tx consumer.Tx) error { yes = tx.Together(); return nil })
	if err != nil {
		h.Error(err)
	}
	return yes
}

// expect answers what a stream must come to, and which of its events are set aside.
func (h *history) expect(ctx context.Context, stream ids.ID, together bool) (want Fold, aside []uint64) {
	events, err := h.processes[0].Log.Read(ctx, stream, 0, 1<<20)
	if err != nil {
		h.Error(err)
	}
	for i := range events {
		e := &events[i]
		var b body
		if err := json.Unmarshal(e.Data, &b); err != nil {
			h.Error(err)
		}
		if b.Poison == "error" || b.Poison == "panic" || b.Poison == "effect" && together {
			aside = append(aside, e.Seq)
		} else {
			want.Take(e, false)
		}
	}
	return want, aside
}

// asideOf answers what is set aside, by stream.
func (h *history) asideOf(ctx context.Context, r *consumer.Runner) map[ids.ID][]uint64 {
	out := map[ids.ID][]uint64{}
	var after consumer.Place
	for {
		list, err := r.SetAside(ctx, after, 7)
		if err != nil {
			h.Error(err)
		}
		for _, a := range list {
			if a.Reason == "" || a.Tries < 1 || a.Type != "test.happened" || a.Event.IsZero() {
				h.Errorf("set aside: %+v", a)
			}
			out[a.Stream] = append(out[a.Stream], a.Seq)
			after = a.Place
		}
		if len(list) < 7 {
			return out
		}
	}
}

// mend sees that what cannot be handled is set aside, all of it and nothing
// else, and has it handled once the handler can.
func (h *history) mend(ctx context.Context) {
	r, together := h.runner(), h.together(ctx)
	got := h.asideOf(ctx, r)
	for _, stream := range h.streams {
		if _, want := h.expect(ctx, stream, together); !slices.Equal(got[stream], want) {
			h.Errorf("of stream %s, %v are set aside; want %v", stream, got[stream], want)
		}
	}
	h.mended.Store(true)
	for ctx.Err() == nil && len(h.asideOf(ctx, r)) > 0 {
		if _, err := r.RetryAll(ctx, 100); err != nil {
			h.Logf("retried: %v", err) // away for a moment
		}
	}
}

// compare holds the effects to a fold of the log.
func (h *history) compare(ctx context.Context) {
	state, err := h.processes[0].Checkpoints.Load(ctx, h.name)
	if err != nil {
		h.Fatal(err)
	}
	together, events := h.together(ctx), int64(0)
	for _, stream := range h.streams {
		want, aside := h.expect(ctx, stream, together)
		want.Late = aside
		events += want.N + int64(len(aside))
		for i := range h.processes {
			got, err := h.processes[i].Effects.Read(ctx, stream, state.Generation)
			if err != nil || !got.Equal(want) {
				h.Errorf("stream %s came to %+v, %v; want %+v", stream, got, err, want)
			}
		}
	}
	h.Logf("%d events of %d streams, %d crashes, generation %d", events, len(h.streams), h.scale.Crashes-max(h.lives.Load(), 0), state.Generation)
}

var _ consumer.Handler = (*handler)(nil)

var _ consumer.Source = eventlog.Log(nil)
