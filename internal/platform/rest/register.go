package rest

import (
	"context"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"headway/internal/platform/ids"
)

// Info names an API in its document.
type Info struct {
	Title, Version, Description string
}

// uuidText documents ids.ID.
type uuidText string

// Schema implements huma.SchemaProvider.
func (uuidText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// schemaName names a type in the document: by itself where it belongs to an
// API's package (they end in api) or to this one, else with its package, since
// two packages may well have the same name for two things.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if t.Name() == "" || strings.HasSuffix(pkg, "api") || pkg == "rest" || pkg == "apperr" || !strings.Contains(t.PkgPath(), "/") {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// Scheme is the name of the access tokens' security scheme in the document.
const Scheme = "bearer"

// NewAPI makes an API on the mux under the prefix, such as "/api/v1". Its
// operations need an access token unless they say otherwise (Security). The
// document itself is not served by it.
func NewAPI(mux humago.Mux, prefix string, info Info) huma.API {
	adjustHuma()
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	schemas.RegisterTypeAlias(reflect.TypeFor[ids.ID](), reflect.TypeFor[uuidText]())
	return humago.NewWithPrefix(mux, prefix, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: info.Title, Version: info.Version, Description: info.Description},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					Scheme: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token from /auth/sign-in"},
				},
			},
			Security: []map[string][]string{{Scheme: {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
}

// Register adds an operation that answers a Go value. Every operation is
// added by it or by RegisterRaw, never by huma.Register, which lets nulls pass.
func Register[I, O any](api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	huma.Register(&strict{API: api}, op, handler)
}

// RegisterRaw adds an operation whose answer is JSON already; T documents its shape.
func RegisterRaw[T, I any](api huma.API, op huma.Operation, handler func(context.Context, *I) (*Answer, error)) {
	documentAnswer[T](api, &op)
	type output struct{ Body func(huma.Context) }
	status := op.DefaultStatus
	if status == 0 {
		status = http.StatusOK
	}
	huma.Register(&strict{API: api}, op, func(ctx context.Context, in *I) (*output, error) {
		answer, err := handler(ctx, in)
		if err != nil {
			return nil, err
		}
		return &output{Body: func(ctx huma.Context) { answer.write(ctx, status) }}, nil
	})
}

// documentAnswer describes the success answer of a raw operation.
func documentAnswer[T any](api huma.API, op *huma.Operation) {
	status := op.DefaultStatus
	if status == 0 {
		status = http.StatusOK
	}
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, op.OperationID+"Response")
	response := &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
		Headers: map[string]*huma.Param{
			SeqHeader: {Description: "The workspace's seq that this answer reflects", Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}},
		},
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses[strconv.Itoa(status)] = response
	op.Responses["default"] = &huma.Response{
		Description: "Error",
		Content: map[string]*huma.MediaType{ProblemType: {
			Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, ""),
		}},
	}
	if op.Method == http.MethodGet {
		response.Headers["ETag"] = &huma.Param{Description: "Send it as If-None-Match to get 304 where nothing changed", Schema: &huma.Schema{Type: huma.TypeString}}
		op.Responses["304"] = &huma.Response{Description: http.StatusText(http.StatusNotModified)}
	}
}

// Refuse answers an operation's request with an error; it is for middleware of the API.
func Refuse(ctx huma.Context, err error) {
	_, w := humago.Unwrap(ctx)
	WriteProblem(w, err)
}

// strict is an API as one operation sees it: it knows the operation's body
// schema, which huma does not hand to what parses the body.
type strict struct {
	huma.API
	body *huma.Schema
}

// Config hands on what huma asks for by an interface of its own.
func (s *strict) Config() huma.Config {
	if c, ok := s.API.(interface{ Config() huma.Config }); ok {
		return c.Config()
	}
	return huma.Config{}
}

// DocumentOperation is called by huma with the finished operation.
func (s *strict) DocumentOperation(op *huma.Operation) {
	if !op.Hidden {
		s.OpenAPI().AddOperation(op)
	}
	if op.RequestBody != nil {
		if media := op.RequestBody.Content["application/json"]; media != nil {
			s.body = media.Schema
		}
	}
}

// Unmarshal reads a body for checking (into *any) and then into its type.
func (s *strict) Unmarshal(contentType string, data []byte, v any) error {
	if err := s.API.Unmarshal(contentType, data, v); err != nil {
		return err
	}
	if generic, ok := v.(*any); ok && s.body != nil {
		markNulls(s.OpenAPI().Components.Schemas, s.body, *generic)
	}
	return nil
}
