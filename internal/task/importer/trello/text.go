package trello

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// line makes one line of at most limit characters out of s: no control
// characters, white space at the ends gone.
func line(s string, limit int) string {
	s, _ = clean(s, false)
	if r := firstRunes(s, limit); len(r) < len(s) {
		return strings.TrimSpace(r)
	}
	return s
}

// clean takes control characters out and normalises line ends. In a single
// line, line ends become spaces and the ends are trimmed. It answers how many
// control characters went.
func clean(s string, multi bool) (string, int) {
	if plain(s, multi) {
		if multi {
			return s, 0
		}
		return strings.TrimSpace(s), 0
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	gone := 0
	for _, r := range s {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			r = '\n'
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			gone++
			continue
		}
		if !multi && (r == '\n' || r == '\t') {
			r = ' '
		}
		b.WriteRune(r)
	}
	if multi {
		return b.String(), gone
	}
	return strings.TrimSpace(b.String()), gone
}

// plain reports whether clean would find nothing to do but trimming.
func plain(s string, multi bool) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' && (!multi || c != '\n' && c != '\t') || c == 0x7f || c == 0xc2 || c == 0xe2 {
			return false
		}
	}
	return true
}

// firstRunes answers at most limit characters of s.
func firstRunes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}

func longer(s string, limit int) bool { return len(s) > limit && utf8.RuneCountInString(s) > limit }

// cell makes a value fit into a cell of a Markdown table.
func cell(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "\\", "\\\\")
	s = strings.ReplaceAll(s, "|", "\\|")
	return strings.ReplaceAll(s, "\n", " ")
}
