//go:build servers

package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"headway/internal/app/config"
	"headway/test/servers"
)

// commands runs the program in one folder, as make does.
type commands struct {
	t                     *testing.T
	program, binary       string
	folder, port, address string
}

func newCommands(t *testing.T) *commands {
	t.Helper()
	bin := t.TempDir()
	c := &commands{t: t, program: filepath.Join(bin, "cluster"), binary: filepath.Join(bin, "headway"), folder: filepath.Join(t.TempDir(), "cluster")}
	for file, pkg := range map[string]string{c.program: "headway/test/cluster", c.binary: "headway/cmd/headway"} {
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, pkg).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	c.address = servers.Loopback(t)
	_, c.port, _ = net.SplitHostPort(c.address)
	t.Cleanup(func() {
		out, err := exec.CommandContext(context.Background(), c.program, "stop", "-folder", c.folder).CombinedOutput()
		if err != nil {
			t.Errorf("stop: %v\n%s", err, out)
		}
	})
	return c
}

func (c *commands) run(command string, flags ...string) (string, error) {
	c.t.Helper()
	out, err := exec.CommandContext(c.t.Context(), c.program, append([]string{command, "-folder", c.folder}, flags...)...).CombinedOutput()
	return string(out), err
}

func (c *commands) start() (string, error) {
	return c.run("start", "-binary", c.binary, "-port", c.port, "-each", "2")
}

// look answers what the status page says, by name.
func (c *commands) look() map[string]process {
	c.t.Helper()
	s, err := readState(c.folder)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := fetch(c.t.Context(), s.Status+"/status.json")
	if err != nil {
		c.t.Fatal(err)
	}
	var v view
	if err := json.Unmarshal(text, &v); err != nil {
		c.t.Fatal(err)
	}
	out := map[string]process{}
	for _, p := range v.Processes {
		out[p.Name] = p
	}
	return out
}

// TestClusterCommands starts a cluster as a person does: it answers at nginx,
// every process is well, a second one is refused, what dies stays dead and is
// shown, the rest goes on, and stop leaves nothing behind.
func TestClusterCommands(t *testing.T) {
	c := newCommands(t)
	out, err := c.start()
	if err != nil || !strings.Contains(out, "http://localhost:"+c.port) {
		t.Fatalf("start: %v\n%s", err, out)
	}
	all := c.look()
	for _, name := range config.Names {
		for _, n := range []string{" 1", " 2"} {
			if p := all[name+n]; p.Status != "ok" || p.PID == 0 {
				t.Errorf("%s%s is %+v", name, n, p)
			}
		}
	}
	for _, name := range []string{"nginx", "FerretDB", "PostgreSQL", "Redis", "Prometheus"} {
		if p := all[name]; p.PID == 0 || !slices.Contains([]string{"ok", "runs"}, p.Status) {
			t.Errorf("%s is %+v", name, p)
		}
	}
	if out, err := c.start(); err == nil || !strings.Contains(out, "cluster-stop") {
		t.Errorf("a second start: %v %s", err, out)
	}

	if err := syscall.Kill(all["task 1"].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); c.look()["task 1"].Status != "gone"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a process that was killed is not shown as gone")
		}
	}
	if out, err := c.run("status"); err != nil || !strings.Contains(out, "gone") || !strings.Contains(out, all["task 2"].Addr) {
		t.Errorf("status: %v\n%s", err, out)
	}
	for range 20 {
		res, err := http.Get("http://" + c.address + "/api/v1/workspaces")
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("without one of two, nginx answers %d", res.StatusCode)
		}
	}

	if out, err := c.run("stop"); err != nil {
		t.Fatalf("stop: %v\n%s", err, out)
	}
	for name, p := range all {
		if conn, err := net.Dial("tcp", p.Addr); err == nil {
			_ = conn.Close()
			t.Errorf("%s still listens", name)
		}
	}
	if _, err := os.Stat(filepath.Join(c.folder, "run")); !os.IsNotExist(err) {
		t.Errorf("its folders are still there: %v", err)
	}
	if out, err := c.run("status"); err == nil || !strings.Contains(out, "no cluster runs") {
		t.Errorf("status after stop: %v %s", err, out)
	}
}

// TestStatusPageIsForThisMachine refuses whoever comes by another name.
func TestStatusPageIsForThisMachine(t *testing.T) {
	c := &running{links: []link{{"Web app", "http://localhost:1"}}}
	s := c.serve(t)
	for host, want := range map[string]int{"": 200, "localhost:1": 200, "headway.example.org": 421, "example.org:80": 421} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Status, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, res.StatusCode, want)
		}
	}
}
