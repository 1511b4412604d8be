package analytics_test

import (
	"context"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// everything is what the service answers, all of it.
func (h *house) everything() string {
	h.t.Helper()
	out := ""
	for _, path := range []string{"/summary", "/throughput?by=project", "/throughput?by=assignee&per=week", "/flow?project=" + h.open.String(), "/flow", "/cycle-times", "/active-users", "/usage"} {
		a := h.read(h.owner, path)
		if a.status != 200 {
			h.t.Fatalf("%s answered %d: %s", path, a.status, a.body)
		}
		out += string(a.body) + "\n"
	}
	return out
}

// Two houses see the same events, one with its service stopped for most of
// them; they end the same. A replay gives that once more, and leaves usage.
func TestStoppedOrNotItEndsTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stopped := newHouse(t)
	stopped.workspace, stopped.log, stopped.head = h.workspace, h.log, h.head
	stopped.owner, stopped.member, stopped.guest, stopped.open, stopped.closed, stopped.columns, stopped.clock = h.owner, h.member, h.guest, h.open, h.closed, h.columns, h.clock
	stopped.start()

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.module.Run(ctx) }()
	for range 20 {
		h.finish(h.member, h.open, h.member)
		task := h.finish(h.owner, h.closed)
		h.add(h.member, task, h.closed, event.TaskArchived, &event.TaskPatch{State: &event.Change[event.Lifecycle]{From: event.Live, To: event.Archived}})
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	h.start() // as a process that comes back
	h.catchUp()
	stopped.catchUp()
	want := h.everything()
	if got := stopped.everything(); got != want {
		t.Errorf("stopped:\n%s\nnever stopped:\n%s", got, want)
	}
	h.record(h.member, `{"id":"`+ids.New().String()+`","name":"undo_used","at":"`+h.clock.Now().Format(time.RFC3339)+`"}`)
	want = h.everything()
	h.start()
	if err := h.module.Runner().Replay(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := h.everything(); got != want {
		t.Errorf("after a replay:\n%s\nbefore:\n%s", got, want)
	}
	if h.used("undo_used") != 1 {
		t.Error("the replay took what was used along")
	}
}
