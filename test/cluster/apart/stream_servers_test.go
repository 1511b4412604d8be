//go:build servers

package apart_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// watcher looks on at what happens in a workspace, and comes back where it
// was, as a browser does.
type watcher struct {
	url, token string
	opened     int
	stop       func() // and waits until it has

	mu    sync.Mutex
	seq   uint64          // the newest that came
	made  map[string]bool // tasks
	wrong []string
}

// looksOn begins to, and returns once the stream is open.
func (c *crowd) looksOn(t *testing.T) *watcher {
	t.Helper()
	w := &watcher{url: c.URL + c.workspace + "/events", token: c.ada, made: map[string]bool{}}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan struct{})
	opened := sync.OnceFunc(func() { close(ready) })
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			w.follow(ctx, opened)
		}
	}()
	w.stop = func() { cancel(); <-ended }
	t.Cleanup(w.stop)
	<-ready
	return w
}

// follow reads the stream until it ends.
func (w *watcher) follow(ctx context.Context, opened func()) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url, nil)
	if err != nil {
		w.note("%v", err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	if w.seq > 0 {
		r.Header.Set("Last-Event-ID", strconv.FormatUint(w.seq, 10))
	}
	res, err := http.DefaultClient.Do(r)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		w.note("the stream cannot be opened: %v", err)
		time.Sleep(100 * time.Millisecond)
		return
	}
	defer func() { _ = res.Body.Close() }()
	w.opened++
	if res.StatusCode != http.StatusOK {
		w.note("the stream is answered %s", res.Status)
		time.Sleep(100 * time.Millisecond)
		return
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	event := ""
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case name == "event":
			if event = value; event == "reset" {
				w.note("the stream has a gap and says so")
			}
		case name == "id" && w.seq == 0: // where it begins
			w.seq, _ = strconv.ParseUint(value, 10, 64)
			opened()
		case name == "data" && event == "change":
			w.take(value)
		}
	}
}

// take takes events, which must be those after the last one.
func (w *watcher) take(data string) {
	var change struct {
		Events []struct {
			Seq          uint64
			Type, Entity string
		}
	}
	if err := json.Unmarshal([]byte(data), &change); err != nil {
		w.note("a message came: %.200s", data)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range change.Events {
		if w.seq > 0 && e.Seq != w.seq+1 {
			w.wrong = append(w.wrong, fmt.Sprintf("seq %d came after %d", e.Seq, w.seq))
		}
		w.seq = e.Seq
		if e.Type == "task.created" {
			w.made[e.Entity] = true
		}
	}
}

func (w *watcher) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// missing are tasks that were made and that it did not see.
func (w *watcher) missing(made map[string]bool) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range made {
		if !w.made[id] {
			out = append(out, id)
		}
	}
	return out
}

// end ends it, and answers what was wrong.
func (w *watcher) end() []string {
	w.stop()
	return w.wrong
}
