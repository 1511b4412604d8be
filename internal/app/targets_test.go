package app

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/app/config"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/peer"
	"headway/internal/platform/peer/contacts"
)

func TestTheTableHasEveryTarget(t *testing.T) {
	var names []string
	for _, row := range table {
		names = append(names, row.target)
	}
	if !slices.Equal(names, config.Names) {
		t.Errorf("the table of services is %v, the targets are %v", names, config.Names)
	}
}

// get asks a process and answers status and body.
func get(a *App, path string) (int, string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = "127.0.0.1:1234"
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func open(t *testing.T, args ...string) *App {
	t.Helper()
	p, _, _ := program("serve")
	cfg, err := p.settings(p.flags("serve"), append([]string{"--data", t.TempDir()}, args...), 0, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg, "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// TestTheWebAppAlone: it needs no store, no bus and nobody else, and answers
// for no service.
func TestTheWebAppAlone(t *testing.T) {
	a := open(t, "--target", "web")
	for path, want := range map[string]int{
		"/api/v1/workspaces": 404, "/api/v1/auth/sign-in": 404, "/.well-known/jwks.json": 404, "/health/ready": 200, "/metrics": 200,
	} {
		if status, body := get(a, path); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if _, body := get(a, "/api/v1/workspaces"); !strings.Contains(body, `"code":"not_found"`) {
		t.Errorf("an address of a service that is not here answers %s", body)
	}
	_, body := get(a, "/health/ready")
	var health struct {
		Status  string
		Targets []string
		Parts   map[string]string
	}
	if err := json.Unmarshal([]byte(body), &health); err != nil || health.Status != "ok" || !slices.Equal(health.Targets, []string{"web"}) || len(health.Parts) != 0 {
		t.Errorf("ready: %v %s", err, body)
	}
	if _, metrics := get(a, "/metrics"); !strings.Contains(metrics, `headway_target_info{target="web"} 1`) || strings.Contains(metrics, `target="auth"`) {
		t.Error("the metrics do not name what the process runs")
	}
}

func TestAllIsEverything(t *testing.T) {
	a := open(t)
	_, body := get(a, "/health/live")
	var health struct{ Targets []string }
	if err := json.Unmarshal([]byte(body), &health); err != nil || !slices.Equal(health.Targets, config.Names) {
		t.Errorf("live: %v %s", err, body)
	}
}

// TestInternalRoutes is who may ask for people: only services, with a token
// for auth, and who sees emails.
func TestInternalRoutes(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	a := open(t, "--service-secret", secret)
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	post := func(path, token, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		data, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(data)
	}
	_, answer := post("/api/v1/auth/register", "", `{"email":"ada@example.org","name":"Ada","password":"a long enough secret 7"}`)
	var ada struct {
		AccessToken string `json:"accessToken"`
		User        struct{ ID ids.ID }
	}
	if err := json.Unmarshal([]byte(answer), &ada); err != nil || ada.AccessToken == "" {
		t.Fatal(err, answer)
	}
	people := []ids.ID{ids.New(), ada.User.ID, ada.User.ID}
	for name, token := range map[string]string{"no token": "", "a person's token": ada.AccessToken, "rubbish": "x.y.z"} {
		if status, body := post(contacts.Path, token, `{"ids":["`+ada.User.ID.String()+`"]}`); status != http.StatusUnauthorized || strings.Contains(body, "Ada") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if _, document := get(a, "/api/v1/openapi.json"); strings.Contains(document, "contacts") {
		t.Error("the public document has an internal operation")
	}
	for _, c := range []struct {
		name, secret, issuer, audience string
		behind                         time.Duration
		status                         int
		email                          string
	}{
		{"notification", secret, "notification", "auth", 0, 200, "ada@example.org"},
		{"analytics", secret, "analytics", "auth", 0, 200, ""},
		{"a service without a need", secret, "task", "auth", 0, 403, ""},
		{"another audience", secret, "notification", "task", 0, 401, ""},
		{"another secret", secret + "x", "notification", "auth", 0, 401, ""},
		{"expired", secret, "notification", "auth", time.Hour, 401, ""},
	} {
		keys, err := peer.NewKeys([]string{c.secret}, clock.NewManual(time.Now().Add(-c.behind)))
		if err != nil {
			t.Fatal(err)
		}
		client, err := peer.New(peer.Options{Keys: keys, Issuer: c.issuer, Audience: c.audience, URL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() }) // answers nil
		got, err := contacts.NewRemote(client).Contacts(t.Context(), people)
		var refused *peer.Refused
		switch {
		case c.status == 200 && (err != nil || len(got) != 1 || got[0] != contacts.Contact{ID: ada.User.ID, Name: "Ada", Email: c.email}):
			t.Errorf("%s: %+v, %v", c.name, got, err)
		case c.status != 200 && (!errors.As(err, &refused) || refused.Status != c.status):
			t.Errorf("%s: %v, want %d", c.name, err, c.status)
		}
	}

	// In the same process it is the same, without a call.
	w := &wiring{services: a.services, cfg: a.cfg, platform: a.platform}
	for service, email := range map[string]string{"notification": "ada@example.org", "analytics": ""} {
		near, err := w.contacts(service)
		if err != nil {
			t.Fatal(err)
		}
		got, err := near.Contacts(t.Context(), people)
		if err != nil || len(got) != 1 || got[0].Email != email {
			t.Errorf("%s: %+v, %v", service, got, err)
		}
	}
	// Where auth is elsewhere, it is a call.
	far := &wiring{services: &services{keys: a.services.keys}, cfg: a.cfg}
	far.cfg.Auth.URL = server.URL
	directory, err := far.contacts("notification")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.close() })
	if got, err := directory.Contacts(t.Context(), people); err != nil || len(got) != 1 || got[0].Email != "ada@example.org" {
		t.Errorf("from elsewhere: %+v, %v", got, err)
	}
	registry := prometheus.NewRegistry()
	registerPeers(registry, far.peers)
	if figures, err := registry.Gather(); err != nil || len(figures) != 8 {
		t.Errorf("%d figures of calls, %v", len(figures), err)
	}
	large := make([]ids.ID, contacts.MaxIDs+1)
	for i := range large {
		large[i] = ids.New()
	}
	large[contacts.MaxIDs] = ada.User.ID
	if got, err := directory.Contacts(t.Context(), large); err != nil || len(got) != 1 {
		t.Errorf("more than one request's people: %+v, %v", got, err)
	}
	if s := far.peers[0].Stats(); s.Calls != 3 || s.Failed != 0 {
		t.Errorf("%+v", s)
	}
}
