package server

import (
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/apperr"
	"headway/internal/platform/rest"
)

// APIPrefix is where version 1 of the API lives.
const APIPrefix = "/api/v1"

// NewAPI makes version 1 of the API on the mux. Addresses below /api/ that no
// operation serves answer problem documents. The OpenAPI document is at
// /api/v1/openapi.json and .yaml, made when it is first asked for, which must
// be after all operations are there.
func NewAPI(mux *http.ServeMux, info rest.Info) huma.API {
	api := rest.NewAPI(mux, APIPrefix, info)
	mux.Handle("/api/", NotFound(mux, "/api/"))
	serveDocument(mux, ".json", "application/vnd.oai.openapi+json;version=3.1", api.OpenAPI().MarshalJSON)
	serveDocument(mux, ".yaml", "application/vnd.oai.openapi;version=3.1", api.OpenAPI().YAML)
	return api
}

func serveDocument(mux *http.ServeMux, extension, mediaType string, encode func() ([]byte, error)) {
	document := sync.OnceValues(encode)
	mux.HandleFunc("GET "+APIPrefix+"/openapi"+extension, func(w http.ResponseWriter, _ *http.Request) {
		body, err := document()
		if err != nil {
			rest.WriteProblem(w, err)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(body) // the client is gone where this fails
	})
}

// methods are those that a handler may be registered for.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
}

// NotFound answers 404, or 405 with Allow where the mux serves the address for
// other methods. It is registered under pattern, which catches what nothing
// else does.
func NotFound(mux *http.ServeMux, pattern string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		probe := *r
		for _, method := range methods {
			probe.Method = method
			if _, p := mux.Handler(&probe); p != "" && p != pattern && strings.HasPrefix(p, method+" ") {
				allowed = append(allowed, method)
				if method == http.MethodGet {
					allowed = append(allowed, http.MethodHead)
				}
			}
		}
		if len(allowed) > 0 {
			allow := strings.Join(allowed, ", ")
			w.Header().Set("Allow", allow)
			rest.WriteProblem(w, apperr.New(apperr.MethodNotAllowed, "This address takes %s.", allow))
			return
		}
		rest.WriteProblem(w, apperr.New(apperr.NotFound, "There is nothing at this address."))
	})
}
