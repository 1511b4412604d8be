// Package redisdb is the connection to Redis that the adapters share: one
// server, a cluster, or a primary that sentinels watch. Nothing that Headway
// must not lose is only there, so whoever asks has something else to do when
// it is away, and this package tells them at once: after the first exchange
// that fails, others are refused without trying (ErrAway) while one goroutine
// tries in the background, until Redis answers again.
package redisdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// ErrAway is answered, wrapped, while Redis cannot be reached or cannot serve.
var ErrAway = errors.New("redis: away")

// Options are how a DB is opened.
type Options struct {
	Target Target
	// Log hears when Redis goes away and comes back; nil is silence.
	Log *slog.Logger
}

// Stats are counts since the start.
type Stats struct {
	// Exchanges were sent, each one round trip at least; Failures of them got
	// no answer, or one that says that Redis cannot serve.
	Exchanges, Failures uint64
	// Refused were answered ErrAway without being sent.
	Refused uint64
	// Outages is how often Redis, or a part of its slots, went away.
	Outages uint64
}

// DB is a connection to Redis. It is safe for concurrent use.
type DB struct {
	target Target
	option rueidis.ClientOption
	log    *slog.Logger

	client  atomic.Pointer[rueidis.Client] // nil until Redis answered once
	single  atomic.Bool                    // not a cluster
	gates   [gates]gate
	probes  sync.WaitGroup
	closing context.Context
	stop    context.CancelFunc

	exchanges, failures, refused, outages atomic.Uint64

	mu         sync.Mutex // guards what follows
	away       int        // how many gates are shut
	from       time.Time  // since when one is
	cause      error      // what was met last
	connecting bool
}

// Open connects. A Redis that is not there is no error: it is away, and is
// tried again. Settings that it refuses, such as a wrong password, are.
func Open(ctx context.Context, o Options) (*DB, error) {
	tlsConfig, err := o.Target.tlsConfig()
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t := o.Target
	d := &DB{target: t, log: o.Log}
	d.closing, d.stop = context.WithCancel(context.Background())
	d.option = rueidis.ClientOption{
		InitAddress: t.Hosts, Username: t.Username, Password: t.Password, SelectDB: t.Database, TLSConfig: tlsConfig,
		ClientName: "headway", Dialer: net.Dialer{Timeout: t.connectTimeout(), KeepAlive: time.Second},
		// A connection on which nothing comes back for this long is given up.
		ConnWriteTimeout: t.brokenAfter(),
		// Trying again is for those who know what it would be good for.
		DisableRetry: true, PipelineMultiplex: 1, ShuffleInit: true,
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 64 << 10, CacheSizeEachConn: 8 << 20,
		BlockingPoolSize: blockingPool, BlockingPoolCleanup: time.Minute,
		ClusterOption: rueidis.ClusterOption{ShardsRefreshInterval: 10 * time.Second},
	}
	if t.MasterSet != "" {
		d.option.Sentinel = rueidis.SentinelOption{
			MasterSet: t.MasterSet, TLSConfig: tlsConfig, ClientName: "headway", TopologyRefreshInterval: 5 * time.Second,
			Dialer: d.option.Dialer,
		}
	}
	first, cancel := context.WithTimeout(ctx, max(4*t.Timeout, time.Second))
	defer cancel()
	if err := d.connect(first); err != nil {
		if why := refusal(err); why != "" {
			d.stop()
			return nil, fmt.Errorf("redis: %s refuses the connection: %s", t, why)
		}
		for i := range d.gates {
			d.shut(i, "", err)
		}
	}
	return d, nil
}

// refusal answers what is wrong with settings that waiting does not mend, or "".
func refusal(err error) string {
	if text := err.Error(); strings.Contains(text, "x509: ") || strings.Contains(text, "tls: ") {
		return "no safe connection; check rediss://, ca and server_name in the address: " + text
	}
	re, ok := rueidis.IsRedisErr(err)
	if !ok {
		return ""
	}
	for _, prefix := range []string{"WRONGPASS", "NOAUTH", "NOPERM", "ERR invalid password", "ERR DB index", "ERR SELECT", "ERR AUTH"} {
		if strings.HasPrefix(re.Error(), prefix) {
			return re.Error()
		}
	}
	return ""
}

