package faults_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"headway/test/servers"
)

// TestDiskIsFull fills the disk of the data folder while clients write.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	s := newServer(t, "HEADWAY_STORE_CHECKPOINT_PAGES=200")
	s.data = filepath.Join(disk.Folder, "data")
	filling(t, s, disk)
}

// smallDisk is one of 48 MB, for which the test must run as root; elsewhere it is skipped.
func smallDisk(t *testing.T) *servers.Disk {
	t.Helper()
	disk, err := servers.SmallDisk(t, 48)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("a small disk cannot be mounted by this user: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return disk
}

// fill leaves no room on a disk.
func fill(t *testing.T, disk *servers.Disk) {
	t.Helper()
	if err := disk.Fill(); err != nil {
		t.Fatal(err)
	}
}

// filling fills the disk that a server's store is on. Until there is room
// again, changes are answered by a sentence that names the disk, and reading
// goes on; then all goes on by itself, and nothing acknowledged is lost.
func filling(t *testing.T, s *server, disk *servers.Disk) {
	t.Helper()
	s.up(t)
	c := newCrew(t, 4, s)
	for _, w := range c.all {
		w.refused = func(status int, answer []byte) bool { return full(status, answer) || unshown(status, answer) }
	}
	workspace := "/api/v1/workspaces/" + c.workspace
	tasks := workspace + "/tasks"
	status, body, err := s.call(t.Context(), http.MethodPost, tasks, c.token, encode(map[string]any{"project": c.all[0].project, "title": "First"}))
	var first struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(must(t, status, body, err, http.StatusCreated), &first); err != nil {
		t.Fatal(err)
	}
	var took time.Duration
	c.write(t, func() {
		c.acknowledged(t, 20)
		fill(t, disk)
		large := encode(map[string]any{"project": c.all[0].project, "title": "Large", "description": strings.Repeat("Large. ", 10_000)})
		eventually(t, "a change is refused for the disk", func() string {
			fill(t, disk) // what was let go of meanwhile
			status, answer, err := s.call(t.Context(), http.MethodPost, tasks, c.token, large)
			if err == nil && full(status, answer) {
				return ""
			}
			if err != nil || status != http.StatusCreated && !unshown(status, answer) {
				t.Errorf("a change was answered %d %s, %v", status, answer, err)
			}
			return fmt.Sprint(status)
		})
		for _, path := range []string{"/history", "/tasks/" + first.ID, ""} {
			if status, body, err := s.call(t.Context(), http.MethodGet, workspace+path, c.token, nil); err != nil || status != http.StatusOK {
				t.Errorf("reading %s was answered %d %s, %v", path, status, body, err)
			}
		}
		time.Sleep(time.Second)
		if err := disk.Free(); err != nil {
			t.Error(err)
		}
		room := time.Now()
		c.acknowledged(t, 8)
		took = time.Since(room)
	})
	c.verify(t, s)
	c.settle(t, s)
	s.end(syscall.SIGTERM)
	s.command(t, "rebuild", "--verify")
	refusals := 0
	for _, w := range c.all {
		refusals += w.refusals
	}
	t.Logf("%d writes acknowledged and %d refused, %d events; 8 acknowledged %s after there was room", c.written, refusals, c.head, took.Round(time.Millisecond))
}

// full reports whether an answer is the one that says that the disk is full.
func full(status int, answer []byte) bool {
	return says(status, answer, "is full: nothing can be changed")
}

// unshown reports whether an answer is the one for a change whose rows found no room any more.
func unshown(status int, answer []byte) bool { return says(status, answer, "The change is recorded") }
