package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/live"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
	"headway/internal/platform/server/servertest"
	"headway/internal/task"
	"headway/internal/task/api"
	"headway/internal/task/query"
)

// world is the task service behind the real middleware chain, with people in it.
type world struct {
	t       testing.TB
	store   store
	module  *task.Module
	handler http.Handler
	pages   *pages
	clock   *clock.Manual

	workspace                           ids.ID
	owner, admin, member, guest, nobody ids.ID
	// open is granted to the guest, closed is not.
	open, closed ids.ID
}

// identify takes the bearer token for the user's id: tokens are not this package's to test.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if user, err := ids.Parse(token); err == nil {
			r = r.WithContext(authn.With(r.Context(), authn.Identity{User: user, Expires: time.Now().Add(time.Hour)}))
		}
		next.ServeHTTP(w, r)
	})
}

// newEmptyWorld makes the service over a store, without any workspace.
func newEmptyWorld(t testing.TB, s store) *world {
	t.Helper()
	w := &world{t: t, store: s, pages: newPages(), clock: clock.NewManual(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	hub := live.New[*query.Viewer](live.Options{})
	w.module = task.New(s.commands, s.reader, s.log, w.pages, hub, w.clock, slog.New(slog.DiscardHandler),
		api.Settings{PublicURL: "https://headway.test", MinSeqWait: 50 * time.Millisecond})
	s.onCommit(w.module.Committed)
	mux := http.NewServeMux()
	a := server.NewAPI(mux, rest.Info{Title: "Test", Version: "1"})
	a.UseMiddleware(authn.Gate(rest.Refuse))
	w.module.Register(a)
	var err error
	w.handler, err = server.NewHandler(mux, server.Options{
		Authenticate: identify, Compress: server.CompressNever,
		Long: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/events") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hub.Drain)
	return w
}

// newWorld makes a workspace with one person in each role and two projects.
func newWorld(t testing.TB, s store) *world {
	t.Helper()
	w := newEmptyWorld(t, s)
	w.owner, w.admin, w.member, w.guest, w.nobody = ids.New(), ids.New(), ids.New(), ids.New(), ids.New()
	w.workspace = w.post(w.owner, "/workspaces", `{"name":"Harbour Studio"}`).id()
	w.open = w.post(w.owner, w.in("/projects"), `{"name":"App","key":"APP"}`).id()
	w.closed = w.post(w.owner, w.in("/projects"), `{"name":"Back room","key":"BACK"}`).id()
	w.join(w.admin, `{"role":"admin"}`)
	w.join(w.member, `{"role":"member"}`)
	w.join(w.guest, fmt.Sprintf(`{"role":"guest","projects":[%q]}`, w.open))
	return w
}

func (w *world) in(path string) string { return "/workspaces/" + w.workspace.String() + path }

func (w *world) join(user ids.ID, invitation string) {
	w.t.Helper()
	made := peek[struct{ Token string }](w.post(w.owner, w.in("/invitations"), invitation))
	w.call(user, "POST", "/invitations/accept", fmt.Sprintf(`{"token":%q}`, made.Token)).want(200)
}

// task makes a task as the owner and answers its id.
func (w *world) task(project ids.ID, title string) ids.ID {
	w.t.Helper()
	return w.post(w.owner, w.in("/tasks"), fmt.Sprintf(`{"project":%q,"title":%q}`, project, title)).id()
}

// answer is what a request came to.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// call sends a request through the whole chain. header alternates names and values.
func (w *world) call(user ids.ID, method, path, body string, header ...string) *answer {
	w.t.Helper()
	rec := servertest.Call(w.handler, user, method, path, body, header...)
	return &answer{t: w.t, what: method + " " + path, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

func (w *world) get(user ids.ID, path string, header ...string) *answer {
	w.t.Helper()
	return w.call(user, "GET", path, "", header...)
}

// post is call for a create that must work.
func (w *world) post(user ids.ID, path, body string) *answer {
	w.t.Helper()
	a := w.call(user, "POST", path, body)
	if a.status != 201 && a.status != 200 {
		w.t.Fatalf("%s answered %d: %s", a.what, a.status, a.body)
	}
	return a
}

func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s answered %d, want %d: %s", a.what, a.status, status, a.body)
	}
	return a
}

// decode reads the body strictly: a field that v does not know fails.
func (a *answer) decode(v any) *answer {
	a.t.Helper()
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, a.body)
	}
	return a
}

// peek reads a part of the body.
func peek[T any](a *answer) T {
	a.t.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, a.body)
	}
	return v
}

func (a *answer) id() ids.ID {
	a.t.Helper()
	return peek[struct{ ID ids.ID }](a).ID
}

// problem checks that the answer is the problem document of the code.
func (a *answer) problem(status int, code string) *answer {
	a.t.Helper()
	a.want(status)
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		a.t.Fatalf("%s: Content-Type %q, want a problem document", a.what, ct)
	}
	var p struct {
		Type, Title, Detail, Code, RequestID string
		Status                               int
		Errors                               []struct{ Path, Message string }
	}
	a.decode(&p)
	if p.Code != code || p.Status != status || p.Title == "" || p.Detail == "" || p.Type != "urn:headway:problem:"+code {
		a.t.Fatalf("%s: problem %s, want code %q with status %d", a.what, a.body, code, status)
	}
	return a
}

// snapshot is everything that the owner can see of the workspace.
func (w *world) snapshot() string {
	w.t.Helper()
	a := w.get(w.owner, w.in("/sync?limit=1000")).want(200)
	if peek[struct{ More bool }](a).More {
		w.t.Fatal("the snapshot does not fit one page")
	}
	return string(a.body)
}

// unchanged fails the test where do changed anything of the workspace.
func (w *world) unchanged(do func()) {
	w.t.Helper()
	before := w.snapshot()
	do()
	if after := w.snapshot(); after != before {
		w.t.Fatalf("the workspace changed\nbefore %s\nafter  %s", before, after)
	}
}

func (w *world) seq() uint64 {
	w.t.Helper()
	n, err := w.store.reader.Seq(context.Background(), w.workspace)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
