package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/platform/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// log is an event log of one topic whose events are their seqs.
type log struct {
	mu   sync.Mutex
	head uint64
}

func frame(first, last uint64) []byte {
	var seqs []uint64
	for n := first; n <= last; n++ {
		seqs = append(seqs, n)
	}
	b, _ := json.Marshal(seqs)
	return live.AppendFrame(nil, last, "change", b)
}

func (l *log) append(n uint64) (first, last uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head += n
	return l.head - n + 1, l.head
}

func (l *log) replay(_ context.Context, after uint64, send func([]byte) error) (uint64, error) {
	l.mu.Lock()
	head := l.head
	l.mu.Unlock()
	if head <= after {
		return after, nil
	}
	return head, send(frame(after+1, head))
}

var topicID = ids.New()

// serve answers streams of one topic; the query's user and class are taken as they are.
func serve(t testing.TB, h *live.Hub[string], l *log) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		since, _ := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64)
		var user ids.ID
		copy(user[:], r.URL.Query().Get("user"))
		class := r.URL.Query().Get("class")
		if err := h.Serve(w, r, &live.Stream[string]{Topic: topicID, User: user, Class: class, Access: class, Since: since, Replay: l.replay}); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func publish(h *live.Hub[string], first, last uint64) {
	h.Publish(topicID, first, last, func(string) []byte { return frame(first, last) })
}

// client reads a stream; it answers events until the stream ends.
type client struct {
	resp  *http.Response
	lines *bufio.Reader
}

func open(t testing.TB, url, last string) *client {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", last)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return &client{resp, bufio.NewReader(resp.Body)}
}

type message struct {
	id, event, data, retry string
	comment                bool
}

func (c *client) next() (message, error) {
	var m message
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return m, err
		}
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimPrefix(value, " "); {
		case line == "":
			return m, nil
		case name == "":
			m.comment = true
		case name == "id":
			m.id = value
		case name == "event":
			m.event = value
		case name == "data":
			m.data += value
		case name == "retry":
			m.retry = value
		}
	}
}

func (c *client) close() { _ = c.resp.Body.Close() }

// TestEachChangeOnceInOrder: clients break off at random and resume, while
// commits come in bursts and the hub is told late, twice or not at all, of some
// of them only that they are there.
func TestEachChangeOnceInOrder(t *testing.T) {
	const total, clients = 3000, 16
	h := live.New[string](live.Options{Ring: 20, Gather: 2 * time.Millisecond})
	l := new(log)
	s := serve(t, h, l)
	var readers sync.WaitGroup
	for i := range clients {
		readers.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 7))
			url := fmt.Sprintf("%s?class=%d&user=%d", s.URL, i%3, i)
			var seen uint64
			for seen < total {
				c := open(t, url, strconv.FormatUint(seen, 10))
				for breakAt := seen + rng.Uint64N(400); seen < total && seen <= breakAt; {
					m, err := c.next()
					if err != nil {
						break
					}
					if m.event != "change" {
						continue
					}
					var seqs []uint64
					if err := json.Unmarshal([]byte(m.data), &seqs); err != nil {
						t.Errorf("client %d: %v", i, err)
					}
					for _, n := range seqs {
						if n != seen+1 {
							t.Errorf("client %d saw %d after %d", i, n, seen)
							c.close()
							return
						}
						seen = n
					}
					if m.id != strconv.FormatUint(seen, 10) {
						t.Errorf("id %s at %d", m.id, seen)
					}
				}
				c.close()
			}
		})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for l.head < total {
		first, last := l.append(min(1+rng.Uint64N(4), total-l.head))
		switch rng.IntN(20) {
		case 0: // not told, but for the last one
			if last < total {
				continue
			}
		case 1:
			publish(h, first, last)
		case 2, 3, 4: // another process's
			h.Reach(topicID, last)
			continue
		case 5: // this one's, which the bus tells of too, late
			publish(h, first, last)
			h.Reach(topicID, first)
			continue
		}
		publish(h, first, last)
		if rng.IntN(30) == 0 {
			runtime.Gosched() // a burst's end
		}
	}
	// A bus is at least once; the sweep tells of what was lost.
	first, last := l.append(1)
	publish(h, first, last)
	readers.Wait()
	s.CloseClientConnections()
}

