package auth_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/auth"
	"headway/internal/auth/command"
	"headway/internal/auth/password"
	"headway/internal/auth/store"
	"headway/internal/auth/store/sqlite"
	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	eventsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/limit"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

var start = time.Date(2026, 3, 1, 9, 30, 0, 123e6, time.UTC)

const (
	goodEmail    = "ada@example.com"
	goodPassword = "a few plain words"
)

// quick makes hashing cheap where a test is not about it.
var quick = password.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

// instance is the whole service behind HTTP, on SQLite, with the clock in the test's hand.
type instance struct {
	t      *testing.T
	clock  *clock.Manual
	store  store.Store
	events eventlog.Log
	module *auth.Module
	server *httptest.Server
	logs   *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func run(t *testing.T, change ...func(*auth.Options)) *instance {
	t.Helper()
	db := sqlitedbtest.Open(t, eventsqlite.Migrations(), sqlite.Migrations())
	events, err := eventsqlite.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{t: t, clock: clock.NewManual(start), store: sqlite.New(db, events), events: events, logs: new(safeBuffer)}
	log := slog.New(slog.NewJSONHandler(in.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	none := command.Limits{}
	o := auth.Options{
		Store: in.store, Clock: in.clock, Limiter: limit.NewMemory(in.clock, 0), Log: log, Limits: &none, Hashing: quick,
	}
	for _, c := range change {
		c(&o)
	}
	if in.module, err = auth.New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	api := server.NewAPI(mux, rest.Info{Title: "Headway", Version: "test"})
	api.UseMiddleware(authn.Gate(rest.Refuse))
	in.module.Routes(api)
	mux.Handle("GET /.well-known/jwks.json", in.module.KeySet())
	handler, err := server.NewHandler(mux, server.Options{Log: log, LogAll: true, Authenticate: authn.Middleware(in.module.Verifier())})
	if err != nil {
		t.Fatal(err)
	}
	in.server = httptest.NewServer(handler)
	t.Cleanup(in.server.Close)
	return in
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	cookie *http.Cookie // the refresh cookie, where the answer set one
}

type grant struct {
	User struct {
		ID, Email, Name string
		CreatedAt       time.Time
	}
	AccessToken string
	ExpiresIn   int
}

type problem struct {
	Type, Title, Detail, Code string
	Status                    int
	Errors                    []struct{ Path, Message string }
}

func (a answer) grant(t *testing.T) grant {
	t.Helper()
	var g grant
	a.decode(t, &g)
	return g
}

func (a answer) decode(t *testing.T, v any) {
	t.Helper()
	if a.status >= 300 {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// problem checks that the answer is a problem document of the code.
func (a answer) problem(t *testing.T, status int, code string) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("status %d, not a problem document: %s", a.status, a.body)
	}
	if a.status != status || p.Status != status || p.Code != code || a.header.Get("Content-Type") != "application/problem+json" || p.Type != "urn:headway:problem:"+code {
		t.Fatalf("got %d %s, want %d %s: %s", a.status, a.header.Get("Content-Type"), status, code, a.body)
	}
	return p
}

// do sends a request; headers are name, value, name, value …
func (in *instance) do(method, path string, body any, headers ...string) answer {
	in.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			in.t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, in.server.URL+path, reader)
	if err != nil {
		in.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := in.server.Client().Do(req)
	if err != nil {
		in.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		in.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: data}
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "headway_refresh") {
			a.cookie = c
		}
	}
	return a
}

type fields map[string]any

func (in *instance) register(email string) answer {
	in.t.Helper()
	a := in.do("POST", "/api/v1/auth/register", fields{"email": email, "name": "Ada", "password": goodPassword})
	if a.status != http.StatusCreated {
		in.t.Fatalf("register: %d %s", a.status, a.body)
	}
	return a
}

func (in *instance) signIn(email, password string) answer {
	in.t.Helper()
	return in.do("POST", "/api/v1/auth/sign-in", fields{"email": email, "password": password})
}

func (in *instance) refresh(c *http.Cookie) answer {
	in.t.Helper()
	return in.do("POST", "/api/v1/auth/refresh", nil, "Cookie", c.Name+"="+c.Value)
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }
