package server

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/rest"
)

// limits bounds requests per user or address and says so in the RateLimit
// headers (IETF draft-ietf-httpapi-ratelimit-headers).
type limits struct {
	o      Options
	peers  Peers
	policy []string
}

func newLimits(o Options, peers Peers) *limits {
	policy := `"default";q=` + strconv.Itoa(o.Rate.Count) + `;w=` + strconv.Itoa(int(math.Ceil(o.Rate.Per.Seconds())))
	return &limits{o: o, peers: peers, policy: []string{policy}}
}

// key names who is limited, in bytes rather than text, since it is made for
// every request.
func (l *limits) key(r *http.Request) string {
	if l.o.User != nil {
		if user, ok := l.o.User(r); ok {
			return "u" + string(user[:])
		}
	}
	a := Network(l.peers.Addr(r)).As16()
	return "a" + string(a[:])
}

func (l *limits) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(w, r)
			return
		}
		result, err := l.o.Limiter.Take(r.Context(), l.key(r), l.o.Rate)
		if err != nil {
			// A limiter that cannot tell must not stop the work.
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h["Ratelimit-Policy"] = l.policy
		h["Ratelimit"] = []string{rateLimit(result.Remaining, result.Reset)}
		if !result.Allowed {
			rest.WriteProblem(w, &apperr.Error{
				Code: apperr.RateLimited, Message: "That is more requests than are taken at once. Wait a moment.", RetryAfter: result.RetryAfter,
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func rateLimit(remaining int, reset time.Duration) string {
	var b [48]byte
	s := append(b[:0], `"default";r=`...)
	s = strconv.AppendInt(s, int64(remaining), 10)
	s = append(s, `;t=`...)
	return string(strconv.AppendInt(s, int64(math.Ceil(reset.Seconds())), 10))
}
