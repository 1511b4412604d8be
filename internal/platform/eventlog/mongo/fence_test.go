//go:build servers

package mongo_test

import (
	"errors"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/ids"
)

// TestAFenceRefusesCommitsAndNothingElse: behind it a stream reads as before
// and nobody appends to it; where it came too late, it says so; once lifted, all goes on.
func TestAFenceRefusesCommitsAndNothingElse(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	stream, other := ids.New(), ids.New()
	add := func(s ids.ID, head uint64) error {
		_, err := log.Append(t.Context(), eventlog.Workspace, s, head, []eventlog.Event{event(ids.New(), []byte(`{}`))})
		return err
	}
	for head := range uint64(3) {
		if err := errors.Join(add(stream, head), add(other, head)); err != nil {
			t.Fatal(err)
		}
	}
	heads := []eventlog.StreamHead{{Stream: stream, Head: 3}, {Stream: other, Head: 2}}
	for range 2 { // again, it is the same
		grown, err := log.Fence(t.Context(), eventlog.Workspace, heads)
		if err != nil || len(grown) != 1 || grown[0] != other {
			t.Fatalf("the fence answers %v, %v", grown, err)
		}
	}
	if err := add(stream, 3); !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("an append behind the fence answers %v", err)
	}
	err := log.Commit(t.Context(), mongo.Batch{Category: eventlog.Workspace, Stream: stream, Head: 3, Events: []eventlog.Event{event(ids.New(), nil)}})
	if !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("a commit behind the fence answers %v", err)
	}
	if err := add(other, 3); err != nil {
		t.Errorf("an append to a stream that has no fence answers %v", err)
	}
	if head, err := log.Head(t.Context(), stream); head != 3 || err != nil {
		t.Errorf("the head is %d, %v", head, err)
	}
	for what, read := range map[string]func() ([]eventlog.Event, error){
		"all":         func() ([]eventlog.Event, error) { return log.Read(t.Context(), stream, 2, 10) },
		"the newest":  func() ([]eventlog.Event, error) { return log.ReadBack(t.Context(), stream, 1<<40, 1) },
		"from beyond": func() ([]eventlog.Event, error) { return log.ReadBack(t.Context(), stream, 4, 1) },
	} {
		if got, err := read(); err != nil || len(got) != 1 || got[0].Seq != 3 {
			t.Errorf("%s: %d events, %v", what, len(got), err)
		}
	}
	if got, err := log.Read(t.Context(), stream, 3, 10); err != nil || len(got) != 0 {
		t.Errorf("after the head there are %d events, %v", len(got), err)
	}
	if commits, err := log.Commits(t.Context(), stream, 0, 10); err != nil || len(commits) != 3 {
		t.Errorf("there are %d commits, %v", len(commits), err)
	}
	if err := log.Unfence(t.Context(), heads); err != nil {
		t.Fatal(err)
	}
	if err := add(stream, 3); err != nil {
		t.Errorf("once lifted, an append answers %v", err)
	}
}
