package config

import (
	"time"

	"github.com/spf13/pflag"
)

// Load is how much a process takes on at once.
type Load struct {
	// MaxConcurrent bounds the requests that run at once; 0 bounds nothing.
	MaxConcurrent int
	MaxQueue      int
	MaxWait       time.Duration
	LatencyTarget time.Duration
	// MaxConnections and MaxConnectionsPerClient bound open connections; 0 does not.
	MaxConnections          int
	MaxConnectionsPerClient int
}

// loadSettings are the rows of Load in the table.
func loadSettings(add func(key, usage string, define func(name, usage string)), fs *pflag.FlagSet, c *Load) {
	whole := func(p *int, key string, value int, usage string) {
		add(key, usage, func(n, u string) { fs.IntVar(p, n, value, u) })
	}
	whole(&c.MaxConcurrent, "load.max_concurrent", 1000, "How many requests run at once at most; the measured latency sets how many below that. What comes on top waits, then is answered 503 with Retry-After: lists and searches first, changes and sign-ins last. 0 takes on everything.")
	whole(&c.MaxQueue, "load.max_queue", 1000, "How many requests wait for their turn at most.")
	add("load.max_wait", "How long a request waits for its turn at most; a tenth of it where the queue does not get empty.", func(n, u string) { fs.DurationVar(&c.MaxWait, n, 250*time.Millisecond, u) })
	add("load.latency_target", "The median latency up to which more requests may run at once.", func(n, u string) { fs.DurationVar(&c.LatencyTarget, n, 100*time.Millisecond, u) })
	whole(&c.MaxConnections, "load.max_connections", 16384, "How many connections are open at once; more are closed at once. 0 is without bound.")
	whole(&c.MaxConnectionsPerClient, "load.max_connections_per_client", 1000, "How many connections one client (an IPv4 address or an IPv6 /64) has open at once, trusted proxies and this machine excepted. 0 is without bound.")
}

// Validate answers what is wrong.
func (c Load) Validate() []error {
	var errs []error
	if c.MaxConcurrent < 0 || (c.MaxConcurrent > 0 && c.MaxConcurrent < 8) {
		errs = append(errs, wrong("load.max_concurrent", "must be at least 8, or 0 for no bound, is %d", c.MaxConcurrent))
	}
	if c.MaxQueue < 1 {
		errs = append(errs, wrong("load.max_queue", "must be at least 1, is %d", c.MaxQueue))
	}
	if c.MaxWait < 10*time.Millisecond || c.MaxWait > 10*time.Second {
		errs = append(errs, wrong("load.max_wait", "must be between 10ms and 10s, is %s", c.MaxWait))
	}
	if c.LatencyTarget < 10*time.Millisecond {
		errs = append(errs, wrong("load.latency_target", "must be at least 10ms, is %s", c.LatencyTarget))
	}
	if c.MaxConnections < 0 || c.MaxConnectionsPerClient < 0 {
		errs = append(errs, wrong("load.max_connections", "and load.max_connections_per_client must not be negative"))
	}
	return errs
}
