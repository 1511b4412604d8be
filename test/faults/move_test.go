package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"headway/internal/platform/ids"
)

// TestMove is moving between two folders.
func TestMove(t *testing.T) {
	t.Parallel()
	moving(t, "sqlite:"+t.TempDir(), "sqlite:"+t.TempDir(), 0)
}

// moving moves the data while 32 clients write. The program that moves it is
// killed at random moments and run again; the server goes over by itself. What
// was acknowledged, before and after, is in the new store, with no gap in the
// log, and the rows are what the log says; the old store is not started on
// again. Each client waits for a while between its rounds.
func moving(t *testing.T, from, to string, pause time.Duration) {
	t.Helper()
	s := newServer(t, "HEADWAY_STORE_URL="+from, "HEADWAY_STORE_NEXT="+to)
	s.up(t)
	c := newCrew(t, 32, s)
	for _, w := range c.all {
		w.pause = pause
		w.refused = func(status int, answer []byte) bool {
			return status == http.StatusServiceUnavailable && bytes.Contains(answer, []byte("moving its data"))
		}
	}
	killed := 0
	c.write(t, func() {
		time.Sleep(300 * time.Millisecond)
		for range kills(t) {
			if done, _ := s.migrate(t, from, to, 50*time.Millisecond+rand.N(400*time.Millisecond)); done {
				break
			}
			killed++
		}
		if done, said := s.migrate(t, from, to, 0); !done {
			t.Errorf("the move ended with %s", said)
		}
		time.Sleep(time.Second) // they write to the new store
	})
	c.verify(t, s)
	refused := 0
	for _, w := range c.all {
		refused += w.refusals
	}
	c.settle(t, s)
	s.end(syscall.SIGTERM)
	old := newServer(t, "HEADWAY_STORE_URL="+from)
	if out, err := exec.CommandContext(t.Context(), old.binary, "rebuild", "--data", s.data, "--store-url", from).CombinedOutput(); err == nil || !bytes.Contains(out, []byte("set store.url to that address")) {
		t.Errorf("the store that was left answers %s, %v", out, err)
	}
	s.settings = []string{"HEADWAY_STORE_URL=" + to}
	s.up(t)
	before := c.written
	c.write(t, func() { time.Sleep(200 * time.Millisecond) })
	c.verify(t, s)
	if c.written == before {
		t.Error("nothing could be written after the next start")
	}
	c.settle(t, s)
	s.end(syscall.SIGTERM)
	s.command(t, "rebuild", "--verify")
	t.Logf("moved %d events, the mover killed %d times, %d acknowledged writes, %d refused: all there", c.head, killed, c.written, refused)
}

// migrate runs the mover, and kills it after a while where that is not 0. done
// tells that it ended by itself, well.
func (s *server) migrate(t *testing.T, from, to string, kill time.Duration) (done bool, said string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if kill > 0 {
		defer time.AfterFunc(kill, cancel).Stop()
	}
	cmd := exec.CommandContext(ctx, s.binary, "store", "migrate", "--data", s.data, "--from", from, "--to", to) // killed by SIGKILL
	out, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() == nil {
		t.Errorf("migrate: %v\n%s", err, out)
	}
	return err == nil, string(out)
}

// TestMoveOfMany moves as many tasks as HEADWAY_MOVE_TASKS says, while 8
// clients go on writing, and prints for how long they could not. It runs only
// where that is set: it measures, and asserts no times.
func TestMoveOfMany(t *testing.T) {
	tasks, err := strconv.Atoi(os.Getenv("HEADWAY_MOVE_TASKS"))
	if err != nil {
		t.Skip("HEADWAY_MOVE_TASKS is not set")
	}
	from, to := "sqlite:"+t.TempDir(), "sqlite:"+t.TempDir()
	s := newServer(t, "HEADWAY_STORE_URL="+from, "HEADWAY_STORE_NEXT="+to)
	s.up(t)
	token := register(t, s)
	workspace, project := newProject(t, s, token)
	var made atomic.Int64
	var last, gap atomic.Int64 // when a write was acknowledged, and the longest time without, in nanoseconds
	create := func() bool {
		status, _, err := s.call(t.Context(), http.MethodPost, "/api/v1/workspaces/"+workspace+"/tasks", token, encode(map[string]any{
			"id": ids.New().String(), "project": project, "title": fmt.Sprintf("task %d", made.Load()), "description": "One of many that are moved.",
		}))
		if err != nil || status != http.StatusCreated && status != http.StatusOK {
			return false
		}
		made.Add(1)
		now := time.Now().UnixNano()
		if before := last.Swap(now); before != 0 && now-before > gap.Load() {
			gap.Store(now - before)
		}
		return true
	}
	clients := func(n int, more func() bool) {
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				for more() {
					if !create() {
						time.Sleep(10 * time.Millisecond)
					}
				}
			})
		}
		all.Wait()
	}
	clients(64, func() bool { return made.Load() < int64(tasks) })
	filled := made.Load()
	gap.Store(0)
	last.Store(0)
	var over atomic.Bool
	go func() {
		defer over.Store(true)
		began := time.Now()
		done, said := s.migrate(t, from, to, 0)
		t.Logf("moved: %v, in %s\n%s", done, time.Since(began).Round(time.Millisecond), said)
		time.Sleep(2 * time.Second)
	}()
	clients(8, func() bool { return !over.Load() })
	t.Logf("%d tasks, and %d more while they were moved; no write was acknowledged for %s at the longest",
		filled, made.Load()-filled, time.Duration(gap.Load()).Round(time.Millisecond))
	s.end(syscall.SIGTERM)
}
