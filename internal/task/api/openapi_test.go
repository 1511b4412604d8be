package api_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"headway/internal/platform/clock"
	"headway/internal/platform/live"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
	"headway/internal/task"
	"headway/internal/task/api"
	"headway/internal/task/query"
)

// TestDocument holds the OpenAPI document to what a reader of it needs.
func TestDocument(t *testing.T) {
	t.Parallel()
	a := server.NewAPI(http.NewServeMux(), rest.Info{Title: "Test", Version: "1"})
	task.New(nil, nil, nil, nil, live.New[*query.Viewer](live.Options{}), clock.System{}, slog.New(slog.DiscardHandler), api.Settings{}).Register(a)
	text, err := a.OpenAPI().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Summary     string
			Tags        []string
			Parameters  []struct{ Name, In string }
			Responses   map[string]struct {
				Description string
				Content     map[string]struct{ Schema any }
			}
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			what := method + " " + path
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s lacks an id, a summary or its tag", what)
			}
			if seen[op.OperationID] {
				t.Errorf("%s: the operation id %s is there twice", what, op.OperationID)
			}
			seen[op.OperationID] = true
			inPath := 0
			for _, p := range op.Parameters {
				if p.In == "path" && strings.Contains(path, "{"+p.Name+"}") {
					inPath++
				}
			}
			if inPath != strings.Count(path, "{") {
				t.Errorf("%s documents %d of the parameters in its path", what, inPath)
			}
			for _, status := range []string{"401", "404", "422", "429", "500"} {
				if r, ok := op.Responses[status]; !ok || r.Content["application/problem+json"].Schema == nil {
					t.Errorf("%s does not document its problem %s", what, status)
				}
			}
			for _, status := range []string{"200", "201"} {
				r, ok := op.Responses[status]
				if !ok {
					continue
				}
				for media, c := range r.Content {
					if c.Schema == nil {
						t.Errorf("%s: the answer %s as %s has no schema", what, status, media)
					}
				}
				if len(r.Content) == 0 {
					t.Errorf("%s: the answer %s has no content", what, status)
				}
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("the document lists %d operations", len(seen))
	}
}
