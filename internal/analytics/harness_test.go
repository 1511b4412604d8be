package analytics_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/internal/analytics"
	"headway/internal/analytics/readmodel"
	rowmemory "headway/internal/analytics/readmodel/memory"
	"headway/internal/platform/authn"
	"headway/internal/platform/cache"
	"headway/internal/platform/clock"
	"headway/internal/platform/consumer"
	pointsmemory "headway/internal/platform/consumer/memory"
	"headway/internal/platform/eventlog"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
	"headway/internal/platform/server/servertest"
	"headway/internal/platform/timeseries"
	seriesmemory "headway/internal/platform/timeseries/memory"
	"headway/internal/task/event"
)

// house is the service with a workspace, over an event log that the test writes.
type house struct {
	t       testing.TB
	log     eventlog.Log
	rows    readmodel.Store
	series  timeseries.Store
	points  consumer.Checkpoints
	clock   *clock.Manual
	module  *analytics.Module
	handler http.Handler

	workspace                            ids.ID
	head                                 uint64
	owner, member, guest, lonely, nobody ids.ID
	open, closed                         ids.ID // projects; the guest sees the first
	columns                              map[ids.ID]map[event.Category]ids.ID
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{
		t: t, log: logmemory.New(), rows: rowmemory.New(), series: seriesmemory.New(), points: pointsmemory.New(),
		clock: clock.NewManual(time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)), workspace: ids.New(),
		owner: ids.New(), member: ids.New(), guest: ids.New(), lonely: ids.New(), nobody: ids.New(),
		columns: map[ids.ID]map[event.Category]ids.ID{},
	}
	h.add(h.owner, h.workspace, ids.Nil, event.WorkspaceCreated, &event.WorkspaceData{Name: "W"})
	h.add(h.owner, h.owner, ids.Nil, event.MemberAdded, &event.MemberData{User: h.owner, Role: event.Owner, Kind: event.Person})
	h.add(h.owner, h.member, ids.Nil, event.MemberAdded, &event.MemberData{User: h.member, Role: event.Member, Kind: event.Person})
	h.open, h.closed = h.project(), h.project()
	h.add(h.owner, h.guest, ids.Nil, event.MemberAdded, &event.MemberData{User: h.guest, Role: event.Guest, Kind: event.Person, Projects: []ids.ID{h.open}})
	h.add(h.owner, h.lonely, ids.Nil, event.MemberAdded, &event.MemberData{User: h.lonely, Role: event.Guest, Kind: event.Person})
	h.start()
	return h
}

// start makes the service, again over what is there.
func (h *house) start() {
	h.t.Helper()
	pages, err := cache.NewMemory(1 << 20)
	if err != nil {
		h.t.Fatal(err)
	}
	h.module, err = analytics.New(analytics.Options{
		Store: h.rows, Series: h.series, Checkpoints: h.points, Events: h.log, Pages: pages,
		Limiter: limit.NewMemory(h.clock, 0), Clock: h.clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	mux := http.NewServeMux()
	api := server.NewAPI(mux, rest.Info{Title: "Test", Version: "1"})
	api.UseMiddleware(authn.Gate(rest.Refuse))
	h.module.Register(api)
	h.handler, err = server.NewHandler(mux, server.Options{Authenticate: identify, Compress: server.CompressNever})
	if err != nil {
		h.t.Fatal(err)
	}
}

// identify takes the bearer token for the user's id.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if user, err := ids.Parse(token); err == nil {
			r = r.WithContext(authn.With(r.Context(), authn.Identity{User: user, Expires: time.Now().Add(time.Hour)}))
		}
		next.ServeHTTP(w, r)
	})
}

// add records an event.
func (h *house) add(actor, entity, scope ids.ID, typ event.Type, p event.Payload) {
	h.t.Helper()
	data, version, err := event.Encode(typ, p)
	if err != nil {
		h.t.Fatal(err)
	}
	at, err := h.log.Append(h.t.Context(), eventlog.Workspace, h.workspace, h.head, []eventlog.Event{{
		ID: ids.New(), Entity: entity, Scope: scope, Type: string(typ), Version: version, Actor: actor, At: h.clock.Now(), Data: data,
	}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.head = at.Last
}

func (h *house) project() ids.ID {
	h.t.Helper()
	p := ids.New()
	d := &event.ProjectData{Name: "P", Key: "P", Position: "a0", State: event.Live}
	h.columns[p] = map[event.Category]ids.ID{}
	for i, c := range []event.Category{event.Open, event.Active, event.Done} {
		col := event.Column{ID: ids.New(), Category: c, Position: fmt.Sprintf("a%d", i)}
		d.Columns = append(d.Columns, col)
		h.columns[p][c] = col.ID
	}
	h.add(h.owner, p, p, event.ProjectCreated, d)
	return p
}

// finish has a task made, started and done, an hour each, and answers it.
func (h *house) finish(actor, project ids.ID, assignees ...ids.ID) ids.ID {
	h.t.Helper()
	task, columns := ids.New(), h.columns[project]
	h.add(actor, task, project, event.TaskCreated, &event.TaskData{
		Project: project, Column: columns[event.Open], Title: "T", Priority: event.NoPriority, Position: "a0", State: event.Live, Assignees: assignees,
	})
	h.clock.Advance(time.Hour)
	h.add(actor, task, project, event.TaskMoved, &event.TaskPatch{Column: &event.Change[ids.ID]{From: columns[event.Open], To: columns[event.Active]}})
	h.clock.Advance(time.Hour)
	now := h.clock.Now()
	h.add(actor, task, project, event.TaskMoved, &event.TaskPatch{
		Column: &event.Change[ids.ID]{From: columns[event.Active], To: columns[event.Done]}, Completed: &event.Change[*time.Time]{To: &now},
	})
	return task
}

// catchUp has everything handled that is recorded.
func (h *house) catchUp() {
	h.t.Helper()
	if err := h.module.Runner().CatchUp(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// answer is what a request came to.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// call sends a request; header alternates names and values.
func (h *house) call(user ids.ID, method, path, body string, header ...string) *answer {
	h.t.Helper()
	rec := servertest.Call(h.handler, user, method, path, body, header...)
	return &answer{h.t, rec.Code, rec.Header(), rec.Body.Bytes()}
}

// read asks for an answer of the workspace.
func (h *house) read(user ids.ID, path string, header ...string) *answer {
	h.t.Helper()
	return h.call(user, http.MethodGet, "/workspaces/"+h.workspace.String()+"/analytics"+path, "", header...)
}

// into decodes an answer that must be 200.
func into[T any](a *answer) (out T) {
	a.t.Helper()
	if a.status != http.StatusOK {
		a.t.Fatalf("answered %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &out); err != nil {
		a.t.Fatal(err)
	}
	return out
}
