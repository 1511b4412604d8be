// Package consumertest holds what adapters of consumers are held to: the
// conformance suite of their checkpoints, and a property test in which
// processes of a consumer crash, stall and hear wrong things, and yet each
// event takes effect once.
package consumertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Store is a set of checkpoints, as two processes see it, with effects beside them.
type Store struct {
	Checkpoints, Other consumer.Checkpoints
	Effects            Effects
}

// Run holds an adapter to what the port promises. open answers an empty store
// that goes with its test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for name, test := range map[string]func(*testing.T, Store){
		"BeginsAtZero":               beginsAtZero,
		"MovesWithItsEffect":         movesWithItsEffect,
		"RefusesAMoveFromElsewhere":  refusesAMoveFromElsewhere,
		"UndoesTheEffectOfAnError":   undoesTheEffectOfAnError,
		"TellsAfterTheCommit":        tellsAfterTheCommit,
		"OneOfManyMovesSucceeds":     oneOfManyMovesSucceeds,
		"LoadsManyAtOnce":            loadsManyAtOnce,
		"KeepsConsumersApart":        keepsConsumersApart,
		"KeepsTheCursorThatIsAhead":  keepsTheCursor,
		"BeginsAnewAfterAReset":      beginsAnewAfterAReset,
		"ListsWhatIsSetAside":        listsWhatIsSetAside,
		"ReleasesOnce":               releasesOnce,
		"DropsWhatWasAsideAtAReset":  dropsAsideAtReset,
		"EndsOnlyTheReplayThatBegan": endsOnlyTheReplayThatBegan,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

const name = "test-consumer"

// event makes the event at a place.
func event(stream ids.ID, seq uint64) *eventlog.Event {
	return &eventlog.Event{ID: ids.New(), Stream: stream, Seq: seq, Type: "test.happened", Version: 1, Data: fmt.Appendf(nil, `{"seq":%d}`, seq)}
}

// take is the effect of events.
func take(s Store, events ...*eventlog.Event) consumer.Effect {
	return func(ctx context.Context, tx consumer.Tx) error {
		for _, e := range events {
			if err := s.Effects.Take(ctx, tx, e, false); err != nil {
				return err
			}
		}
		return nil
	}
}

func move(stream ids.ID, from, to uint64) consumer.Move {
	return consumer.Move{Consumer: name, Generation: 1, Stream: stream, From: from, To: to}
}

func wantSeq(t *testing.T, c consumer.Checkpoints, stream ids.ID, want uint64) {
	t.Helper()
	state, err := c.Load(t.Context(), name, stream)
	if err != nil || state.Seqs[stream] != want {
		t.Errorf("the checkpoint is at %d, %v; want %d", state.Seqs[stream], err, want)
	}
}

func wantFold(t *testing.T, s Store, stream ids.ID, generation uint64, events ...*eventlog.Event) {
	t.Helper()
	var want Fold
	for _, e := range events {
		want.Take(e, false)
	}
	if got, err := s.Effects.Read(t.Context(), stream, generation); err != nil || !got.Equal(want) {
		t.Errorf("the effects are %+v, %v; want %+v", got, err, want)
	}
}

