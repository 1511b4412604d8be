package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"headway/internal/platform/rest"
)

// cors answers browsers that ask whether another origin may call the API.
// Nothing is allowed unless it is listed.
type cors struct {
	any     bool
	origins map[string][]string
}

func newCORS(origins []string) (cors, error) {
	c := cors{origins: map[string][]string{}}
	for _, o := range origins {
		if o == "*" {
			c.any = true
			continue
		}
		u, err := url.Parse(o)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Scheme+"://"+u.Host != o {
			return c, fmt.Errorf("allowed origin %q must be a scheme and a host, such as https://app.example.org", o)
		}
		c.origins[o] = []string{o}
	}
	return c, nil
}

var (
	vary        = []string{"Origin"}
	trueValue   = []string{"true"}
	anyOrigin   = []string{"*"}
	corsMethods = []string{"GET, HEAD, POST, PUT, PATCH, DELETE"}
	corsHeaders = []string{"Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Headway-Min-Seq, Last-Event-ID, X-Request-Id"}
	corsExposed = []string{"ETag, Headway-Seq, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"}
	corsMaxAge  = []string{"600"}
)

// handle sets the headers for an allowed origin and answers preflights. It
// reports whether the request is answered.
func (c cors) handle(w http.ResponseWriter, r *http.Request) bool {
	if len(c.origins) == 0 && !c.any {
		return false
	}
	h := w.Header()
	h["Vary"] = vary
	origin := r.Header.Get("Origin")
	allowed, listed := c.origins[origin]
	if origin == "" || (!listed && !c.any) || !strings.HasPrefix(r.URL.Path, "/api/") {
		return false
	}
	if listed {
		h["Access-Control-Allow-Origin"] = allowed
		h["Access-Control-Allow-Credentials"] = trueValue
	} else {
		h["Access-Control-Allow-Origin"] = anyOrigin
	}
	h["Access-Control-Expose-Headers"] = corsExposed
	h["Cross-Origin-Resource-Policy"] = []string{"cross-origin"}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h["Access-Control-Allow-Methods"] = corsMethods
	h["Access-Control-Allow-Headers"] = corsHeaders
	h["Access-Control-Max-Age"] = corsMaxAge
	delete(h, rest.SeqHeader)
	w.WriteHeader(http.StatusNoContent)
	return true
}
