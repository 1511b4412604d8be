package peer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"headway/internal/platform/clock"
)

const (
	secretOne = "one secret of thirty-two letters"
	secretTwo = "two secret of thirty-two letters"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newKeys(t *testing.T, c clock.Clock, secrets ...string) *Keys {
	t.Helper()
	k, err := NewKeys(secrets, c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestATokenIsForOneCall(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	k := newKeys(t, c, secretOne)
	token, err := k.sign("task", "auth", "POST", "/internal/v1/x")
	if err != nil {
		t.Fatal(err)
	}
	if len(token) > maxToken/2 {
		t.Errorf("a token has %d bytes", len(token))
	}
	for name, ask := range map[string][3]string{
		"another audience": {"notification", "POST", "/internal/v1/x"},
		"another method":   {"auth", "DELETE", "/internal/v1/x"},
		"another path":     {"auth", "POST", "/internal/v1/y"},
	} {
		if _, err := k.verify(token, ask[0], ask[1], ask[2]); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	check := func(what string, good bool) {
		t.Helper()
		issuer, err := k.verify(token, "auth", "POST", "/internal/v1/x")
		if (err == nil) != good || good && issuer != "task" {
			t.Errorf("%s: %q, %v", what, issuer, err)
		}
	}
	check("at once", true)
	c.Advance(tokenAge + tokenLeeway - time.Second)
	check("within the leeway", true)
	c.Advance(2 * time.Second)
	check("expired", false)
	c.Advance(-2*tokenAge - 3*tokenLeeway)
	check("from the future", false)
}

func TestForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	k, other := newKeys(t, c, secretOne), newKeys(t, c, secretTwo)
	verify := func(token string) error {
		_, err := k.verify(token, "auth", "POST", "/p")
		return err
	}
	good := claims{Method: "POST", Path: "/p", RegisteredClaims: jwt.RegisteredClaims{
		Issuer: "task", Audience: jwt.ClaimStrings{"auth"}, IssuedAt: jwt.NewNumericDate(start), ExpiresAt: jwt.NewNumericDate(start.Add(tokenAge)),
	}}
	forge := func(method jwt.SigningMethod, key any, typ string, change func(*claims)) string {
		own := good
		change(&own)
		token := jwt.NewWithClaims(method, own)
		token.Header["typ"], token.Header["kid"] = typ, k.first
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	key, same := k.keys[k.first], func(*claims) {}
	if err := verify(forge(jwt.SigningMethodHS256, key, tokenType, same)); err != nil {
		t.Fatalf("a good token: %v", err)
	}
	for name, token := range map[string]string{
		"another secret":    forge(jwt.SigningMethodHS256, other.keys[other.first], tokenType, same),
		"no signature":      forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, tokenType, same),
		"another algorithm": forge(jwt.SigningMethodHS512, key, tokenType, same),
		"an access token":   forge(jwt.SigningMethodHS256, key, "at+jwt", same),
		"two audiences":     forge(jwt.SigningMethodHS256, key, tokenType, func(c *claims) { c.Audience = jwt.ClaimStrings{"auth", "task"} }),
		"no issuer":         forge(jwt.SigningMethodHS256, key, tokenType, func(c *claims) { c.Issuer = "" }),
		"no end":            forge(jwt.SigningMethodHS256, key, tokenType, func(c *claims) { c.ExpiresAt = nil }),
		"no beginning":      forge(jwt.SigningMethodHS256, key, tokenType, func(c *claims) { c.IssuedAt = nil }),
		"good for a day":    forge(jwt.SigningMethodHS256, key, tokenType, func(c *claims) { c.ExpiresAt = jwt.NewNumericDate(start.Add(24 * time.Hour)) }),
		"cut off":           strings.TrimSuffix(forge(jwt.SigningMethodHS256, key, tokenType, same), "A")[:100],
		"rubbish":           "x.y.z",
		"much too long":     strings.Repeat("x", maxToken+1),
	} {
		if err := verify(token); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestASecretIsReplaced: processes that have either secret first understand each other.
func TestASecretIsReplaced(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	before, after := newKeys(t, c, secretOne, secretTwo), newKeys(t, c, secretTwo, secretOne)
	for _, pair := range [][2]*Keys{{before, after}, {after, before}} {
		token, err := pair[0].sign("task", "auth", "GET", "/p")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pair[1].verify(token, "auth", "GET", "/p"); err != nil {
			t.Error(err)
		}
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, before); text != "[service keys]" {
			t.Errorf("%s shows %s", format, text)
		}
	}
	if _, err := NewKeys(nil, c); err == nil {
		t.Error("keys without a secret")
	}
}

// BenchmarkToken is what a call costs beside the call.
func BenchmarkToken(b *testing.B) {
	k, err := NewKeys([]string{secretOne}, clock.System{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		token, err := k.sign("notification", "auth", "POST", "/internal/v1/contacts")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := k.verify(token, "auth", "POST", "/internal/v1/contacts"); err != nil {
			b.Fatal(err)
		}
	}
}
