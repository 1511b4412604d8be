package peer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/platform/clock"
	"headway/internal/platform/peer"
	"headway/internal/platform/rest"
)

const secret = "a secret of thirty-two letters !"

// serve serves two internal operations of a service called auth, of which one
// names no callers.
func serve(t *testing.T, keys *peer.Keys) string {
	t.Helper()
	mux := http.NewServeMux()
	api := rest.NewAPI(mux, peer.Prefix, rest.Info{Title: "test", Version: "1"})
	api.UseMiddleware(keys.Gate("auth", rest.Refuse))
	type output struct {
		Body struct {
			Caller string `json:"caller"`
			Timed  bool   `json:"timed"`
		}
	}
	handle := func(ctx context.Context, _ *struct{}) (*output, error) {
		out := new(output)
		out.Body.Caller = peer.Caller(ctx)
		end, ok := ctx.Deadline()
		out.Body.Timed = ok && time.Until(end) <= 3*time.Second
		return out, nil
	}
	rest.Register(api, huma.Operation{OperationID: "open", Method: http.MethodGet, Path: "/open", Metadata: peer.For("task")}, handle)
	rest.Register(api, huma.Operation{OperationID: "forgotten", Method: http.MethodGet, Path: "/forgotten"}, handle)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// TestTheGate is a client and a gate over a real connection.
func TestTheGate(t *testing.T) {
	t.Parallel()
	newKeys := func(text string, c clock.Clock) *peer.Keys {
		keys, err := peer.NewKeys([]string{text}, c)
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	now := clock.System{}
	url := serve(t, newKeys(secret, now))
	for name, c := range map[string]struct {
		keys                   *peer.Keys
		issuer, audience, path string
		status                 int
	}{
		"good":               {newKeys(secret, now), "task", "auth", "/open", 200},
		"another service":    {newKeys(secret, now), "web", "auth", "/open", 403},
		"callers not named":  {newKeys(secret, now), "task", "auth", "/forgotten", 403},
		"another audience":   {newKeys(secret, now), "task", "analytics", "/open", 401},
		"another secret":     {newKeys("another"+secret, now), "task", "auth", "/open", 401},
		"expired":            {newKeys(secret, clock.NewManual(time.Now().Add(-time.Hour))), "task", "auth", "/open", 401},
		"nothing there":      {newKeys(secret, now), "task", "auth", "/none", 404},
		"a clock ten behind": {newKeys(secret, clock.NewManual(time.Now().Add(-10*time.Second))), "task", "auth", "/open", 200},
	} {
		client, err := peer.New(peer.Options{Keys: c.keys, Issuer: c.issuer, Audience: c.audience, URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() }) // answers nil
		var out struct {
			Caller string `json:"caller"`
			Timed  bool   `json:"timed"`
		}
		err = client.Do(t.Context(), peer.Call{Method: http.MethodGet, Path: peer.Prefix + c.path, Out: &out, Repeatable: true})
		var refused *peer.Refused
		switch {
		case c.status == 200 && (err != nil || out.Caller != c.issuer || !out.Timed):
			t.Errorf("%s: %+v, %v", name, out, err)
		case c.status != 200 && (!errors.As(err, &refused) || refused.Status != c.status):
			t.Errorf("%s: %v, want %d", name, err, c.status)
		}
	}
	for _, header := range []string{"", "Bearer ", "Bearer x.y.z", "Basic YTpi"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+peer.Prefix+"/open", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", header)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized || res.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %s", header, res.Status)
		}
	}
}
