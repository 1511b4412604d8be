package event

import (
	"slices"
	"strings"

	"headway/internal/platform/ids"
)

// A mention names a member in a comment or a description, in Markdown that
// reads well where nothing renders it: @[Ada](user:ID). The id says who is
// meant, in its canonical form; the text in brackets is what the writer saw,
// and whoever renders it puts the person's name as it is now in its place.
const (
	mentionOpen  = "@["
	mentionUser  = "](user:"
	mentionClose = ")"
)

// MaxMentions is how many people one text can mention. Further ones are text.
const MaxMentions = 50

// Mention writes a mention. Brackets and line breaks of the name are left out.
func Mention(user ids.ID, name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]()\\\r\n", r) {
			return -1
		}
		return r
	}, name)
	return mentionOpen + name + mentionUser + user.String() + mentionClose
}

// Mentions answers whom a text mentions, each once, in order.
func Mentions(text string) []ids.ID {
	var out []ids.ID
	for len(out) < MaxMentions {
		_, rest, found := strings.Cut(text, mentionOpen)
		if !found {
			return out
		}
		text = rest
		end := strings.IndexAny(rest, "[]\r\n")
		if end < 0 || !strings.HasPrefix(rest[end:], mentionUser) {
			continue
		}
		rest = rest[end+len(mentionUser):]
		if len(rest) <= 36 || !strings.HasPrefix(rest[36:], mentionClose) {
			continue
		}
		user, err := ids.Parse(rest[:36])
		if err != nil || user.IsZero() || slices.Contains(out, user) {
			continue
		}
		out = append(out, user)
		text = rest[36:]
	}
	return out
}
