//go:build servers

package faults_test

import (
	"fmt"
	"testing"
	"time"

	"headway/test/servers"
)

// TestKillOnServers is killing over MongoDB's protocol and Redis.
func TestKillOnServers(t *testing.T) {
	t.Parallel()
	killingOnServers(t, 1)
}

// TestKillInTurn is killing with two processes over the same store: clients of
// the one that is killed go on at the other.
func TestKillInTurn(t *testing.T) {
	t.Parallel()
	killingOnServers(t, 2)
}

// killsOfOne is how many kills a database for tests sees, which gets slower
// the more is in it.
const killsOfOne = 10

func killingOnServers(t *testing.T, processes int) {
	t.Helper()
	for left := kills(t); left > 0; left -= killsOfOne {
		t.Run(fmt.Sprintf("%d left", left), func(t *testing.T) {
			settings := onServers(t)
			var all []*server
			for range processes {
				all = append(all, newServer(t, settings...))
			}
			killing(t, min(left, killsOfOne), 3*time.Second, all...)
		})
	}
}

// onServers starts a database and a Redis, and answers the settings by which a
// server uses them.
func onServers(t *testing.T) []string {
	t.Helper()
	return []string{
		"HEADWAY_STORE_URL=" + servers.FerretDB(t, servers.OnPostgres).Database(t),
		"HEADWAY_REDIS_URL=" + servers.Redis(t).URL(),
	}
}
