package server

import (
	"net/http"
	"strings"
)

// headerSets are the security headers, ready to be put on an answer. Values
// are shared by all answers and never changed.
type headerSets struct {
	hsts []string
}

func newHeaderSets(tls bool) headerSets {
	if !tls {
		return headerSets{}
	}
	return headerSets{hsts: []string{"max-age=31536000; includeSubDomains"}}
}

var (
	nosniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	deny       = []string{"DENY"}
	sameOrigin = []string{"same-origin"}
	// An API answer is data: nothing in it may run or be framed.
	apiPolicy = []string{"default-src 'none'; frame-ancestors 'none'"}
	// The web app loads everything from its own origin. Styles may be inline,
	// since component libraries position popovers by style attributes.
	webPolicy = []string{"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"}
	permissions = []string{"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"}
)

func (s headerSets) set(h http.Header, path string) {
	h["X-Content-Type-Options"] = nosniff
	if s.hsts != nil {
		h["Strict-Transport-Security"] = s.hsts
	}
	if strings.HasPrefix(path, "/api/") {
		// An API answer is no page: what only concerns pages is left out, since
		// each header costs time on the most frequent requests.
		h["Content-Security-Policy"] = apiPolicy
		return
	}
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Content-Security-Policy"] = webPolicy
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Permissions-Policy"] = permissions
	h["X-Frame-Options"] = deny
}

// WebHeaders answers the security headers of the web app's files, for what
// serves them in the server's place. tls says that clients come by https.
func WebHeaders(tls bool) http.Header {
	h := http.Header{}
	newHeaderSets(tls).set(h, "/")
	return h
}
