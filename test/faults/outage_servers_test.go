//go:build servers

package faults_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"headway/test/servers"
)

// part is a server that an installation uses, through a line that can be broken.
type part struct {
	process interface {
		Kill()
		Start(t servers.T)
		Pause(t servers.T)
		Resume(t servers.T)
	}
	line *servers.Proxy
}

// outage is one way in which a part goes, and how it comes back.
type outage struct {
	name       string
	begin, end func()
}

// outages are all of them.
func (p part) outages(t *testing.T) []outage {
	mend := func() { p.line.Mend(t) }
	return []outage{
		{"killed", func() { p.process.Kill(); p.line.Cut() }, func() { p.process.Start(t); mend() }},
		{"paused", func() { p.process.Pause(t) }, func() { p.process.Resume(t) }},
		{"cut", p.line.Cut, mend},
		{"silent", func() { p.line.Silence(t) }, mend},
		{"answers lost", func() { p.line.LoseAnswers(t) }, mend},
	}
}

// clients are few, as the database for tests gets slower the more is in it.
const clients = 8

// lasts is how long an outage lasts at least once it was noticed.
const lasts = time.Second

// TestStoreGoes: while the database is away every request is answered 503 with
// a sentence that says so, and the process says that it is not ready. Once it
// is back all goes on by itself, and nothing acknowledged is lost.
func TestStoreGoes(t *testing.T) {
	t.Parallel()
	database := servers.FerretDB(t, servers.OnPostgres)
	store := part{database, servers.NewProxy(t, database.Addr)}
	settings := []string{
		"HEADWAY_STORE_URL=" + servers.MongoURL(store.line.Addr, "test") + "&timeoutMS=2000&serverSelectionTimeoutMS=1000&connectTimeoutMS=1000",
		"HEADWAY_REDIS_URL=" + servers.Redis(t).URL(),
	}
	i := install(t, settings)
	for _, w := range i.all {
		w.refused = away
	}
	for _, o := range store.outages(t) {
		i.outage(t, o, func() {
			for _, s := range i.servers {
				i.awaits(t, s, http.StatusServiceUnavailable, map[string]string{"store": "failing"})
				i.metric(t, s, "store")
				i.asksInVain(t, s, away)
			}
		})
	}
	i.end(t)
}

// TestRedisGoes: without Redis everything is answered as before.
func TestRedisGoes(t *testing.T) {
	t.Parallel()
	redis := servers.Redis(t)
	line := servers.NewProxy(t, redis.Addr)
	i := install(t, []string{
		"HEADWAY_STORE_URL=" + servers.FerretDB(t, servers.OnPostgres).StrictDatabase(t),
		"HEADWAY_REDIS_URL=redis://" + line.Addr, "HEADWAY_RATE_REQUESTS=1000000",
	})
	for _, o := range (part{redis, line}).outages(t) {
		i.outage(t, o, func() {
			for _, s := range i.servers {
				i.degraded(t, s, "cache", "bus", "rate", "sessions")
			}
		})
	}
	i.end(t)
}

// TestQueueGoes: without Amazon SQS everything is answered as before, and what
// one process changes comes to those who look on at another.
func TestQueueGoes(t *testing.T) {
	t.Parallel()
	queues := servers.SQS(t)
	line := servers.NewProxy(t, queues.Addr)
	i := install(t, []string{
		"HEADWAY_STORE_URL=" + servers.FerretDB(t, servers.OnPostgres).StrictDatabase(t),
		"HEADWAY_BUS_URL=" + strings.Replace(queues.URL("faults"), url.QueryEscape(queues.Addr), url.QueryEscape(line.Addr), 1),
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true",
	})
	for _, o := range (part{queues, line}).outages(t) {
		i.outage(t, o, func() {
			for _, s := range i.servers {
				i.degraded(t, s, "bus")
			}
		})
	}
	i.end(t)
}

// installation is two processes over the same servers, with clients that write
// to both and look on at both.
type installation struct {
	*crew
	servers  []*server
	watchers []*watcher
}

func install(t *testing.T, settings []string) *installation {
	t.Helper()
	i := &installation{servers: []*server{newServer(t, settings...), newServer(t, settings...)}}
	for _, s := range i.servers {
		s.up(t)
	}
	i.crew = newCrew(t, clients, i.servers...)
	for _, s := range i.servers {
		i.watchers = append(i.watchers, i.watch(t, s))
	}
	return i
}

