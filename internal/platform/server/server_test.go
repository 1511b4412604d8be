package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/server"
)

func TestHealth(t *testing.T) {
	var failing error
	var h server.Health
	h.Add("store", func(context.Context) error { return failing })
	mux := http.NewServeMux()
	h.Mount(mux)
	ready := func() (int, string) {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", "/health/ready", nil))
		return w.Code, w.Body.String()
	}
	if code, body := ready(); code != 200 || body != `{"status":"ok","parts":{"store":"ok"}}` {
		t.Errorf("%d %s", code, body)
	}
	failing = errors.New("secret path")
	if code, body := ready(); code != 503 || strings.Contains(body, "secret") || !strings.Contains(body, `"store":"failing"`) {
		t.Errorf("%d %s", code, body)
	}
	failing = nil
	h.Drain()
	if code, body := ready(); code != 503 || !strings.Contains(body, "draining") {
		t.Errorf("%d %s", code, body)
	}
}

// TestDrain: a request that runs when the end comes is answered; a stream is
// moved away; the listener takes nobody new.
func TestDrain(t *testing.T) {
	started, release, streaming, drained := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		close(started)
		<-release
		_, _ = io.WriteString(w, "done")
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush()
		close(streaming)
		<-drained
		_, _ = io.WriteString(w, "retry: 100\n\n")
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	health := new(server.Health)
	handler, err := server.NewHandler(mux, server.Options{Long: func(r *http.Request) bool { return r.URL.Path == "/stream" }})
	if err != nil {
		t.Fatal(err)
	}
	s := &server.Server{Handler: handler, Log: slog.New(slog.DiscardHandler), Health: health, DrainTimeout: 10 * time.Second,
		OnDrain: func() { close(drained) }}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	bodies := make(chan string, 2)
	get := func(path string) {
		resp, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			bodies <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			b = []byte(err.Error())
		}
		bodies <- string(b)
	}
	go get("/slow")
	go get("/stream")
	<-started
	<-streaming
	cancel()
	if got := <-bodies; got != "retry: 100\n\n" {
		t.Errorf("stream got %q", got)
	}
	if !health.Draining() {
		t.Error("still ready")
	}
	if _, err := http.Get("http://" + l.Addr().String() + "/slow"); err == nil {
		t.Error("a new connection was taken")
	}
	close(release)
	if got := <-bodies; got != "done" {
		t.Errorf("slow request got %q", got)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
