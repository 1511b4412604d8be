package auth_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"headway/internal/auth"
	"headway/internal/auth/api"
	"headway/internal/auth/event"
	"headway/internal/auth/password"
	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/platform/authn"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

func TestFromRegistrationToSignOut(t *testing.T) {
	t.Parallel()
	in := run(t)
	a := in.register("  Ada@Example.COM ")
	g := a.grant(t)
	if g.User.Email != goodEmail || g.User.Name != "Ada" || g.ExpiresIn != 600 || !g.User.CreatedAt.Equal(start) {
		t.Fatalf("grant %+v", g)
	}
	c := a.cookie
	if c == nil || c.Name != "headway_refresh" || !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/api/v1/auth" || c.Domain != "" {
		t.Fatalf("cookie %+v", c)
	}
	if want := start.Add(14 * 24 * time.Hour).Truncate(time.Second); !c.Expires.Equal(want) {
		t.Errorf("the cookie expires at %v, want %v", c.Expires, want)
	}
	if strings.Contains(string(a.body), c.Value) || a.header.Get("Cache-Control") != "no-store" {
		t.Error("the refresh token is in the body, or the answer may be stored")
	}

	me := in.do("GET", "/api/v1/auth/me", nil, bearer(g.AccessToken)...)
	if me.status != 200 || me.header.Get("ETag") != `"1"` || me.header.Get("Headway-Seq") != "1" {
		t.Fatalf("me: %d %v %s", me.status, me.header, me.body)
	}
	want := fmt.Sprintf(`{"id":"%s","email":"ada@example.com","name":"Ada","createdAt":"2026-03-01T09:30:00.123Z"}`, g.User.ID)
	if strings.TrimSpace(string(me.body)) != want {
		t.Errorf("me: %s, want %s", me.body, want)
	}
	same := in.do("GET", "/api/v1/auth/me", nil, append(bearer(g.AccessToken), "If-None-Match", `"1"`)...)
	if same.status != http.StatusNotModified || len(same.body) != 0 {
		t.Errorf("me, unchanged: %d %s", same.status, same.body)
	}

	renamed := in.do("PATCH", "/api/v1/auth/me", fields{"name": " Ada  King "}, bearer(g.AccessToken)...)
	if renamed.status != 200 || renamed.header.Get("Headway-Seq") != "3" || !strings.Contains(string(renamed.body), `"name":"Ada  King"`) {
		t.Fatalf("change name: %d %v %s", renamed.status, renamed.header, renamed.body)
	}
	again := in.do("PATCH", "/api/v1/auth/me", fields{"name": "Ada  King"}, bearer(g.AccessToken)...)
	if again.status != 200 || again.header.Get("Headway-Seq") != "3" {
		t.Errorf("the same name again is a change: %s", again.header.Get("Headway-Seq"))
	}
	nothing := in.do("PATCH", "/api/v1/auth/me", fields{}, bearer(g.AccessToken)...)
	if nothing.status != 200 || string(nothing.body) != string(again.body) {
		t.Errorf("a change of nothing: %d %s", nothing.status, nothing.body)
	}

	second := in.signIn("ADA@example.com", goodPassword)
	if second.grant(t).User.ID != g.User.ID || second.cookie.Value == c.Value {
		t.Fatal("signing in gives another account or the same session")
	}
	out := in.do("POST", "/api/v1/auth/sign-out", nil, "Cookie", c.Name+"="+c.Value)
	if out.status != http.StatusNoContent || out.cookie == nil || out.cookie.MaxAge >= 0 || out.cookie.Value != "" {
		t.Fatalf("sign out: %d, cookie %+v", out.status, out.cookie)
	}
	gone := in.refresh(c)
	gone.problem(t, 401, "unauthenticated")
	if gone.cookie == nil || gone.cookie.MaxAge >= 0 {
		t.Error("a refusal leaves the dead cookie in place")
	}
	if in.refresh(second.cookie).status != 200 {
		t.Error("signing out of one session ended another")
	}
	if again := in.do("POST", "/api/v1/auth/sign-out", nil); again.status != http.StatusNoContent {
		t.Errorf("signing out twice: %d", again.status)
	}
}

