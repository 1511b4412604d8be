package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/server"
	"headway/internal/task/api"
)

// message is one server-sent event.
type message struct {
	id, event, data string
}

// listener is one connection to a workspace's stream.
type listener struct {
	t      testing.TB
	cancel context.CancelFunc
	body   *bufio.Reader
	res    *http.Response
}

// listen opens the stream; last is the Last-Event-ID, "" for none.
func listen(t testing.TB, url string, user ids.ID, last string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+user.String())
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream answered %d as %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	return &listener{t: t, cancel: cancel, body: bufio.NewReader(res.Body), res: res}
}

// next reads the next event; false is the stream's end.
func (l *listener) next() (message, bool) {
	var m message
	for {
		line, err := l.body.ReadString('\n')
		if err != nil {
			return m, false
		}
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.event = value
		case "data":
			m.data += value
		case "":
			if line == "" && m.data != "" {
				return m, true
			}
		}
	}
}

func (l *listener) close() {
	l.cancel()
	_ = l.res.Body.Close()
}

// change decodes a message of the stream strictly.
func change(t testing.TB, m message) api.Change {
	t.Helper()
	var c api.Change
	if m.event != "change" {
		t.Fatalf("got the event %q: %s", m.event, m.data)
	}
	(&answer{t: t, what: "the stream", body: []byte(m.data)}).decode(&c)
	if strconv.FormatUint(c.Seq, 10) != m.id {
		t.Fatalf("the message %s has the seq %d", m.id, c.Seq)
	}
	return c
}

// TestStreamResumes lets people write while a client loses its connection
// again and again: it must see each event once, in order, and its rows folded
// must be what the lists show.
func TestStreamResumes(t *testing.T) {
	t.Parallel()
	forEachStore(t, func(t *testing.T, s store) {
		w := newWorld(t, s)
		srv := httptest.NewServer(w.handler)
		t.Cleanup(srv.Close)
		url := srv.URL + server.APIPrefix + w.in("/events")
		start := w.seq()

		const writers, each = 4, 40
		var wg sync.WaitGroup
		for n := range writers {
			wg.Go(func() {
				for i := range each {
					w.task(w.open, fmt.Sprintf("Task %d of %d", i, n))
				}
			})
		}
		r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a test's choices
		seen := start
		cards := map[string]json.RawMessage{}
		for seen < start+writers*each {
			l := listen(t, url, w.member, strconv.FormatUint(seen, 10))
			for range 1 + r.IntN(20) {
				m, ok := l.next()
				if !ok {
					break
				}
				c := change(t, m)
				for _, e := range c.Events {
					if e.Seq != seen+1 {
						t.Fatalf("event %d came after %d", e.Seq, seen)
					}
					seen = e.Seq
				}
				if c.Seq != seen {
					t.Fatalf("a message up to %d ends with the event %d", c.Seq, seen)
				}
				for _, card := range c.Tasks {
					b, _ := json.Marshal(card)
					cards[card.ID] = b
				}
				if seen == start+writers*each {
					break
				}
			}
			l.close()
		}
		wg.Wait()
		for key, row := range w.sees(w.member) {
			if strings.HasPrefix(key, "task") && !sameJSON(cards[strings.TrimPrefix(key, "task")], row) {
				t.Errorf("%s is %s by the stream, want %s", key, cards[strings.TrimPrefix(key, "task")], row)
			}
		}
	})
}

// TestStreamShowsGuestsTheirProjects watches as a guest what happens in and
// around the guest's project.
func TestStreamShowsGuestsTheirProjects(t *testing.T) {
	t.Parallel()
	forEachStore(t, func(t *testing.T, s store) {
		w := newWorld(t, s)
		srv := httptest.NewServer(w.handler)
		t.Cleanup(srv.Close)
		url := srv.URL + server.APIPrefix + w.in("/events")
		mine, theirs := w.task(w.open, "Mine"), w.task(w.closed, "Theirs")
		since := strconv.FormatUint(w.seq(), 10)

		check := func(l *listener, how string) {
			t.Helper()
			m, ok := l.next()
			if !ok {
				t.Fatalf("%s: the stream ended", how)
			}
			c := change(t, m)
			if len(c.Tasks) != 0 || len(c.Removed) != 1 || c.Removed[0].Kind != "task" || c.Removed[0].ID != mine.String() || c.Removed[0].Scope != w.open.String() {
				t.Fatalf("%s: a task that left came as %s", how, m.data)
			}
			if strings.Contains(m.data, w.closed.String()) {
				t.Fatalf("%s: the guest learns where it went: %s", how, m.data)
			}
			m, _ = l.next()
			if c = change(t, m); len(c.Tasks) != 1 || c.Tasks[0].ID != theirs.String() {
				t.Fatalf("%s: a task that arrived came as %s", how, m.data)
			}
		}
		first := listen(t, url, w.guest, "")
		defer first.close()
		if m, _ := first.next(); m.event != "ready" || m.id != since {
			t.Fatalf("a stream from the newest begins with %+v", m)
		}
		live := listen(t, url, w.guest, since)
		defer live.close()
		w.call(w.owner, "PATCH", w.in("/tasks/"+theirs.String()), `{"title":"Not for guests"}`).want(200)
		w.call(w.owner, "PATCH", w.in("/tasks/"+mine.String()), fmt.Sprintf(`{"project":%q}`, w.closed)).want(200)
		w.call(w.owner, "PATCH", w.in("/tasks/"+theirs.String()), fmt.Sprintf(`{"project":%q}`, w.open)).want(200)
		check(live, "live")
		// What a resumed stream brings may come in one message; the rows are the same.
		resumed := listen(t, url, w.guest, since)
		defer resumed.close()
		m, _ := resumed.next()
		c := change(t, m)
		if len(c.Removed) != 1 || c.Removed[0].ID != mine.String() || len(c.Tasks) != 1 || c.Tasks[0].ID != theirs.String() {
			t.Fatalf("resumed: %s", m.data)
		}

		// Access that goes ends what is shown, at once and for whoever resumes.
		w.call(w.owner, "PATCH", w.in("/members/"+w.guest.String()), fmt.Sprintf(`{"projects":[%q]}`, w.closed)).want(200)
		w.task(w.open, "After the guest left")
		for {
			m, ok := live.next()
			if !ok {
				t.Fatal("the stream ended without a reset")
			}
			if m.event == "reset" {
				break
			}
			if strings.Contains(m.data, "After the guest left") {
				t.Fatal("a guest sees what came after their access went")
			}
		}
		again := listen(t, url, w.guest, since)
		defer again.close()
		if m, _ := again.next(); m.event != "reset" || m.id != strconv.FormatUint(w.seq(), 10) {
			t.Fatalf("a stream from before the change of access begins with %+v", m)
		}
		w.task(w.closed, "For the guest")
		if m, _ := again.next(); len(change(t, m).Tasks) != 1 {
			t.Fatalf("after the reset the stream goes on with %+v", m)
		}
	})
}
