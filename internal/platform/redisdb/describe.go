package redisdb

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// connectTimeout bounds the making of a connection.
func (t Target) connectTimeout() time.Duration { return max(t.Timeout, 100*time.Millisecond) }

// brokenAfter is how long nothing may come back on a connection before it is given up.
func (t Target) brokenAfter() time.Duration { return max(4*t.Timeout, time.Second) }

// blockingPool is how many connections to a node there are at most for
// commands that wait; all others share one.
const blockingPool = 256

// Describe answers what a client of the target does, line by line as "name:
// value". No password is in it.
func (t Target) Describe() []string {
	kind, user, tls := "one server, or a cluster's node", "none", "no"
	switch {
	case t.MasterSet != "":
		kind = "the primary of " + strconv.Quote(t.MasterSet) + ", as sentinels say"
	case len(t.Hosts) > 1:
		kind = "a cluster"
	}
	switch {
	case t.Username != "":
		user = strconv.Quote(t.Username)
	case t.Password != "":
		user = "the default one, with a password"
	}
	if t.TLS {
		tls = "yes"
	}
	return []string{
		"servers: " + strings.Join(t.Hosts, ", ") + " (" + kind + ")",
		fmt.Sprintf("database: %d", t.Database),
		"user: " + user,
		"TLS: " + tls,
		fmt.Sprintf("connections: 1 to each node for all, %d at most for commands that wait", blockingPool),
		fmt.Sprintf("timeouts: %s for an exchange, %s to connect, %s until a silent connection is given up", t.Timeout, t.connectTimeout(), t.brokenAfter()),
		"tried again: no; without Redis the process goes on by itself",
		"keys begin with: " + t.Prefix + ":",
	}
}