// connect makes the client. rueidis does it without a context, so a caller
// who leaves early leaves a goroutine that ends by the dialer's timeout.
func (d *DB) connect(ctx context.Context) error {
	type made struct {
		client rueidis.Client
		err    error
	}
	done := make(chan made, 1)
	go func() {
		c, err := rueidis.NewClient(d.option)
		done <- made{c, err}
	}()
	select {
	case m := <-done:
		if m.err != nil {
			return m.err
		}
		d.single.Store(m.client.Mode() != rueidis.ClientModeCluster)
		d.client.Store(&m.client)
		return nil
	case <-ctx.Done():
		go func() {
			if m := <-done; m.err == nil {
				m.client.Close()
			}
		}()
		return ctx.Err()
	}
}

// Key joins the prefix and the parts with colons.
func (d *DB) Key(parts ...string) string {
	return d.target.Prefix + ":" + strings.Join(parts, ":")
}

// Target answers what was opened.
func (d *DB) Target() Target { return d.target }

// Cluster reports whether keys may lie on several nodes. Before Redis has
// answered for the first time that is not known, and the answer true.
func (d *DB) Cluster() bool { return !d.single.Load() }

// Timeout bounds one exchange.
func (d *DB) Timeout() time.Duration { return d.target.Timeout }

// Do runs one exchange with Redis about a key (of several keys in one slot,
// any). It answers within the timeout, and at once while Redis is away: then
// the error is ErrAway, as it is where this exchange finds out. A ctx that
// ends first is answered as such. exchange must answer the client's errors as
// they are; a nil reply is none of Redis's failures.
func (d *DB) Do(ctx context.Context, key string, exchange func(context.Context, rueidis.Client) error) error {
	return d.DoWithin(ctx, d.target.Timeout, key, exchange)
}

// DoWithin is Do with a timeout of its own, for commands that take long.
func (d *DB) DoWithin(ctx context.Context, timeout time.Duration, key string, exchange func(context.Context, rueidis.Client) error) error {
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return d.do(ctx, within, key, exchange)
}

// Block is Do for commands that wait in Redis, and for subscriptions: it
// answers as soon as ctx ends, and otherwise within the timeout; 0 is none.
func (d *DB) Block(ctx context.Context, timeout time.Duration, key string, exchange func(context.Context, rueidis.Client) error) error {
	// The client looks at a context's end only where the context has no
	// deadline; with one it sets that on the connection and waits.
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	if timeout > 0 {
		timer := time.AfterFunc(timeout, cancel)
		defer timer.Stop()
	}
	return d.do(ctx, within, key, exchange)
}

// do runs an exchange within a context of ctx's.
func (d *DB) do(ctx, within context.Context, key string, exchange func(context.Context, rueidis.Client) error) error {
	i := d.Part(key)
	client := d.client.Load()
	if client == nil || d.gates[i].shut.Load() {
		d.refused.Add(1)
		return ErrAway
	}
	d.exchanges.Add(1)
	err := exchange(within, *client)
	if err == nil || !broken(err) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err() // the caller left; that says nothing of Redis
	}
	d.failures.Add(1)
	d.shut(i, key, err)
	return fmt.Errorf("%w: %w", ErrAway, err)
}

// broken reports whether an error says that Redis cannot be reached or cannot
// serve, rather than what it thinks of a command.
func broken(err error) bool {
	if rueidis.IsRedisNil(err) {
		return false
	}
	re, ok := rueidis.IsRedisErr(err)
	if !ok {
		return true
	}
	name, _, _ := strings.Cut(re.Error(), " ")
	switch name {
	case "LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "MISCONF", "NOREPLICAS", "NOAUTH", "WRONGPASS", "NOPERM":
		return true
	}
	return false
}

// Ping answers nil while Redis serves, else an error that is ErrAway. It asks
// nobody: what requests met last is what is known.
func (d *DB) Ping(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away == 0 {
		return nil
	}
	return fmt.Errorf("%w since %s: %s: %w", ErrAway, d.from.UTC().Format(time.RFC3339), d.target, d.cause)
}

// Away reports whether Redis, or a part of its slots, is away.
func (d *DB) Away() bool { return d.Ping(context.Background()) != nil }

// Stats answers the counts.
func (d *DB) Stats() Stats {
	return Stats{Exchanges: d.exchanges.Load(), Failures: d.failures.Load(), Refused: d.refused.Load(), Outages: d.outages.Load()}
}

// Close ends everything. Exchanges under way fail.
func (d *DB) Close() error {
	d.stop()
	d.probes.Wait()
	if c := d.client.Load(); c != nil {
		(*c).Close()
	}
	return nil
}
