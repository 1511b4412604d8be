package authn_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"headway/internal/apperr"
	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type fixedKeys map[string]ed25519.PublicKey

func (f fixedKeys) Key(kid string) (ed25519.PublicKey, error) {
	if k, ok := f[kid]; ok {
		return k, nil
	}
	return nil, authn.ErrUnknownKey
}

type signer struct {
	kid     string
	private ed25519.PrivateKey
}

func newSigner(t *testing.T, kid string) (signer, fixedKeys) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer{kid, priv}, fixedKeys{kid: pub}
}

func (s signer) token(t *testing.T, id authn.Identity) string {
	t.Helper()
	tok, err := authn.Sign(s.private, s.kid, id, ids.New(), start)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func identity() authn.Identity {
	return authn.Identity{User: ids.New(), Session: ids.New(), Expires: start.Add(10 * time.Minute)}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s, keys := newSigner(t, "k1")
	want := identity()
	for name, v := range map[string]authn.Verifier{
		"plain":       authn.NewJWT(keys, c),
		"remembering": authn.NewRemembering(authn.NewJWT(keys, c), c, 0),
	} {
		for range 2 {
			got, err := v.Verify(s.token(t, want))
			if err != nil || got != want {
				t.Fatalf("%s: %+v, %v; want %+v", name, got, err, want)
			}
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	s, keys := newSigner(t, "k1")
	other, _ := newSigner(t, "k1")
	good := s.token(t, identity())
	claims := func(change func(*authn.Claims)) authn.Claims {
		id := identity()
		cl := authn.Claims{RegisteredClaims: jwt.RegisteredClaims{
			Issuer: authn.Issuer, Audience: jwt.ClaimStrings{authn.Audience}, Subject: id.User.String(),
			ExpiresAt: jwt.NewNumericDate(id.Expires),
		}, Session: id.Session.String()}
		change(&cl)
		return cl
	}
	sign := func(method jwt.SigningMethod, key any, header map[string]any, cl jwt.Claims) string {
		tok := jwt.NewWithClaims(method, cl)
		tok.Header["kid"], tok.Header["typ"] = "k1", authn.TokenType
		for k, v := range header {
			tok.Header[k] = v
		}
		out, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	eddsa := func(change func(*authn.Claims)) string {
		return sign(jwt.SigningMethodEdDSA, s.private, nil, claims(change))
	}
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt","kid":"k1"}`))
	for name, token := range map[string]string{
		"empty":                  "",
		"not a token":            "abc",
		"too long":               strings.Repeat("a", authn.MaxTokenBytes+1),
		"signature cut":          parts[0] + "." + parts[1] + ".",
		"signature changed":      parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"claims changed":         parts[0] + "." + parts[1][:len(parts[1])-2] + "AA." + parts[2],
		"alg none":               none + "." + parts[1] + ".",
		"HMAC by the public key": sign(jwt.SigningMethodHS256, []byte(keys["k1"]), nil, claims(func(*authn.Claims) {})),
		"another's key":          other.token(t, identity()),
		"unknown kid":            sign(jwt.SigningMethodEdDSA, s.private, map[string]any{"kid": "k2"}, claims(func(*authn.Claims) {})),
		"other type":             sign(jwt.SigningMethodEdDSA, s.private, map[string]any{"typ": "JWT"}, claims(func(*authn.Claims) {})),
		"other issuer":           eddsa(func(c *authn.Claims) { c.Issuer = "someone" }),
		"other audience":         eddsa(func(c *authn.Claims) { c.Audience = jwt.ClaimStrings{"mail"} }),
		"no expiry":              eddsa(func(c *authn.Claims) { c.ExpiresAt = nil }),
		"expired":                eddsa(func(c *authn.Claims) { c.ExpiresAt = jwt.NewNumericDate(start) }),
		"not yet":                eddsa(func(c *authn.Claims) { c.NotBefore = jwt.NewNumericDate(start.Add(time.Hour)) }),
		"no user":                eddsa(func(c *authn.Claims) { c.Subject = "root" }),
		"no session":             eddsa(func(c *authn.Claims) { c.Session = "" }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clock.NewManual(start)
			for _, v := range []authn.Verifier{authn.NewJWT(keys, c), authn.NewRemembering(authn.NewJWT(keys, c), c, 0)} {
				_, err := v.Verify(token)
				if !apperr.Is(err, apperr.Unauthenticated) {
					t.Fatalf("got %v, want Unauthenticated", err)
				}
				if len(token) > 10 && strings.Contains(err.Error(), token[:10]) {
					t.Fatal("the error repeats the token")
				}
			}
		})
	}
}

func TestRememberedUntilExpiry(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s, keys := newSigner(t, "k1")
	counted := &counting{Verifier: authn.NewJWT(keys, c)}
	v := authn.NewRemembering(counted, c, 64)
	token := s.token(t, identity())
	for range 5 {
		if _, err := v.Verify(token); err != nil {
			t.Fatal(err)
		}
	}
	if n := counted.n.Load(); n != 1 {
		t.Fatalf("the signature was checked %d times", n)
	}
	c.Advance(10*time.Minute - time.Nanosecond)
	if _, err := v.Verify(token); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Nanosecond)
	if _, err := v.Verify(token); !apperr.Is(err, apperr.Unauthenticated) {
		t.Fatalf("after its expiry: %v", err)
	}
	c.Advance(-time.Minute)
	for range 500 {
		if _, err := v.Verify(s.token(t, identity())); err != nil {
			t.Fatal(err)
		}
	}
	if v.Len() > 64 {
		t.Fatalf("%d tokens remembered, want at most 64", v.Len())
	}
}

type counting struct {
	authn.Verifier
	n atomic.Int64
}

func (c *counting) Verify(token string) (authn.Identity, error) {
	c.n.Add(1)
	return c.Verifier.Verify(token)
}

func TestRememberedCostsNoAllocation(t *testing.T) {
	c := clock.NewManual(start)
	s, keys := newSigner(t, "k1")
	v := authn.NewRemembering(authn.NewJWT(keys, c), c, 0)
	token := s.token(t, identity())
	if n := testing.AllocsPerRun(100, func() { _, _ = v.Verify(token) }); n > 0 {
		t.Fatalf("%v allocations for a remembered token, want none", n)
	}
}

func BenchmarkVerifyRemembered(b *testing.B) {
	pub, priv, _ := ed25519.GenerateKey(nil)
	c := clock.System{}
	v := authn.NewRemembering(authn.NewJWT(fixedKeys{"k1": pub}, c), c, 0)
	id := identity()
	id.Expires = time.Now().Add(time.Hour)
	token, err := authn.Sign(priv, "k1", id, ids.New(), time.Now())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(token); err != nil {
			b.Fatal(err)
		}
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	s, keys := newSigner(t, "k1")
	want := identity()
	token := s.token(t, want)
	for name, tt := range map[string]struct {
		header    string
		ok        bool
		challenge string
	}{
		"valid":            {"Bearer " + token, true, ""},
		"scheme in lower":  {"bearer " + token, true, ""},
		"none":             {"", false, `Bearer realm="headway"`},
		"another scheme":   {"Basic " + token, false, `Bearer realm="headway", error="invalid_token"`},
		"nothing after it": {"Bearer ", false, `Bearer realm="headway", error="invalid_token"`},
		"rubbish":          {"Bearer x.y.z", false, `Bearer realm="headway", error="invalid_token"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got authn.Identity
			var found bool
			var err error
			h := authn.Middleware(authn.NewJWT(keys, c))(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got, found = authn.From(r.Context())
				_, err = authn.Require(r.Context())
			}))
			req := httptest.NewRequest(http.MethodGet, "/", nil)
			if tt.header != "" {
				req.Header.Set("Authorization", tt.header)
			}
			h.ServeHTTP(httptest.NewRecorder(), req)
			if found != tt.ok || (err == nil) != tt.ok {
				t.Fatalf("found %v, err %v", found, err)
			}
			if tt.ok && got != want {
				t.Fatalf("got %+v, want %+v", got, want)
			}
			if !tt.ok && authn.Challenge(err) != tt.challenge {
				t.Fatalf("challenge %q, want %q", authn.Challenge(err), tt.challenge)
			}
		})
	}
	if _, ok := authn.From(authn.With(context.Background(), want)); !ok {
		t.Fatal("With puts no identity into the context")
	}
}

// TestRemote plays another process: it has only the key set's address.
func TestRemote(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	first, keys := newSigner(t, "k1")
	second, more := newSigner(t, "k2")
	var fetches atomic.Int64
	var down, both atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetches.Add(1)
		if down.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		set := authn.KeySet{Keys: []authn.Key{authn.NewKey("k1", keys["k1"]), {Type: "RSA", ID: "other"}}}
		if both.Load() {
			set.Keys = append(set.Keys, authn.NewKey("k2", more["k2"]))
		}
		_ = json.NewEncoder(w).Encode(set)
	}))
	defer srv.Close()
	v := authn.NewJWT(authn.NewRemote(srv.URL, srv.Client(), c), c)
	check := func(what string, s signer, code apperr.Code) {
		t.Helper()
		_, err := v.Verify(s.token(t, identity()))
		if code == "" && err != nil || code != "" && !apperr.Is(err, code) {
			t.Fatalf("%s: got %v, want %q", what, err, code)
		}
	}

	down.Store(true)
	check("keys not to be had", first, apperr.Unavailable)
	down.Store(false)
	check("no second fetch at once", first, apperr.Unavailable)
	c.Advance(5 * time.Second)
	check("keys there", first, "")
	check("held keys", first, "")
	check("unknown key, just fetched", second, apperr.Unauthenticated)
	if n := fetches.Load(); n != 2 {
		t.Fatalf("%d fetches, want 2", n)
	}
	both.Store(true)
	c.Advance(5 * time.Second)
	check("new key", second, "")
	down.Store(true)
	c.Advance(time.Minute)
	check("service away", first, "")
	check("service away", second, "")
}

func TestParseKeySetRefuses(t *testing.T) {
	t.Parallel()
	many, _ := json.Marshal(authn.KeySet{Keys: make([]authn.Key, 65)})
	for name, data := range map[string]string{
		"not JSON":  `<html>`,
		"no keys":   `{"keys":[]}`,
		"short key": `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AAAA"}]}`,
		"too many":  string(many),
	} {
		if _, err := authn.ParseKeySet([]byte(data)); err == nil {
			t.Errorf("%s: read without an error", name)
		}
	}
}
