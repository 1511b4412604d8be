package faults_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/platform/ids"
)

// ack is a write that the server acknowledged.
type ack struct {
	seq    uint64
	entity string
	kind   string // the event's type
	title  string // what a create or change wrote
}

// writer is one client that writes until it is stopped.
type writer struct {
	// servers are the processes that it may write to; at is the one that it
	// writes to now. One that does not answer is left for the next one.
	servers []*server
	at      int

	token, workspace string
	project          string
	acks             []ack
	acknowledged     *atomic.Uint64 // of the whole crew
	// pending is the create that was not answered, to be sent again.
	pending []byte
	count   int
	label   string
	// refused says whether an answer other than success is what the test brings
	// about; nil is never.
	refused  func(status int, answer []byte) bool
	refusals int
	// pause is how long it waits after each round.
	pause   time.Duration
	strange []string
}

// crew are the writers of a test with the workspace that they write to.
type crew struct {
	all              []*writer
	token, workspace string
	head             uint64 // of the log, when it was last verified
	written          int
	acks             atomic.Uint64     // since the start
	created          map[string]uint64 // the seq at which each task was made
}

// newCrew registers a user and makes writers, whose first process is each of
// the servers in turn.
func newCrew(t *testing.T, writers int, servers ...*server) *crew {
	t.Helper()
	c := &crew{token: register(t, servers[0]), created: map[string]uint64{}}
	var project string
	c.workspace, project = newProject(t, servers[0], c.token)
	for i := range writers {
		c.all = append(c.all, &writer{
			servers: servers, at: i % len(servers), token: c.token, workspace: c.workspace, project: project, acknowledged: &c.acks, label: fmt.Sprintf("writer %d", i),
		})
	}
	return c
}

// write has all the clients write while meanwhile runs, and until each got
// the answer to its last request, or none.
func (c *crew) write(t *testing.T, meanwhile func()) {
	t.Helper()
	var stop atomic.Bool
	var group sync.WaitGroup
	for _, w := range c.all {
		group.Go(func() { w.run(t, &stop) })
	}
	meanwhile()
	stop.Store(true)
	group.Wait()
	for _, w := range c.all {
		for _, s := range w.strange {
			t.Errorf("%s: %s", w.label, s)
		}
		w.strange = nil
	}
}

// acknowledged waits until so many more writes are.
func (c *crew) acknowledged(t *testing.T, more uint64) {
	t.Helper()
	want := c.acks.Load() + more
	eventually(t, "writes are acknowledged", func() string {
		if n := c.acks.Load(); n < want {
			return fmt.Sprintf("%d of %d", n, want)
		}
		return ""
	})
}

// verify holds the log and the rows that a server answers against what was
// acknowledged since the last time.
func (c *crew) verify(t *testing.T, s *server) {
	t.Helper()
	c.head = verify(t, s, c, c.head)
	for _, w := range c.all {
		c.written += len(w.acks)
		w.acks = w.acks[:0]
	}
}

// settle waits for the rows to have come as far as the log.
func (c *crew) settle(t *testing.T, s *server) {
	t.Helper()
	status, body, err := s.call(t.Context(), http.MethodGet, "/api/v1/workspaces/"+c.workspace, c.token, nil, "Headway-Min-Seq", fmt.Sprint(c.head))
	must(t, status, body, err, http.StatusOK)
}

// run writes until it is told to stop, or until no process answers. The
// create that was left open comes first, with the same id.
func (w *writer) run(t *testing.T, stop *atomic.Bool) {
	for silent := 0; silent < len(w.servers) && !stop.Load(); {
		answered := w.round(t)
		if answered {
			silent = 0
			time.Sleep(w.pause)
			continue
		}
		silent++
		w.at = (w.at + 1) % len(w.servers)
	}
}

// round makes a task, renames it and comments on it; false means that a
// request was not answered.
func (w *writer) round(t *testing.T) bool {
	if w.pending == nil {
		w.count++
		w.pending = encode(map[string]any{
			"id": ids.New().String(), "project": w.project, "title": fmt.Sprintf("%s, task %d", w.label, w.count),
			"description": "Written while the server may end at any moment.", "priority": "high",
		})
	}
	task, answered := w.send(t, http.MethodPost, "/tasks", w.pending, "task.created")
	if task == "" {
		return answered
	}
	w.pending = nil
	path := "/tasks/" + task
	title := encode(map[string]any{"title": fmt.Sprintf("%s, renamed %d", w.label, w.count)})
	if done, answered := w.send(t, http.MethodPatch, path, title, "task.changed"); done == "" {
		return answered
	}
	_, answered = w.send(t, http.MethodPost, path+"/comments", encode(map[string]any{"text": "Noted."}), "comment.added")
	return answered
}

// send makes one write and keeps what was acknowledged: the id of what was
// written, "" where it was refused, and whether an answer came at all.
func (w *writer) send(t *testing.T, method, path string, body []byte, kind string) (id string, answered bool) {
	status, answer, err := w.servers[w.at].call(t.Context(), method, "/api/v1/workspaces/"+w.workspace+path, w.token, body)
	if err != nil {
		return "", false
	}
	if status != http.StatusOK && status != http.StatusCreated {
		if w.refused == nil || !w.refused(status, answer) {
			w.strange = append(w.strange, fmt.Sprintf("%s %s answered %d: %.300s", method, path, status, answer))
			return "", false
		}
		w.refusals++
		time.Sleep(50 * time.Millisecond) // as a client that was told to come back would
		return "", true
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
	w.acknowledged.Add(1)
	w.acks = append(w.acks, ack{seq: row.Seq, entity: row.ID, kind: kind, title: row.Title})
	return row.ID, true
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
	status, body, err := s.call(t.Context(), http.MethodPost, "/api/v1/workspaces", token, encode(map[string]any{"id": workspace, "name": "Fault test"}))
	must(t, status, body, err, http.StatusCreated)
	status, body, err = s.call(t.Context(), http.MethodPost, "/api/v1/workspaces/"+workspace+"/projects", token,
		encode(map[string]any{"id": project, "name": "Writes", "key": "FAULT"}))
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

// eventually waits until what is wrong is "".
func eventually(t *testing.T, what string, wrong func() string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		w := wrong()
		if w == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("in vain waited that %s: %s", what, w)
		}
	}
}

// says reports whether an answer is a 503 with these words in its sentence.
func says(status int, answer []byte, words string) bool {
	var problem struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	return status == http.StatusServiceUnavailable && json.Unmarshal(answer, &problem) == nil &&
		problem.Code == "unavailable" && strings.Contains(problem.Detail, words)
}

// away reports whether an answer is the one that says that the database is away.
func away(status int, answer []byte) bool {
	return says(status, answer, "The database does not answer") ||
		says(status, answer, "connections to the database are in use")
}
