//go:build servers

package faults_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// watcher has a live stream open at a process, and opens it again where it
// left off whenever it breaks.
type watcher struct {
	server           *server
	token, workspace string

	mu      sync.Mutex
	last    uint64 // the seq of the last event that came
	opened  int
	strange []string
}

// watch watches from the log's head of now on.
func (c *crew) watch(t *testing.T, s *server) *watcher {
	t.Helper()
	status, body, err := s.call(t.Context(), http.MethodGet, "/api/v1/workspaces/"+c.workspace+"/history?limit=1", c.token, nil)
	var page struct {
		Items []recorded `json:"items"`
	}
	if err := json.Unmarshal(must(t, status, body, err, http.StatusOK), &page); err != nil || len(page.Items) != 1 {
		t.Fatalf("the history answered %s", body)
	}
	w := &watcher{server: s, token: c.token, workspace: c.workspace, last: page.Items[0].Seq}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			w.follow(ctx)
			select { // as a browser, which is told to wait before it comes back
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return w
}

// follow reads the stream until it breaks.
func (w *watcher) follow(ctx context.Context) {
	w.mu.Lock()
	last := w.last
	w.mu.Unlock()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.server.addr+"/api/v1/workspaces/"+w.workspace+"/events", nil)
	if err != nil {
		w.note("%v", err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	r.Header.Set("Last-Event-ID", fmt.Sprint(last))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return // the process is not there
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		if res.StatusCode != http.StatusServiceUnavailable {
			w.note("the stream answered %d", res.StatusCode)
		}
		return
	}
	w.mu.Lock()
	w.opened++
	w.mu.Unlock()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 16<<20)
	event := ""
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			w.take(event, data)
		}
	}
}

// take takes one message: its events must be those after the last one.
func (w *watcher) take(event, data string) {
	var change struct {
		Events []recorded `json:"events"`
	}
	if event != "change" {
		w.note("a message %q came: %.200s", event, data)
		return
	}
	if err := json.Unmarshal([]byte(data), &change); err != nil {
		w.note("a message cannot be read: %v", err)
		return
	}
	w.mu.Lock()
	last := w.last
	for _, e := range change.Events {
		if e.Seq != w.last+1 {
			w.strange = append(w.strange, fmt.Sprintf("seq %d came after %d", e.Seq, last))
		}
		w.last = e.Seq
	}
	w.mu.Unlock()
}

func (w *watcher) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strange = append(w.strange, fmt.Sprintf(format, args...))
}

// reaches waits until the stream has brought everything up to the seq, and
// fails the test where something was missing, twice there or out of order.
func (w *watcher) reaches(t *testing.T, seq uint64) {
	t.Helper()
	eventually(t, fmt.Sprintf("the stream of %s has brought seq %d", w.server.addr, seq), func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.last >= seq {
			return ""
		}
		return fmt.Sprintf("it is at %d, opened %d times", w.last, w.opened)
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.strange {
		t.Errorf("the stream of %s: %s", w.server.addr, s)
	}
	w.strange = nil
}
