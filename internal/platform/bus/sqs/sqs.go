// Package sqs is the bus between processes over Amazon SQS, or what speaks its
// protocol. Each group has a FIFO queue, in which messages about one stream
// are a message group: two consumers never have the same stream in hand. A
// message is there until a consumer has handled it; what is given up lies in a
// dead-letter queue beside it.
//
// SQS has no broadcast. A process tells its own subscribers at once, and finds
// out by asking the event log at intervals (bus/poll) what others changed.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"headway/internal/platform/bus"
	"headway/internal/platform/bus/poll"
	"headway/internal/platform/ids"
)

// Target says where the queues are. Credentials are found as every AWS tool
// finds them: environment, shared files, the role of the task or machine.
type Target struct {
	// Prefix begins the names of all queues, and is alike in all processes of an installation.
	Prefix string
	// Region of the queues; "" leaves it to the environment.
	Region string
	// Endpoint is the URL of a server other than Amazon's, or "".
	Endpoint string
}

// prefixSyntax leaves out the underscore, which ends a prefix.
var prefixSyntax = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

// Parse reads a Target of sqs://PREFIX?region=…&endpoint=….
func Parse(text string) (Target, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "sqs" || u.User != nil || u.Path != "" || u.Fragment != "" {
		return Target{}, errors.New("must be sqs://PREFIX, and has no user name or password: credentials come from the environment")
	}
	t := Target{Prefix: u.Host}
	if !prefixSyntax.MatchString(t.Prefix) {
		return Target{}, errors.New("must name a prefix of 1 to 32 letters, digits and hyphens, as in sqs://headway")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Target{}, errors.New("has a query that cannot be read")
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch name {
		case "region":
			t.Region = value
		case "endpoint":
			e, err := url.Parse(value)
			if err != nil || (e.Scheme != "https" && e.Scheme != "http") || e.Host == "" {
				return Target{}, errors.New("has an endpoint that is not the URL of a server")
			}
			t.Endpoint = value
		default:
			return Target{}, fmt.Errorf("has an option %q; there are region and endpoint", name)
		}
	}
	return t, nil
}

// Options are what a Bus stands on.
type Options struct {
	Target Target
	// Changes is asked what other processes changed, for subscribers.
	Changes poll.Options
	// Retry, where zero, is bus.DefaultRetry. Times are rounded to seconds, and
	// a delivery counts as a try even where its consumer went before it tried.
	Retry bus.Retry
	// Lease is how long a consumer that gives no sign keeps what it has; 0 is 30 s.
	Lease time.Duration
	// Wait is how long a request for messages waits for one; 0 is 20 s, which is the most.
	Wait time.Duration
	// Discover is how often a process looks which groups there are; 0 is 15 s.
	// A new group hears of what is published from then on.
	Discover time.Duration
	// Log is told of dead letters and of SQS being away; nil is silence.
	Log *slog.Logger
}

// Stats are counts since the start.
type Stats struct {
	// Sent messages reached a queue, one for each group; Dropped ones did not, because too many streams waited.
	Sent, Dropped uint64
	// Read messages came to consumers here; Handled are the calls that they
	// took, fewer where messages were merged; Failed are those that erred.
	Read, Handled, Failed uint64
	// Dead were given up.
	Dead uint64
	// Waiting streams have a message that was not sent yet.
	Waiting int
}

// Bus implements bus.Bus.
type Bus struct {
	client *sqs.Client
	o      Options
	log    *slog.Logger
	local  *bus.Memory // the subscribers of this process
	out    *outbox
	queues *queues

	// Changes of other processes are asked for once somebody subscribed: most
	// processes only publish or consume, and asking is not free. polling is
	// closed once they are being seen.
	mu      sync.Mutex
	asking  bool
	polling chan struct{}
	closing context.Context
	stop    context.CancelFunc
	tasks   sync.WaitGroup

	sent, dropped, read, handled, failed, dead atomic.Uint64
	// trouble is why messages cannot be sent now, nil where they can as far as is known.
	trouble atomic.Pointer[error]
}

