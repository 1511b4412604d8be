//go:build servers

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestEachLineIsAnInstallation runs the program as another would: it answers a
// line with an environment, each with names of its own, and takes its servers
// with it when its input ends.
func TestEachLineIsAnInstallation(t *testing.T) {
	program := filepath.Join(t.TempDir(), "up")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(context.Background(), program, "-bus", "sqs", "-store", "sqlite")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	var first, second map[string]string
	for _, env := range []*map[string]string{&first, &second} {
		if _, err := io.WriteString(in, "\n"); err != nil {
			t.Fatal(err)
		}
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatalf("%v\n%s", err, errs.String())
		}
		if err := json.Unmarshal(line, env); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"HEADWAY_STORE_URL", "HEADWAY_REDIS_URL", "HEADWAY_BLOBS_URL", "HEADWAY_BUS_URL"} {
		if first[name] == "" || first[name] == second[name] {
			t.Errorf("%s is %q and %q", name, first[name], second[name])
		}
	}
	store, err := url.Parse(first["HEADWAY_STORE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", store.Host)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, errs.String())
	}
	if conn, err := net.Dial("tcp", store.Host); err == nil {
		_ = conn.Close()
		t.Error("the database is still there")
	}
}
