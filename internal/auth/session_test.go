package auth_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/auth"
	"headway/internal/auth/api"
	"headway/internal/auth/command"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
)

func TestRefreshRotatesAndReuseEndsTheFamily(t *testing.T) {
	t.Parallel()
	in := run(t)
	a := in.register(goodEmail)
	id := ids.MustParse(a.grant(t).User.ID)
	first := a.cookie

	in.clock.Advance(9 * time.Minute)
	b := in.refresh(first)
	if g := b.grant(t); g.User.ID != id.String() || g.AccessToken == a.grant(t).AccessToken || b.cookie.Value == first.Value {
		t.Fatalf("refresh gave nothing new: %+v", g)
	}
	if me := in.do("GET", "/api/v1/auth/me", nil, bearer(b.grant(t).AccessToken)...); me.status != 200 {
		t.Fatalf("the new access token: %d", me.status)
	}
	in.clock.Advance(10 * time.Second)
	if again := in.refresh(first); again.status != 200 || again.cookie.Value != b.cookie.Value {
		t.Fatalf("a second tab a moment later: %d, another successor", again.status)
	}
	in.clock.Advance(20 * time.Second)
	other := in.signIn(goodEmail, goodPassword)
	in.refresh(first).problem(t, 401, "unauthenticated")
	in.refresh(b.cookie).problem(t, 401, "unauthenticated")
	if in.refresh(other.cookie).status != 200 {
		t.Fatal("reuse in one session ended another")
	}
	events, err := in.events.ReadBack(t.Context(), id, 1<<62, 1)
	if err != nil || len(events) != 1 || events[0].Type != "session.ended" || !strings.Contains(string(events[0].Data), "token_reused") {
		t.Fatalf("the last event is %+v, %v", events, err)
	}
	if !strings.Contains(in.logs.String(), "refresh token came a second time") {
		t.Error("reuse is not in the log")
	}
}

