package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
)

type page struct {
	Text string `json:"text"`
}

// newMux is a small API: a page with an entity tag, a POST, and failures.
func newMux() *http.ServeMux {
	mux := http.NewServeMux()
	api := server.NewAPI(mux, rest.Info{Title: "Test", Version: "1"})
	body := []byte(`{"text":"` + strings.Repeat("word ", 1000) + `"}`)
	rest.RegisterRaw[page](api, huma.Operation{OperationID: "get", Method: http.MethodGet, Path: "/pages/{page}"},
		func(_ context.Context, in *struct {
			Page ids.ID `path:"page"`
			rest.IfNoneMatch
		}) (*rest.Answer, error) {
			tag := rest.ETag(1)
			if in.Matches(tag) {
				return rest.NotModified(tag), nil
			}
			return &rest.Answer{ETag: tag, Parts: [][]byte{body}}, nil
		})
	rest.Register(api, huma.Operation{OperationID: "post", Method: http.MethodPost, Path: "/pages"},
		func(ctx context.Context, in *struct{ Body page }) (*struct{ Body page }, error) {
			switch in.Body.Text {
			case "panic":
				panic("secret")
			case "fail":
				return nil, errors.New("secret table")
			case "wait":
				<-ctx.Done()
				return nil, apperr.Wrap(fmt.Errorf("the store: %w", ctx.Err()), "not read")
			}
			return &struct{ Body page }{in.Body}, nil
		})
	return mux
}

