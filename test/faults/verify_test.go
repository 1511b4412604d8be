package faults_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// recorded is an event as the history answers it.
type recorded struct {
	Seq    uint64 `json:"seq"`
	Type   string `json:"type"`
	Entity string `json:"entity"`
}

// verify holds the events after since, and the rows, against what was
// acknowledged, and answers the log's head. Each task was made once.
func verify(t *testing.T, s *server, c *crew, since uint64) uint64 {
	t.Helper()
	events := history(t, s, c, since)
	head := since + uint64(len(events))
	for seq, e := range events {
		if e.Type != "task.created" {
			continue
		}
		if before, twice := c.created[e.Entity]; twice {
			t.Errorf("task %s was made at seq %d and again at seq %d", e.Entity, before, seq)
		}
		c.created[e.Entity] = seq
	}
	latest := map[string]string{}
	for _, w := range c.all {
		for _, a := range w.acks {
			e, ok := events[a.seq]
			if !ok && a.seq > since {
				t.Errorf("%s: seq %d was acknowledged and is not in the log", w.label, a.seq)
			} else if ok && e.Type != a.kind {
				t.Errorf("%s: seq %d is a %s, was acknowledged as %s", w.label, a.seq, e.Type, a.kind)
			}
			if a.title != "" {
				latest[a.entity] = a.title
			}
		}
	}
	for task, title := range latest {
		status, body, err := s.call(t.Context(), http.MethodGet, "/api/v1/workspaces/"+c.workspace+"/tasks/"+task, c.token, nil)
		if err != nil {
			t.Fatal(err)
		}
		var row struct {
			Title string `json:"title"`
		}
		if status != http.StatusOK || json.Unmarshal(body, &row) != nil {
			t.Errorf("task %s was acknowledged and answers %d", task, status)
		} else if row.Title != title && !renamedAfter(events, c, task) {
			t.Errorf("task %s has the title %q, %q was acknowledged", task, row.Title, title)
		}
	}
	return head
}

// renamedAfter reports whether the log holds a change of the task that was
// recorded and not acknowledged: then its title may be newer than known.
func renamedAfter(events map[uint64]recorded, c *crew, task string) bool {
	var last uint64
	for _, w := range c.all {
		for _, a := range w.acks {
			if a.entity == task {
				last = max(last, a.seq)
			}
		}
	}
	for seq, e := range events {
		if e.Entity == task && seq > last {
			return true
		}
	}
	return false
}

// history reads the log back to since and fails the test where a number is missing or twice there.
func history(t *testing.T, s *server, c *crew, since uint64) map[uint64]recorded {
	t.Helper()
	events := map[uint64]recorded{}
	var expected uint64
	for cursor := ""; ; {
		path := "/api/v1/workspaces/" + c.workspace + "/history?limit=200" + cursor
		status, body, err := s.call(t.Context(), http.MethodGet, path, c.token, nil)
		body = must(t, status, body, err, http.StatusOK)
		var page struct {
			Items []recorded `json:"items"`
			Next  *string    `json:"next"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			if expected != 0 && e.Seq != expected {
				t.Fatalf("the log goes from seq %d to %d", expected+1, e.Seq)
			}
			expected = e.Seq - 1
			if e.Seq <= since {
				return events
			}
			events[e.Seq] = e
		}
		if page.Next == nil {
			break
		}
		cursor = "&cursor=" + *page.Next
	}
	if expected != 0 {
		t.Fatalf("the log starts at seq %d", expected+1)
	}
	return events
}
