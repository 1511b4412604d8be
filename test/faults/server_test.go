// Package faults_test ends the real binary at the worst moments and holds
// what is left against what it had acknowledged.
package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// build makes the binary under test once.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "headway")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "headway/cmd/headway")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// server is the real binary on a data folder that outlives it.
type server struct {
	binary, data, addr string
	cmd                *exec.Cmd
	log                *bytes.Buffer
	done               chan struct{}
	client             *http.Client
}

func newServer(t *testing.T, binary string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := &server{binary: binary, data: t.TempDir(), addr: addr}
	s.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		if s.cmd != nil {
			s.end(syscall.SIGKILL)
		}
	})
	return s
}

// up starts the process and returns once it is ready.
func (s *server) up(t *testing.T) {
	t.Helper()
	s.log, s.done = new(bytes.Buffer), make(chan struct{})
	s.cmd = exec.Command(s.binary, "serve", "--listen", s.addr, "--data", s.data)
	s.cmd.Env = append(os.Environ(), limits...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // being killed is how it should end
		close(done)
	}(s.cmd, s.done)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for {
		if status, _, err := s.call(ctx, http.MethodGet, "/health/ready", "", nil); err == nil && status == http.StatusOK {
			return
		}
		select {
		case <-s.done:
			t.Fatalf("the server ended at its start:\n%s", s.log)
		case <-ctx.Done():
			t.Fatalf("the server did not become ready:\n%s", s.log)
		case <-every.C:
		}
	}
}

// end sends the signal and returns once the process is gone.
func (s *server) end(signal syscall.Signal) {
	_ = s.cmd.Process.Signal(signal) // it may be gone already
	<-s.done
	s.client.CloseIdleConnections()
}

// call sends one request and answers its status and body. An error means
// that no whole answer came.
func (s *server) call(ctx context.Context, method, path, token string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.addr+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, err
	}
	return res.StatusCode, data, nil
}

// command runs the binary on the data folder, with the server down.
func (s *server) command(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), s.binary, append(args, "--data", s.data)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("headway %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// must fails the test where a call did not answer one of the statuses.
func must(t *testing.T, status int, body []byte, err error, want ...int) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		if status == w {
			return body
		}
	}
	t.Fatalf("answered %d, want %v: %s", status, want, fmt.Sprintf("%.500s", body))
	return nil
}
