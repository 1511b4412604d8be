package consumertest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"headway/internal/platform/consumer"
	"headway/internal/platform/ids"
)

// reset begins and ends a replay.
func reset(t *testing.T, s Store) uint64 {
	t.Helper()
	generation, err := s.Checkpoints.BeginReset(t.Context(), name)
	ok(t, err)
	ok(t, s.Checkpoints.EndReset(t.Context(), name, generation, s.Effects.Drop))
	return generation
}

func beginsAnewAfterAReset(t *testing.T, s Store) {
	stream, fresh := ids.New(), ids.New()
	one, two := event(stream, 1), event(stream, 2)
	ok(t, s.Checkpoints.Commit(t.Context(), move(stream, 0, 2), take(s, one, two)))
	ok(t, s.Checkpoints.SaveCursor(t.Context(), name, 1, 99))
	generation, err := s.Checkpoints.BeginReset(t.Context(), name)
	ok(t, err)
	wantSeq(t, s.Other, stream, 0)
	state, err := s.Other.Load(t.Context(), name)
	if err != nil || generation != 2 || state.Generation != 2 || !state.Resetting || state.Cursor != 0 {
		t.Errorf("generation %d has begun at %+v, %v", generation, state, err)
	}
	ok(t, s.Checkpoints.EndReset(t.Context(), name, generation, func(ctx context.Context, tx consumer.Tx) error {
		if tx.Generation() != 2 {
			t.Errorf("the effects of generation %d are dropped", tx.Generation())
		}
		return s.Effects.Drop(ctx, tx)
	}))
	if state, err = s.Other.Load(t.Context(), name, stream); err != nil || state.Resetting {
		t.Errorf("afterwards it is at %+v, %v", state, err)
	}
	wantFold(t, s, stream, 1)
	// One that slept through it changes nothing.
	for _, m := range []consumer.Move{move(stream, 2, 3), move(fresh, 0, 1)} {
		if err := s.Other.Commit(t.Context(), m, nil); err != nil {
			wantMoved(t, err)
		}
		wantSeq(t, s.Checkpoints, m.Stream, 0)
	}
	again := move(stream, 0, 2)
	again.Generation = 2
	ok(t, s.Checkpoints.Commit(t.Context(), again, take(s, one, two)))
	wantMoved(t, s.Other.Commit(t.Context(), again, take(s, one, two)))
	wantSeq(t, s.Checkpoints, stream, 2)
	wantFold(t, s, stream, 2, one, two)
	wantMoved(t, s.Other.Commit(t.Context(), move(stream, 2, 3), nil))
}

func endsOnlyTheReplayThatBegan(t *testing.T, s Store) {
	generation, err := s.Checkpoints.BeginReset(t.Context(), name)
	ok(t, err)
	if err := s.Checkpoints.EndReset(t.Context(), name, generation, func(context.Context, consumer.Tx) error { return errEffect }); !errors.Is(err, errEffect) {
		t.Errorf("answered %v", err)
	}
	if state, err := s.Other.Load(t.Context(), name); err != nil || !state.Resetting {
		t.Errorf("a replay whose effects could not be dropped is at %+v, %v", state, err)
	}
	next, err := s.Other.BeginReset(t.Context(), name)
	if err != nil || next != generation+1 {
		t.Errorf("generation %d, %v", next, err)
	}
	if err := s.Checkpoints.EndReset(t.Context(), name, generation, nil); !errors.Is(err, consumer.ErrReset) {
		t.Errorf("the end of an earlier replay was answered %v", err)
	}
	ok(t, s.Other.EndReset(t.Context(), name, next, nil))
	if state, err := s.Checkpoints.Load(t.Context(), name); err != nil || state.Resetting || state.Generation != next {
		t.Errorf("afterwards it is at %+v, %v", state, err)
	}
}