func TestSecureCookie(t *testing.T) {
	t.Parallel()
	in := run(t, func(o *auth.Options) { o.HTTP = api.Options{Secure: true} })
	c := in.register(goodEmail).cookie
	if c.Name != "__Secure-headway_refresh" || !c.Secure {
		t.Fatalf("cookie %+v", c)
	}
	if in.refresh(c).status != 200 {
		t.Fatal("the cookie does not refresh")
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	in := run(t)
	a, b := in.register("a@example.com").grant(t), in.register("b@example.com").grant(t)
	ask := func(body any) answer {
		return in.do("POST", "/api/v1/auth/people", body, bearer(a.AccessToken)...)
	}
	got := ask(fields{"ids": []string{b.User.ID, ids.New().String(), a.User.ID}})
	want := fmt.Sprintf(`{"items":[{"id":"%s","name":"Ada"},{"id":"%s","name":"Ada"}]}`, b.User.ID, a.User.ID)
	if got.status != 200 || strings.TrimSpace(string(got.body)) != want {
		t.Fatalf("people: %d %s, want %s", got.status, got.body, want)
	}
	if none := ask(fields{"ids": []string{}}); strings.TrimSpace(string(none.body)) != `{"items":[]}` {
		t.Errorf("people, none asked for: %s", none.body)
	}
	ask(fields{"ids": slices.Repeat([]string{a.User.ID}, 201)}).problem(t, 422, "invalid")
	ask(fields{"ids": []string{"x"}}).problem(t, 422, "invalid")
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	in := run(t)
	token := in.register(goodEmail).grant(t).AccessToken
	ok := func(change fields) fields {
		f := fields{"email": "new@example.com", "name": "New", "password": goodPassword}
		for k, v := range change {
			f[k] = v
		}
		return f
	}
	const register, signIn, me, people = "POST /api/v1/auth/register", "POST /api/v1/auth/sign-in", "PATCH /api/v1/auth/me", "POST /api/v1/auth/people"
	for _, c := range []struct {
		name, op string
		body     any
		headers  []string
		status   int
		code     string
		paths    string // of the fields, joined by a blank
	}{
		{"no email", register, ok(fields{"email": ""}), nil, 422, "invalid", "body.email"},
		{"bad email", register, ok(fields{"email": "ada"}), nil, 422, "invalid", "body.email"},
		{"endless email", register, ok(fields{"email": strings.Repeat("a", 5000) + "@x.com"}), nil, 422, "invalid", "body.email"},
		{"no name", register, ok(fields{"name": " "}), nil, 422, "invalid", "body.name"},
		{"long name", register, ok(fields{"name": strings.Repeat("é", 101)}), nil, 422, "invalid", "body.name"},
		{"name of two lines", register, ok(fields{"name": "a\nb"}), nil, 422, "invalid", "body.name"},
		{"short password", register, ok(fields{"password": "too short"}), nil, 422, "invalid", "body.password"},
		{"long password", register, ok(fields{"password": strings.Repeat("ab", 101)}), nil, 422, "invalid", "body.password"},
		{"common password", register, ok(fields{"password": "Password123"}), nil, 422, "invalid", "body.password"},
		{"password is the email", register, ok(fields{"password": "NEW@example.com"}), nil, 422, "invalid", "body.password"},
		{"all wrong at once", register, fields{"email": "x", "name": "", "password": ""}, nil, 422, "invalid", "body.email body.name body.password"},
		{"email taken", register, ok(fields{"email": " ADA@example.com"}), nil, 409, "conflict", ""},
		{"unknown field", register, ok(fields{"admin": true}), nil, 422, "invalid", "body.admin"},
		{"null", register, ok(fields{"name": nil}), nil, 422, "invalid", "body.name"},
		{"wrong type", register, ok(fields{"password": 1234567890}), nil, 422, "invalid", "body.password"},
		{"missing field", register, fields{"email": "new@example.com", "name": "New"}, nil, 422, "invalid", "body"},
		{"not JSON", register, `{"email":`, nil, 400, "malformed", "body"},
		{"not UTF-8", register, "{\"email\":\"a\xff@x.com\",\"name\":\"a\",\"password\":\"a few plain words\"}", nil, 400, "malformed", "body"},
		{"too large", register, `{"email":"` + strings.Repeat("a", 20<<10) + `"}`, nil, 413, "too_large", ""},
		{"form", register, "email=a", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported_media_type", ""},
		{"another site", register, ok(nil), []string{"Origin", "https://evil.example"}, 403, "forbidden", ""},

		{"wrong password", signIn, fields{"email": goodEmail, "password": "some other words"}, nil, 401, "unauthenticated", ""},
		{"unknown email", signIn, fields{"email": "nobody@example.com", "password": goodPassword}, nil, 401, "unauthenticated", ""},
		{"no password", signIn, fields{"email": goodEmail, "password": ""}, nil, 422, "invalid", "body.password"},
		{"another site", signIn, fields{"email": goodEmail, "password": goodPassword}, []string{"Sec-Fetch-Site", "cross-site"}, 403, "forbidden", ""},
		{"sibling site", signIn, fields{"email": goodEmail, "password": goodPassword}, []string{"Sec-Fetch-Site", "same-site"}, 403, "forbidden", ""},

		{"no cookie", "POST /api/v1/auth/refresh", nil, nil, 401, "unauthenticated", ""},
		{"rubbish cookie", "POST /api/v1/auth/refresh", nil, []string{"Cookie", "headway_refresh=abc"}, 401, "unauthenticated", ""},
		{"cookie of nobody", "POST /api/v1/auth/refresh", nil, []string{"Cookie", "headway_refresh=" + strings.Repeat("A", 86)}, 401, "unauthenticated", ""},
		{"another site", "POST /api/v1/auth/refresh", nil, []string{"Origin", "https://evil.example"}, 403, "forbidden", ""},
		{"another site", "POST /api/v1/auth/sign-out", nil, []string{"Origin", "null"}, 403, "forbidden", ""},

		{"no token", "GET /api/v1/auth/me", nil, nil, 401, "unauthenticated", ""},
		{"bad token", "GET /api/v1/auth/me", nil, bearer("a.b.c"), 401, "unauthenticated", ""},
		{"no token", me, fields{"name": "X"}, nil, 401, "unauthenticated", ""},
		{"no token", people, fields{"ids": []string{}}, nil, 401, "unauthenticated", ""},
		{"empty name", me, fields{"name": ""}, bearer(token), 422, "invalid", "body.name"},
		{"null name", me, fields{"name": nil}, bearer(token), 422, "invalid", "body.name"},
		{"email cannot change", me, fields{"email": "x@example.com"}, bearer(token), 422, "invalid", "body.email"},
		{"unknown query", "GET /api/v1/auth/me?x=1", nil, bearer(token), 422, "invalid", "query.x"},
		{"wrong method", "DELETE /api/v1/auth/me", nil, bearer(token), 405, "method_not_allowed", ""},
	} {
		t.Run(strings.Fields(c.op)[1]+"/"+c.name, func(t *testing.T) {
			method, path, _ := strings.Cut(c.op, " ")
			a := in.do(method, path, c.body, c.headers...)
			p := a.problem(t, c.status, c.code)
			var paths []string
			for _, e := range p.Errors {
				paths = append(paths, e.Path)
			}
			if got := strings.Join(paths, " "); got != c.paths {
				t.Errorf("fields %q, want %q: %s", got, c.paths, a.body)
			}
			if p.Detail == "" {
				t.Error("no sentence for a person")
			}
			if a.cookie != nil && a.cookie.Value != "" {
				t.Error("a refusal set a refresh token")
			}
			if c.status == 401 && strings.Contains(path, "/me") && a.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate header")
			}
		})
	}
	if _, _, err := in.store.Credentials(t.Context(), "new@example.com"); err == nil {
		t.Error("a refused registration left an account")
	}
}

func TestSignInDoesNotTellWhichWasWrong(t *testing.T) {
	t.Parallel()
	in := run(t, func(o *auth.Options) { o.Hashing = password.Params{MemoryKiB: 32 << 10, Passes: 2, Lanes: 1} })
	in.register(goodEmail)
	took := func(email string) (time.Duration, string) {
		begin := time.Now()
		a := in.signIn(email, "some other words")
		d := time.Since(begin)
		p := a.problem(t, 401, "unauthenticated")
		return d, p.Detail
	}
	known, detail := took(goodEmail)
	unknown, other := took("nobody@example.com")
	for range 2 { // the fastest of three, so that a busy machine does not count
		k, _ := took(goodEmail)
		u, _ := took("nobody@example.com")
		known, unknown = min(known, k), min(unknown, u)
	}
	if detail != other {
		t.Errorf("%q for a known email, %q for an unknown one", detail, other)
	}
	if unknown < known/4 {
		t.Errorf("an unknown email is answered in %v, a known one in %v: no password was hashed", unknown, known)
	}
}

func TestClosedRegistration(t *testing.T) {
	t.Parallel()
	in := run(t, func(o *auth.Options) { o.Closed = true })
	in.do("POST", "/api/v1/auth/register", fields{"email": goodEmail, "name": "Ada", "password": goodPassword}).problem(t, 403, "forbidden")
}

func TestHashesAreMadeAnewWithNewParameters(t *testing.T) {
	t.Parallel()
	in := run(t)
	in.register(goodEmail)
	o := auth.Options{}
	stronger := run(t, func(opts *auth.Options) {
		opts.Store, opts.Hashing = in.store, password.Params{MemoryKiB: 128, Passes: 1, Lanes: 1}
		o = *opts
	})
	if stronger.signIn(goodEmail, "some other words").status != 401 {
		t.Fatal("a wrong password signs in")
	}
	_, before, err := o.Store.Credentials(t.Context(), goodEmail)
	if err != nil || !strings.Contains(before, "m=64,") {
		t.Fatalf("hash %s, %v", before, err)
	}
	if stronger.signIn(goodEmail, goodPassword).status != 200 {
		t.Fatal("the password is not taken with other parameters")
	}
	if _, after, _ := o.Store.Credentials(t.Context(), goodEmail); !strings.Contains(after, "m=128,") {
		t.Fatalf("hash %s was not made anew", after)
	}
	if in.signIn(goodEmail, goodPassword).status != 200 {
		t.Fatal("the new hash is not taken")
	}
}

// TestPersonalDataIsSealedInTheLog reads the log as someone without the key would.
func TestPersonalDataIsSealedInTheLog(t *testing.T) {
	t.Parallel()
	in := run(t)
	a := in.register(goodEmail)
	g := a.grant(t)
	in.do("PATCH", "/api/v1/auth/me", fields{"name": "Countess"}, bearer(g.AccessToken)...)
	in.signIn(goodEmail, goodPassword)
	in.do("POST", "/api/v1/auth/sign-out", nil, "Cookie", a.cookie.Name+"="+a.cookie.Value)
	id := ids.MustParse(g.User.ID)
	events, err := in.events.Read(t.Context(), id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range events {
		types = append(types, e.Type)
		for _, personal := range []string{"ada", "Ada", "Countess", "example.com", "127.0.0.1", "Go-http-client"} {
			if strings.Contains(string(e.Data), personal) {
				t.Errorf("%s shows %q: %s", e.Type, personal, e.Data)
			}
		}
	}
	want := []string{"account.registered", "session.started", "account.name_changed", "session.started", "session.ended"}
	if !slices.Equal(types, want) {
		t.Errorf("events %v, want %v", types, want)
	}

	key, err := in.store.PersonalKey(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	folded := fold(t, events, key)
	if account, err := in.store.Account(t.Context(), id); err != nil || folded != account {
		t.Errorf("the log folds to %+v, stored is %+v, %v", folded, account, err)
	}
	started, err := event.Decode(event.SessionStarted, 1, events[1].Data)
	if err != nil {
		t.Fatal(err)
	}
	var client event.Client
	place := event.Place(id, events[1].ID, event.SessionStarted)
	if err := seal.Open(key, place, started.(*event.Started).Personal, &client); err != nil || client.Address != "127.0.0.1" || client.Agent == "" {
		t.Errorf("client %+v, %v", client, err)
	}
	if _, err := state.Fold(state.Account{}, events[0], seal.NewKey()); err == nil {
		t.Error("the event can be read with another key")
	}
}

func fold(t *testing.T, events []eventlog.Event, key seal.Key) state.Account {
	t.Helper()
	var a state.Account
	for _, e := range events {
		var err error
		if a, err = state.Fold(a, e, key); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// TestAnotherProcessVerifies plays a service that has only the key set's address.
func TestAnotherProcessVerifies(t *testing.T) {
	t.Parallel()
	in := run(t)
	remote := authn.NewRemembering(authn.NewJWT(authn.NewRemote(in.server.URL+api.KeysPath, nil, in.clock), in.clock), in.clock, 0)
	g := in.register(goodEmail).grant(t)
	verify := func(token string) {
		t.Helper()
		id, err := remote.Verify(token)
		if err != nil || id.User.String() != g.User.ID {
			t.Fatalf("%+v, %v", id, err)
		}
	}
	verify(g.AccessToken)
	in.clock.Advance(31 * 24 * time.Hour)
	if err := in.module.Housekeep(t.Context()); err != nil {
		t.Fatal(err)
	}
	verify(in.signIn(goodEmail, goodPassword).grant(t).AccessToken)
	set := in.do("GET", api.KeysPath, nil)
	if set.status != 200 || set.header.Get("Content-Type") != "application/jwk-set+json" || strings.Contains(string(set.body), `"d"`) {
		t.Errorf("key set: %d %s %s", set.status, set.header.Get("Content-Type"), set.body)
	}
}
