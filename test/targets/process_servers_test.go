//go:build servers

// Package targets_test runs the services of the real binary apart, behind one
// address, and takes one of them away.
package targets_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"headway/test/servers"
)

// process is the real binary with a target, at an address that outlives it.
type process struct {
	binary, target, addr, data string
	settings                   []string
	cmd                        *exec.Cmd
	log                        *output
	done                       chan struct{}
}

// output is what a process writes, read while it does.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String is all that was written.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func newProcess(t *testing.T, binary, target string, settings ...string) *process {
	t.Helper()
	p := &process{binary: binary, target: target, addr: servers.Loopback(t), data: t.TempDir(), settings: settings, log: new(output)}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			text := p.log.String()
			t.Logf("the end of the log of %s:\n%s", target, text[max(0, len(text)-4096):])
		}
	})
	return p
}

// start starts the process and returns once it is ready.
func (p *process) start(t *testing.T) {
	t.Helper()
	p.done = make(chan struct{})
	p.cmd = exec.Command(p.binary, "serve", "--target", p.target, "--listen", p.addr, "--data", p.data)
	p.cmd.Env = append(p.cmd.Environ(), p.settings...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // being killed is how it should end
		close(done)
	}(p.cmd, p.done)
	await(t, p.target+" is ready", func() bool {
		select {
		case <-p.done:
			t.Fatalf("%s ended at its start:\n%s", p.target, p.log)
		default:
		}
		status, _, err := ask(t.Context(), http.MethodGet, p.url()+"/health/ready", "", "")
		return err == nil && status == http.StatusOK
	})
}

func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may be gone
	<-p.done
	p.cmd = nil
}

func (p *process) url() string { return "http://" + p.addr }

// health is what a process says of itself.
type health struct {
	Status  string
	Targets []string
	Parts   map[string]string
}

func (p *process) health(t *testing.T) health {
	t.Helper()
	status, body, err := ask(t.Context(), http.MethodGet, p.url()+"/health/ready", "", "")
	var h health
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &h) != nil {
		t.Fatalf("the health of %s: %d %s %v", p.target, status, body, err)
	}
	return h
}

// await waits until something is so, for two minutes at most.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("it did not come to this: %s", what)
		case <-every.C:
		}
	}
}

// ask sends a request and answers status and body.
func ask(ctx context.Context, method, address, token, body string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, data, err
}

// front is one address for all of them, as a load balancer is.
func front(t *testing.T, auth, task, notification, web *process) string {
	t.Helper()
	to := func(p *process) http.Handler {
		target, err := url.Parse(p.url())
		if err != nil {
			t.Fatal(err)
		}
		return &httputil.ReverseProxy{
			FlushInterval: -1,
			Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
			ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/api/v1/auth/", to(auth))
	mux.Handle("/.well-known/", to(auth))
	mux.Handle("/api/v1/inbox", to(notification))
	mux.Handle("/api/", to(task))
	mux.Handle("/", to(web))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}
