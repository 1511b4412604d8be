package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"headway/internal/platform/rest"
)

// route is one line of the table of contents.
type route struct {
	method, path string
	id           string // operation id: names the function in generated clients
	summary      string
	endpoint     endpoint
}

// endpoint is a handler that documents and registers itself.
type endpoint interface {
	register(api huma.API, op huma.Operation)
}

// reading is a GET whose answer is bytes that are encoded already. It goes
// past huma's decoding of inputs, which costs as much as such an answer does,
// but is documented like any other operation.
type reading struct {
	handle func(*request) error
	answer reflect.Type
	media  string
	query  []parameter
	tagged bool // answers an ETag and minds If-None-Match
	doc    string
}

// reads makes a reading that answers T as JSON.
func reads[T any](handle func(*request) error, query ...parameter) *reading {
	return &reading{handle: handle, answer: reflect.TypeFor[T](), media: jsonMedia, query: query, tagged: true}
}

// untagged drops the ETag.
func (e *reading) untagged() *reading { e.tagged = false; return e }

// about adds a description.
func (e *reading) about(text string) *reading { e.doc = text; return e }

// readErrors and writeErrors are the problems that an operation may answer.
var (
	readErrors = []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity,
		http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
	}
	writeErrors = []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable,
	}
)

func (e *reading) register(api huma.API, op huma.Operation) {
	schemas := api.OpenAPI().Components.Schemas
	op.Description = e.doc
	op.Parameters = append(op.Parameters, pathParameters(op.Path)...)
	known := make(map[string]bool, len(e.query))
	for _, p := range e.query {
		op.Parameters = append(op.Parameters, p.document())
		known[p.name] = true
	}
	op.Parameters = append(op.Parameters, minSeqParameter())
	ok := &huma.Response{
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{e.media: {Schema: schemas.Schema(e.answer, true, op.OperationID+"Answer")}},
	}
	op.Responses = map[string]*huma.Response{"200": ok}
	if strings.HasPrefix(op.Path, inW) {
		ok.Headers = map[string]*huma.Param{"Headway-Seq": {
			Description: "A seq of the workspace that this answer reflects at least; sync or stream from here.",
			Schema:      whole(0, maxSeq, nil),
		}}
	}
	if e.tagged {
		op.Parameters = append(op.Parameters, ifNoneMatchParameter())
		if ok.Headers == nil {
			ok.Headers = map[string]*huma.Param{}
		}
		ok.Headers["ETag"] = etagHeader()
		op.Responses["304"] = &huma.Response{Description: "Unchanged since the answer that If-None-Match names."}
	}
	problem := schemas.Schema(reflect.TypeFor[rest.Problem](), true, "")
	for _, status := range readErrors {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{rest.ProblemType: {Schema: problem}},
		}
	}
	api.OpenAPI().AddOperation(&op)
	serve := func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		q := request{w: w, r: r, known: known}
		err := q.start()
		if err == nil {
			err = e.handle(&q)
		}
		if err != nil && !q.answered {
			rest.WriteProblem(w, err)
		}
	}
	api.Adapter().Handle(&op, api.Middlewares().Handler(serve))
}

// writing is a command with a validated body, answered with a row.
type writing[I, O any] struct {
	status int
	handle func(context.Context, *I) (*rest.Answer, error)
	doc    string
}

// writes makes a writing that answers status and O.
func writes[I, O any](status int, handle func(context.Context, *I) (*rest.Answer, error)) *writing[I, O] {
	return &writing[I, O]{status: status, handle: handle}
}

// about adds a description.
func (e *writing[I, O]) about(text string) *writing[I, O] { e.doc = text; return e }

func (e *writing[I, O]) register(api huma.API, op huma.Operation) {
	op.Description, op.DefaultStatus, op.Errors = e.doc, e.status, writeErrors
	if e.status == http.StatusCreated {
		schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, op.OperationID+"Answer")
		op.Responses = map[string]*huma.Response{"200": {
			Description: "The same create, with the same id, came before: this is what it made.",
			Content:     map[string]*huma.MediaType{jsonMedia: {Schema: schema}},
			Headers:     map[string]*huma.Param{"Headway-Seq": seqHeader()},
		}}
	}
	rest.RegisterRaw[O](api, op, e.handle)
	delete(op.Responses, "default") // every status it may answer is listed
}

// removing is a command that answers 204.
type removing[I any] struct {
	handle func(context.Context, *I) (*done, error)
	doc    string
}

// done is an answer without a body.
type done struct{ rest.Seq }

func removes[I any](handle func(context.Context, *I) (*done, error)) *removing[I] {
	return &removing[I]{handle: handle}
}

// about adds a description.
func (e *removing[I]) about(text string) *removing[I] { e.doc = text; return e }

func (e *removing[I]) register(api huma.API, op huma.Operation) {
	op.Description, op.DefaultStatus, op.Errors = e.doc, http.StatusNoContent, writeErrors
	rest.Register(api, op, e.handle)
}

// answering is an operation that answers a Go value, not a row.
type answering[I, O any] struct {
	status int
	handle func(context.Context, *I) (*O, error)
	doc    string
}

// answers makes an answering; O has a field Body.
func answers[I, O any](status int, handle func(context.Context, *I) (*O, error)) *answering[I, O] {
	return &answering[I, O]{status: status, handle: handle}
}

// about adds a description.
func (e *answering[I, O]) about(text string) *answering[I, O] { e.doc = text; return e }

func (e *answering[I, O]) register(api huma.API, op huma.Operation) {
	op.Description, op.DefaultStatus, op.Errors = e.doc, e.status, writeErrors
	rest.Register(api, op, e.handle)
}
