package faults_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// kills answers how often the server is killed: a few times in every run of
// the tests, 50 times in `make kill`.
func kills(t *testing.T) int {
	t.Helper()
	set := os.Getenv("HEADWAY_KILLS")
	if set == "" {
		return 3
	}
	n, err := strconv.Atoi(set)
	if err != nil || n < 1 {
		t.Fatalf("HEADWAY_KILLS is %q, want a number above 0", set)
	}
	return n
}

// TestKill is killing over the store in the data folder.
func TestKill(t *testing.T) {
	t.Parallel()
	killing(t, kills(t), 500*time.Millisecond, newServer(t))
}

// killing kills the servers, which share a store, n times one after the other, each at
// a random moment within a time after the start of its round, while 32 clients write. After each start every acknowledged
// write is there with its event, a create that was not answered was repeated,
// here or at another process, and happened once, and the log has no gap. In
// the end the rows equal those that a replay of the log makes.
func killing(t *testing.T, n int, within time.Duration, servers ...*server) {
	t.Helper()
	for _, s := range servers {
		s.up(t)
	}
	c := newCrew(t, 32, servers...)
	for _, w := range c.all {
		// On a machine with much to do the database for tests is slow at times.
		w.refused = away
	}
	for round := range n {
		victim := servers[round%len(servers)]
		c.write(t, func() {
			time.Sleep(10*time.Millisecond + rand.N(within))
			victim.end(syscall.SIGKILL)
			if len(servers) > 1 {
				time.Sleep(rand.N(within)) // its clients go to the others
			}
		})
		victim.up(t)
		c.verify(t, servers[rand.IntN(len(servers))])
		if t.Failed() {
			t.Fatalf("after kill %d of %d", round+1, n)
		}
		for i, w := range c.all {
			w.at = i % len(servers) // its own is there again
		}
	}
	if c.written == 0 {
		t.Error("nothing was acknowledged")
	}
	c.settle(t, servers[0])
	for _, s := range servers {
		s.end(syscall.SIGTERM)
	}
	servers[0].command(t, "rebuild", "--verify")
	t.Logf("%d kills, %d acknowledged writes, %d events: all there", n, c.written, c.head)
}
