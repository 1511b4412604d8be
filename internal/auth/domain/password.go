package domain

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"headway/internal/apperr"
)

// The length of a password in characters. NIST SP 800-63B (5.1.1.2) asks for
// at least 8, for room up to at least 64, for no rules of composition, and for
// a list of what attackers try first.
const (
	minPasswordRunes = 10
	maxPasswordRunes = 200
)

//go:embed common_passwords.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[line] = true
		}
	}
	return set
})

// NewPassword checks a password that is being set and answers it as it is
// hashed. email and name, normalised, must not be it.
func NewPassword(path, s, email, name string) (string, error) {
	s, err := Password(path, s)
	if err != nil {
		return "", err
	}
	if utf8.RuneCountInString(s) < minPasswordRunes {
		return "", apperr.InvalidField(path, "Must be at least %d characters long. A few words are easy to remember.", minPasswordRunes)
	}
	folded := strings.ToLower(s)
	local, _, _ := strings.Cut(email, "@")
	switch {
	case common()[folded] || oneRepeated(folded):
		return "", apperr.InvalidField(path, "Is one of those that are tried first. Choose another; a few words are easy to remember.")
	case email != "" && (folded == email || folded == local), name != "" && folded == strings.ToLower(norm.NFKC.String(name)):
		return "", apperr.InvalidField(path, "Must not be your name or email address.")
	}
	return s, nil
}

// Password normalises a password as it is hashed (NFKC, as SP 800-63B asks for,
// so that two keyboards that write the same characters agree). Of one that is
// given to sign in nothing is asked but that it can be one.
func Password(path, s string) (string, error) {
	switch {
	case s == "":
		return "", apperr.InvalidField(path, "Must not be empty.")
	case !utf8.ValidString(s):
		return "", apperr.InvalidField(path, "Must be valid UTF-8.")
	case len(s) > 4*maxPasswordRunes || utf8.RuneCountInString(s) > maxPasswordRunes:
		return "", apperr.InvalidField(path, "Must be at most %d characters long.", maxPasswordRunes)
	}
	return norm.NFKC.String(s), nil
}

func oneRepeated(s string) bool {
	first, n := utf8.DecodeRuneInString(s)
	return strings.Trim(s[n:], string(first)) == ""
}
