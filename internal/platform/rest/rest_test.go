package rest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
)

type item struct {
	Title string `json:"title" minLength:"1" maxLength:"20"`
}

type thing struct {
	ID    ids.ID   `json:"id"`
	Title string   `json:"title"`
	Tags  []string `json:"tags"`
}

type changeInput struct {
	Thing ids.ID `path:"thing"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	rest.IfMatch
	Body struct {
		Title rest.Optional[string] `json:"title,omitzero" minLength:"1" maxLength:"10"`
		Due   rest.Optional[string] `json:"due,omitzero" nullable:"true"`
		Owner ids.ID                `json:"owner,omitzero"`
		Items []item                `json:"items,omitempty"`
		Count int                   `json:"count,omitempty"`
	}
}

type changeOutput struct {
	rest.Seq
	Body thing
}

var errBoom = errors.New("secret table missing")

func newAPI(t *testing.T) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	api := rest.NewAPI(mux, "/api", rest.Info{Title: "T", Version: "1"})
	rest.Register(api, huma.Operation{OperationID: "change", Method: http.MethodPatch, Path: "/things/{thing}", MaxBodyBytes: 4096},
		func(_ context.Context, in *changeInput) (*changeOutput, error) {
			title, given := in.Body.Title.Get()
			switch {
			case title == "boom":
				return nil, errBoom
			case title == "taken":
				return nil, apperr.New(apperr.Conflict, "That id is taken. Use a new one.")
			case title == "busy":
				return nil, &apperr.Error{Code: apperr.RateLimited, Message: "Slow down.", RetryAfter: 1500e6}
			case !given && in.Body.Due.Null:
				title = "due cleared"
			}
			return &changeOutput{Seq: rest.Seq{N: 7}, Body: thing{ID: in.Thing, Title: title}}, nil
		})
	rest.RegisterRaw[thing](api, huma.Operation{OperationID: "get", Method: http.MethodGet, Path: "/things/{thing}"},
		func(_ context.Context, in *struct {
			Thing ids.ID `path:"thing"`
			rest.IfNoneMatch
		}) (*rest.Answer, error) {
			if in.Matches(rest.ETag(3)) {
				return rest.NotModified(rest.ETag(3)), nil
			}
			return &rest.Answer{Seq: 3, ETag: rest.ETag(3), Parts: [][]byte{[]byte(`{"id":`), []byte(`1}`)}}, nil
		})
	return mux
}

const path = "/api/things/0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f"

func do(h http.Handler, method, url, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	w.Header().Set(rest.RequestIDHeader, "req-1")
	h.ServeHTTP(w, r)
	return w
}

func TestBadInputIsAnsweredWithAProblemThatNamesTheField(t *testing.T) {
	h := newAPI(t)
	for _, c := range []struct {
		name, url, body string
		status          int
		path            string
	}{
		{"wrong type", path, `{"title":5}`, 422, "body.title"},
		{"null where a string is needed", path, `{"title":null}`, 422, "body.title"},
		{"null in an array", path, `{"items":[null]}`, 422, "body.items[0]"},
		{"null array", path, `{"items":null}`, 422, "body.items"},
		{"null id", path, `{"owner":null}`, 422, "body.owner"},
		{"too long", path, `{"title":"` + strings.Repeat("secretvalue", 10) + `"}`, 422, "body.title"},
		{"nested", path, `{"items":[{"title":"a"},{"title":""}]}`, 422, "body.items[1].title"},
		{"missing", path, `{"items":[{}]}`, 422, "body.items[0]"},
		{"unknown field", path, `{"secretvalue":1}`, 422, "body.secretvalue"},
		{"name in other case", path, `{"Title":"a"}`, 422, "body.Title"},
		{"id in capitals", path, `{"owner":"0190A5C2-7B7E-7CC3-9B1A-3F5F0C1D2E4F"}`, 422, "body.owner"},
		{"not an id", path, `{"owner":"secretvalue"}`, 422, "body.owner"},
		{"fraction for a whole number", path, `{"count":1.5}`, 422, "body.count"},
		{"huge number", path, `{"count":1e400}`, 400, "body"},
		{"number out of range", path, `{"count":99999999999999999999}`, 422, "body.count"},
		{"same name twice", path, `{"title":"a","title":"b"}`, 400, "body"},
		{"not JSON", path, `{"title":secretvalue}`, 400, "body"},
		{"cut off", path, `{"title":"a`, 400, "body"},
		{"two values", path, `{} {}`, 400, "body"},
		{"not an object", path, `[]`, 422, "body"},
		{"only null", path, `null`, 422, "body"},
		{"invalid UTF-8", path, "{\"title\":\"a\xff\"}", 400, "body"},
		{"half a surrogate", path, `{"title":"\ud800"}`, 400, "body"},
		{"deep nesting", path, strings.Repeat("[", 2000) + strings.Repeat("]", 2000), 400, "body"},
		{"no body", path, ``, 400, ""},
		{"path id", "/api/things/secretvalue", `{}`, 422, "path.thing"},
		{"limit not a number", path + "?limit=secretvalue", `{}`, 422, "query.limit"},
		{"limit too high", path + "?limit=1000", `{}`, 422, "query.limit"},
		{"unknown parameter", path + "?page=2", `{}`, 422, "query.page"},
		{"too large", path, `{"title":"` + strings.Repeat("a", 5000) + `"}`, 413, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := do(h, http.MethodPatch, c.url, c.body)
			var p rest.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p, json.RejectUnknownMembers(true)); err != nil {
				t.Fatalf("not a problem document: %v: %s", err, w.Body)
			}
			if w.Code != c.status || p.Status != c.status {
				t.Fatalf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if ct := w.Header().Get("Content-Type"); ct != rest.ProblemType {
				t.Errorf("Content-Type %q", ct)
			}
			if p.RequestID != "req-1" || p.Type != "urn:headway:problem:"+string(p.Code) || p.Detail == "" {
				t.Errorf("incomplete: %s", w.Body)
			}
			if c.path != "" && (len(p.Errors) == 0 || p.Errors[0].Path != c.path || !strings.HasSuffix(p.Errors[0].Message, ".")) {
				t.Errorf("errors %+v, want the field %s and a sentence", p.Errors, c.path)
			}
			if strings.Contains(strings.ReplaceAll(w.Body.String(), "body.secretvalue", ""), "secretvalue") {
				t.Errorf("echoes the input: %s", w.Body)
			}
		})
	}
}

