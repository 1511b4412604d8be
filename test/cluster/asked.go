package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"headway/internal/app"
	"headway/internal/app/config"
	"headway/internal/app/front"
	"headway/test/cluster/apart"
)

// asked keeps what of the API the requests of all installations reached.
type asked struct {
	mu   sync.Mutex
	seen map[operation]bool
}

// operation is what a service has at an address.
type operation struct{ service, method, path string }

// add takes requests in. Refused or failed ones reached nothing, but for those
// that say that a thing is not in the state for what was asked.
func (a *asked) add(ctx context.Context, requests []apart.Request) error {
	routes, err := app.Routes(ctx)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seen == nil {
		a.seen = map[operation]bool{}
	}
	for _, r := range requests {
		if r.Status < http.StatusBadRequest || r.Status == http.StatusConflict {
			a.seen[operation{r.Service, r.Method, route(routes, r.Path)}] = true
		}
	}
	return nil
}

// missing answers each operation that its service was not asked for with
// success, each other address of the front door, and the web app where nobody
// came to it.
func (a *asked) missing(ctx context.Context) ([]string, error) {
	routes, err := app.Routes(ctx)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	want := func(o operation) {
		if !a.seen[o] {
			out = append(out, o.method+" "+o.path+" of "+o.service)
		}
	}
	for _, r := range routes {
		methods := r.Methods
		if len(methods) == 0 {
			methods = []string{http.MethodGet}
		}
		for _, method := range methods {
			want(operation{r.Service, method, r.Path})
		}
	}
	want(operation{config.TargetWeb, http.MethodGet, "/"})
	return out, nil
}

// route answers the path of the route that a request's path is an instance of,
// the one with the fewest parameters, and the request's path where none is.
func route(routes []front.Route, path string) string {
	best, parameters := path, len(path)
	for _, r := range routes {
		n, ok := instance(r.Path, path)
		if ok && n < parameters {
			best, parameters = r.Path, n
		}
	}
	return best
}

// instance reports whether a path is one of a route's, which has that many parameters.
func instance(route, path string) (parameters int, ok bool) {
	have := strings.Split(path, "/")
	want := strings.Split(route, "/")
	for n, segment := range want {
		if n < len(have) && strings.HasPrefix(segment, "{") && have[n] != "" {
			want[n] = have[n]
			parameters++
		}
	}
	return parameters, slices.Equal(want, have)
}
