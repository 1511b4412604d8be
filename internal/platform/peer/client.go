package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/sony/gobreaker/v2"

	"headway/internal/apperr"
)

// Options are a Client's settings; those that are 0 have the default that is named.
type Options struct {
	// Keys sign the calls. Required.
	Keys *Keys
	// Issuer is the service that calls, Audience the one that is called. Required.
	Issuer, Audience string
	// URL is where the audience is: a scheme and a host. Required.
	URL string
	// HTTP sends the requests; nil is a client that uses no proxy and follows no redirect.
	HTTP *http.Client

	// Timeout bounds a call with its repeats, beside its caller's deadline; 0 is 10 s.
	Timeout time.Duration
	// Attempt bounds each request of a call; 0 is 3 s.
	Attempt time.Duration
	// Repeats is how often a call is repeated at most; 0 is 2, below 0 is never.
	Repeats int
	// Budget is which share of all calls may be repeats; 0 is 0.1.
	Budget float64
	// Concurrent is how many requests are under way at once, and four times as
	// many wait; 0 is 32.
	Concurrent int
	// OpenFor is how long nothing is sent to a service that fails, before one
	// request tries it again; 0 is 5 s.
	OpenFor time.Duration
	// Observe, where it is not nil, is called after each request with how long
	// it took and its outcome: "ok", "refused" (4xx), "failed" or "gave up".
	Observe func(outcome string, took time.Duration)
}

// Client calls one service. It is safe for concurrent use. Close it when done.
type Client struct {
	o       Options
	slots   chan struct{}
	waiting atomic.Int64
	budget  *budget
	breaker *gobreaker.CircuitBreaker[*answer]
	counts  counts
}

// New makes a client.
func New(o Options) (*Client, error) {
	if o.Keys == nil || o.Issuer == "" || o.Audience == "" || o.URL == "" {
		return nil, errors.New("peer: Keys, Issuer, Audience and URL are required")
	}
	defaults(&o.Timeout, 10*time.Second)
	defaults(&o.Attempt, 3*time.Second)
	defaults(&o.Repeats, 2)
	defaults(&o.Budget, 0.1)
	defaults(&o.Concurrent, 32)
	defaults(&o.OpenFor, 5*time.Second)
	if o.HTTP == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.Proxy = nil // a call within the installation is nobody else's to see
		transport.MaxIdleConnsPerHost = o.Concurrent
		o.HTTP = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return &Client{
		o: o, slots: make(chan struct{}, o.Concurrent), budget: newBudget(o.Budget, 10),
		breaker: gobreaker.NewCircuitBreaker[*answer](gobreaker.Settings{
			Name: o.Audience, MaxRequests: 1, Interval: 10 * time.Second, BucketPeriod: time.Second, Timeout: o.OpenFor,
			ReadyToTrip: func(c gobreaker.Counts) bool {
				return c.ConsecutiveFailures >= 5 || c.Requests >= 20 && c.TotalFailures*2 >= c.Requests
			},
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) || errors.Is(err, errFull) },
		}),
	}, nil
}

func defaults[T int | float64 | time.Duration](p *T, value T) {
	if *p == 0 {
		*p = value
	}
}

// Call is one call of a service.
type Call struct {
	Method, Path string // the path begins with Prefix
	// In is sent as JSON where it is not nil; Out takes the answer where it is not nil.
	In, Out any
	// Repeatable says that doing it twice is the same as doing it once.
	Repeatable bool
}

// Refused is answered where the service answered that the call is wrong.
type Refused struct {
	Service string
	Status  int
}

// Error implements error.
func (e *Refused) Error() string {
	return fmt.Sprintf("the %s service refused a call of its kind: status %d", e.Service, e.Status)
}

// Do makes a call. A service that is away, fails or is too slow is an
// *apperr.Error with code Unavailable; the context's own end is answered as it is.
func (c *Client) Do(ctx context.Context, call Call) error {
	c.counts.calls.Add(1)
	var body []byte
	if call.In != nil {
		var err error
		if body, err = json.Marshal(call.In); err != nil {
			return fmt.Errorf("peer: %w", err)
		}
	}
	own, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	c.budget.call()
	a, err := c.attempts(own, call, body)
	switch {
	case err == nil && a.status >= 400:
		c.counts.failed.Add(1)
		return &Refused{Service: c.o.Audience, Status: a.status}
	case err == nil && call.Out != nil:
		if err := json.Unmarshal(a.body, call.Out); err != nil {
			return fmt.Errorf("the %s service answered what cannot be read: %w", c.o.Audience, err)
		}
		return nil
	case err == nil:
		return nil
	}
	c.counts.failed.Add(1)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.unavailable(err)
}

// attempts sends a call until it is answered or not worth another try.
func (c *Client) attempts(ctx context.Context, call Call, body []byte) (*answer, error) {
	for n := 0; ; n++ {
		a, err := c.breaker.Execute(func() (*answer, error) { return c.send(ctx, call, bytes.NewReader(body)) })
		if err == nil {
			return a, nil
		}
		var failed *failure
		if !errors.As(err, &failed) || !call.Repeatable || n >= c.o.Repeats || ctx.Err() != nil {
			return nil, err
		}
		pause := max(backoff(n), failed.retryAfter)
		if end, ok := ctx.Deadline(); ok && time.Until(end) <= pause || !c.budget.repeat() {
			return nil, err
		}
		c.counts.repeats.Add(1)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, err
		case <-timer.C:
		}
	}
}

// unavailable is what a caller is told of a call that failed.
func (c *Client) unavailable(cause error) error {
	after := time.Second
	if errors.Is(cause, gobreaker.ErrOpenState) || errors.Is(cause, gobreaker.ErrTooManyRequests) {
		c.counts.stopped.Add(1)
		after = c.o.OpenFor
	}
	return &apperr.Error{
		Code: apperr.Unavailable, Message: "The " + c.o.Audience + " service cannot be reached just now. Try again soon.",
		RetryAfter: after, Cause: cause,
	}
}

// Ping answers nil unless the service failed lately and is not called for a while.
func (c *Client) Ping(context.Context) error {
	if c.breaker.State() == gobreaker.StateOpen {
		return c.unavailable(gobreaker.ErrOpenState)
	}
	return nil
}

// Close lets go of idle connections.
func (c *Client) Close() error {
	c.o.HTTP.CloseIdleConnections()
	return nil
}
