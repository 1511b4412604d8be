package authn

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/apperr"
)

// Middleware verifies the request's bearer token, where it has one, and puts
// the outcome into the request's context for From and Require. It refuses
// nothing by itself: an operation that is open to all stays so for a caller
// with a stale token. Gate, or Require in a handler, refuses.
func Middleware(v Verifier) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header := r.Header.Get("Authorization")
			if header == "" {
				next.ServeHTTP(w, r)
				return
			}
			o := new(outcome)
			if token, ok := bearer(header); ok {
				o.identity, o.err = v.Verify(token)
			} else {
				o.err = errScheme
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, o)))
		})
	}
}

// bearer cuts the token out of an Authorization header (RFC 6750, section 2.1;
// the scheme's case does not count, RFC 9110, section 11.1).
func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	token = strings.TrimSpace(token)
	return token, token != ""
}

// Public is the security requirement of an operation that is open to all. An
// operation without it needs a valid token.
var Public = []map[string][]string{{}}

// IsPublic reports whether the operation is declared open to all.
func IsPublic(op *huma.Operation) bool {
	for _, requirement := range op.Security {
		if len(requirement) == 0 {
			return true
		}
	}
	return op.Security != nil && len(op.Security) == 0
}

// Gate is the huma middleware that denies by default: it lets a request pass
// to an operation that is Public, or with a valid token; otherwise refuse
// answers it. It stands behind Middleware.
func Gate(refuse func(ctx huma.Context, err error)) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if !IsPublic(ctx.Operation()) {
			if _, err := Require(ctx.Context()); err != nil {
				ctx.SetHeader("WWW-Authenticate", Challenge(err))
				refuse(ctx, err)
				return
			}
		}
		next(ctx)
	}
}

// Challenge is the WWW-Authenticate header for a refusal by Require (RFC 6750, section 3).
func Challenge(err error) string {
	if apperr.Is(err, apperr.Unauthenticated) && !errors.Is(err, errMissing) {
		return `Bearer realm="headway", error="invalid_token"`
	}
	return `Bearer realm="headway"`
}
