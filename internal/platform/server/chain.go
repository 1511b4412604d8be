package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/admission"
	"headway/internal/platform/rest"
)

// chain is the middleware in front of a mux.
type chain struct {
	o       Options
	peers   Peers
	headers headerSets
	cors    cors
	foreign *http.CrossOriginProtection
	limits  *limits
	// inner is authentication, rate limit, compression and the mux.
	inner http.Handler
	pool  sync.Pool
}

// NewHandler puts the chain in front of the mux. It fails only on settings
// that cannot work.
func NewHandler(mux http.Handler, o Options) (http.Handler, error) {
	o = o.withDefaults()
	c := &chain{o: o, peers: Peers{trusted: o.TrustedProxies}, headers: newHeaderSets(o.TLS), foreign: http.NewCrossOriginProtection()}
	c.pool.New = func() any { return new(response) }
	var err error
	if c.cors, err = newCORS(o.Origins); err != nil {
		return nil, err
	}
	for _, origin := range append([]string{o.OwnOrigin}, o.Origins...) {
		if origin == "*" || origin == "" {
			continue
		}
		if err := c.foreign.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("allowed origin %q: %w", origin, err)
		}
	}
	if c.inner, err = compressed(routed(mux), o.Compress); err != nil {
		return nil, err
	}
	if o.Limiter != nil && !o.Rate.Unlimited() {
		c.limits = newLimits(o, c.peers)
		c.inner = c.limits.limit(c.inner)
	}
	if o.Authenticate != nil {
		c.inner = o.Authenticate(c.inner)
	}
	return c, nil
}

// routed notes which pattern served the request. It stands right before the
// mux, since the request that the mux writes the pattern to may be a copy.
func routed(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if rw := find(w); rw != nil {
				rw.pattern = r.Pattern
			}
		}()
		mux.ServeHTTP(w, r)
	})
}

// ServeHTTP implements http.Handler.
func (c *chain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	rw := c.pool.Get().(*response)
	rw.reset(w)
	h := w.Header()
	id := requestID(r, h)
	c.o.Metrics.begin()
	defer c.end(rw, r, id, start)

	c.headers.set(h, r.URL.Path)
	if c.cors.handle(rw, r) {
		return
	}
	var class admission.Class
	counted := false
	if c.o.Admission != nil {
		class, counted = c.o.Class(r)
	}
	if counted && c.late(rw, r, class) {
		return
	}
	if err := c.foreign.Check(r); err != nil {
		rest.WriteProblem(rw, apperr.New(apperr.Forbidden, "This request comes from another site, which is not allowed to change anything here."))
		return
	}
	long := c.o.Long(r)
	if long {
		// Its handler sets its own bounds.
		_ = http.NewResponseController(rw).SetWriteDeadline(time.Time{})
	}
	if c.o.Draining() {
		h["Connection"] = closeConnection
	}
	if !long {
		if r.Body != http.NoBody && r.Body != nil {
			if r.ContentLength > c.o.MaxBody {
				h["Connection"] = closeConnection
				rest.WriteProblem(rw, &http.MaxBytesError{Limit: c.o.MaxBody})
				return
			}
			r.Body = http.MaxBytesReader(rw, r.Body, c.o.MaxBody)
			if !c.boundBody(rw, r) {
				return
			}
		}
		ctx := withDeadline(r.Context(), start.Add(c.o.Timeout))
		defer ctx.stop()
		r = r.WithContext(ctx)
	}
	if counted {
		ticket, ok := c.admit(rw, r, class)
		if !ok {
			return
		}
		defer ticket.Release()
	}
	c.inner.ServeHTTP(rw, r)
}

var closeConnection = []string{"close"}

// statusGone is what is counted and logged, never sent, where the client left
// before it had its answer. The number is nginx's.
const statusGone = 499

// end recovers, counts and logs.
func (c *chain) end(rw *response, r *http.Request, id string, start time.Time) {
	if p := recover(); p != nil {
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			c.o.Metrics.end(rw.pattern, r.Method, statusGone, time.Since(start))
			panic(p) // net/http drops the connection without a word
		}
		rw.RecordCause(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		if rw.status == 0 {
			rest.WriteProblem(rw, apperr.New(apperr.Internal, "panic"))
		}
		rw.status = http.StatusInternalServerError
	} else if rw.status >= 500 && r.Context().Err() != nil && errors.Is(rw.cause, context.Canceled) {
		rw.status = statusGone // what failed is what the client no longer waited for
	}
	if rw.status == 0 {
		rw.status = http.StatusOK
	}
	took := time.Since(start)
	c.o.Metrics.end(rw.pattern, r.Method, rw.status, took)
	if c.o.LogAll || !rw.shed && (rw.status >= 500 || took > c.o.Slow && !c.o.Long(r)) {
		c.log(rw, r, id, took)
	}
	rw.reset(nil)
	c.pool.Put(rw)
}

// knownPath keeps what a path tells of people out of the log: the pattern
// names the route.
func knownPath(pattern string, r *http.Request) string {
	if pattern != "" {
		return pattern
	}
	path, _, _ := strings.Cut(r.URL.Path, "?")
	return path[:min(len(path), 200)]
}