func newHandler(t testing.TB, o server.Options) http.Handler {
	t.Helper()
	h, err := server.NewHandler(newMux(), o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func send(h http.Handler, method, url, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const pageURL = "/api/v1/pages/0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f"

// metrics answers what a scraper reads.
func metrics(registry *prometheus.Registry, localOnly bool) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	server.MetricsHandler(registry, localOnly).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w
}

func problem(t *testing.T, w *httptest.ResponseRecorder, status int, code apperr.Code) rest.Problem {
	t.Helper()
	var p rest.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != rest.ProblemType {
		t.Fatalf("not a problem: %v %v %s", err, w.Header(), w.Body)
	}
	if w.Code != status || p.Status != status || p.Code != code || p.RequestID == "" || p.RequestID != w.Header().Get("X-Request-Id") {
		t.Fatalf("got %d %+v, want %d %s", w.Code, p, status, code)
	}
	if strings.Contains(w.Body.String(), "secret") {
		t.Fatalf("leaks: %s", w.Body)
	}
	return p
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	h := newHandler(t, server.Options{})
	problem(t, send(h, "GET", "/api/v1/nothing", ""), 404, apperr.NotFound)
	problem(t, send(h, "GET", "/api/", ""), 404, apperr.NotFound)
	w := send(h, "DELETE", pageURL, "")
	problem(t, w, 405, apperr.MethodNotAllowed)
	if w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow %q", w.Header().Get("Allow"))
	}
}

func TestFailuresSayNothingOfTheirCauseButTheLogDoes(t *testing.T) {
	var log bytes.Buffer
	h := newHandler(t, server.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	problem(t, send(h, "POST", "/api/v1/pages", `{"text":"panic"}`), 500, apperr.Internal)
	p := problem(t, send(h, "POST", "/api/v1/pages", `{"text":"fail"}`), 500, apperr.Internal)
	if !strings.Contains(log.String(), "panic: secret") || !strings.Contains(log.String(), "secret table") || !strings.Contains(log.String(), p.RequestID) {
		t.Errorf("log: %s", &log)
	}
	log.Reset()
	send(h, "GET", pageURL, "")
	if log.Len() != 0 {
		t.Errorf("a good answer was logged: %s", &log)
	}
}

// What fails as the client has left is no failure of the server.
func TestAClientThatLeavesIsNoError(t *testing.T) {
	var log bytes.Buffer
	registry := prometheus.NewRegistry()
	h := newHandler(t, server.Options{
		Log: slog.New(slog.NewJSONHandler(&log, nil)), Metrics: server.NewMetrics(registry), Timeout: time.Minute, Slow: time.Minute,
	})
	ctx, leave := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "POST", "/api/v1/pages", strings.NewReader(`{"text":"wait"}`))
	r.Header.Set("Content-Type", "application/json")
	time.AfterFunc(time.Millisecond, leave)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if log.Len() > 0 {
		t.Errorf("it was logged: %s", &log)
	}
	text := metrics(registry, false).Body.String()
	for status, want := range map[string]bool{"4xx": true, "5xx": false} {
		line := `headway_http_requests_total{method="POST",route="POST /api/v1/pages",status="` + status + `"} 1`
		if strings.Contains(text, line) != want {
			t.Errorf("%s: counted %v", status, !want)
		}
	}
}

func TestTooLargeBodies(t *testing.T) {
	h := newHandler(t, server.Options{MaxBody: 1000})
	big := `{"text":"` + strings.Repeat("a", 2000) + `"}`
	problem(t, send(h, "POST", "/api/v1/pages", big), 413, apperr.TooLarge)
	r := httptest.NewRequest("POST", "/api/v1/pages", io.MultiReader(strings.NewReader(big))) // of unknown length
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	problem(t, w, 413, apperr.TooLarge)
}

func TestRequestIDs(t *testing.T) {
	h := newHandler(t, server.Options{})
	if got := send(h, "GET", pageURL, "", "X-Request-Id", "abc-123").Header().Get("X-Request-Id"); got != "abc-123" {
		t.Errorf("sane id replaced by %q", got)
	}
	a := send(h, "GET", pageURL, "", "X-Request-Id", "a b\n").Header().Get("X-Request-Id")
	b := send(h, "GET", pageURL, "").Header().Get("X-Request-Id")
	if a == b || a == "a b\n" || a == "" {
		t.Errorf("%q %q", a, b)
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := newHandler(t, server.Options{TLS: true})
	api, web := send(h, "GET", pageURL, "").Header(), send(h, "GET", "/", "").Header()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
	} {
		if api.Get(name) != want || web.Get(name) != want {
			t.Errorf("%s: %q %q", name, api.Get(name), web.Get(name))
		}
	}
	if !strings.Contains(api.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(web.Get("Content-Security-Policy"), "script-src 'self' 'unsafe") {
		t.Errorf("%v %v", api, web)
	}
	if web.Get("Cross-Origin-Opener-Policy") != "same-origin" || web.Get("Referrer-Policy") != "no-referrer" || web.Get("Permissions-Policy") == "" || web.Get("X-Frame-Options") != "DENY" {
		t.Errorf("%v", web)
	}
}

func TestOtherOriginsAreRefusedUnlessListed(t *testing.T) {
	h := newHandler(t, server.Options{Origins: []string{"https://app.example.org"}})
	preflight := []string{"Access-Control-Request-Method", "POST"}
	w := send(h, "OPTIONS", "/api/v1/pages", "", append(preflight, "Origin", "https://app.example.org")...)
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "https://app.example.org" || w.Header().Get("Vary") != "Origin" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	w = send(h, "OPTIONS", "/api/v1/pages", "", append(preflight, "Origin", "https://evil.example")...)
	if w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", w.Header())
	}
	problem(t, send(h, "POST", "/api/v1/pages", `{"text":"a"}`, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), 403, apperr.Forbidden)
	if w := send(h, "POST", "/api/v1/pages", `{"text":"a"}`, "Origin", "https://app.example.org", "Sec-Fetch-Site", "cross-site"); w.Code != 200 {
		t.Errorf("listed origin: %d %s", w.Code, w.Body)
	}
	if _, err := server.NewHandler(http.NewServeMux(), server.Options{Origins: []string{"app.example.org/"}}); err == nil {
		t.Error("a bad origin was taken")
	}
}

func TestRateLimit(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	h := newHandler(t, server.Options{
		Limiter: limit.NewMemory(c, 0), Rate: limit.Rate{Count: 2, Per: time.Minute},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
	})
	from := func(addr string) *httptest.ResponseRecorder {
		return send(h, "GET", pageURL, "", "X-Forwarded-For", "203.0.113.1, "+addr)
	}
	from("198.51.100.1")
	w := from("198.51.100.1")
	if w.Code != 200 || w.Header().Get("RateLimit-Policy") != `"default";q=2;w=60` || w.Header().Get("RateLimit") != `"default";r=0;t=60` {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	w = from("198.51.100.1")
	problem(t, w, 429, apperr.RateLimited)
	if w.Header().Get("Retry-After") != "30" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	if w := from("198.51.100.2"); w.Code != 200 {
		t.Errorf("another client is limited too: %d", w.Code)
	}
	c.Advance(30 * time.Second)
	if w := from("198.51.100.1"); w.Code != 200 {
		t.Errorf("after waiting: %d", w.Code)
	}
}

func TestClientAddress(t *testing.T) {
	p := server.NewPeers([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1", "198.51.100.1", "203.0.113.9"}, // not a proxy: not believed
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "198.51.100.1, 10.2.3.4", "198.51.100.1"},
		{"10.0.0.1:1", "1.1.1.1, 198.51.100.1:443", "198.51.100.1"},
		{"10.0.0.1:1", "nonsense", "10.0.0.1"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:1", "[2001:db8::1]:9", "2001:db8::1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := p.Addr(r).String(); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

func TestCompression(t *testing.T) {
	h := newHandler(t, server.Options{})
	w := send(h, "GET", pageURL, "", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(w.Body)
	if err != nil || w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v %v", err, w.Header())
	}
	if b, err := io.ReadAll(z); err != nil || len(b) < 5000 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if w := send(h, "GET", pageURL, "", "Accept-Encoding", "gzip", "If-None-Match", w.Header().Get("ETag")); w.Code != 304 {
		t.Errorf("the tag of the compressed form does not match: %d", w.Code)
	}
	r := httptest.NewRequest("GET", pageURL, nil)
	r.RemoteAddr = "127.0.0.1:5"
	r.Header.Set("Accept-Encoding", "gzip")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for a client on the same machine")
	}
}

func TestMetricsNameRoutesNotAddresses(t *testing.T) {
	registry := prometheus.NewRegistry()
	h := newHandler(t, server.Options{Metrics: server.NewMetrics(registry)})
	send(h, "GET", pageURL, "")
	send(h, "GET", "/api/v1/wp-login", "")
	send(h, "BREW", "/x", "")
	text := metrics(registry, false).Body.String()
	for _, want := range []string{
		`headway_http_requests_total{method="GET",route="GET /api/v1/pages/{page}",status="2xx"} 1`,
		`headway_http_requests_total{method="GET",route="/api/",status="4xx"} 1`,
		`headway_http_requests_total{method="other",route="none",status="4xx"} 1`,
		`headway_http_requests_in_flight 0`,
		`headway_http_request_duration_seconds_count{method="GET",route="GET /api/v1/pages/{page}"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s", want)
		}
	}
	if strings.Contains(text, "wp-login") || strings.Contains(text, "BREW") {
		t.Error("a caller can make up series")
	}
	if w := metrics(registry, true); w.Code != 404 {
		t.Errorf("metrics are open to another machine: %d", w.Code)
	}
}