func wantMoved(t *testing.T, err error) {
	t.Helper()
	var moved *consumer.MovedError
	if !errors.As(err, &moved) {
		t.Errorf("answered %v; want a *MovedError", err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func beginsAtZero(t *testing.T, s Store) {
	stream := ids.New()
	state, err := s.Checkpoints.Load(t.Context(), name, stream)
	if err != nil || state.Generation != 1 || state.Resetting || state.Cursor != 0 || len(state.Seqs) != 0 {
		t.Errorf("a new consumer is at %+v, %v", state, err)
	}
}

func movesWithItsEffect(t *testing.T, s Store) {
	stream := ids.New()
	one, two, three := event(stream, 1), event(stream, 2), event(stream, 3)
	ok(t, s.Checkpoints.Commit(t.Context(), move(stream, 0, 2), take(s, one, two)))
	wantSeq(t, s.Other, stream, 2)
	ok(t, s.Other.Commit(t.Context(), move(stream, 2, 3), take(s, three)))
	wantSeq(t, s.Checkpoints, stream, 3)
	ok(t, s.Checkpoints.Commit(t.Context(), move(stream, 3, 9), nil))
	wantSeq(t, s.Checkpoints, stream, 9)
	wantFold(t, s, stream, 1, one, two, three)
}

func refusesAMoveFromElsewhere(t *testing.T, s Store) {
	stream := ids.New()
	one, two := event(stream, 1), event(stream, 2)
	wantMoved(t, s.Checkpoints.Commit(t.Context(), move(stream, 1, 2), nil))
	ok(t, s.Checkpoints.Commit(t.Context(), move(stream, 0, 2), take(s, one, two)))
	// One that slept, and does again what is done.
	wantMoved(t, s.Other.Commit(t.Context(), move(stream, 0, 1), take(s, one)))
	wantMoved(t, s.Other.Commit(t.Context(), move(stream, 1, 3), take(s, two)))
	wantMoved(t, s.Other.Commit(t.Context(), move(stream, 3, 4), nil))
	wantSeq(t, s.Checkpoints, stream, 2)
	wantFold(t, s, stream, 1, one, two)
}

var errEffect = errors.New("the effect's own error")

func undoesTheEffectOfAnError(t *testing.T, s Store) {
	stream := ids.New()
	one := event(stream, 1)
	err := s.Checkpoints.Commit(t.Context(), move(stream, 0, 1), func(ctx context.Context, tx consumer.Tx) error {
		tx.OnCommit(func() { t.Error("told of what failed") })
		return errors.Join(take(s, one)(ctx, tx), errEffect)
	})
	if !errors.Is(err, errEffect) {
		t.Errorf("answered %v", err)
	}
	wantSeq(t, s.Checkpoints, stream, 0)
	ok(t, s.Checkpoints.Commit(t.Context(), move(stream, 0, 1), take(s, one)))
	wantFold(t, s, stream, 1, one)
}

func tellsAfterTheCommit(t *testing.T, s Store) {
	stream := ids.New()
	told := 0
	ok(t, s.Checkpoints.Commit(t.Context(), move(stream, 0, 4), func(_ context.Context, tx consumer.Tx) error {
		if tx.Generation() != 1 {
			t.Errorf("generation %d", tx.Generation())
		}
		tx.OnCommit(func() {
			told++
			wantSeq(t, s.Other, stream, 4)
		})
		return nil
	}))
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func oneOfManyMovesSucceeds(t *testing.T, s Store) {
	const rounds, rivals = 8, 4
	stream := ids.New()
	var all []*eventlog.Event
	for round := range uint64(rounds) {
		e := event(stream, round+1)
		all = append(all, e)
		var wg sync.WaitGroup
		errs := make([]error, rivals)
		for i := range rivals {
			c := s.Checkpoints
			if i%2 == 1 {
				c = s.Other
			}
			wg.Go(func() { errs[i] = c.Commit(t.Context(), move(stream, round, round+1), take(s, e)) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				wantMoved(t, err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d succeeded in round %d", won, rivals, round)
		}
	}
	wantFold(t, s, stream, 1, all...)
}

func loadsManyAtOnce(t *testing.T, s Store) {
	var streams []ids.ID
	for i := range uint64(consumer.MaxLoad) {
		streams = append(streams, ids.New())
		if i%20 == 7 {
			ok(t, s.Checkpoints.Commit(t.Context(), move(streams[i], 0, i), nil))
		}
	}
	state, err := s.Other.Load(t.Context(), name, streams...)
	ok(t, err)
	for i, id := range streams {
		want := uint64(0)
		if i%20 == 7 {
			want = uint64(i) // #nosec G115 -- an index
		}
		if state.Seqs[id] != want {
			t.Errorf("checkpoint %d is %d", i, state.Seqs[id])
		}
	}
}

func keepsConsumersApart(t *testing.T, s Store) {
	stream := ids.New()
	ok(t, s.Checkpoints.Commit(t.Context(), move(stream, 0, 5), nil))
	ok(t, s.Checkpoints.SaveCursor(t.Context(), name, 1, 12))
	other := move(stream, 0, 2)
	other.Consumer = "another"
	ok(t, s.Checkpoints.Commit(t.Context(), other, nil))
	state, err := s.Checkpoints.Load(t.Context(), "another", stream)
	if err != nil || state.Seqs[stream] != 2 {
		t.Errorf("the other consumer is at %+v, %v", state, err)
	}
	if state, err := s.Checkpoints.Load(t.Context(), "another"); err != nil || state.Cursor != 0 {
		t.Errorf("the other consumer's cursor is %d, %v", state.Cursor, err)
	}
	_, err = s.Checkpoints.BeginReset(t.Context(), "another")
	ok(t, err)
	wantSeq(t, s.Checkpoints, stream, 5)
}

func keepsTheCursor(t *testing.T, s Store) {
	for _, c := range []struct {
		generation uint64
		to, want   eventlog.Cursor
	}{{1, 1 << 55, 1 << 55}, {1, 7, 1 << 55}, {1, 1<<55 + 3, 1<<55 + 3}, {2, 1 << 56, 1<<55 + 3}} {
		ok(t, s.Checkpoints.SaveCursor(t.Context(), name, c.generation, c.to))
		if state, err := s.Other.Load(t.Context(), name); err != nil || state.Cursor != c.want {
			t.Errorf("after %d in generation %d the cursor is %d, %v; want %d", c.to, c.generation, state.Cursor, err, c.want)
		}
	}
}

var at = time.Date(2026, 3, 1, 9, 30, 0, 123e6, time.UTC)

func aside(stream ids.ID, seq uint64) consumer.Aside {
	return consumer.Aside{
		Place: consumer.Place{Stream: stream, Seq: seq}, Event: ids.New(), Type: "test.happened",
		Reason: "Grüße: " + strings.Repeat("r", 300), Tries: 3, At: at.Add(time.Duration(seq) * time.Millisecond), // #nosec G115 -- small
	}
}

// setAside moves over the event at seq, which is set aside.
func setAside(t *testing.T, s Store, generation uint64, a consumer.Aside) {
	t.Helper()
	m := move(a.Stream, a.Seq-1, a.Seq)
	m.Generation, m.Aside = generation, &a
	ok(t, s.Checkpoints.Commit(t.Context(), m, nil))
}

func wantAside(t *testing.T, s Store, after consumer.Place, limit int, want ...consumer.Aside) {
	t.Helper()
	got, err := s.Other.SetAside(t.Context(), name, after, limit)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("set aside are %+v, %v\nwant %+v", got, err, want)
	}
}
