//go:build servers

package schedule_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"headway/internal/platform/repeat"
	"headway/test/faults/schedule"
)

// soon is how long is waited where something was found.
const soon = 5 * time.Second

// until asks until nothing is wrong, and notes what still is when patience
// ends, which it does soon where something was found before.
func (l *load) until(ctx context.Context, wrong func() string) (took time.Duration) {
	began, patience := time.Now(), l.patience
	if l.finds() {
		patience = soon
	}
	for {
		w := wrong()
		if w == "" || ctx.Err() != nil {
			return time.Since(began)
		}
		if time.Since(began) > patience {
			l.note("it did not come right by itself: %s", w)
			return time.Since(began)
		}
		repeat.Pause(ctx, 20*time.Millisecond)
	}
}

// log reads the workspace's events and notes where a number is missing or twice there.
func (l *load) log(ctx context.Context) (events []logged) {
	c := l.client(-1, 0, 1, true)
	c.http.Timeout = usual
	defer c.http.CloseIdleConnections()
	for cursor := ""; ; {
		var page struct {
			Items []logged
			Next  *string
		}
		a := c.ask(ctx, http.MethodGet, "/workspaces/"+l.workspace+"/history?limit=200"+cursor, nil)
		if errors.Is(a.err, errRefused) && ctx.Err() == nil {
			continue // by now there is another token
		}
		if a.err != nil || a.status != http.StatusOK || json.Unmarshal(a.body, &page) != nil {
			l.note("the history answered %d %.300s %v", a.status, a.body, a.err)
			return nil
		}
		events = append(events, page.Items...)
		if page.Next == nil {
			break
		}
		cursor = "&cursor=" + *page.Next
	}
	slices.Reverse(events)
	for i, e := range events {
		if e.Seq != uint64(i)+1 {
			l.note("event %d of the log has seq %d", i+1, e.Seq)
			break
		}
	}
	return events
}

// recorded holds the log against what was answered: each create and each
// comment is there once, at the seq that was answered.
func (l *load) recorded(events []logged) {
	at := map[uint64]logged{}
	made := map[string]int{}
	comments := 0
	for _, e := range events {
		at[e.Seq] = e
		switch e.Type {
		case "task.created":
			made[e.Entity]++
		case "comment.added":
			comments++
		}
	}
	want := map[schedule.Kind]string{schedule.Create: "task.created", schedule.Comment: "comment.added", schedule.Rename: "task.changed"}
	answered := map[uint64]bool{}
	for _, op := range l.history.Ops() {
		typ := want[op.Kind]
		if !op.Answered || typ == "" {
			continue
		}
		if e := at[op.Row.Seq]; e.Type != typ {
			l.note("a %s of task %s was answered with seq %d, where the log has %q", op.Kind, op.Task, op.Row.Seq, e.Type)
		}
		if answered[op.Row.Seq] {
			l.note("seq %d was answered twice", op.Row.Seq)
		}
		answered[op.Row.Seq] = true
	}
	for id := range l.created {
		if made[id] != 1 {
			l.note("task %s was made %d times", id, made[id])
		}
	}
	if len(made) != len(l.created) || comments != len(l.comments) {
		l.note("the log has %d tasks and %d comments, made were %d and %d", len(made), comments, len(l.created), len(l.comments))
	}
}

// streamed holds what a stream brought against the log.
func (l *load) streamed(w *watcher, events []logged) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l.found(w.strange)
	for i, e := range w.events {
		if n := int(w.from) + i; n >= len(events) || events[n].event != e { // #nosec G115 -- a short log
			l.note("the stream at %s brought %+v, which the log has not", w.door, e)
			return
		}
	}
}

// told are the notices that are to be in a person's inbox: of tasks that the
// other gave them, and of the other's comments. Each has made a task or is
// assigned to it, so each hears of all comments but their own.
func (l *load) told(who int) map[string]int {
	out := map[string]int{}
	for id, n := range l.created {
		if n.author != who {
			out["assigned "+id] = 1
		}
	}
	for id, n := range l.comments {
		if n.author != who {
			out["commented "+id] = 1
		}
	}
	return out
}

// inbox holds a person's inbox against what they are to be told, and answers
// what is missing, doubled or nobody's.
func (l *load) inbox(ctx context.Context, who int) string {
	want := l.told(who)
	for cursor := ""; ; {
		var page struct {
			Items []struct{ Kind, Task, Comment string }
			Next  string
		}
		if wrong := l.get(ctx, who, l.inboxes, who, "/inbox?limit=100"+cursor, &page); wrong != "" {
			return wrong
		}
		for _, n := range page.Items {
			switch n.Kind {
			case "assigned":
				want["assigned "+n.Task]--
			case "commented":
				want["commented "+n.Comment]--
			}
		}
		if page.Next == "" {
			break
		}
		cursor = "&cursor=" + page.Next
	}
	var wrong []string
	for what, n := range want {
		switch {
		case n > 0:
			wrong = append(wrong, what+" is missing")
		case n < 0:
			wrong = append(wrong, what+" is there too often")
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	return fmt.Sprintf("in the inbox of person %d of %d notices %d are wrong: %.300s", who, len(want), len(wrong), strings.Join(wrong, ", "))
}
