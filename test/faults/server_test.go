// Package faults_test ends the real binary at the worst moments and holds
// what is left against what it had acknowledged.
package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"headway/test/servers"
)

// folder holds the binary, for all tests.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "headway-faults-"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// compile makes the binary under test.
var compile = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(folder, "headway")
	if out, err := exec.Command("go", "build", "-o", binary, "headway/cmd/headway").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
})

// build answers the path of the binary under test.
func build(t *testing.T) string {
	t.Helper()
	binary, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// server is the real binary on a data folder that outlives it.
type server struct {
	binary, data, addr string
	settings           []string // as environment variables
	cmd                *exec.Cmd
	log                *bytes.Buffer
	done               chan struct{}
	client             *http.Client
}

// newServer makes a server that is not started yet. The settings, NAME=VALUE,
// are all that tells one installation from another.
func newServer(t *testing.T, settings ...string) *server {
	t.Helper()
	binary := build(t)
	s := &server{binary: binary, data: t.TempDir(), addr: servers.Loopback(t), settings: settings}
	s.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		if s.cmd != nil {
			s.end(syscall.SIGKILL)
			if t.Failed() {
				t.Logf("the end of the log of %s:\n%s", s.addr, s.log.Bytes()[max(0, s.log.Len()-4096):])
			}
		}
	})
	return s
}

// up starts the process and returns once it is ready.
func (s *server) up(t *testing.T) {
	t.Helper()
	s.log, s.done = new(bytes.Buffer), make(chan struct{})
	s.cmd = exec.Command(s.binary, "serve", "--listen", s.addr, "--data", s.data)
	s.cmd.Env = append(append(os.Environ(), "HEADWAY_LOG_SLOW=1m"), s.settings...) // slow is what the machine makes it
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

// call sends one request, with headers by name and value, and answers its
// status and body. An error means that no whole answer came.
func (s *server) call(ctx context.Context, method, path, token string, body []byte, headers ...string) (int, []byte, error) {
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
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
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
	cmd.Env = append(os.Environ(), s.settings...)
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
