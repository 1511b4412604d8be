package app

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// program is a run of the binary without the binary.
func program(args ...string) (*Program, *bytes.Buffer, *bytes.Buffer) {
	var out, errs bytes.Buffer
	return &Program{
		Args: args, Version: "v0", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		LookupEnv: func(string) (string, bool) { return "", false },
	}, &out, &errs
}

func TestOpenAPIDocumentIsCurrent(t *testing.T) {
	want, err := Document(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("api/openapi.yaml is not what `headway openapi` writes now; run make generate")
	}
}

// TestServe starts a whole process on an empty folder, uses it, and has it leave.
func TestServe(t *testing.T) {
	data := t.TempDir() + "/new"
	p, _, errs := program("serve", "--listen", "127.0.0.1:0", "--data", data)
	r, w := io.Pipe()
	p.Stdout = w
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.run(ctx); _ = w.Close() }()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	var url string
	if _, err := fmt.Sscanf(line, "Headway v0 is at %s", &url); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	hp, out, _ := program("health", "--url", url)
	if err := hp.run(ctx); err != nil || out.String() != "ready\n" {
		t.Errorf("health: %v %s", err, out)
	}
	resp, err := http.Post(url+"/api/v1/auth/register", "application/json", strings.NewReader(`{"email":"ada@example.org","name":"Ada","password":"a long enough secret 7"}`))
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	for path, status := range map[string]int{
		"/api/v1/workspaces": 401, "/api/v1/nothing": 404, "/metrics": 200, "/.well-known/jwks.json": 200, "/api/v1/openapi.json": 200,
	} {
		resp, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("%s: %d, want %d", path, resp.StatusCode, status)
		}
	}
	// A second process must not use the same folder.
	second, _, _ := program("serve", "--listen", "127.0.0.1:0", "--data", data)
	if err := second.run(ctx); err == nil || !strings.Contains(err.Error(), "in use by another headway process") {
		t.Errorf("second process: %v", err)
	}
	if info, err := os.Stat(data); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data folder: %v %v", info.Mode(), err)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("end: %v", err)
	}
	rp, out, _ := program("rebuild", "--verify", "--data", data)
	if err := rp.run(t.Context()); err != nil || !strings.Contains(out.String(), "are what the log says") {
		t.Errorf("rebuild: %v %s", err, out)
	}
}

func TestWrongCallsAreExplained(t *testing.T) {
	for args, want := range map[string]string{
		"":                            "Usage:",
		"brew":                        `no command "brew"`,
		"serve now":                   "takes no arguments",
		"serve --lissten x":           "unknown flag",
		"config":                      "reference",
		"import trello":               "trello FILE",
		"import trello f.json":        "--email",
		"serve --store-url mongodb:x": "must be sqlite:",
	} {
		p, out, errs := program(strings.Fields(args)...)
		if code := Main(p); code == 0 || !strings.Contains(out.String()+errs.String(), want) {
			t.Errorf("%q: exit %d, %s%s", args, code, out, errs)
		}
	}
	p, out, _ := program("serve", "--verify-config", "--environment", "production", "--public-url", "https://a.example")
	if code := Main(p); code != 0 || !strings.Contains(out.String(), "good") {
		t.Errorf("exit %d %s", code, out)
	}
}

func TestWebApp(t *testing.T) {
	app, err := newWebApp(fstest.MapFS{
		"index.html":         {Data: []byte("<html>")},
		"assets/a-123.js":    {Data: []byte("plain")},
		"assets/a-123.js.br": {Data: []byte("brotli")},
		"assets/a-123.js.gz": {Data: []byte("gzip")},
		".gitkeep":           {},
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		return w
	}
	for _, path := range []string{"/", "/index.html", "/w/some-workspace/board"} {
		w := get(path)
		if w.Code != 200 || w.Body.String() != "<html>" || w.Header().Get("Cache-Control") != "no-cache" || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if again := get(path, "If-None-Match", w.Header().Get("ETag")); again.Code != 304 {
			t.Errorf("%s again: %d", path, again.Code)
		}
	}
	for accept, want := range map[string]string{"": "plain", "gzip": "gzip", "gzip, deflate, br": "brotli", "br;q=0, gzip": "gzip"} {
		w := get("/assets/a-123.js", "Accept-Encoding", accept)
		if w.Body.String() != want || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %s %v", accept, w.Body, w.Header())
		}
		if again := get("/assets/a-123.js", "Accept-Encoding", accept, "If-None-Match", w.Header().Get("ETag")); again.Code != 304 {
			t.Errorf("%q again: %d", accept, again.Code)
		}
	}
	for _, path := range []string{"/assets/gone.js", "/favicon.ico", "/.gitkeep"} {
		if w := get(path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
