// Package words folds text to the words that search compares: without case,
// accents and width, in every script. All stores and the query parser share
// it, so they find the same.
//
// A word is a run of letters and digits. Scripts that write without spaces
// (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) are cut into pairs of
// neighbouring characters. A query's words are matched as prefixes.
package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxBytes is how long a word is at most; the rest of a longer one does not count.
const MaxBytes = 64

// Each calls word for each word of the text, in order and as often as it
// stands there. The bytes are valid during the call only.
func Each(text string, word func([]byte)) { each(text, false, word) }

// Query answers the words of a query, each once, in order. A word that is a
// prefix of another adds nothing and is left out.
func Query(text string) []string {
	var all []string
	each(text, true, func(w []byte) { all = append(all, string(w)) })
	var out []string
	for i, w := range all {
		redundant := false
		for j, o := range all {
			if i != j && strings.HasPrefix(o, w) && (len(o) > len(w) || j < i) {
				redundant = true
				break
			}
		}
		if !redundant {
			out = append(out, w)
		}
	}
	return out
}

// Set answers the different words of the texts.
func Set(texts ...string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, t := range texts {
		Each(t, func(w []byte) {
			if _, ok := set[string(w)]; !ok {
				set[string(w)] = struct{}{}
			}
		})
	}
	return set
}

// splitter gathers runs of characters and gives them out as words.
type splitter struct {
	query bool
	word  func([]byte)
	run   []byte
	dense bool // the run is of a script without spaces
	last  int  // where the run's last character begins
	count int  // characters of a dense run so far
}

func each(text string, query bool, word func([]byte)) {
	var buf [MaxBytes + utf8.UTFMax]byte
	s := splitter{query: query, word: word, run: buf[:0]}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			s.unicode(text)
			s.flush()
			return
		}
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'A' && c <= 'Z':
			s.ascii(c + 'a' - 'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			s.ascii(c)
		default:
			s.flush()
		}
	}
	s.flush()
}

func (s *splitter) ascii(c byte) {
	if s.dense {
		s.flush()
	}
	if len(s.run) < MaxBytes {
		s.run = append(s.run, c)
	}
}

// unicode takes text that is not all ASCII. Compatibility decomposition
// unifies width and ligatures and parts accents from letters; composing the
// rest again puts Hangul syllables together.
func (s *splitter) unicode(text string) {
	folded := make([]byte, 0, len(text))
	for _, r := range norm.NFKD.String(text) {
		if unicode.Is(unicode.Mn, r) && !keepsMarks(r) {
			continue
		}
		folded = utf8.AppendRune(folded, unicode.ToLower(r))
	}
	for _, r := range norm.NFC.String(string(folded)) {
		if alt, ok := spelled[r]; ok {
			for i := range len(alt) {
				s.ascii(alt[i])
			}
			continue
		}
		switch {
		case r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9'):
			s.ascii(byte(r)) // #nosec G115 -- ASCII
		case r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)):
			s.add(r)
		default:
			s.flush()
		}
	}
}

func (s *splitter) add(r rune) {
	if dense(r) {
		if !s.dense {
			s.flush()
			s.dense = true
		}
		if s.count > 0 {
			s.run = utf8.AppendRune(s.run, r)
			s.word(s.run) // a pair
			s.run = append(s.run[:0], s.run[s.last:]...)
		} else {
			s.run = utf8.AppendRune(s.run, r)
		}
		s.last = len(s.run)
		s.count++
		return
	}
	if s.dense {
		s.flush()
	}
	if len(s.run)+utf8.RuneLen(r) <= MaxBytes {
		s.run = utf8.AppendRune(s.run, r)
	}
}

// flush ends the run. Of a dense run the last character stands alone too, so
// that a query of one character finds it; a query of several needs the pairs only.
func (s *splitter) flush() {
	if len(s.run) > 0 && (!s.dense || !s.query || s.count == 1) {
		s.word(s.run)
	}
	s.run, s.dense, s.last, s.count = s.run[:0], false, 0, 0
}

// spelled are letters that people type otherwise and that do not decompose.
var spelled = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ħ': "h",
}

// keepsMarks reports whether a mark is part of the word rather than an accent:
// the vowel signs of the scripts of South and South-East Asia.
func keepsMarks(r rune) bool { return r >= 0x0900 && r <= 0x1AFF }

// dense reports whether the character is of a script without spaces between words.
func dense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