// outage takes something away while all clients write, has meanwhile look at
// what the processes say, brings it back and holds what is there against what
// was acknowledged.
func (i *installation) outage(t *testing.T, o outage, meanwhile func()) {
	t.Helper()
	var back time.Duration
	var without uint64
	i.write(t, func() {
		i.acknowledged(t, 1)
		o.begin()
		meanwhile()
		before := i.acks.Load()
		time.Sleep(lasts)
		without = i.acks.Load() - before
		o.end()
		ended := time.Now()
		i.acknowledged(t, clients)
		back = time.Since(ended)
		for _, s := range i.servers {
			i.awaits(t, s, http.StatusOK, map[string]string{"store": "ok"})
			eventually(t, s.addr+" is whole again", func() string {
				if _, answer := i.ready(t, s); answer.Status != "ok" {
					return fmt.Sprint(answer)
				}
				return ""
			})
		}
	})
	i.verify(t, i.servers[0])
	for _, w := range i.watchers {
		w.reaches(t, i.head)
	}
	if t.Failed() {
		t.Fatalf("after it was %s", o.name)
	}
	t.Logf("%s: %d writes a second without it; %d acknowledged %s after it was back", o.name, without/uint64(lasts/time.Second), clients, back.Round(time.Millisecond))
}

// end stops the processes and holds the rows against a replay.
func (i *installation) end(t *testing.T) {
	t.Helper()
	i.settle(t, i.servers[0])
	for _, s := range i.servers {
		s.end(syscall.SIGTERM)
	}
	i.servers[0].command(t, "rebuild", "--verify")
	refusals := 0
	for _, w := range i.all {
		refusals += w.refusals
	}
	t.Logf("%d writes acknowledged and %d refused, %d events: all there", i.written, refusals, i.head)
}

// readiness is what /health/ready answers.
type readiness struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

func (i *installation) ready(t *testing.T, s *server) (int, readiness) {
	t.Helper()
	var answer readiness
	status, body, err := s.call(t.Context(), http.MethodGet, "/health/ready", "", nil)
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil {
		t.Fatalf("ready: %v: %s", err, body)
	}
	return status, answer
}

// awaits waits until the process answers the status and says so of its parts.
func (i *installation) awaits(t *testing.T, s *server, want int, parts map[string]string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s is ready: %d, %v", s.addr, want, parts), func() string {
		status, answer := i.ready(t, s)
		for name, state := range parts {
			if status != want || answer.Parts[name] != state {
				return fmt.Sprint(status, answer)
			}
		}
		return ""
	})
}

// degraded waits until the process says that it does without the parts, and
// stays ready all the same.
func (i *installation) degraded(t *testing.T, s *server, parts ...string) {
	t.Helper()
	for _, name := range parts {
		i.awaits(t, s, http.StatusOK, map[string]string{name: "degraded", "store": "ok"})
		i.metric(t, s, name)
	}
}

// metric waits until the metrics say that the process does without the part.
func (i *installation) metric(t *testing.T, s *server, name string) {
	t.Helper()
	want := fmt.Sprintf("headway_part_degraded{part=%q} 1\n", name)
	eventually(t, "the metrics have "+want, func() string {
		status, metrics, err := s.call(t.Context(), http.MethodGet, "/metrics", "", nil)
		if err == nil && status == http.StatusOK && strings.Contains(string(metrics), want) {
			return ""
		}
		return fmt.Sprintf("%d %v", status, err)
	})
}

// asksInVain asks for what needs the store; each answer must be one that says why not.
func (i *installation) asksInVain(t *testing.T, s *server, why func(status int, answer []byte) bool) {
	t.Helper()
	for _, ask := range []struct{ method, path, body string }{
		{http.MethodGet, "/api/v1/workspaces/" + i.workspace + "/history", ""},
		{http.MethodGet, "/api/v1/workspaces", ""},
		{http.MethodPost, "/api/v1/workspaces", `{"name":"Another"}`},
		{http.MethodPost, "/api/v1/auth/sign-in", `{"email":"writer@example.org","password":"a long pass phrase 42"}`},
	} {
		var body []byte
		if ask.body != "" {
			body = []byte(ask.body)
		}
		status, answer, err := s.call(t.Context(), ask.method, ask.path, i.token, body)
		if err != nil || !why(status, answer) {
			t.Errorf("%s %s answered %d %s, %v", ask.method, ask.path, status, answer, err)
		}
	}
}
