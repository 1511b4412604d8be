// Package domain decides: what an account may be called, what passes for a
// password, and what a refresh token that comes back means. It is pure.
package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"headway/internal/apperr"
)

// maxEmailBytes is the longest path that SMTP carries (RFC 5321, 4.5.3.1.3,
// less the brackets; RFC 3696 errata 1690).
const (
	maxEmailBytes = 254
	maxLocalBytes = 64
	maxLabelBytes = 63
)

// Email normalises an email address: trimmed, NFC, lower case in both parts.
// Whether it is anyone's address only a message to it can tell, so little more
// is asked of it than that it can be one. path names it in the error.
func Email(path, s string) (string, error) {
	if len(s) > 4*maxEmailBytes {
		return "", apperr.InvalidField(path, "Must be at most %d bytes long.", maxEmailBytes)
	}
	s = norm.NFC.String(strings.ToLower(strings.TrimSpace(s)))
	local, host, ok := strings.Cut(s, "@")
	switch {
	case s == "":
		return "", apperr.InvalidField(path, "Must not be empty.")
	case len(s) > maxEmailBytes:
		return "", apperr.InvalidField(path, "Must be at most %d bytes long.", maxEmailBytes)
	case !ok || strings.Contains(host, "@") || !localPart(local) || !hostName(host):
		return "", apperr.InvalidField(path, "Must be an email address such as ada@example.com.")
	}
	return s, nil
}

func localPart(s string) bool {
	if s == "" || len(s) > maxLocalBytes || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune(`"(),:;<>[\]`, r) {
			return false
		}
	}
	return true
}

func hostName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabelBytes || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		for _, r := range label {
			if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) || r == utf8.RuneError {
				return false
			}
		}
	}
	return true
}

// maxNameRunes is the longest name in characters.
const maxNameRunes = 100

// Name normalises a person's name: trimmed, NFC, one line, 1 to 100 characters.
func Name(path, s string) (string, error) {
	if len(s) > 16*maxNameRunes {
		return "", apperr.InvalidField(path, "Must be at most %d characters long.", maxNameRunes)
	}
	if !utf8.ValidString(s) {
		return "", apperr.InvalidField(path, "Must be valid UTF-8.")
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	visible := false
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || isBidiControl(r) {
			return "", apperr.InvalidField(path, "Must be one line without control characters.")
		}
		visible = visible || unicode.IsGraphic(r) && !unicode.IsSpace(r)
	}
	switch {
	case !visible:
		return "", apperr.InvalidField(path, "Must not be empty.")
	case utf8.RuneCountInString(s) > maxNameRunes:
		return "", apperr.InvalidField(path, "Must be at most %d characters long.", maxNameRunes)
	}
	return s, nil
}

// isBidiControl reports characters that turn the direction of the text around
// them, with which one name can be made to look like another.
func isBidiControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
