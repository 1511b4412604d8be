package moving_test

import (
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/moving"
)

// TestAGateClosesBehindTheLastWrite: closing waits for the write under way and
// refuses all that come after, until the gate is opened again.
func TestAGateClosesBehindTheLastWrite(t *testing.T) {
	t.Parallel()
	var g moving.Gate
	leave, err := g.Enter()
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() { g.Close(); close(closed) }()
	select {
	case <-closed:
		t.Fatal("it closed with a write under way")
	case <-time.After(10 * time.Millisecond):
	}
	leave()
	<-closed
	if _, err := g.Enter(); !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("a closed gate answers %v", err)
	}
	g.Open(time.Now().Add(time.Hour))
	if leave, err = g.Enter(); err != nil {
		t.Fatal(err)
	}
	leave()
	g.Open(time.Now().Add(-time.Second))
	if _, err := g.Enter(); !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("with an old lease it answers %v", err)
	}
}
