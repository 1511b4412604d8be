package importercli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/authn"
	"headway/internal/platform/blob/memory"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/rest"
	"headway/internal/task/importer"
	"headway/internal/task/importer/importerapi"
	"headway/internal/task/importer/importercli"
	"headway/internal/task/importer/trello"
	"headway/internal/task/state"
)

var (
	workspace = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")
	user      = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e50")
)

// sink counts what it takes.
type sink struct{ made map[ids.ID]bool }

func (s *sink) May(context.Context, ids.ID, ids.ID) error { return nil }
func (s *sink) Seq(context.Context, ids.ID) (uint64, error) {
	return uint64(len(s.made)), nil
}
func (s *sink) Existing(_ context.Context, _ ids.ID, batch []importer.Creation) ([]bool, error) {
	has := make([]bool, len(batch))
	for i := range batch {
		has[i] = s.made[batch[i].ID]
	}
	return has, nil
}
func (s *sink) Apply(_ context.Context, _, _, _ ids.ID, batch []importer.Creation) error {
	for i := range batch {
		s.made[batch[i].ID] = true
	}
	return nil
}

func manager(t *testing.T, s *sink) *importer.Manager {
	t.Helper()
	m := importer.Open(memory.New(), s, clock.System{}, map[string]importer.Format{"trello": trello.Format{}}, importer.Settings{})
	t.Cleanup(m.Close)
	return m
}

func boardFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pier.json")
	board := `{"name":"Pier","lists":[{"id":"1","name":"To do"}],"cards":[{"id":"2","name":"Mend","idList":"1"}]}`
	if err := os.WriteFile(name, []byte(board), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func folder(m *importer.Manager) importercli.Folder {
	return importercli.Folder{
		Imports: m,
		User: func(_ context.Context, email string) (ids.ID, error) {
			if email != "ada@example.org" {
				return ids.Nil, apperr.New(apperr.NotFound, "no")
			}
			return user, nil
		},
		Workspaces: func(context.Context, ids.ID) ([]state.Workspace, error) {
			return []state.Workspace{{ID: workspace, Name: "Harbour"}, {ID: ids.New(), Name: "Other"}}, nil
		},
	}
}

func TestLocal(t *testing.T) {
	s := &sink{made: map[ids.ID]bool{}}
	m := manager(t, s)
	var out, progress bytes.Buffer
	o := importercli.Options{Format: "trello", File: boardFile(t), Workspace: "Harbour", Email: "ada@example.org", Out: &out, Progress: &progress}
	preview := o
	preview.Preview = true
	if err := importercli.Local(t.Context(), folder(m), preview); err != nil || len(s.made) != 0 || !strings.Contains(out.String(), `"Pier"`) {
		t.Fatalf("preview: %v, %d things made, said %q", err, len(s.made), out.String())
	}
	out.Reset()
	if err := importercli.Local(t.Context(), folder(m), o); err != nil || len(s.made) != 3 {
		t.Fatalf("import: %v, %d things made", err, len(s.made))
	}
	if !strings.Contains(progress.String(), "Done") {
		t.Errorf("progress: %q", progress.String())
	}
	o.Workspace = workspace.String()
	if err := importercli.Local(t.Context(), folder(m), o); err != nil || len(s.made) != 3 {
		t.Errorf("the second time: %v, %d things made", err, len(s.made))
	}
}

func TestLocalRefusals(t *testing.T) {
	m := manager(t, &sink{made: map[ids.ID]bool{}})
	good := importercli.Options{Format: "trello", File: boardFile(t), Workspace: "Harbour", Email: "ada@example.org", Out: &bytes.Buffer{}}
	page := filepath.Join(t.TempDir(), "page.json")
	if err := os.WriteFile(page, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*importercli.Options)
		says   string
	}{
		"account":   {func(o *importercli.Options) { o.Email = "bo@example.org" }, "Register"},
		"workspace": {func(o *importercli.Options) { o.Workspace = "Nowhere" }, `"Harbour", "Other"`},
		"file":      {func(o *importercli.Options) { o.File = "missing.json" }, "cannot be opened"},
		"page":      {func(o *importercli.Options) { o.File = page }, "web page"},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			c.change(&o)
			if err := importercli.Local(t.Context(), folder(m), o); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("answered %v, want %q in it", err, c.says)
			}
		})
	}
}

type tokens struct{}

func (tokens) Verify(token string) (authn.Identity, error) {
	if token != "access" {
		return authn.Identity{}, apperr.New(apperr.Unauthenticated, "no")
	}
	return authn.Identity{User: user}, nil
}

func TestRemote(t *testing.T) {
	s := &sink{made: map[ids.ID]bool{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("POST /api/v1/auth/sign-in", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Email, Password string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Password != "tide and wind" {
			rest.WriteProblem(w, apperr.New(apperr.Unauthenticated, "The address or the password is wrong."))
			return
		}
		answer(w, map[string]any{"accessToken": "access", "expiresIn": 600})
	})
	mux.HandleFunc("GET /api/v1/workspaces", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"items": []map[string]any{{"id": workspace, "name": "Harbour"}}})
	})
	importerapi.Register(rest.NewAPI(mux, "/api/v1", rest.Info{Title: "Test", Version: "1"}), manager(t, s), limit.NewMemory(clock.System{}, 10))
	server := httptest.NewServer(authn.Middleware(tokens{})(mux))
	defer server.Close()
	var out bytes.Buffer
	o := importercli.Options{Format: "trello", File: boardFile(t), Workspace: "Harbour", Email: "ada@example.org", Out: &out}
	wrong := func() (string, error) { return "guess", nil }
	if err := importercli.Remote(t.Context(), server.Client(), server.URL, wrong, o); err == nil || !strings.Contains(err.Error(), "password is wrong") {
		t.Errorf("a wrong password answered %v", err)
	}
	right := func() (string, error) { return "tide and wind", nil }
	if err := importercli.Remote(t.Context(), server.Client(), server.URL, right, o); err != nil || len(s.made) != 3 {
		t.Fatalf("import: %v, %d things made", err, len(s.made))
	}
	if !strings.Contains(out.String(), "Cards") {
		t.Errorf("report: %q", out.String())
	}
}