func TestTabsThatRefreshAtOnceGetTheSameToken(t *testing.T) {
	t.Parallel()
	in := run(t)
	c := in.register(goodEmail).cookie
	const tabs = 16
	answers := make([]answer, tabs)
	var wg sync.WaitGroup
	for i := range tabs {
		wg.Go(func() { answers[i] = in.refresh(c) })
	}
	wg.Wait()
	for _, a := range answers {
		if a.status != 200 || a.cookie.Value != answers[0].cookie.Value {
			t.Fatalf("a tab got %d and another token", a.status)
		}
	}
	if in.refresh(answers[0].cookie).status != 200 {
		t.Fatal("their token does not refresh")
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	in := run(t)
	a := in.register(goodEmail)
	token := a.grant(t).AccessToken
	me := func() answer { return in.do("GET", "/api/v1/auth/me", nil, bearer(token)...) }
	in.clock.Advance(10*time.Minute - time.Second)
	if me().status != 200 {
		t.Fatal("the access token ended early")
	}
	in.clock.Advance(time.Second)
	if p := me().problem(t, 401, "unauthenticated"); !strings.Contains(p.Detail, "expired") {
		t.Errorf("detail %q does not say that it expired", p.Detail)
	}
	in.clock.Advance(14*day - 10*time.Minute)
	in.refresh(a.cookie).problem(t, 401, "unauthenticated") // idle

	a = in.signIn(goodEmail, goodPassword)
	begun := in.clock.Now()
	for in.clock.Now().Before(begun.Add(26 * day)) {
		in.clock.Advance(13 * day)
		if a = in.refresh(a.cookie); a.status != 200 {
			t.Fatalf("after %v: %d", in.clock.Now().Sub(begun), a.status)
		}
	}
	if want := begun.Add(30 * day).Truncate(time.Second); !a.cookie.Expires.Equal(want) {
		t.Errorf("the cookie expires at %v, the session at %v", a.cookie.Expires, want)
	}
	in.clock.Advance(4 * day)
	in.refresh(a.cookie).problem(t, 401, "unauthenticated") // however much it is used
	if err := in.module.Housekeep(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.refresh(a.cookie).problem(t, 401, "unauthenticated") // swept
}

func TestLimits(t *testing.T) {
	t.Parallel()
	limits := command.Limits{
		SignInAddress:   limit.Rate{Count: 6, Per: time.Minute},
		SignInPair:      limit.Rate{Count: 2, Per: time.Minute},
		SignInEmail:     limit.Rate{Count: 3, Per: time.Minute},
		RegisterAddress: limit.Rate{Count: 3, Per: time.Minute},
		RegisterEmail:   limit.Rate{Count: 1, Per: time.Minute},
	}
	in := run(t, func(o *auth.Options) {
		o.Limits = &limits
		o.HTTP = api.Options{Address: func(r *http.Request) string { return r.Header.Get("X-Test-Address") }}
	})
	post := func(op, email, address string) answer {
		return in.do("POST", "/api/v1/auth/"+op, fields{"email": email, "name": "Ada", "password": goodPassword}, "X-Test-Address", address)
	}
	signIn := func(email, address string) answer {
		return in.do("POST", "/api/v1/auth/sign-in", fields{"email": email, "password": "some other words"}, "X-Test-Address", address)
	}
	refused := func(what string, a answer) {
		t.Helper()
		a.problem(t, 429, "rate_limited")
		if n, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || n < 1 || n > 60 {
			t.Errorf("%s: Retry-After %q", what, a.header.Get("Retry-After"))
		}
	}
	allowed := func(what string, a answer) {
		t.Helper()
		if a.status == 429 {
			t.Fatalf("%s: refused", what)
		}
	}
	allowed("first registration", post("register", "a@example.com", "192.0.2.1"))
	refused("the same email again", post("register", "A@example.com", "192.0.2.2"))
	allowed("second", post("register", "b@example.com", "192.0.2.1"))
	allowed("third", post("register", "c@example.com", "192.0.2.1"))
	refused("the same address again", post("register", "d@example.com", "192.0.2.1"))
	allowed("another address", post("register", "d@example.com", "192.0.2.3"))

	allowed("first try", signIn("a@example.com", "2001:db8:0:1::1"))
	allowed("second try", signIn("a@example.com", "2001:db8:0:1::2"))
	refused("third of the pair, from the same /64", signIn("a@example.com", "2001:db8:0:1:ffff::3"))
	allowed("from elsewhere", signIn("a@example.com", "2001:db8:0:2::1"))
	refused("email from anywhere", signIn("a@example.com", "2001:db8:0:3::1"))
	for i := range 3 {
		allowed("other emails", signIn("x"+strconv.Itoa(i)+"@example.com", "2001:db8:0:1::1"))
	}
	refused("address, any email", signIn("y@example.com", "2001:db8:0:1::1"))
	in.clock.Advance(time.Minute)
	allowed("after a while", signIn("a@example.com", "2001:db8:0:1::1"))
}

// TestSecretsAreNeverLogged does all that touches a secret, with a log of everything.
func TestSecretsAreNeverLogged(t *testing.T) {
	t.Parallel()
	limiterDown := func(o *auth.Options) {
		o.Limits, o.Limiter = &command.DefaultLimits, failing{}
	}
	in := run(t, limiterDown)
	a := in.register(goodEmail)
	secrets := []string{goodPassword, "wrong plain words", goodEmail}
	keep := func(a answer) answer {
		if a.cookie != nil && a.cookie.Value != "" {
			secrets = append(secrets, a.cookie.Value)
		}
		if a.status < 300 && len(a.body) > 0 {
			secrets = append(secrets, a.grant(t).AccessToken)
		}
		return a
	}
	keep(a)
	in.signIn(goodEmail, "wrong plain words")
	b := keep(in.refresh(a.cookie))
	in.clock.Advance(time.Minute)
	in.refresh(a.cookie)
	in.do("GET", "/api/v1/auth/me", nil, bearer(b.grant(t).AccessToken+"x")...)
	in.do("POST", "/api/v1/auth/register", fields{"email": goodEmail, "name": "Ada", "password": goodPassword})
	_, hash, err := in.store.Credentials(t.Context(), goodEmail)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := in.store.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, hash, string(keys[0].Seed))
	logs := in.logs.String()
	if !strings.Contains(logs, "refresh token came a second time") || !strings.Contains(logs, "rate limit could not be checked") {
		t.Fatalf("the log is not captured: %s", logs)
	}
	for i, s := range secrets {
		if strings.Contains(logs, s) {
			t.Errorf("secret %d is in the log: %s", i, logs)
		}
	}
}

type failing struct{}

func (failing) Take(context.Context, string, limit.Rate) (limit.Result, error) {
	return limit.Result{}, context.DeadlineExceeded
}

// Where many people share an address, more of them may come from it, and one
// email is guarded as before.
func TestLimitsPerAddress(t *testing.T) {
	t.Parallel()
	limits := command.DefaultLimits.PerAddress(40)
	in := run(t, func(o *auth.Options) { o.Limits = &limits })
	for n := range 41 {
		a := in.do("POST", "/api/v1/auth/register", fields{"email": "p" + strconv.Itoa(n) + "@example.com", "name": "Ada", "password": goodPassword})
		if want := 201; n < 40 && a.status != want {
			t.Fatalf("registration %d is %d, want %d", n+1, a.status, want)
		} else if n == 40 {
			a.problem(t, 429, "rate_limited")
		}
	}
	for n := range 11 {
		a := in.do("POST", "/api/v1/auth/sign-in", fields{"email": "p1@example.com", "password": "some other words"})
		if n == 10 {
			a.problem(t, 429, "rate_limited")
		} else {
			a.problem(t, 401, "unauthenticated")
		}
	}
}
