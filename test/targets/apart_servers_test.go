//go:build servers

package targets_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/peer"
	"headway/internal/platform/peer/contacts"
	"headway/test/servers"
)

const secret = "what the processes of this test know each other by"

// TestServicesApart runs auth, task, notification and web as processes of their own over one
// database and one Redis. The task service starts without auth; while auth is
// killed, who is signed in works on, also with a token that the task service
// has not seen before and after a new start of it, and what they do is seen live.
func TestServicesApart(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "headway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "headway/cmd/headway").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	settings := []string{
		"HEADWAY_STORE_URL=" + servers.FerretDB(t, servers.OnPostgres).Database(t),
		"HEADWAY_REDIS_URL=" + servers.Redis(t).URL(), "HEADWAY_SERVICE_SECRET=" + secret, "HEADWAY_LOG_REQUESTS=all",
	}
	auth := newProcess(t, binary, "auth", settings...)
	task := newProcess(t, binary, "task", append(settings, "HEADWAY_AUTH_URL="+auth.url())...)
	notification := newProcess(t, binary, "notification", append(settings, "HEADWAY_AUTH_URL="+auth.url())...)
	web := newProcess(t, binary, "web")
	authIs := func(want string) func() bool {
		return func() bool { return task.health(t).Parts["auth"] == want }
	}

	task.start(t)
	if h := task.health(t); h.Status != "degraded" || h.Parts["auth"] != "degraded" || h.Parts["store"] != "ok" || !slices.Equal(h.Targets, []string{"task"}) {
		t.Errorf("the task service without auth: %+v", h)
	}
	auth.start(t)
	notification.start(t)
	web.start(t)
	await(t, "the task service has the keys", authIs("ok"))
	await(t, "the notification service has the keys", func() bool { return notification.health(t).Parts["auth"] == "ok" })
	each(t, auth, task, notification, web)

	s := &site{t: t, url: front(t, auth, task, notification, web)}
	ada, bob := s.register("ada"), s.register("bob")
	workspace := "/api/v1/workspaces/" + s.post(ada, "/api/v1/workspaces", `{"name":"W"}`, "id")
	project := s.post(ada, workspace+"/projects", `{"name":"P"}`, "id")
	seen := s.watch(ada, workspace)
	create := func(title string) {
		t.Helper()
		s.post(ada, workspace+"/tasks", `{"project":"`+project+`","title":"`+title+`"}`, "id")
		seen(title)
	}
	create("before")

	auth.kill()
	for n := range 10 {
		create(fmt.Sprintf("without auth, %d", n))
	}
	s.post(bob, "/api/v1/workspaces", `{"name":"Bob's"}`, "id") // his token is new here
	if status, _ := s.do(ada, http.MethodPost, "/api/v1/auth/sign-in", `{}`); status != http.StatusBadGateway {
		t.Errorf("signing in without auth answers %d", status)
	}
	await(t, "the task service misses auth", authIs("degraded"))
	task.kill()
	task.start(t) // with the keys that it had
	if h := task.health(t); h.Parts["auth"] != "degraded" {
		t.Errorf("the task service that started without auth: %+v", h)
	}
	seen = s.watch(ada, workspace)
	create("started without auth")

	auth.start(t)
	await(t, "the task service has auth again", authIs("ok"))
	again := s.post("", "/api/v1/auth/sign-in", `{"email":"ada@example.org","password":"a long enough secret 7"}`, "accessToken")
	if status, body := s.do(again, http.MethodGet, workspace+"/projects/"+project+"/tasks", ""); status != http.StatusOK || strings.Count(string(body), "without auth") != 11 {
		t.Errorf("signed in again: %d %s", status, body)
	}
	create("after")
	s.internal(auth, ada)
	for _, p := range []*process{auth, task, notification, web} {
		if log := p.log.String(); strings.Contains(log, secret) || strings.Contains(log, ada) || !strings.Contains(log, "target="+p.target) {
			t.Errorf("the log of %s holds a secret, or does not name what runs", p.target)
		}
	}
}

