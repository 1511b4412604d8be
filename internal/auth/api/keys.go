package api

import (
	"encoding/json"
	"net/http"

	"headway/internal/platform/rest"
)

// KeysPath is where KeySet is to be served (RFC 8615).
const KeysPath = "/.well-known/jwks.json"

// KeySet answers GET /.well-known/jwks.json, outside of /api/v1: the public
// keys that access tokens are verified with (RFC 7517).
func (a *API) KeySet(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(a.keys.Public())
	if err != nil {
		rest.WriteProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	// A new key is published a day before it signs, so an hour is soon enough.
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(body) // the client is gone where this fails
}