var _ bus.Bus = (*Bus)(nil)

// New makes a Bus. It finds credentials, and does not wait for SQS.
func New(ctx context.Context, o Options) (*Bus, error) {
	if o.Changes.Source == nil {
		return nil, errors.New("bus/sqs: Changes.Source is required")
	}
	if !prefixSyntax.MatchString(o.Target.Prefix) {
		return nil, errors.New("bus/sqs: Target.Prefix must be 1 to 32 letters, digits and hyphens")
	}
	if o.Retry == (bus.Retry{}) {
		o.Retry = bus.DefaultRetry
	}
	orTime := func(t *time.Duration, d time.Duration) {
		if *t <= 0 {
			*t = d
		}
	}
	orTime(&o.Lease, 30*time.Second)
	orTime(&o.Wait, 20*time.Second)
	orTime(&o.Discover, 15*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Changes.Log == nil {
		o.Changes.Log = o.Log
	}
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		// A connection that hangs is given up; a request for messages may wait for as long as it says.
		t.ResponseHeaderTimeout = o.Wait + 10*time.Second
		t.MaxIdleConnsPerHost = 32
	})
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(client)}
	if o.Target.Region != "" {
		load = append(load, config.WithRegion(o.Target.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("bus/sqs: find the settings: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("bus/sqs: no region: name it in the URL (?region=…) or in AWS_REGION")
	}
	b := &Bus{o: o, log: o.Log, local: bus.NewMemory(), out: newOutbox(), polling: make(chan struct{})}
	b.client = sqs.NewFromConfig(cfg, func(options *sqs.Options) {
		if o.Target.Endpoint != "" {
			options.BaseEndpoint = &o.Target.Endpoint
		}
	})
	b.queues = newQueues(b.client, o)
	b.closing, b.stop = context.WithCancel(context.Background())
	b.tasks.Go(b.send)
	return b, nil
}

// ask begins to ask what other processes changed, unless that is done.
func (b *Bus) ask() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asking || b.closing.Err() != nil {
		return
	}
	b.asking = true
	b.tasks.Go(func() {
		err := poll.Run(b.closing, b.o.Changes, b.polling, func(m bus.Reached) {
			_ = b.local.Publish(b.closing, m) // never fails
		})
		if err != nil {
			b.log.Error("changes of other processes are not told of", "cause", err)
		}
	})
}

// Close sends what waits, if SQS takes it within some seconds, and ends all
// but the consumers, which end by their contexts and must have.
func (b *Bus) Close() error {
	b.mu.Lock()
	b.stop()
	b.mu.Unlock()
	b.tasks.Wait()
	return nil
}

// Stats answers the counts.
func (b *Bus) Stats() Stats {
	return Stats{
		Sent: b.sent.Load(), Dropped: b.dropped.Load(), Read: b.read.Load(), Handled: b.handled.Load(),
		Failed: b.failed.Load(), Dead: b.dead.Load(), Waiting: b.out.len(),
	}
}

// Ping answers why messages could not be sent when that was tried last, or nil.
func (b *Bus) Ping(context.Context) error {
	if err := b.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// Subscribe implements bus.Bus: of what this process publishes it hears at
// once, of the rest when the log is asked next.
func (b *Bus) Subscribe(ctx context.Context, ready chan<- struct{}, handle func(context.Context, bus.Reached)) error {
	b.ask()
	select {
	case <-ctx.Done():
		return nil
	case <-b.polling:
	}
	return b.local.Subscribe(ctx, ready, handle)
}

// message is the body of a message of a queue.
type message struct {
	Stream ids.ID `json:"stream"`
	Seq    uint64 `json:"seq"`
}

// backoff is the wait between tries that fail.
type backoff time.Duration

func (b *backoff) next() time.Duration {
	*b = min(max(2**b, backoff(100*time.Millisecond)), backoff(5*time.Second))
	return time.Duration(*b)
}
