//go:build servers

package apart_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"headway/internal/notification/query"
	"headway/internal/platform/ids"
	"headway/test/servers"
)

// TestARollingRestartLosesNothing: the processes of all services are restarted,
// the first of each and then the second, and nginx is told to read its
// configuration again, while clients come to every service and look on. Every
// request is answered as asked, who looks on sees each change once and in
// order, and consumers end with all there was.
func TestARollingRestartLosesNothing(t *testing.T) {
	// Longer than nginx keeps an idle connection to a process.
	t.Setenv("HEADWAY_HTTP_DRAIN_DELAY", "4s")
	s := newSite(t, build(t), servers.Backing(t, servers.OnPostgres, false))
	t.Cleanup(func() { s.Kill() }) // each would take its time to leave
	s.begin()
	l := &crowd{site: s, made: map[string]bool{}}
	look := l.looksOn(t)

	var group sync.WaitGroup
	var over atomic.Bool
	for n := range 3 {
		group.Go(func() { l.works(n, &over) })
	}
	group.Go(func() { l.staysSignedIn(&over) })
	for n := range 2 {
		l.answers(t, 60)
		restart(t, l.nth(n))
	}
	l.answers(t, 60)
	for _, door := range []*servers.Process{s.Inside, s.Nginx} {
		if err := syscall.Kill(door.PID(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	l.answers(t, 60)
	over.Store(true)
	group.Wait()

	if n := len(l.wrong); n > 0 {
		t.Errorf("%d requests went wrong, such as\n%s", n, strings.Join(l.wrong[:min(n, 10)], "\n"))
	}
	settle(t, "that who looks on has seen all", func() (any, bool) {
		missing := look.missing(l.made)
		return missing, len(missing) == 0
	})
	for _, wrong := range look.end() {
		t.Error(wrong)
	}
	if look.opened < 2 {
		t.Error("the stream was never moved")
	}
	settle(t, "the figures", func() (any, bool) {
		is := s.figures()
		return is, is.Created == uint64(len(l.made))
	})
	settle(t, "the inbox", func() (any, bool) {
		var unread struct{ Unread int }
		s.must(s.bo, http.MethodGet, "/api/v1/inbox/count", "", &unread)
		return unread, unread.Unread == min(len(l.made), query.MaxUnread)
	})
	t.Logf("%d requests, %d tasks made, %d connections of the stream", l.answered.Load(), len(l.made), look.opened)
}

// restart has processes leave in good order, all at once, and starts them again.
func restart(t *testing.T, processes []*servers.Process) {
	t.Helper()
	var group sync.WaitGroup
	for _, p := range processes {
		group.Go(p.Stop)
	}
	group.Wait()
	for _, p := range processes {
		p.Start(t)
	}
}

// crowd are people who come to every service, through nginx.
type crowd struct {
	*site
	answered atomic.Int64

	mu    sync.Mutex
	made  map[string]bool // ids of tasks
	wrong []string
}

// nth are the processes with a number, one of each service.
func (c *crowd) nth(n int) (out []*servers.Process) {
	for _, service := range c.Services {
		out = append(out, c.Processes(service)[n])
	}
	return out
}

// answers waits until so many more requests are answered.
func (c *crowd) answers(t *testing.T, more int64) {
	t.Helper()
	want := c.answered.Load() + more
	settle(t, "that requests are answered", func() (any, bool) {
		is := c.answered.Load()
		return is, is >= want
	})
}

// asks sends a request, and notes where it is answered neither as asked nor by another status that is right.
func (c *crowd) asks(client *http.Client, token, method, path, body string, right ...int) []byte {
	status, text, err := c.ask(client, token, method, path, body)
	if err != nil || status/100 != 2 && !slices.Contains(right, status) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.wrong = append(c.wrong, fmt.Sprintf("%s %s was answered %d %.300s, %v", method, path, status, text, err))
		return nil
	}
	c.answered.Add(1)
	return text
}

// works makes tasks and reads at every service, until it is over.
func (c *crowd) works(n int, over *atomic.Bool) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: n == 0}}
	defer client.CloseIdleConnections()
	for round := 0; !over.Load(); round++ {
		id := ids.New().String()
		body := fmt.Sprintf(`{"id":%q,"project":%q,"title":"Made by %d in round %d","assignees":[%q]}`, id, c.project, n, round, c.boID)
		if c.asks(client, c.ada, http.MethodPost, c.workspace+"/tasks", body) != nil {
			c.mu.Lock()
			c.made[id] = true
			c.mu.Unlock()
		}
		c.asks(client, c.ada, http.MethodGet, c.workspace+"/tasks/"+id, "")
		c.asks(client, c.ada, http.MethodGet, c.workspace+"/tasks?limit=5", "")
		c.asks(client, c.bo, http.MethodGet, "/api/v1/inbox?limit=5", "")
		c.asks(client, c.bo, http.MethodGet, c.workspace+"/analytics/summary", "")
		c.asks(client, "", http.MethodGet, "/", "", http.StatusNotFound) // where the web app was not built
		time.Sleep(20 * time.Millisecond)                                // the store is slow, and what is made is listed
	}
}

// staysSignedIn signs in and then has its tokens replaced, as a browser does, until it is over.
func (c *crowd) staysSignedIn(over *atomic.Bool) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // answers none without options
	}
	client := &http.Client{Transport: &http.Transport{}, Jar: jar}
	defer client.CloseIdleConnections()
	c.asks(client, "", http.MethodPost, "/api/v1/auth/sign-in", `{"email":"bo@example.org","password":"a long enough secret 7"}`)
	for !over.Load() {
		var g struct{ AccessToken string }
		if text := c.asks(client, "", http.MethodPost, "/api/v1/auth/refresh", ""); text != nil && json.Unmarshal(text, &g) == nil {
			c.asks(client, g.AccessToken, http.MethodGet, "/api/v1/auth/me", "")
		}
		time.Sleep(200 * time.Millisecond)
	}
}