func TestAllWrongFieldsAreListed(t *testing.T) {
	w := do(newAPI(t), http.MethodPatch, path, `{"title":"","count":"x","nope":1}`)
	var p rest.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || len(p.Errors) != 3 {
		t.Fatalf("%v %+v", err, p)
	}
}

func TestGoodInput(t *testing.T) {
	h := newAPI(t)
	for body, title := range map[string]string{`{"title":"ab"}`: "ab", `{}`: "", `{"due":null}`: "due cleared", `{"title":"é\ud83d\ude00"}`: "é😀"} {
		w := do(h, http.MethodPatch, path, body)
		var got thing
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Title != title {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
		if w.Header().Get(rest.SeqHeader) != "7" || !strings.Contains(w.Body.String(), `"tags":[]`) {
			t.Errorf("%v %s", w.Header(), w.Body)
		}
	}
}

func TestHandlerErrors(t *testing.T) {
	h := newAPI(t)
	w := do(h, http.MethodPatch, path, `{"title":"boom"}`)
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "req-1") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = do(h, http.MethodPatch, path, `{"title":"taken"}`)
	if w.Code != 409 || !strings.Contains(w.Body.String(), "That id is taken.") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = do(h, http.MethodPatch, path, `{"title":"busy"}`)
	if w.Code != 429 || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	w = do(h, http.MethodPatch, path, `{"title":"a"}`, "Content-Type", "text/plain")
	if w.Code != 415 || !strings.Contains(w.Body.String(), "unsupported_media_type") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRawAnswersAndEntityTags(t *testing.T) {
	h := newAPI(t)
	w := do(h, http.MethodGet, path, "")
	if w.Code != 200 || w.Body.String() != `{"id":1}` || w.Header().Get("ETag") != `"3"` || w.Header().Get("Headway-Seq") != "3" || w.Header().Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	for _, tag := range []string{`"3"`, `W/"3"`, `"1", "3"`, `*`, `"3-gzip"`} {
		if w := do(h, http.MethodGet, path, "", "If-None-Match", tag); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("ETag") != `"3"` {
			t.Errorf("%s: %d %s", tag, w.Code, w.Body)
		}
	}
	if w := do(h, http.MethodGet, path, "", "If-None-Match", `"4"`); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
}

func TestIfMatch(t *testing.T) {
	if n, err := (rest.IfMatch{Tag: `W/"12"`}).Seq(); err != nil || n == nil || *n != 12 {
		t.Error(n, err)
	}
	if n, err := (rest.IfMatch{}).Seq(); err != nil || n != nil {
		t.Error(n, err)
	}
	if _, err := (rest.IfMatch{Tag: `"x"`}).Seq(); !apperr.Is(err, apperr.PreconditionFailed) {
		t.Error(err)
	}
}

func TestCursor(t *testing.T) {
	type place struct {
		At int64  `json:"a"`
		ID ids.ID `json:"i"`
	}
	want := place{At: 5, ID: ids.New()}
	var got place
	if err := rest.DecodeCursor(rest.EncodeCursor(want), &got); err != nil || got != want {
		t.Fatal(got, err)
	}
	for _, bad := range []string{"!!", "e30x", "bnVsbG8", strings.Repeat("A", 5000)} {
		if err := rest.DecodeCursor(bad, &got); !apperr.Is(err, apperr.Invalid) {
			t.Errorf("%s: %v", bad[:2], err)
		}
	}
}

func TestIDsAreDocumentedAsUUIDs(t *testing.T) {
	mux := http.NewServeMux()
	api := rest.NewAPI(mux, "/api", rest.Info{Title: "T", Version: "1"})
	rest.Register(api, huma.Operation{OperationID: "x", Method: http.MethodPatch, Path: "/things/{thing}"},
		func(context.Context, *changeInput) (*changeOutput, error) { return nil, nil })
	doc, err := api.OpenAPI().YAML()
	if err != nil || strings.Count(string(doc), "format: uuid") != 3 {
		t.Errorf("%v\n%s", err, doc)
	}
}
