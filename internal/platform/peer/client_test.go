package peer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
)

// transport answers requests without a network, so that time can be made to pass.
type transport func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int, header ...string) (*http.Response, error) {
	res := &http.Response{StatusCode: status, Status: strconv.Itoa(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"n":1}`))}
	for i := 0; i+1 < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res, nil
}

func newClient(t *testing.T, o Options, f transport) *Client {
	t.Helper()
	o.Keys, o.Issuer, o.Audience, o.URL, o.HTTP = newKeys(t, clock.System{}, secretOne), "task", "auth", "http://auth", &http.Client{Transport: f}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var read = Call{Method: http.MethodPost, Path: Prefix + "/x", In: map[string]int{"a": 1}, Repeatable: true}

func TestOnlyWhatMayBeRepeatedIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status   int
		once     bool
		requests int
		refused  bool
	}{
		"away":               {503, false, 3, false},
		"too many":           {429, false, 3, false},
		"away, not to twice": {503, true, 1, false},
		"wrong":              {403, false, 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			client := newClient(t, Options{}, func(r *http.Request) (*http.Response, error) {
				requests++
				if body, err := io.ReadAll(r.Body); err != nil || string(body) != `{"a":1}` {
					t.Errorf("%s: the body is %s, %v", name, body, err)
				}
				return answering(c.status)
			})
			call := read
			call.Repeatable = !c.once
			err := client.Do(t.Context(), call)
			var refused *Refused
			if requests != c.requests || errors.As(err, &refused) != c.refused || !c.refused && !apperr.Is(err, apperr.Unavailable) {
				t.Errorf("%s: %d requests, %v", name, requests, err)
			}
		})
	}
}

// TestTheBudgetBoundsRepeats: of many calls to a service that fails half the
// time, a tenth may be repeated, beside ten ahead.
func TestTheBudgetBoundsRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := newClient(t, Options{}, func(*http.Request) (*http.Response, error) {
			if requests++; requests%3 == 0 {
				return answering(503)
			}
			return answering(200)
		})
		const calls = 1000
		for range calls {
			_ = client.Do(t.Context(), read) // some fail, once the budget is spent
		}
		if s := client.Stats(); s.Calls != calls || s.Repeats < calls/20 || s.Repeats > calls/10+10 || s.Failed == 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestTheBreaker: a service that fails is left alone, tried by one request,
// and used again once that succeeds.
func TestTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		requests, down := 0, true
		client := newClient(t, Options{Repeats: -1}, func(*http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if requests++; down {
				return nil, errors.New("refused")
			}
			return answering(200)
		})
		for range 50 {
			if err := client.Do(t.Context(), read); !apperr.Is(err, apperr.Unavailable) {
				t.Fatal(err)
			}
		}
		if requests != 5 || client.Ping(t.Context()) == nil || !client.Stats().Open {
			t.Errorf("%d requests to a service that is down, %+v", requests, client.Stats())
		}
		many := func() {
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() { _ = client.Do(t.Context(), read) }) // counted
			}
			all.Wait()
		}
		time.Sleep(5*time.Second + time.Millisecond)
		if many(); requests != 6 {
			t.Errorf("%d requests tried whether it is back, want 1", requests-5)
		}
		down = false
		if many(); requests != 6 {
			t.Error("it is asked although the probe failed just now")
		}
		time.Sleep(5*time.Second + time.Millisecond)
		many()
		if err := client.Do(t.Context(), read); err != nil || client.Ping(t.Context()) != nil {
			t.Errorf("it is back, and not used: %v", err)
		}
	})
}

// TestTheBulkhead: a service that hangs holds up so many requests and no more.
func TestTheBulkhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy, most := 0, 0
		var mu sync.Mutex
		client := newClient(t, Options{Concurrent: 2, Repeats: -1, Attempt: time.Minute, Timeout: time.Minute}, func(*http.Request) (*http.Response, error) {
			mu.Lock()
			busy++
			most = max(most, busy)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			busy--
			mu.Unlock()
			return answering(200)
		})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { _ = client.Do(t.Context(), read) }) // counted
		}
		all.Wait()
		if s := client.Stats(); most != 2 || s.Full != 10 || s.Failed != 10 {
			t.Errorf("%d at once, %+v", most, s)
		}
	})
}

// TestTheCallersTimeIsGivenOn: what is left of it goes with each request, and
// nothing is repeated that it does not leave time for.
func TestTheCallersTimeIsGivenOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var given []string
		client := newClient(t, Options{}, func(r *http.Request) (*http.Response, error) {
			given = append(given, r.Header.Get(TimeoutHeader))
			return answering(503, "Retry-After", "2")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if err := client.Do(ctx, read); !apperr.Is(err, apperr.Unavailable) || len(given) != 1 || given[0] != "1500" {
			t.Errorf("%v, %v", err, given)
		}
		given = nil
		begun := time.Now()
		if err := client.Do(t.Context(), read); !apperr.Is(err, apperr.Unavailable) || len(given) != 3 || given[0] != "3000" || time.Since(begun) != 4*time.Second {
			t.Errorf("%v, %v after %s", err, given, time.Since(begun))
		}
		hung := newClient(t, Options{}, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := hung.Do(ctx, read); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the caller's time is over: %v", err)
		}
		for range 20 { // callers who give up say nothing about the service
			gone, leave := context.WithCancel(t.Context())
			leave()
			if err := hung.Do(gone, read); !errors.Is(err, context.Canceled) {
				t.Errorf("the caller is gone: %v", err)
			}
		}
		if hung.Ping(t.Context()) != nil {
			t.Error("callers who gave up opened the breaker")
		}
	})
}
