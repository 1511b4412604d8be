package faults_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"headway/internal/platform/ids"
)

const writers = 32

// kills answers how often the server is killed: a few times in every run of
// the tests, 50 times in `make kill`.
func kills(t *testing.T) int {
	t.Helper()
	set := os.Getenv("HEADWAY_KILLS")
	if set == "" {
		return 3
	}
	n, err := strconv.Atoi(set)
	if err != nil || n < 1 {
		t.Fatalf("HEADWAY_KILLS is %q, want a number above 0", set)
	}
	return n
}

// ack is a write that the server acknowledged.
type ack struct {
	seq    uint64
	entity string
	kind   string // the event's type
	title  string // what a create or change wrote
}

// writer is one client that writes until the server is gone.
type writer struct {
	server           *server
	token, workspace string
	project          string
	acks             []ack
	// pending is the create that was not answered, to be sent again.
	pending []byte
	count   int
	label   string
	strange []string
}

// TestKill kills the server at random moments while 32 clients write. After
// each start every acknowledged write is there with its event, a create that
// was not answered can be repeated and happens once, and the log has no gap.
// In the end the rows equal those that a replay of the log makes.
func TestKill(t *testing.T) {
	t.Parallel()
	n := kills(t)
	s := newServer(t, build(t))
	s.up(t)

	token := register(t, s)
	workspace, project := newProject(t, s, token)
	all := make([]*writer, writers)
	for i := range all {
		all[i] = &writer{server: s, token: token, workspace: workspace, project: project, label: fmt.Sprintf("writer %d", i)}
	}
	var head uint64
	written := 0
	for round := range n {
		kill := time.Duration(10+rand.IntN(500)) * time.Millisecond
		write(t, all, kill)
		s.up(t)
		head = verify(t, s, all, head)
		for _, w := range all {
			written += len(w.acks)
			w.acks = w.acks[:0]
		}
		if t.Failed() {
			t.Fatalf("after kill %d of %d", round+1, n)
		}
	}
	s.end(syscall.SIGTERM)
	s.command(t, "rebuild", "--verify")
	t.Logf("%d kills, %d acknowledged writes, %d events: all there", n, written, head)
}

// write has all the clients write until the server is killed.
func write(t *testing.T, all []*writer, after time.Duration) {
	t.Helper()
	var group sync.WaitGroup
	for _, w := range all {
		group.Go(func() { w.run(t) })
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	<-timer.C
	all[0].server.end(syscall.SIGKILL)
	group.Wait()
	for _, w := range all {
		for _, s := range w.strange {
			t.Errorf("%s: %s", w.label, s)
		}
	}
}

// run writes until a request is not answered. The create that was left open
// by the last kill comes first, with the same id.
func (w *writer) run(t *testing.T) {
	for {
		if w.pending == nil {
			w.count++
			w.pending = encode(map[string]any{
				"id": ids.New().String(), "project": w.project, "title": fmt.Sprintf("%s, task %d", w.label, w.count),
				"description": "Written while the server may end at any moment.", "priority": "high",
			})
		}
		task, ok := w.send(t, http.MethodPost, "/tasks", w.pending, "task.created")
		if !ok {
			return
		}
		w.pending = nil
		path := "/tasks/" + task
		if _, ok := w.send(t, http.MethodPatch, path, encode(map[string]any{"title": fmt.Sprintf("%s, renamed %d", w.label, w.count)}), "task.changed"); !ok {
			return
		}
		if _, ok := w.send(t, http.MethodPost, path+"/comments", encode(map[string]any{"text": "Noted."}), "comment.added"); !ok {
			return
		}
	}
}

// send makes one write and keeps what was acknowledged; false means that no answer came.
func (w *writer) send(t *testing.T, method, path string, body []byte, kind string) (string, bool) {
	status, answer, err := w.server.call(t.Context(), method, "/api/v1/workspaces/"+w.workspace+path, w.token, body)
	if err != nil {
		return "", false
	}
	if status != http.StatusOK && status != http.StatusCreated {
		w.strange = append(w.strange, fmt.Sprintf("%s %s answered %d: %.300s", method, path, status, answer))
		return "", false
	}
	var row struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Seq   uint64 `json:"seq"`
	}
	if err := json.Unmarshal(answer, &row); err != nil || row.ID == "" || row.Seq == 0 {
		w.strange = append(w.strange, fmt.Sprintf("%s %s answered %.300s", method, path, answer))
		return "", false
	}
	w.acks = append(w.acks, ack{seq: row.Seq, entity: row.ID, kind: kind, title: row.Title})
	return row.ID, true
}

// recorded is an event as the history answers it.
type recorded struct {
	Seq    uint64 `json:"seq"`
	Type   string `json:"type"`
	Entity string `json:"entity"`
}

// verify holds the events after since, and the rows, against what was
// acknowledged, and answers the log's head.
func verify(t *testing.T, s *server, all []*writer, since uint64) uint64 {
	t.Helper()
	events := history(t, s, all[0], since)
	head := since + uint64(len(events))
	latest := map[string]string{}
	for _, w := range all {
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
		status, body, err := s.call(t.Context(), http.MethodGet, "/api/v1/workspaces/"+all[0].workspace+"/tasks/"+task, all[0].token, nil)
		if err != nil {
			t.Fatal(err)
		}
		var row struct {
			Title string `json:"title"`
		}
		if status != http.StatusOK || json.Unmarshal(body, &row) != nil {
			t.Errorf("task %s was acknowledged and answers %d", task, status)
		} else if row.Title != title && !renamedAfter(events, all, task) {
			t.Errorf("task %s has the title %q, %q was acknowledged", task, row.Title, title)
		}
	}
	return head
}

// renamedAfter reports whether the log holds a change of the task that was
// recorded and not acknowledged: then its title may be newer than known.
func renamedAfter(events map[uint64]recorded, all []*writer, task string) bool {
	var last uint64
	for _, w := range all {
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
func history(t *testing.T, s *server, w *writer, since uint64) map[uint64]recorded {
	t.Helper()
	events := map[uint64]recorded{}
	var expected uint64
	for cursor := ""; ; {
		path := "/api/v1/workspaces/" + w.workspace + "/history?limit=200" + cursor
		status, body, err := s.call(t.Context(), http.MethodGet, path, w.token, nil)
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

func register(t *testing.T, s *server) string {
	t.Helper()
	status, body, err := s.call(t.Context(), http.MethodPost, "/api/v1/auth/register", "", encode(map[string]any{
		"email": "writer@example.org", "name": "Writer", "password": "a long pass phrase 42",
	}))
	body = must(t, status, body, err, http.StatusCreated)
	var answer struct {
		AccessToken string `json:"accessToken"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.AccessToken
}

func newProject(t *testing.T, s *server, token string) (workspace, project string) {
	t.Helper()
	workspace, project = ids.New().String(), ids.New().String()
	status, body, err := s.call(t.Context(), http.MethodPost, "/api/v1/workspaces", token, encode(map[string]any{"id": workspace, "name": "Kill test"}))
	must(t, status, body, err, http.StatusCreated)
	status, body, err = s.call(t.Context(), http.MethodPost, "/api/v1/workspaces/"+workspace+"/projects", token,
		encode(map[string]any{"id": project, "name": "Writes", "key": "KILL"}))
	must(t, status, body, err, http.StatusCreated)
	return workspace, project
}

// encode is JSON of a value that cannot fail to encode.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return data
}