func listsWhatIsSetAside(t *testing.T, s Store) {
	one, two := ids.New(), ids.New()
	a, b, c := aside(one, 1), aside(one, 2), aside(two, 1)
	wantAside(t, s, consumer.Place{}, 10)
	setAside(t, s, 1, a)
	setAside(t, s, 1, c)
	setAside(t, s, 1, b)
	wantSeq(t, s.Other, one, 2)
	wantAside(t, s, consumer.Place{}, 10, a, b, c)
	wantAside(t, s, consumer.Place{}, 2, a, b)
	wantAside(t, s, b.Place, 2, c)
	wantAside(t, s, consumer.Place{}, 0)
	b.Reason, b.Tries, b.At = "another", 4, at.Add(1e9)
	ok(t, s.Checkpoints.NoteAside(t.Context(), name, 1, b))
	ok(t, s.Checkpoints.NoteAside(t.Context(), name, 1, aside(two, 7)))
	ok(t, s.Checkpoints.NoteAside(t.Context(), name, 2, aside(one, 1)))
	wantAside(t, s, consumer.Place{}, 10, a, b, c)
	if list, err := s.Checkpoints.SetAside(t.Context(), "another", consumer.Place{}, 10); err != nil || len(list) != 0 {
		t.Errorf("of another consumer: %v, %v", list, err)
	}
	// A move that is refused sets nothing aside.
	refused, d := move(two, 5, 6), aside(two, 6)
	refused.Aside = &d
	wantMoved(t, s.Checkpoints.Commit(t.Context(), refused, nil))
	wantAside(t, s, consumer.Place{}, 10, a, b, c)
}

func releasesOnce(t *testing.T, s Store) {
	stream := ids.New()
	a, b := aside(stream, 1), aside(stream, 2)
	setAside(t, s, 1, a)
	setAside(t, s, 1, b)
	e := event(stream, 1)
	late := func(ctx context.Context, tx consumer.Tx) error { return s.Effects.Take(ctx, tx, e, true) }
	err := s.Checkpoints.Release(t.Context(), name, 1, a.Place, func(ctx context.Context, tx consumer.Tx) error {
		return errors.Join(late(ctx, tx), errEffect)
	})
	if !errors.Is(err, errEffect) {
		t.Errorf("answered %v", err)
	}
	wantAside(t, s, consumer.Place{}, 10, a, b)
	const rivals = 4
	errs := make([]error, rivals)
	var wg sync.WaitGroup
	for i := range rivals {
		c := s.Checkpoints
		if i%2 == 1 {
			c = s.Other
		}
		wg.Go(func() { errs[i] = c.Release(t.Context(), name, 1, a.Place, late) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, consumer.ErrNotAside) {
			t.Errorf("answered %v", err)
		}
	}
	got, err := s.Effects.Read(t.Context(), stream, 1)
	if want := (Fold{Late: []uint64{1}}); err != nil || won != 1 || !got.Equal(want) {
		t.Errorf("%d of %d released it, and the effects are %+v, %v", won, rivals, got, err)
	}
	wantAside(t, s, consumer.Place{}, 10, b)
	if err := s.Checkpoints.Release(t.Context(), name, 2, b.Place, nil); !errors.Is(err, consumer.ErrNotAside) {
		t.Errorf("in another generation it was answered %v", err)
	}
	ok(t, s.Checkpoints.Release(t.Context(), name, 1, b.Place, nil))
	wantAside(t, s, consumer.Place{}, 10)
	// The checkpoint goes on, and more can be set aside.
	c := aside(stream, 3)
	setAside(t, s, 1, c)
	wantAside(t, s, consumer.Place{}, 10, c)
}

func dropsAsideAtReset(t *testing.T, s Store) {
	stream := ids.New()
	a := aside(stream, 1)
	setAside(t, s, 1, a)
	generation := reset(t, s)
	wantAside(t, s, consumer.Place{}, 10)
	if err := s.Checkpoints.Release(t.Context(), name, 1, a.Place, nil); !errors.Is(err, consumer.ErrNotAside) {
		t.Errorf("answered %v", err)
	}
	setAside(t, s, generation, a)
	wantAside(t, s, consumer.Place{}, 10, a)
}
