package words_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"headway/internal/task/readmodel/words"
)

func TestTextIsFoldedToWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "",
		"Release v2.10, now!":         "release v2 10 now",
		"Crème BRÛLÉE":                "creme brulee",
		"Straße ẞ":                    "strasse ss",
		"ＦＵＬＬ ﬁt ①":                   "full fit 1",
		"Łódź Ørsted Æon":             "lodz orsted aeon",
		"İstanbul ıssız":              "istanbul issiz",
		"Привет ЁЖ":                   "привет еж",
		"Ὀδυσσεύς":                    "οδυσσευς",
		"한국어 검색":                      "한국어 검색",
		"日本語":                         "日本 本語 語",
		"字":                           "字",
		"v2日本x":                       "v2 日本 本 x",
		"हिन्दी":                      "हिन्दी",
		"a\u0000b\tc":                 "a b c",
		"\xff broken":                 "broken",
		strings.Repeat("x", 100):      strings.Repeat("x", words.MaxBytes),
		"é" + strings.Repeat("é", 80): strings.Repeat("e", words.MaxBytes),
	} {
		var got []string
		words.Each(text, func(w []byte) { got = append(got, string(w)) })
		if strings.Join(got, " ") != want {
			t.Errorf("%q folds to %q, want %q", text, got, want)
		}
	}
}

func TestAQueryKeepsWhatNarrows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"rel release REL": {"release"},
		"same same":       {"same"},
		"日本語":             {"日本", "本語"},
		"日":               {"日"},
		" ,, ":            nil,
	} {
		if got := words.Query(text); !slices.Equal(got, want) {
			t.Errorf("%q asks for %q, want %q", text, got, want)
		}
	}
}

// matches is what a store does: each word of the query begins a word of the text.
func matches(text, query string) bool {
	set := words.Set(text)
	for _, q := range words.Query(query) {
		if !slices.ContainsFunc(slices.Collect(keys(set)), func(w string) bool { return strings.HasPrefix(w, q) }) {
			return false
		}
	}
	return true
}

func keys(m map[string]struct{}) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func FuzzATextIsFoundByItself(f *testing.F) {
	for _, s := range []string{"Crème brûlée", "日本語の検索", "a b c", "ภาษาไทย", "x\u0301\u0301", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words.Each(text, func(w []byte) {
			if len(w) == 0 || len(w) > words.MaxBytes+utf8.UTFMax || !utf8.Valid(w) {
				t.Errorf("%q has the word %q", text, w)
			}
			const separators = " \t\n!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ABCDEFGHIJKLMNOPQRSTUVWXYZ\x00"
			if bytes.ContainsAny(w, separators) {
				t.Errorf("%q has the word %q", text, w)
			}
		})
		if !matches(text, text) {
			t.Errorf("%q does not find itself: %q in %v", text, words.Query(text), words.Set(text))
		}
	})
}
