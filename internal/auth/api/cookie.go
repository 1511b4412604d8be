package api

import (
	"net/http"
	"time"

	"headway/internal/auth/command"
)

// cookiePath is where the browser sends the refresh token, and nowhere else.
const cookiePath = "/api/v1/auth"

// cookies writes and reads the refresh token's cookie.
type cookies struct{ secure bool }

// name has the prefix that keeps http pages from setting it (RFC 6265bis,
// 4.1.3.1). The stricter prefix __Host- would ask for the path /.
func (c cookies) name() string {
	if c.secure {
		return "__Secure-headway_refresh"
	}
	return "headway_refresh"
}

func (c cookies) send(w http.ResponseWriter, value string, expires time.Time) {
	cookie := &http.Cookie{ // #nosec G124 -- Secure is off only where the service is reached by http, as on a laptop
		Name: c.name(), Value: value, Path: cookiePath, Expires: expires,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteStrictMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

func (c cookies) set(w http.ResponseWriter, g command.Grant) {
	c.send(w, g.Refresh.Text(), g.RefreshExpires)
}

func (c cookies) clear(w http.ResponseWriter) { c.send(w, "", time.Unix(0, 0)) }

// token answers the refresh token that the request carries, or "".
func (c cookies) token(r *http.Request) string {
	cookie, err := r.Cookie(c.name())
	if err != nil {
		return ""
	}
	return cookie.Value
}