// each holds what every process answers for, and what not.
func each(t *testing.T, auth, task, notification, web *process) {
	t.Helper()
	for _, c := range []struct {
		at           *process
		method, path string
		status       int
	}{
		{auth, http.MethodGet, "/api/v1/auth/me", 401},
		{auth, http.MethodGet, "/.well-known/jwks.json", 200},
		{auth, http.MethodGet, "/api/v1/workspaces", 404},
		{auth, http.MethodGet, "/", 404},
		{auth, http.MethodPost, "/internal/v1/contacts", 401},
		{task, http.MethodGet, "/api/v1/workspaces", 401},
		{task, http.MethodGet, "/api/v1/auth/me", 404},
		{task, http.MethodGet, "/.well-known/jwks.json", 404},
		{task, http.MethodPost, "/internal/v1/contacts", 404},
		{task, http.MethodGet, "/", 404},
		{notification, http.MethodGet, "/api/v1/inbox", 401},
		{notification, http.MethodGet, "/api/v1/workspaces", 404},
		{web, http.MethodGet, "/api/v1/workspaces", 404},
		{web, http.MethodGet, "/api/v1/auth/me", 404},
		{web, http.MethodPost, "/internal/v1/contacts", 404},
	} {
		status, body, err := ask(t.Context(), c.method, c.at.url()+c.path, "", "")
		if err != nil || status != c.status || !strings.HasPrefix(string(body), "{") {
			t.Errorf("%s %s at %s: %d %.200s %v, want %d", c.method, c.path, c.at.target, status, body, err, c.status)
		}
	}
	for _, p := range []*process{auth, task, notification, web} {
		if _, metrics, err := ask(t.Context(), http.MethodGet, p.url()+"/metrics", "", ""); err != nil || !strings.Contains(string(metrics), `headway_target_info{target="`+p.target+`"} 1`) {
			t.Errorf("the metrics of %s do not name it: %v", p.target, err)
		}
	}
}

// internal holds who may ask the auth service for people, at its own address
// and through the front door, which has no such address.
func (s *site) internal(auth *process, token string) {
	s.t.Helper()
	_, me := s.do(token, http.MethodGet, "/api/v1/auth/me", "")
	var ada struct{ ID ids.ID }
	if err := json.Unmarshal(me, &ada); err != nil {
		s.t.Fatal(err)
	}
	body := `{"ids":["` + ada.ID.String() + `"]}`
	if status, answer, err := ask(s.t.Context(), http.MethodPost, auth.url()+contacts.Path, token, body); err != nil || status != http.StatusUnauthorized {
		s.t.Errorf("a person asks for people: %d %s %v", status, answer, err)
	}
	if status, answer := s.do(token, http.MethodPost, contacts.Path, body); status != http.StatusNotFound {
		s.t.Errorf("through the front door: %d %s", status, answer)
	}
	for _, c := range []struct {
		secret, issuer, audience, email string
		status                          int
	}{
		{secret, "notification", "auth", "ada@example.org", 200},
		{secret, "analytics", "auth", "", 200},
		{secret, "task", "auth", "", 403},
		{secret, "notification", "task", "", 401},
		{"not " + secret, "notification", "auth", "", 401},
	} {
		keys, err := peer.NewKeys([]string{c.secret}, clock.System{})
		if err != nil {
			s.t.Fatal(err)
		}
		client, err := peer.New(peer.Options{Keys: keys, Issuer: c.issuer, Audience: c.audience, URL: auth.url()})
		if err != nil {
			s.t.Fatal(err)
		}
		got, err := contacts.NewRemote(client).Contacts(s.t.Context(), []ids.ID{ada.ID})
		var refused *peer.Refused
		switch {
		case c.status == 200 && (err != nil || len(got) != 1 || got[0] != contacts.Contact{ID: ada.ID, Name: "ada", Email: c.email}):
			s.t.Errorf("%s asks %s: %+v, %v", c.issuer, c.audience, got, err)
		case c.status != 200 && (!errors.As(err, &refused) || refused.Status != c.status):
			s.t.Errorf("%s asks %s: %v, want %d", c.issuer, c.audience, err, c.status)
		}
		_ = client.Close() // answers nil
	}
}

// site is the installation as people see it.
type site struct {
	t   *testing.T
	url string
}

func (s *site) do(token, method, path, body string) (int, []byte) {
	s.t.Helper()
	status, answer, err := ask(s.t.Context(), method, s.url+path, token, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return status, answer
}

// post is do for what must succeed; it answers one field of the answer.
func (s *site) post(token, path, body, field string) string {
	s.t.Helper()
	status, answer := s.do(token, http.MethodPost, path, body)
	var out map[string]any
	if err := json.Unmarshal(answer, &out); err != nil || status/100 != 2 {
		s.t.Fatalf("%s: %d %s", path, status, answer)
	}
	text, _ := out[field].(string)
	return text
}

func (s *site) register(name string) (token string) {
	s.t.Helper()
	return s.post("", "/api/v1/auth/register", `{"email":"`+name+`@example.org","name":"`+name+`","password":"a long enough secret 7"}`, "accessToken")
}

// watch opens a live stream and answers what waits for a title on it.
func (s *site) watch(token, workspace string) func(title string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+workspace+"/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("the stream: %v %v", res, err)
	}
	lines := make(chan string, 10_000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(lines)
		scanner := bufio.NewScanner(res.Body)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	s.t.Cleanup(func() {
		cancel()
		_ = res.Body.Close()
		<-ended
	})
	wait := func(text string) {
		s.t.Helper()
		await(s.t, "the stream says "+text, func() bool {
			for {
				select {
				case line, open := <-lines:
					if !open {
						s.t.Fatal("the stream ended")
					}
					if strings.Contains(line, text) {
						return true
					}
				default:
					return false
				}
			}
		})
	}
	wait("event: ready")
	return wait
}
