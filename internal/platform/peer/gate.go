package peer

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// callers is where an operation's metadata names who may call it.
const callers = "peer.callers"

// For is the metadata of an operation that these services may call. An
// operation without it is called by nobody.
func For(services ...string) map[string]any { return map[string]any{callers: services} }

// Gate is the huma middleware in front of a service's internal routes: it lets
// a call pass with a token for this audience, from a service that the
// operation names, and gives it the time that its caller has left. refuse
// answers what does not pass: 401 without such a token, 403 for another service.
func (k *Keys) Gate(audience string, refuse func(huma.Context, error)) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		issuer, err := k.admit(ctx, audience)
		if err != nil {
			ctx.SetHeader("WWW-Authenticate", `Bearer realm="headway-internal"`)
			refuse(ctx, err)
			return
		}
		if allowed, _ := ctx.Operation().Metadata[callers].([]string); !slices.Contains(allowed, issuer) {
			refuse(ctx, errForbidden)
			return
		}
		inner := context.WithValue(ctx.Context(), callerKey{}, issuer)
		if ms, err := strconv.ParseInt(ctx.Header(TimeoutHeader), 10, 32); err == nil && ms >= 0 {
			timed, cancel := context.WithTimeout(inner, time.Duration(ms)*time.Millisecond)
			defer cancel()
			inner = timed
		}
		next(huma.WithContext(ctx, inner))
	}
}

func (k *Keys) admit(ctx huma.Context, audience string) (string, error) {
	scheme, token, ok := strings.Cut(ctx.Header("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", errMissing
	}
	u := ctx.URL()
	return k.verify(token, audience, ctx.Method(), u.Path)
}
