// Package servertest sends requests of the API to a handler, without a network.
package servertest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"headway/internal/platform/ids"
	"headway/internal/platform/server"
)

// Call sends a request to a path below server.APIPrefix and answers what came.
// A body that is not "" is JSON; a user that is not zero is the bearer token,
// which the tests' own verifiers take; header alternates names and values.
func Call(h http.Handler, user ids.ID, method, path, body string, header ...string) *httptest.ResponseRecorder {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(context.Background(), method, server.APIPrefix+path, in)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if !user.IsZero() {
		r.Header.Set("Authorization", "Bearer "+user.String())
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}
