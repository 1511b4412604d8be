// Package front makes the configuration of what stands in front of the
// services, nginx or an AWS load balancer, from the routes that the services
// have put on the API. So a new route is reached through the front door
// without anybody writing it down a second time.
package front

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Kind says how a route's requests and answers travel.
type Kind int

// The kinds of routes.
const (
	// Plain is a request and an answer of bounded size within a bounded time.
	Plain Kind = iota
	// Stream is an answer of server-sent events.
	Stream
	// Upload is a request whose body is a file.
	Upload
)

// Route is one address of a service, such as /api/v1/workspaces/{workspace}.
type Route struct {
	Service, Path string
	Kind          Kind
	// Methods are those of the API's operations there, none where it has none.
	Methods []string
}

// Web is the service that has every address that no other has.
const Web = "web"

// workspace is the path's parameter that requests are kept together by.
const workspace = "{workspace}"

// Table is the routes of all services. Its zero value is empty.
type Table struct {
	routes []Route
	owned  map[string]string // service by path
	errs   []error
}

// Own gives the service the operations of the API that no service has yet. It
// is called each time that a service has put its own there; prefix is where
// the API lives.
func (t *Table) Own(service, prefix string, api huma.API) {
	mine := map[string]*huma.PathItem{}
	for path, item := range api.OpenAPI().Paths {
		owner, owned := t.owned[prefix+path]
		if !owned {
			mine[prefix+path] = item
		} else if owner == service {
			continue
		}
	}
	for path, item := range mine {
		r := Route{Service: service, Path: path, Kind: kind(item)}
		for _, op := range operations(item) {
			r.Methods = append(r.Methods, op.Method)
		}
		t.add(r)
	}
}

// Add gives the service an address that is no operation of the API.
func (t *Table) Add(service, path string) { t.add(Route{Service: service, Path: path}) }

func (t *Table) add(r Route) {
	if t.owned == nil {
		t.owned = map[string]string{}
	}
	if owner, owned := t.owned[r.Path]; owned {
		t.errs = append(t.errs, fmt.Errorf("%s is a route of %s and of %s", r.Path, owner, r.Service))
		return
	}
	if !strings.HasPrefix(r.Path, "/") || strings.ContainsAny(r.Path, " \t\n\"'\\;*?$") {
		t.errs = append(t.errs, fmt.Errorf("%q is no path that a front door can be told of", r.Path))
		return
	}
	t.owned[r.Path] = r.Service
	t.routes = append(t.routes, r)
}

// Routes answers all routes in the order of their paths.
func (t *Table) Routes() ([]Route, error) {
	out := slices.Clone(t.routes)
	slices.SortFunc(out, func(a, b Route) int { return strings.Compare(a.Path, b.Path) })
	return out, errors.Join(t.errs...)
}

// kind reads off the description how an address's requests travel.
func kind(item *huma.PathItem) Kind {
	for _, op := range operations(item) {
		if ok := op.Responses["200"]; ok != nil && ok.Content["text/event-stream"] != nil {
			return Stream
		}
		if op.Method == http.MethodPost && op.RequestBody != nil && op.RequestBody.Content["application/octet-stream"] != nil {
			return Upload
		}
	}
	return Plain
}

// operations are those of an address.
func operations(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

// segments are the parts of a path.
func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// parameter reports whether a part of a path stands for anything.
func parameter(segment string) bool { return strings.HasPrefix(segment, "{") }
