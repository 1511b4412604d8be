package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// process is a server without a network.
type process struct {
	*App
	t     *testing.T
	token string
}

func newProcess(t *testing.T, data string, args ...string) *process {
	t.Helper()
	p, _, _ := program("serve")
	cfg, err := p.settings(p.flags("serve"), append([]string{"--data", data}, args...), 0, "")
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
	return &process{App: a, t: t}
}

// do sends a request as the signed-in user and answers status and body.
func (p *process) do(method, path, body string) (int, []byte) {
	p.t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.RemoteAddr = "127.0.0.1:1234"
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	w := httptest.NewRecorder()
	start := time.Now()
	p.Handler().ServeHTTP(w, r)
	if took := time.Since(start); took > 5*time.Second {
		p.t.Errorf("%s %s took %s", method, path, took)
	}
	return w.Code, w.Body.Bytes()
}

// post is do for what must succeed; it answers one field of the answer.
func (p *process) post(path, body, field string) string {
	p.t.Helper()
	status, answer := p.do(http.MethodPost, path, body)
	var out map[string]any
	if err := json.Unmarshal(answer, &out); err != nil || status/100 != 2 {
		p.t.Fatalf("%s: %d %s", path, status, answer)
	}
	text, _ := out[field].(string)
	return text
}

// begin registers somebody and answers the addresses where tasks are made, and
// read, and the project that they are in.
func (p *process) begin() (create, read, project string) {
	p.t.Helper()
	p.token = p.post("/api/v1/auth/register", `{"email":"ada@example.org","name":"Ada","password":"a long enough secret 7"}`, "accessToken")
	workspace := "/api/v1/workspaces/" + p.post("/api/v1/workspaces", `{"name":"W"}`, "id")
	project = p.post(workspace+"/projects", `{"name":"P"}`, "id")
	return workspace + "/tasks", workspace + "/projects/" + project + "/tasks", project
}

func (p *process) ready() (status int, parts map[string]string) {
	p.t.Helper()
	status, body := p.do(http.MethodGet, "/health/ready", "")
	var answer struct{ Parts map[string]string }
	if err := json.Unmarshal(body, &answer); err != nil {
		p.t.Fatal(err)
	}
	return status, answer.Parts
}
