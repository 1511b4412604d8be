package mail_test

import (
	"errors"
	"strings"
	"testing"

	"headway/internal/platform/mail"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                   "",
		" a \t b ":                           "a b",
		"Pay\r\nBcc: all@example.org":        "Pay Bcc: all@example.org",
		"a\u202eb\x00c":                      "a b c",
		"\xffx":                              "\ufffdx",
		strings.Repeat("ä", 11):              strings.Repeat("ä", 9) + "…",
		strings.Repeat("ä", 8) + " " + "xyz": strings.Repeat("ä", 8) + "…",
	} {
		limit := 10
		if len(in) > 20 && strings.HasPrefix(in, "Pay") {
			limit = 100
		}
		if got := mail.Clean(in, limit); got != want {
			t.Errorf("%q is cleaned to %q, want %q", in, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := mail.Message{ID: "1@example.org", To: "ada@example.org", Name: "Ada", Subject: "Hello", Text: "Hello"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for what, spoil := range map[string]func(m *mail.Message){
		"no address":             func(m *mail.Message) { m.To = "ada" },
		"two addresses":          func(m *mail.Message) { m.To = "ada@example.org, bob@example.org" },
		"a header in the name":   func(m *mail.Message) { m.Name = "Ada\r\nBcc: bob@example.org" },
		"a header in the title":  func(m *mail.Message) { m.Subject = "Hello\nX: y" },
		"a header in the id":     func(m *mail.Message) { m.ID = "1\r\n" },
		"a header in the link":   func(m *mail.Message) { m.Unsubscribe = "https://x/\r\nX: y" },
		"no id":                  func(m *mail.Message) { m.ID = "" },
		"what is not even UTF-8": func(m *mail.Message) { m.Subject = "\xff" },
	} {
		m := good
		spoil(&m)
		if err := m.Check(); !errors.Is(err, mail.ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
