package event_test

import (
	"slices"
	"strings"
	"testing"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	ada := ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")
	bob := ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e50")
	for text, want := range map[string][]ids.ID{
		"":                                   nil,
		"nobody @ all":                       nil,
		event.Mention(ada, "Ada"):            {ada},
		"Hi " + event.Mention(ada, "Ada L."): {ada},
		event.Mention(bob, "Bob") + event.Mention(ada, "Ada") + event.Mention(bob, "Bob"): {bob, ada},
		"@[" + event.Mention(ada, "Ada"):                            {ada},
		"@[a\nb](user:" + ada.String() + ")":                        nil,
		"[Ada](user:" + ada.String() + ")":                          nil,
		"@[Ada](user:" + strings.ToUpper(ada.String()) + ")":        nil,
		"@[Ada](user:" + ada.String():                               nil,
		"@[Ada](user:" + ada.String() + "0)":                        nil,
		"@[Ada](user:00000000-0000-0000-0000-000000000000)":         nil,
		"@[Ada](user:nobody) but @[Bob](user:" + bob.String() + ")": {bob},
		event.Mention(ada, "A](user:x)\n[B"):                        {ada},
	} {
		if got := event.Mentions(text); !slices.Equal(got, want) {
			t.Errorf("%q mentions %v, want %v", text, got, want)
		}
	}
	var many strings.Builder
	for range event.MaxMentions + 5 {
		many.WriteString(event.Mention(ids.New(), "x"))
	}
	if got := event.Mentions(many.String()); len(got) != event.MaxMentions {
		t.Errorf("%d people were mentioned, want %d", len(got), event.MaxMentions)
	}
}
