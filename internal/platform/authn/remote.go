package authn

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"headway/internal/platform/clock"
)

// Remote is the KeySource of a process without the auth service: it fetches
// the key set over HTTP and keeps it. It fetches again when a token names a
// key that it does not know, and once the set is older than an hour, so that
// withdrawn keys go; while the auth service is away it goes on with what it has.
type Remote struct {
	url    string
	file   string // "" where the set is in memory alone
	client *http.Client
	clock  clock.Clock
	held   atomic.Pointer[held]

	mu sync.Mutex // one fetch at a time; guards tried
	// tried is when the last fetch began, so that forged key ids cannot make this process a flood.
	tried time.Time
	// failure is why the last fetch failed, nil inside where it did not.
	failure atomic.Pointer[error]
}

type held struct {
	keys    map[string]ed25519.PublicKey
	fetched time.Time
}

var _ KeySource = (*Remote)(nil)

const (
	remoteFresh    = time.Hour
	remotePause    = 5 * time.Second // between fetches
	remoteTimeout  = 3 * time.Second
	remoteMaxBytes = 64 << 10
)

// NewRemote makes a KeySource that reads the key set at url, such as
// "https://headway.example.com/.well-known/jwks.json". It fetches at first
// use. A nil client is one of its own.
func NewRemote(url string, client *http.Client, c clock.Clock) *Remote {
	if client == nil {
		client = &http.Client{Timeout: remoteTimeout}
	}
	return &Remote{url: url, client: client, clock: c}
}

// Key implements KeySource.
func (r *Remote) Key(kid string) (ed25519.PublicKey, error) {
	h := r.held.Load()
	if h != nil {
		if key, ok := h.keys[kid]; ok {
			if r.clock.Now().Sub(h.fetched) >= remoteFresh && r.mu.TryLock() {
				go func() { // nobody waits for a mere renewal; it ends within remoteTimeout
					defer r.mu.Unlock()
					_, _ = r.refreshLocked(h)
				}()
			}
			return key, nil
		}
	}
	h, err := r.refresh(h)
	if h == nil {
		return nil, err
	}
	if key, ok := h.keys[kid]; ok {
		return key, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, ErrUnknownKey
}

// last answers why the last fetch failed, or nil.
func (r *Remote) last() error {
	if err := r.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// Ping answers nil where the auth service serves its keys. It asks at most
// every few seconds; in between, and while another caller asks, it answers
// what was found last.
func (r *Remote) Ping(context.Context) error {
	if !r.mu.TryLock() {
		return r.last()
	}
	defer r.mu.Unlock()
	_, err := r.refreshLocked(r.held.Load())
	return err
}

// remoteIdle is how often Run asks once there are keys.
const remoteIdle = time.Minute

// Run fetches the keys before the first token asks for them, again and again
// until the auth service is there, and then often enough that what Ping
// answers is fresh. It returns when ctx ends.
func (r *Remote) Run(ctx context.Context) {
	for {
		wait := remoteIdle
		if r.Ping(ctx) != nil {
			wait = remotePause
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// refresh answers a newer set than seen where one can be had, or what is held
// and the error of the last fetch.
func (r *Remote) refresh(seen *held) (*held, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refreshLocked(seen)
}

func (r *Remote) refreshLocked(seen *held) (*held, error) {
	if h := r.held.Load(); h != seen {
		return h, nil // another caller fetched meanwhile
	}
	now := r.clock.Now()
	if !r.tried.IsZero() && now.Sub(r.tried) < remotePause {
		return seen, r.last()
	}
	r.tried = now
	keys, err := r.fetch()
	r.failure.Store(&err)
	if err != nil {
		return seen, err
	}
	h := &held{keys: keys, fetched: now}
	r.held.Store(h)
	return h, nil
}

func (r *Remote) fetch() (map[string]ed25519.PublicKey, error) {
	ctx, cancel := context.WithTimeout(context.Background(), remoteTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch key set: %w", err)
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	res, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch key set: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch key set: the server answered %s", res.Status)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, remoteMaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("fetch key set: %w", err)
	}
	if len(data) > remoteMaxBytes {
		return nil, fmt.Errorf("fetch key set: more than %d bytes", remoteMaxBytes)
	}
	keys, err := ParseKeySet(data)
	if err == nil {
		r.keep(data)
	}
	return keys, err
}
