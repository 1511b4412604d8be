package main

import (
	"net/http"
	"slices"
	"testing"

	"headway/internal/app"
	"headway/test/cluster/apart"
)

// TestMissingNamesWhatNobodyAskedFor holds that what was refused, what another
// service answered, and a more general address do not count as asked for.
func TestMissingNamesWhatNobodyAskedFor(t *testing.T) {
	var a asked
	requests := []apart.Request{
		{Method: http.MethodGet, Path: "/api/v1/inbox", Status: 200, Service: "notification"},
		{Method: http.MethodGet, Path: "/api/v1/inbox/count", Status: 401, Service: "notification"},
		{Method: http.MethodGet, Path: "/api/v1/workspaces/1/projects/2", Status: 200, Service: "task"},
		{Method: http.MethodGet, Path: "/api/v1/workspaces/1/analytics/flow", Status: 200, Service: "task"},
		{Method: http.MethodGet, Path: "/.well-known/jwks.json", Status: 200, Service: "auth"},
	}
	if err := a.add(t.Context(), requests); err != nil {
		t.Fatal(err)
	}
	missing, err := a.missing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]bool{
		"GET /api/v1/inbox of notification":                               false,
		"GET /api/v1/inbox/count of notification":                         true,
		"GET /api/v1/workspaces/{workspace}/projects/{project} of task":   false,
		"PATCH /api/v1/workspaces/{workspace}/projects/{project} of task": true,
		"GET /api/v1/workspaces/{workspace}/projects of task":             true,
		"GET /api/v1/workspaces/{workspace}/analytics/flow of analytics":  true,
		"GET /.well-known/jwks.json of auth":                              false,
		"GET / of web":                                                    true,
	} {
		if slices.Contains(missing, what) != want {
			t.Errorf("%s: missing is %v, want %v", what, !want, want)
		}
	}
	routes, err := app.Routes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) < len(routes)-3 {
		t.Errorf("of %d routes only %d are missing", len(routes), len(missing))
	}
}
