package importerapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/authn"
	"headway/internal/platform/blob"
	"headway/internal/platform/blob/memory"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/rest"
	"headway/internal/task/importer"
	"headway/internal/task/importer/importerapi"
	"headway/internal/task/importer/trello"
)

var (
	workspace = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")
	user      = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e50")
)

// sink takes everything and keeps nothing.
type sink struct{}

func (sink) May(_ context.Context, u, w ids.ID) error {
	if u != user || w != workspace {
		return apperr.New(apperr.NotFound, "There is no such workspace.")
	}
	return nil
}
func (sink) Seq(context.Context, ids.ID) (uint64, error) { return 1, nil }
func (sink) Existing(_ context.Context, _ ids.ID, batch []importer.Creation) ([]bool, error) {
	return make([]bool, len(batch)), nil
}
func (sink) Apply(context.Context, ids.ID, ids.ID, ids.ID, []importer.Creation) error { return nil }

// tokens takes a user's id as the token.
type tokens struct{}

func (tokens) Verify(token string) (authn.Identity, error) {
	id, err := ids.Parse(token)
	if err != nil {
		return authn.Identity{}, apperr.New(apperr.Unauthenticated, "The access token is not valid.")
	}
	return authn.Identity{User: id}, nil
}

type fixture struct {
	t *testing.T
	*httptest.Server
	imports *importer.Manager
	blobs   *store
}

// store is one that can be away.
type store struct {
	blob.Store
	away atomic.Bool
}

func (s *store) List(ctx context.Context, prefix, after string, limit int) ([]blob.Info, error) {
	if s.away.Load() {
		return nil, errors.New("connection refused")
	}
	return s.Store.List(ctx, prefix, after, limit)
}

func serve(t *testing.T) *fixture {
	t.Helper()
	blobs := &store{Store: memory.New()}
	m := importer.Open(blobs, sink{}, clock.System{}, map[string]importer.Format{"trello": trello.Format{}}, importer.Settings{MaxBytes: 1 << 20})
	m.Start()
	mux := http.NewServeMux()
	api := rest.NewAPI(mux, "/api/v1", rest.Info{Title: "Test", Version: "1"})
	api.UseMiddleware(authn.Gate(rest.Refuse))
	importerapi.Register(api, m, limit.NewMemory(clock.System{}, 100))
	s := httptest.NewServer(authn.Middleware(tokens{})(mux))
	t.Cleanup(func() { s.Close(); m.Close() })
	return &fixture{t: t, Server: s, imports: m, blobs: blobs}
}

func (f *fixture) call(as, method, path string, body io.Reader) (int, map[string]any) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.URL+"/api/v1"+path, body)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+as)
	res, err := f.Client().Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]any{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			f.t.Fatalf("%s %s answered %d %q", method, path, res.StatusCode, raw)
		}
	}
	return res.StatusCode, out
}

