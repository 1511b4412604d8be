package domain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/auth/domain"
	"headway/internal/auth/state"
	"headway/internal/platform/ids"
)

func TestEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ada@example.com":         "ada@example.com",
		"  Ada@Example.COM\n":     "ada@example.com",
		"a.b+c@sub.example.co.uk": "a.b+c@sub.example.co.uk",
		"root@localhost":          "root@localhost",
		"o'neil_x@example.org":    "o'neil_x@example.org",
		"jose\u0301@example.com":  "jos\u00e9@example.com", // NFC
		"JOSÉ@BÜCHER.example":     "josé@bücher.example",
		strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + ".com": strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + ".com",
	} {
		if got, err := domain.Email("body.email", in); err != nil || got != want {
			t.Errorf("Email(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", " ", "ada", "@example.com", "ada@", "a@b@c.com", "ada@exa mple.com", "a da@example.com", "ada@example..com",
		"ada@.com", "ada@example.com.", ".ada@example.com", "ada.@example.com", "a..b@example.com", "ada@-x.com", "ada@x-.com",
		"ada@exa\x00mple.com", "a\u200bda@example.com", "<ada@example.com>", `"ada"@example.com`, "ada@[127.0.0.1]", "ada@ex_ample.com",
		strings.Repeat("a", 65) + "@example.com", "ada@" + strings.Repeat("b", 64) + ".com", "a@" + strings.Repeat("b.", 150) + "com",
		strings.Repeat("é", 5000), "a\xff@example.com",
	} {
		_, err := domain.Email("body.email", in)
		wantField(t, fmt.Sprintf("Email(%.40q)", in), err, "body.email")
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ada":                         "Ada",
		"  Ada Lovelace ":             "Ada Lovelace",
		"Jose\u0301":                  "Jos\u00e9",
		"李":                           "李",
		"👩\u200d🚀":                    "👩\u200d🚀",
		strings.Repeat("é", 100):      strings.Repeat("é", 100),
		"<script>alert(1)</script> &": "<script>alert(1)</script> &", // text, never markup
	} {
		if got, err := domain.Name("body.name", in); err != nil || got != want {
			t.Errorf("Name(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "  ", "a\nb", "a\x00b", "a\u202eb", "\u200b", "a\xffb", strings.Repeat("é", 101), strings.Repeat("x", 1<<20)} {
		_, err := domain.Name("body.name", in)
		wantField(t, fmt.Sprintf("Name(%.40q)", in), err, "body.name")
	}
}

func TestNewPassword(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"a few plain words", "          x", "пароль из слов", strings.Repeat("ab", 100), "ﬁfteen-ligature"} {
		if _, err := domain.NewPassword("body.password", in, "ada@example.com", "Ada Lovelace"); err != nil {
			t.Errorf("NewPassword(%q): %v", in, err)
		}
	}
	for _, in := range []string{
		"", "short", "ninechars", strings.Repeat("ab", 101), strings.Repeat("é", 5000), "aaaaaaaaaaaa", "          ",
		"1234567890", "Password123", "QWERTYUIOP", "correct horse battery staple", "hello world", "passwordpassword",
		"ada.lovelace@example.com", "ADA.LOVELACE", "Ada  Lovelace Byron", "bad\xffbytes here",
	} {
		name := "Ada  Lovelace Byron"
		_, err := domain.NewPassword("body.password", in, "ada.lovelace@example.com", name)
		wantField(t, fmt.Sprintf("NewPassword(%.40q)", in), err, "body.password")
		if err != nil && len(in) > 5 && strings.Contains(err.Error(), in) {
			t.Errorf("the error repeats the password %q", in)
		}
	}
	composed, _ := domain.Password("p", "caf\u00e9 au lait")
	decomposed, _ := domain.Password("p", "cafe\u0301 au lait")
	if composed != decomposed {
		t.Error("one password written in two Unicode forms is two passwords")
	}
}

func wantField(t *testing.T, what string, err error, path string) {
	t.Helper()
	var e *apperr.Error
	if !errors.As(err, &e) || e.Code != apperr.Invalid || len(e.Fields) != 1 || e.Fields[0].Path != path {
		t.Errorf("%s: got %v, want Invalid about %s", what, err, path)
	}
}

var rules = domain.SessionRules{Lifetime: 30 * 24 * time.Hour, Idle: 14 * 24 * time.Hour, Grace: 30 * time.Second}

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func TestRotate(t *testing.T) {
	t.Parallel()
	session, first := domain.StartSession(ids.New(), start, rules)
	rotate := func(s state.Session, token domain.RefreshToken, now time.Time, want domain.Verdict) (state.Session, domain.RefreshToken) {
		t.Helper()
		verdict, next, successor := domain.Rotate(s, token, now, rules)
		if verdict != want {
			t.Fatalf("verdict %d, want %d", verdict, want)
		}
		return next, successor
	}
	now := start.Add(10 * time.Minute)
	rotated, second := rotate(session, first, now, domain.Rotated)
	if second == first || second.Family != first.Family || rotated.Current == session.Current || rotated.Ended != (time.Time{}) {
		t.Fatal("the token was not replaced within its family")
	}
	same, again := rotate(rotated, first, now.Add(29*time.Second), domain.Repeated)
	if again != second || same != rotated {
		t.Fatal("a repetition within the grace does not get the same successor")
	}
	reused, _ := rotate(rotated, first, now.Add(30*time.Second), domain.Reused)
	if !reused.Ended.Equal(now.Add(30 * time.Second)) {
		t.Fatal("reuse did not end the session")
	}
	rotate(reused, second, now.Add(31*time.Second), domain.Over)

	third, _ := rotate(rotated, second, now.Add(time.Second), domain.Rotated)
	rotate(third, first, now.Add(2*time.Second), domain.Reused) // two generations back is no lost answer
	forged := second
	forged.Secret[0] ^= 1
	rotate(rotated, forged, now, domain.Reused)

	rotate(session, first, start.Add(rules.Idle-time.Millisecond), domain.Rotated)
	rotate(session, first, start.Add(rules.Idle), domain.Over)
	used, last := session, first
	for d := time.Duration(0); d < rules.Lifetime; d += 7 * 24 * time.Hour {
		used, last = rotate(used, last, start.Add(d), domain.Rotated)
	}
	rotate(used, last, start.Add(rules.Lifetime), domain.Over)
}

func TestRefreshTokenText(t *testing.T) {
	t.Parallel()
	_, token := domain.StartSession(ids.New(), start, rules)
	if got, ok := domain.ParseRefreshToken(token.Text()); !ok || got != token {
		t.Fatal("a token does not read back")
	}
	for _, s := range []string{"", "x", token.Text()[1:], token.Text() + "A", strings.Repeat("!", len(token.Text())), strings.Repeat("A", 1<<20)} {
		if _, ok := domain.ParseRefreshToken(s); ok {
			t.Errorf("%.20q passes for a token", s)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v %s", token, token, token, token); strings.Contains(s, token.Text()) || strings.Count(s, "[refresh token]") != 4 {
		t.Errorf("a token prints as %s", s)
	}
}
