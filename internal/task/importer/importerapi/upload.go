package importerapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-json-experiment/json"

	"headway/internal/apperr"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
)

// idle is how long an upload may send nothing; longest is how long it may take in all.
const (
	idle    = 30 * time.Second
	longest = time.Hour
)

// registerUpload adds the upload, which streams its body to disk instead of
// reading it whole as huma would.
func registerUpload(api huma.API, h *handlers) {
	op := &huma.Operation{
		Method: http.MethodPost, Path: collection, OperationID: "create-import", Summary: "Upload a file to import", Tags: []string{"imports"},
		Description: "Streams the file and starts to check it. Nothing is changed before apply.",
	}
	documentUpload(api, op, h.imports.Formats())
	api.Adapter().Handle(op, api.Middlewares().Handler(func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		if err := h.upload(w, r); err != nil {
			// What is left of the body is not worth reading.
			w.Header().Set("Connection", "close")
			rest.WriteProblem(w, err)
		}
	}))
}

func (h *handlers) upload(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := authn.Require(ctx)
	if err != nil {
		return err
	}
	workspace, err := ids.Parse(r.PathValue("workspace"))
	if err != nil {
		return apperr.InvalidField("path.workspace", "%s", err)
	}
	format, name, err := uploadQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && (kind == "multipart/form-data" || kind == "application/x-www-form-urlencoded") {
		return apperr.New(apperr.Invalid, "Send the file itself as the body, not a form.")
	}
	if r.ContentLength > h.imports.MaxBytes() {
		return &http.MaxBytesError{Limit: h.imports.MaxBytes()}
	}
	result, err := h.uploads.Take(ctx, "import:"+who.User.String(), Uploads)
	if err == nil && !result.Allowed {
		return &apperr.Error{Code: apperr.RateLimited, Message: "That is more uploads than are taken at once. Wait a while.", RetryAfter: result.RetryAfter}
	}
	body := &slow{r: r.Body, c: http.NewResponseController(w), until: time.Now().Add(longest)}
	job, again, err := h.imports.Create(ctx, who.User, workspace, format, name, body)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return apperr.New(apperr.Invalid, "The upload stopped halfway. Try again.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return apperr.New(apperr.Invalid, "The upload ended before its announced length. Try again.")
	case err != nil:
		return err
	}
	body.done()
	out, err := json.Marshal(view(&job))
	if err != nil {
		return apperr.Wrap(err, "encoding the import")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", private)
	status := http.StatusCreated
	if again {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	_, _ = w.Write(out) // #nosec G705 -- JSON, sent as such; where writing fails, the client is gone
	return nil
}

func uploadQuery(raw string) (format, name string, err error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return "", "", apperr.New(apperr.Invalid, "The query string is not encoded as a URL's must be.")
	}
	for key, values := range query {
		if key != "format" && key != "name" {
			return "", "", apperr.New(apperr.Invalid, "The query string holds a parameter that this does not take.")
		}
		if len(values) > 1 {
			return "", "", apperr.InvalidField("query."+key, "must be given once")
		}
	}
	name = query.Get("name")
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 200 {
		return "", "", apperr.InvalidField("query.name", "must be valid UTF-8 of at most 200 characters")
	}
	return query.Get("format"), name, nil
}

// slow reads a body that may take its time, but not fall silent.
type slow struct {
	r     io.Reader
	c     *http.ResponseController
	until time.Time
	last  time.Time
}

// Read implements io.Reader.
func (s *slow) Read(p []byte) (int, error) {
	now := time.Now()
	if now.After(s.until) {
		return 0, os.ErrDeadlineExceeded
	}
	if now.Sub(s.last) > idle/10 {
		s.last = now
		_ = s.c.SetReadDeadline(now.Add(idle)) // a connection without deadlines has the server's own
	}
	return s.r.Read(p)
}

// done takes the deadline away, for what the connection does next.
func (s *slow) done() { _ = s.c.SetReadDeadline(time.Time{}) }