func TestWhatMayNotBeSeenIsNotSent(t *testing.T) {
	h := live.New[string](live.Options{Gather: time.Millisecond})
	l := new(log)
	s := serve(t, h, l)
	a, b := open(t, s.URL+"?class=a", "0"), open(t, s.URL+"?class=b", "0")
	defer a.close()
	defer b.close()
	first, last := l.append(1)
	publish(h, first, last)
	for _, c := range []*client{a, b} { // past the replay
		for m, err := c.next(); m.id != "1"; m, err = c.next() {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var encoded atomic.Int64
	send := func(class string) {
		first, last := l.append(1)
		h.Publish(topicID, first, last, func(c string) []byte {
			encoded.Add(1)
			if class != "" && c != class {
				return nil
			}
			return frame(first, last)
		})
	}
	send("a")
	send("")
	want := func(c *client, ids ...string) {
		t.Helper()
		var got []string
		for len(got) < len(ids) {
			m, err := c.next()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, m.id)
		}
		if !slices.Equal(got, ids) {
			t.Errorf("got %v, want %v", got, ids)
		}
	}
	want(a, "2", "3")
	want(b, "3")
	if n := encoded.Load(); n != 4 {
		t.Errorf("encoded %d times for two commits and two classes", n)
	}
}

func TestLimits(t *testing.T) {
	h := live.New[string](live.Options{MaxStreams: 3, MaxPerUser: 2})
	s := serve(t, h, new(log))
	var open3 []*client
	for _, user := range []string{"1", "1", "2"} {
		c := open(t, s.URL+"?user="+user, "0")
		if _, err := c.next(); err != nil {
			t.Fatal(err)
		}
		open3 = append(open3, c)
	}
	err := h.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), &live.Stream[string]{User: ids.ID{'1'}})
	if !apperr.Is(err, apperr.RateLimited) {
		t.Errorf("third stream of a user: %v", err)
	}
	err = h.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), &live.Stream[string]{User: ids.ID{'3'}})
	if !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("fourth stream: %v", err)
	}
	if got := h.Stats(); got.Streams != 3 || got.Topics != 1 {
		t.Errorf("%+v", got)
	}
	for _, c := range open3 {
		c.close()
	}
	s.Close()
	if got := h.Stats(); got.Streams != 0 || got.Topics != 0 {
		t.Errorf("after all left: %+v", got)
	}
}

func TestKickAndDrain(t *testing.T) {
	h := live.New[string](live.Options{})
	s := serve(t, h, new(log))
	kicked, stays := open(t, s.URL+"?user=k", "0"), open(t, s.URL+"?user=s", "0")
	defer kicked.close()
	defer stays.close()
	_, _ = kicked.next()
	_, _ = stays.next()
	h.Kick(topicID, ids.ID{'k'})
	if m, err := kicked.next(); err != nil || m.event != "reset" {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := kicked.next(); !errors.Is(err, io.EOF) {
		t.Errorf("goes on after the reset: %v", err)
	}
	h.Drain()
	m, err := stays.next()
	if retry, _ := strconv.Atoi(m.retry); err != nil || retry < 500 || retry > 3000 {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := stays.next(); !errors.Is(err, io.EOF) {
		t.Errorf("goes on after the drain: %v", err)
	}
	if err := h.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), &live.Stream[string]{}); !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("a new stream while draining: %v", err)
	}
}

func TestHeartbeat(t *testing.T) {
	h := live.New[string](live.Options{Heartbeat: time.Millisecond})
	c := open(t, serve(t, h, new(log)).URL, "0")
	defer c.close()
	for beats := 0; beats < 2; {
		m, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		if m.comment {
			beats++
		}
	}
}

// What nobody told of comes with a heartbeat.
func TestAHeartbeatBringsWhatWasLost(t *testing.T) {
	h := live.New[string](live.Options{Heartbeat: time.Millisecond})
	l := new(log)
	c := open(t, serve(t, h, l).URL, "0")
	defer c.close()
	for told := false; ; {
		m, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		if m.id == "3" {
			return
		}
		if m.comment && !told {
			told = true
			l.append(3)
		}
	}
}

// stalled is a connection whose other end does not read.
type stalled struct {
	*httptest.ResponseRecorder
	deadline chan struct{}
	blocked  atomic.Bool
}

func (s *stalled) SetWriteDeadline(t time.Time) error {
	if s.blocked.Load() {
		time.AfterFunc(time.Until(t), func() { close(s.deadline) })
	}
	return nil
}
func (s *stalled) SetReadDeadline(time.Time) error { return nil }

func (s *stalled) Write(b []byte) (int, error) {
	if s.blocked.CompareAndSwap(false, true) {
		return len(b), nil // the greeting fits
	}
	<-s.deadline
	return 0, errors.New("i/o timeout")
}

func TestSlowReadersAreDroppedAndHoldUpNobody(t *testing.T) {
	h := live.New[string](live.Options{WriteTimeout: 20 * time.Millisecond, Gather: time.Millisecond})
	l := new(log)
	s := serve(t, h, l)
	quick := open(t, s.URL, "0")
	defer quick.close()
	_, _ = quick.next()
	gone := make(chan error, 1)
	w := &stalled{ResponseRecorder: httptest.NewRecorder(), deadline: make(chan struct{})}
	go func() {
		gone <- h.Serve(w, httptest.NewRequest("GET", "/", nil), &live.Stream[string]{Topic: topicID, User: ids.ID{'z'}, Replay: l.replay})
	}()
	for i := range 50 {
		first, last := l.append(1)
		publish(h, first, last)
		if m, err := quick.next(); err != nil || m.id != strconv.Itoa(i+1) {
			t.Fatalf("%+v %v", m, err)
		}
	}
	for {
		select {
		case err := <-gone:
			if err != nil {
				t.Error(err)
			}
			return
		default:
			first, last := l.append(1)
			publish(h, first, last)
			_, _ = quick.next()
		}
	}
}

func TestFramesKeepLinesApart(t *testing.T) {
	if got := string(live.AppendFrame(nil, 5, "change", []byte("a\nb"))); got != "id: 5\nevent: change\ndata: a\ndata: b\n\n" {
		t.Errorf("%q", got)
	}
}
