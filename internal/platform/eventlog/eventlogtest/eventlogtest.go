// Package eventlogtest holds the conformance suite of the event log: every
// adapter runs it, and what it asserts is what callers may rely on.
package eventlogtest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Run runs the suite. open answers an empty log that goes with its test.
func Run(t *testing.T, open func(t *testing.T) eventlog.Log) {
	for name, test := range map[string]func(*testing.T, eventlog.Log){
		"KeepsWhatWasAppended":        keepsWhatWasAppended,
		"RefusesAnotherHead":          refusesAnotherHead,
		"RefusesNothing":              refusesNothing,
		"AppendsAnEventOnce":          appendsAnEventOnce,
		"PagesBothWays":               pagesBothWays,
		"ReadsOneEntity":              readsOneEntity,
		"TellsWhatChanged":            tellsWhatChanged,
		"TellsWhatChangesFromNowOn":   tellsWhatChangesFromNowOn,
		"ConcurrentAppendsLeaveNoGap": concurrentAppendsLeaveNoGap,
		"AppendsABatchOfManyOnce":     appendsABatchOfManyOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

var at = time.Date(2026, 3, 1, 9, 30, 0, 123e6, time.UTC)

func event(entity ids.ID, n int) eventlog.Event {
	return eventlog.Event{
		ID: ids.New(), Entity: entity, Type: "test.happened", Version: 1,
		At: at.Add(time.Duration(n) * time.Millisecond), Data: fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

func events(n int) []eventlog.Event {
	out := make([]eventlog.Event, n)
	for i := range out {
		out[i] = event(ids.New(), i)
	}
	return out
}

func add(t *testing.T, log eventlog.Log, category eventlog.Category, stream ids.ID, expected uint64, batch ...eventlog.Event) {
	t.Helper()
	got, err := log.Append(t.Context(), category, stream, expected, batch)
	want := eventlog.Appended{First: expected + 1, Last: expected + uint64(len(batch))}
	if err != nil || got != want {
		t.Fatalf("append answered %+v, %v; want %+v", got, err, want)
	}
}

func seqs(t *testing.T, got []eventlog.Event, err error) []uint64 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var out []uint64
	for _, e := range got {
		out = append(out, e.Seq)
	}
	return out
}

func wantSeqs(t *testing.T, what string, got []uint64, want ...uint64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: seqs %v, want %v", what, got, want)
	}
}

func keepsWhatWasAppended(t *testing.T, log eventlog.Log) {
	stream := ids.New()
	full := event(ids.New(), 1)
	full.Scope, full.Actor, full.Cause, full.Version = ids.New(), ids.New(), "undo:7", 3
	bare := event(ids.New(), 2)
	bare.Data = []byte(`{"text":"Grüße, 世界 \u0000"}`)
	add(t, log, eventlog.Workspace, stream, 0, full, bare)
	got, err := log.Read(t.Context(), stream, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []eventlog.Event{full, bare} {
		want.Stream, want.Seq = stream, uint64(i)+1
		if fmt.Sprint(got[i]) != fmt.Sprint(want) {
			t.Errorf("read %+v\nwant %+v", got[i], want)
		}
	}
	if head, err := log.Head(t.Context(), stream); head != 2 || err != nil {
		t.Errorf("head is %d, %v", head, err)
	}
	if head, err := log.Head(t.Context(), ids.New()); head != 0 || err != nil {
		t.Errorf("the head of no stream is %d, %v", head, err)
	}
	if got, err := log.Read(t.Context(), ids.New(), 0, 10); len(got) != 0 || err != nil {
		t.Errorf("no stream holds %v, %v", got, err)
	}
}

func refusesAnotherHead(t *testing.T, log eventlog.Log) {
	stream := ids.New()
	add(t, log, eventlog.Workspace, stream, 0, events(3)...)
	for _, expected := range []uint64{0, 2, 4} {
		_, err := log.Append(t.Context(), eventlog.Workspace, stream, expected, events(1))
		var conflict *eventlog.ConflictError
		if !errors.As(err, &conflict) || *conflict != (eventlog.ConflictError{Expected: expected, Head: 3}) {
			t.Errorf("expecting %d was answered %v", expected, err)
		}
	}
	_, err := log.Append(t.Context(), eventlog.Workspace, ids.New(), 1, events(1))
	var conflict *eventlog.ConflictError
	if !errors.As(err, &conflict) {
		t.Errorf("expecting 1 of a new stream was answered %v", err)
	}
	got, err := log.Read(t.Context(), stream, 0, 10)
	wantSeqs(t, "after the refusals", seqs(t, got, err), 1, 2, 3)
}

func refusesNothing(t *testing.T, log eventlog.Log) {
	if _, err := log.Append(t.Context(), eventlog.Workspace, ids.New(), 0, nil); !errors.Is(err, eventlog.ErrEmpty) {
		t.Errorf("an empty batch was answered %v", err)
	}
}

func appendsAnEventOnce(t *testing.T, log eventlog.Log) {
	stream, batch := ids.New(), events(3)
	add(t, log, eventlog.Workspace, stream, 0, events(1)...)
	add(t, log, eventlog.Workspace, stream, 1, batch...)
	// The ids count, not the head that was expected.
	for _, expected := range []uint64{0, 1, 4} {
		got, err := log.Append(t.Context(), eventlog.Workspace, stream, expected, batch)
		if want := (eventlog.Appended{First: 2, Last: 4, Repeated: true}); err != nil || got != want {
			t.Errorf("the repeated batch was answered %+v, %v; want %+v", got, err, want)
		}
	}
	got, err := log.Append(t.Context(), eventlog.Workspace, stream, 4, batch[1:2])
	if want := (eventlog.Appended{First: 3, Last: 3, Repeated: true}); err != nil || got != want {
		t.Errorf("a part repeated was answered %+v, %v; want %+v", got, err, want)
	}
	_, err = log.Append(t.Context(), eventlog.Workspace, stream, 4, append(events(1), batch[0]))
	if !errors.Is(err, eventlog.ErrPartlyRepeated) {
		t.Errorf("a batch known in part was answered %v", err)
	}
	if head, err := log.Head(t.Context(), stream); head != 4 || err != nil {
		t.Errorf("head is %d, %v; want 4", head, err)
	}
}

func pagesBothWays(t *testing.T, log eventlog.Log) {
	stream, other := ids.New(), ids.New()
	add(t, log, eventlog.Workspace, other, 0, events(4)...)
	add(t, log, eventlog.Workspace, stream, 0, events(7)...)
	add(t, log, eventlog.Workspace, other, 4, events(4)...)
	for _, c := range []struct {
		name string
		read func() ([]eventlog.Event, error)
		seqs []uint64
	}{
		{"the first three", func() ([]eventlog.Event, error) { return log.Read(t.Context(), stream, 0, 3) }, []uint64{1, 2, 3}},
		{"after the fifth", func() ([]eventlog.Event, error) { return log.Read(t.Context(), stream, 5, 3) }, []uint64{6, 7}},
		{"after the last", func() ([]eventlog.Event, error) { return log.Read(t.Context(), stream, 7, 3) }, nil},
		{"far after the last", func() ([]eventlog.Event, error) { return log.Read(t.Context(), stream, 1<<62, 3) }, nil},
		{"none", func() ([]eventlog.Event, error) { return log.Read(t.Context(), stream, 0, 0) }, nil},
		{"the last two", func() ([]eventlog.Event, error) { return log.ReadBack(t.Context(), stream, 1<<62, 2) }, []uint64{7, 6}},
		{"before the third", func() ([]eventlog.Event, error) { return log.ReadBack(t.Context(), stream, 3, 9) }, []uint64{2, 1}},
		{"before the first", func() ([]eventlog.Event, error) { return log.ReadBack(t.Context(), stream, 1, 9) }, nil},
		{"before nothing", func() ([]eventlog.Event, error) { return log.ReadBack(t.Context(), stream, 0, 9) }, nil},
	} {
		got, err := c.read()
		wantSeqs(t, c.name, seqs(t, got, err), c.seqs...)
	}
}

func readsOneEntity(t *testing.T, log eventlog.Log) {
	stream, other := ids.New(), ids.New()
	one, two := ids.New(), ids.New()
	for i := range uint64(4) { // one is at the odd seqs, two at the even ones
		add(t, log, eventlog.Workspace, stream, 2*i, event(one, 0), event(two, 0))
	}
	add(t, log, eventlog.Workspace, other, 0, event(one, 0))
	for _, c := range []struct {
		name string
		read func() ([]eventlog.Event, error)
		seqs []uint64
	}{
		{"all", func() ([]eventlog.Event, error) { return log.ReadEntity(t.Context(), stream, one, 0, 100, 9) }, []uint64{1, 3, 5, 7}},
		{"up to 5", func() ([]eventlog.Event, error) { return log.ReadEntity(t.Context(), stream, one, 1, 5, 9) }, []uint64{3, 5}},
		{"the first", func() ([]eventlog.Event, error) { return log.ReadEntity(t.Context(), stream, two, 0, 100, 1) }, []uint64{2}},
		{"nothing between", func() ([]eventlog.Event, error) { return log.ReadEntity(t.Context(), stream, two, 4, 4, 9) }, nil},
		{"back", func() ([]eventlog.Event, error) { return log.ReadEntityBack(t.Context(), stream, two, 1<<62, 3) }, []uint64{8, 6, 4}},
		{"back before 6", func() ([]eventlog.Event, error) { return log.ReadEntityBack(t.Context(), stream, two, 6, 3) }, []uint64{4, 2}},
		{"unknown", func() ([]eventlog.Event, error) { return log.ReadEntity(t.Context(), stream, ids.New(), 0, 100, 9) }, nil},
	} {
		got, err := c.read()
		wantSeqs(t, c.name, seqs(t, got, err), c.seqs...)
	}
}

func tellsWhatChanged(t *testing.T, log eventlog.Log) {
	a, b, c, account := ids.New(), ids.New(), ids.New(), ids.New()
	changed := func(after eventlog.Cursor, limit int, want ...eventlog.StreamHead) eventlog.Cursor {
		t.Helper()
		got, to, err := log.Changed(t.Context(), eventlog.Workspace, after, limit)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("changed after %d: %v, %v; want %v", after, got, err, want)
		}
		return to
	}
	if to := changed(0, 10); to != 0 {
		t.Errorf("the cursor moved to %d where nothing changed", to)
	}
	add(t, log, eventlog.Workspace, a, 0, events(2)...)
	add(t, log, eventlog.Workspace, b, 0, events(1)...)
	add(t, log, eventlog.Account, account, 0, events(1)...)
	add(t, log, eventlog.Workspace, a, 2, events(1)...)
	to := changed(0, 10, eventlog.StreamHead{Stream: b, Head: 1}, eventlog.StreamHead{Stream: a, Head: 3})
	changed(to, 10)
	add(t, log, eventlog.Workspace, c, 0, events(1)...)
	add(t, log, eventlog.Workspace, b, 1, events(1)...)
	mid := changed(to, 1, eventlog.StreamHead{Stream: c, Head: 1})
	changed(mid, 1, eventlog.StreamHead{Stream: b, Head: 2})
	changed(0, 10, eventlog.StreamHead{Stream: a, Head: 3}, eventlog.StreamHead{Stream: c, Head: 1}, eventlog.StreamHead{Stream: b, Head: 2})
}

func tellsWhatChangesFromNowOn(t *testing.T, log eventlog.Log) {
	for _, category := range []eventlog.Category{eventlog.Workspace, eventlog.Account} {
		old, young := ids.New(), ids.New()
		if _, err := log.Newest(t.Context(), category); err != nil {
			t.Fatal(err)
		}
		add(t, log, category, old, 0, events(3)...)
		newest, err := log.Newest(t.Context(), category)
		if err != nil || newest == 0 {
			t.Fatalf("the newest cursor is %d, %v", newest, err)
		}
		add(t, log, category, young, 0, events(2)...)
		heads, to, err := log.Changed(t.Context(), category, newest, 10)
		if err != nil || !slices.Contains(heads, eventlog.StreamHead{Stream: young, Head: 2}) {
			t.Errorf("changed from then on: %v, %v", heads, err)
		}
		if heads, _, err := log.Changed(t.Context(), category, to, 10); err != nil || len(heads) != 0 {
			t.Errorf("changed after that: %v, %v", heads, err)
		}
	}
}

func concurrentAppendsLeaveNoGap(t *testing.T, log eventlog.Log) {
	const writers, each = 8, 10
	stream := ids.New()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				batch := events(2)
				for {
					head, err := log.Head(t.Context(), stream)
					if err != nil {
						t.Error(err)
						return
					}
					_, err = log.Append(t.Context(), eventlog.Workspace, stream, head, batch)
					var conflict *eventlog.ConflictError
					if errors.As(err, &conflict) {
						continue
					}
					if err != nil {
						t.Error(err)
					}
					break
				}
			}
		})
	}
	wg.Wait()
	got, err := log.Read(t.Context(), stream, 0, 1000)
	for i, seq := range seqs(t, got, err) {
		if seq != uint64(i)+1 {
			t.Fatalf("event %d has seq %d", i, seq)
		}
	}
	if len(got) != writers*each*2 {
		t.Errorf("%d events, want %d", len(got), writers*each*2)
	}
}

// Several who append the same batch are all told where it is, and that the
// others were first.
func appendsABatchOfManyOnce(t *testing.T, log eventlog.Log) {
	const rounds, writers = 10, 6
	stream := ids.New()
	for round := range uint64(rounds) {
		batch := events(2)
		head := round * 2
		want := eventlog.Appended{First: head + 1, Last: head + 2}
		var written atomic.Int32
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				at, err := log.Append(t.Context(), eventlog.Account, stream, head, batch)
				if err == nil && !at.Repeated {
					written.Add(1)
				}
				if at.Repeated = false; err != nil || at != want {
					t.Errorf("append: %+v, %v; want %+v", at, err, want)
				}
			})
		}
		wg.Wait()
		if n := written.Load(); n != 1 {
			t.Errorf("%d were told that they wrote it", n)
		}
	}
	if n, err := log.Head(t.Context(), stream); n != rounds*2 || err != nil {
		t.Errorf("the stream has %d events, %v", n, err)
	}
}
