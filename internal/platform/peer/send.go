package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 8 << 20

// errFull is answered where too many calls wait already.
var errFull = errors.New("peer: too many calls wait for this service")

// answer is what a service answered, below status 500.
type answer struct {
	status int
	body   []byte
}

// failure is a request that another try may mend.
type failure struct {
	cause      error
	retryAfter time.Duration
}

// Error implements error.
func (f *failure) Error() string { return f.cause.Error() }

// Unwrap answers the cause.
func (f *failure) Unwrap() error { return f.cause }

// send sends one request, once there is room for it.
func (c *Client) send(ctx context.Context, call Call, body io.Reader) (*answer, error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-c.slots }()
	start := time.Now()
	a, err := c.exchange(ctx, call, body)
	outcome := "ok"
	switch {
	case errors.Is(err, context.Canceled):
		outcome = "gave up"
	case err != nil:
		outcome = "failed"
	case a.status >= 400:
		outcome = "refused"
	}
	if c.o.Observe != nil {
		c.o.Observe(outcome, time.Since(start))
	}
	return a, err
}

// enter takes a slot, for which only so many wait.
func (c *Client) enter(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	default:
	}
	if c.waiting.Add(1) > int64(4*c.o.Concurrent) {
		c.waiting.Add(-1)
		c.counts.full.Add(1)
		return errFull
	}
	defer c.waiting.Add(-1)
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		c.counts.full.Add(1)
		return errFull
	}
}

func (c *Client) exchange(ctx context.Context, call Call, body io.Reader) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Attempt)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, call.Method, c.o.URL+call.Path, body)
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	token, err := c.o.Keys.sign(c.o.Issuer, c.o.Audience, call.Method, r.URL.Path)
	if err != nil {
		return nil, fmt.Errorf("peer: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	if call.In != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if end, ok := ctx.Deadline(); ok {
		r.Header.Set(TimeoutHeader, strconv.FormatInt(max(time.Until(end).Milliseconds(), 1), 10))
	}
	res, err := c.o.HTTP.Do(r)
	if err != nil {
		return nil, &failure{cause: err}
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, &failure{cause: err}
	case len(data) > maxAnswer:
		return nil, fmt.Errorf("the %s service answered more than %d bytes", c.o.Audience, maxAnswer)
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		return nil, &failure{cause: fmt.Errorf("the %s service answered %s", c.o.Audience, res.Status), retryAfter: retryAfter(res.Header)}
	}
	return &answer{status: res.StatusCode, body: data}, nil
}

// retryAfter reads the header's seconds (RFC 9110, section 10.2.3); dates are not used here.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second // #nosec G115 -- 16 bits
}

type counts struct{ calls, failed, repeats, stopped, full atomic.Uint64 }

// Stats count since the client was made.
type Stats struct {
	// Calls, and of them those that failed, that were stopped by the breaker,
	// and that found no room; Repeats are further requests of a call.
	Calls, Failed, Stopped, Full, Repeats uint64
	// Open reports whether nothing is sent, since the service fails; Busy how
	// many requests are under way.
	Open bool
	Busy int
}

// Stats answers the counts.
func (c *Client) Stats() Stats {
	return Stats{
		Calls: c.counts.calls.Load(), Failed: c.counts.failed.Load(), Stopped: c.counts.stopped.Load(),
		Full: c.counts.full.Load(), Repeats: c.counts.repeats.Load(),
		Open: c.Ping(context.Background()) != nil, Busy: len(c.slots),
	}
}
