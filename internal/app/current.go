package app

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"headway/internal/platform/server"
)

// current is the app that answers requests now: the one that the process
// began with, or the one over the store that the data was moved to.
type current struct {
	app atomic.Pointer[running]
}

// running is an app with the requests that it is answering.
type running struct {
	*App
	requests sync.RWMutex // held for reading by each
	stop     context.CancelFunc
	ended    <-chan struct{}
}

// start runs what goes on in the background of an app.
func start(ctx context.Context, a *App) *running {
	ctx, stop := context.WithCancel(ctx)
	return &running{App: a, stop: stop, ended: a.services.run(ctx)}
}

// end ends what start began.
func (r *running) end() {
	r.stop()
	<-r.ended
}

// enter answers the app that answers a request, which must call leave.
func (c *current) enter() (r *running, leave func()) {
	for {
		r = c.app.Load()
		r.requests.RLock()
		if c.app.Load() == r {
			return r, r.requests.RUnlock
		}
		r.requests.RUnlock() // it was replaced in between, and may be closed
	}
}

// ServeHTTP implements http.Handler.
func (c *current) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r, leave := c.enter()
	defer leave()
	r.handler.ServeHTTP(w, req)
}

// metrics serves those of the app that answers now.
func (c *current) metrics(w http.ResponseWriter, req *http.Request) {
	r, leave := c.enter()
	defer leave()
	server.MetricsHandler(r.registry, false).ServeHTTP(w, req)
}

// drain moves the live streams away, so that they come back by their last event's id.
func (c *current) drain() { c.app.Load().services.drain() }

// replace has the next app answer from now on, and closes the one before once
// its last request is answered.
func (c *current) replace(next *running) error {
	before := c.app.Swap(next)
	before.services.drain()
	before.requests.Lock()   // returns once the last request is answered
	before.requests.Unlock() //nolint:staticcheck // those who come now see that they are late
	before.end()
	return before.Close()
}

// close ends the app that answers now.
func (c *current) close() error {
	r := c.app.Load()
	r.end()
	return r.Close()
}