func (f *fixture) still(id string) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 20*time.Second)
	defer cancel()
	err := f.imports.Watch(ctx, workspace, ids.MustParse(id), func(j importer.Job) bool {
		return j.State != importer.Scanning && j.State != importer.Applying
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

const board = `{"name":"Pier","lists":[{"id":"1","name":"To do"}],"cards":[{"id":"2","name":"Mend","idList":"1","attachments":[{"id":"3","name":"lost","url":""}]}]}`

func TestFromUploadToDone(t *testing.T) {
	f := serve(t)
	base := "/workspaces/" + workspace.String() + "/imports"
	status, job := f.call(user.String(), "POST", base+"?format=trello&name=pier.json", strings.NewReader(board))
	if status != 201 || job["name"] != "pier.json" || job["bytes"] != float64(len(board)) {
		t.Fatalf("upload answered %d %v", status, job)
	}
	id, _ := job["id"].(string)
	f.still(id)
	status, again := f.call(user.String(), "POST", base+"?format=trello", strings.NewReader(board))
	if status != 200 || again["id"] != id {
		t.Errorf("the same file again answered %d %v", status, again)
	}
	status, job = f.call(user.String(), "GET", base+"/"+id, nil)
	report, _ := job["report"].(map[string]any)
	if status != 200 || job["state"] != "ready" || report == nil || report["board"] != "Pier" || job["project"] == nil {
		t.Fatalf("after the scan: %d %v", status, job)
	}
	if status, job = f.call(user.String(), "POST", base+"/"+id+"/apply", nil); status != 200 {
		t.Fatalf("apply answered %d %v", status, job)
	}
	f.still(id)
	_, job = f.call(user.String(), "GET", base+"/"+id, nil)
	if done, _ := job["done"].(map[string]any); job["state"] != "done" || done["cards"] != float64(1) {
		t.Errorf("after applying: %v", job)
	}
	if status, list := f.call(user.String(), "GET", base, nil); status != 200 || len(list["items"].([]any)) != 1 {
		t.Errorf("list answered %d %v", status, list)
	}
	if status, out := f.call(user.String(), "POST", base+"/"+id+"/pause", nil); status != 409 {
		t.Errorf("pausing a done import answered %d %v", status, out)
	}
	if status, out := f.call(user.String(), "DELETE", base+"/"+id, nil); status != 204 {
		t.Errorf("delete answered %d %v", status, out)
	}
	if status, out := f.call(user.String(), "GET", base+"/"+id, nil); status != 404 {
		t.Errorf("a deleted import answered %d %v", status, out)
	}
}

func TestProblems(t *testing.T) {
	f := serve(t)
	base := "/workspaces/" + workspace.String() + "/imports"
	for name, c := range map[string]struct {
		as, method, path, body string
		status                 int
		code                   string
	}{
		"no token":          {"", "POST", base + "?format=trello", board, 401, "unauthenticated"},
		"stranger":          {ids.New().String(), "POST", base + "?format=trello", board, 404, "not_found"},
		"no such workspace": {user.String(), "GET", "/workspaces/" + ids.New().String() + "/imports", "", 404, "not_found"},
		"bad workspace":     {user.String(), "POST", "/workspaces/x/imports?format=trello", board, 422, "invalid"},
		"no format":         {user.String(), "POST", base, board, 422, "invalid"},
		"unknown format":    {user.String(), "POST", base + "?format=abacus", board, 422, "invalid"},
		"unknown parameter": {user.String(), "POST", base + "?format=trello&x=1", board, 422, "invalid"},
		"empty file":        {user.String(), "POST", base + "?format=trello", "", 422, "invalid"},
		"zip":               {user.String(), "POST", base + "?format=trello", "PK\x03\x04", 422, "invalid"},
		"too large":         {user.String(), "POST", base + "?format=trello", strings.Repeat(" ", 2<<20), 413, "too_large"},
		"unknown import":    {user.String(), "POST", base + "/" + ids.New().String() + "/apply", "", 404, "not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out := f.call(c.as, c.method, c.path, bytes.NewBufferString(c.body))
			if status != c.status || out["code"] != c.code || out["detail"] == "" {
				t.Errorf("answered %d %v, want %d %s", status, out, c.status, c.code)
			}
		})
	}
	if _, list := f.call(user.String(), "GET", base, nil); len(list["items"].([]any)) != 0 {
		t.Errorf("refused uploads left %v", list)
	}
}

// TestEndlessUpload holds that a body without a length is cut off at the limit.
func TestEndlessUpload(t *testing.T) {
	f := serve(t)
	status, out := f.call(user.String(), "POST", "/workspaces/"+workspace.String()+"/imports?format=trello", io.LimitReader(spaces{}, 1<<30))
	if status != 413 {
		t.Errorf("answered %d %v", status, out)
	}
}

// TestStorageAway holds that an upload that cannot be kept says so, and that it works again once it can.
func TestStorageAway(t *testing.T) {
	f := serve(t)
	path := "/workspaces/" + workspace.String() + "/imports?format=trello"
	f.blobs.away.Store(true)
	status, out := f.call(user.String(), "POST", path, strings.NewReader(board))
	detail, _ := out["detail"].(string)
	if status != 503 || out["code"] != "unavailable" || !strings.Contains(detail, "storage for uploaded files") || strings.Contains(detail, "refused") {
		t.Errorf("answered %d %v", status, out)
	}
	f.blobs.away.Store(false)
	if status, out := f.call(user.String(), "POST", path, strings.NewReader(board)); status != 201 {
		t.Errorf("afterwards it answered %d %v", status, out)
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
