// Package importerapi is the HTTP resource of imports: upload a file, look at
// what would come over, apply, pause, delete.
package importerapi

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/rest"
	"headway/internal/task/importer"
)

// Uploads is how often one user may upload a file.
var Uploads = limit.Rate{Count: 30, Per: 10 * time.Minute}

const (
	collection = "/workspaces/{workspace}/imports"
	one        = collection + "/{import}"
)

// Long reports whether a request is an upload, which takes its own time and
// size limits instead of the server's.
func Long(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/imports")
}

// Register adds the operations to the API.
func Register(api huma.API, imports *importer.Manager, uploads limit.Limiter) {
	h := &handlers{imports: imports, uploads: uploads}
	registerUpload(api, h)
	op := func(method, path, id, summary, doc string) huma.Operation {
		o := huma.Operation{
			Method: method, Path: path, OperationID: id, Summary: summary, Description: doc, Tags: []string{"imports"},
			Errors: []int{
				http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity,
				http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
			},
		}
		if method != http.MethodGet {
			o.Errors = append(o.Errors, http.StatusConflict)
		}
		return o
	}
	rest.Register(api, op(http.MethodGet, collection, "list-imports", "List imports", "Newest first."), h.list)
	rest.Register(api, op(http.MethodGet, one, "get-import", "Get an import",
		"Its state, its progress and, once the file is checked, its report. Ask about once a second while it runs."), h.get)
	rest.Register(api, op(http.MethodPost, one+"/apply", "apply-import", "Apply an import",
		"Starts it, or goes on with a paused one. One import of a workspace runs at a time."), h.apply)
	rest.Register(api, op(http.MethodPost, one+"/pause", "pause-import", "Pause an import", "What came over stays; apply goes on from there."), h.pause)
	remove := op(http.MethodDelete, one, "delete-import", "Delete an import", "Forgets it and its file. What came over stays. A running one must be paused first.")
	remove.DefaultStatus = http.StatusNoContent
	rest.Register(api, remove, h.remove)
}

// Import is a job as the API shows it.
type Import struct {
	ID     ids.ID         `json:"id"`
	State  importer.State `json:"state" enum:"scanning,ready,applying,paused,done,failed"`
	Format string         `json:"format" example:"trello"`
	Name   string         `json:"name" doc:"The file's name."`
	Bytes  int64          `json:"bytes" doc:"The file's size."`
	// Counts and Done say how far it is.
	Counts importer.Counts  `json:"counts" doc:"What is to come over; zero until the file is checked."`
	Done   importer.Counts  `json:"done" doc:"What of that is dealt with so far."`
	Report *importer.Report `json:"report" doc:"What the file holds and what of it comes over; null until the file is checked."`
	Error  string           `json:"error" doc:"Why it failed, in a sentence; else empty."`
	Retry  bool             `json:"retry" doc:"Whether a failed import can be applied again."`
	// Project is null until the file is checked.
	Project   *ids.ID   `json:"project" doc:"The project that the board becomes; null until the file is checked."`
	CreatedBy ids.ID    `json:"createdBy"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

func view(j *importer.Job) Import {
	out := Import{
		ID: j.ID, State: j.State, Format: j.Format, Name: j.Name, Bytes: j.Bytes, Counts: j.Total, Done: j.Progress,
		Report: j.Report, Error: j.Error, Retry: j.Retry, CreatedBy: j.By, CreatedAt: j.CreatedAt, UpdatedAt: j.UpdatedAt,
	}
	if !j.Project.IsZero() {
		out.Project = &j.Project
	}
	return out
}

type handlers struct {
	imports *importer.Manager
	uploads limit.Limiter
}

type (
	inWorkspace struct {
		Workspace ids.ID `path:"workspace"`
	}
	inImport struct {
		Workspace ids.ID `path:"workspace"`
		Import    ids.ID `path:"import"`
	}
	outImport struct {
		CacheControl string `header:"Cache-Control"`
		Body         Import
	}
	outImports struct {
		CacheControl string `header:"Cache-Control"`
		Body         struct {
			Items []Import `json:"items"`
		}
	}
)

const private = "private, no-cache"

func (h *handlers) list(ctx context.Context, in *inWorkspace) (*outImports, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := h.imports.List(ctx, who.User, in.Workspace)
	if err != nil {
		return nil, err
	}
	out := &outImports{CacheControl: private}
	out.Body.Items = make([]Import, len(jobs))
	for i := range jobs {
		out.Body.Items[i] = view(&jobs[i])
	}
	return out, nil
}

func (h *handlers) get(ctx context.Context, in *inImport) (*outImport, error) {
	return h.one(ctx, in, h.imports.Get)
}

func (h *handlers) apply(ctx context.Context, in *inImport) (*outImport, error) {
	return h.one(ctx, in, h.imports.Apply)
}

func (h *handlers) pause(ctx context.Context, in *inImport) (*outImport, error) {
	return h.one(ctx, in, h.imports.Pause)
}

func (h *handlers) one(ctx context.Context, in *inImport, do func(ctx context.Context, user, workspace, id ids.ID) (importer.Job, error)) (*outImport, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	job, err := do(ctx, who.User, in.Workspace, in.Import)
	if err != nil {
		return nil, err
	}
	return &outImport{CacheControl: private, Body: view(&job)}, nil
}

func (h *handlers) remove(ctx context.Context, in *inImport) (*struct{}, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	return nil, h.imports.Delete(ctx, who.User, in.Workspace, in.Import)
}

// documentUpload describes the upload, whose body huma does not read.
func documentUpload(api huma.API, op *huma.Operation, formats []string) {
	schemas := api.OpenAPI().Components.Schemas
	names := make([]any, len(formats))
	for i := range formats {
		names[i] = formats[i]
	}
	most := 200
	op.Parameters = []*huma.Param{
		{Name: "workspace", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}},
		{Name: "format", In: "query", Required: true, Description: "What the file is.", Schema: &huma.Schema{Type: huma.TypeString, Enum: names}},
		{Name: "name", In: "query", Description: "The file's name.", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &most}},
	}
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	op.RequestBody = &huma.RequestBody{
		Required: true, Description: "The file as it is.",
		Content: map[string]*huma.MediaType{"application/octet-stream": binary},
	}
	answer := schemas.Schema(reflect.TypeFor[Import](), true, "")
	body := map[string]*huma.MediaType{"application/json": {Schema: answer}}
	op.Responses = map[string]*huma.Response{
		"201": {Description: "The import, which is being checked.", Content: body},
		"200": {Description: "The workspace has an import of the same file that is not done: this is it.", Content: body},
	}
	problem := schemas.Schema(reflect.TypeFor[rest.Problem](), true, "")
	for _, status := range []int{400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503} {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Content: map[string]*huma.MediaType{rest.ProblemType: {Schema: problem}},
		}
	}
	api.OpenAPI().AddOperation(op)
}
