// Package domain decides: pure functions that take the state and what is
// asked, and answer the payload to record or a coded error that says what is
// wrong. They read no clock and no store.
//
// What holds for projects and tasks that are put away: an archived or trashed
// project keeps its rows and can be read, but nothing in it may be created,
// changed or moved, nor anything moved into it, until it is restored; putting
// it away touches none of its tasks. A trashed task can only be restored or
// purged; an archived one can be worked on. Removing a label or a member
// leaves their ids on tasks: readers pass over a label that they do not know,
// and a former member's row stays.
package domain

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain/position"
	"headway/internal/task/event"
)

// Faults gathers what is wrong with an input, so that all of it is answered at once.
type Faults struct {
	// base is what all paths start with, such as "body".
	base   string
	fields []apperr.Field
}

// Add notes one fault. The message follows the path's name: "must be …".
func (f *Faults) Add(path, format string, args ...any) {
	f.fields = append(f.fields, apperr.Field{Path: f.base + "." + path, Message: fmt.Sprintf(format, args...)})
}

// within takes over the faults of one element of a list. So the path of an
// element is made only where something is wrong with it.
func (f *Faults) within(list string, i int, g *Faults) {
	for _, field := range g.fields {
		field.Path = at(f.base+"."+list, i) + field.Path
		f.fields = append(f.fields, field)
	}
	g.fields = g.fields[:0]
}

// Err answers an Invalid error that names all faults, nil where there are none.
func (f Faults) Err() error {
	switch len(f.fields) {
	case 0:
		return nil
	case 1:
		return apperr.InvalidField(f.fields[0].Path, "%s", f.fields[0].Message)
	}
	return &apperr.Error{Code: apperr.Invalid, Message: "Several values are not valid.", Fields: f.fields}
}

// line checks text of one line and answers it without surrounding space.
func (f *Faults) line(path, s string, least, most int) string {
	s = strings.TrimSpace(s)
	f.text(path, s, least, most, false)
	return s
}

// lines checks text of several lines and answers it with LF line ends.
func (f *Faults) lines(path, s string, least, most int) string {
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	f.text(path, s, least, most, true)
	return s
}

func (f *Faults) text(path, s string, least, most int, multi bool) {
	// Counting stops nothing here: bodies are limited before they are read.
	n := utf8.RuneCountInString(s)
	switch {
	case n < least || least > 0 && multi && strings.TrimSpace(s) == "":
		f.Add(path, "must not be empty")
	case n > most:
		f.Add(path, "must have at most %d characters, has %d", most, n)
	case !utf8.ValidString(s):
		f.Add(path, "must be valid UTF-8")
	case hasControl(s, multi):
		if multi {
			f.Add(path, "must not hold control characters other than line feed and tab")
		} else {
			f.Add(path, "must not hold control characters or line breaks")
		}
	}
}

func hasControl(s string, multi bool) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\n' || c == '\t':
			if !multi {
				return true
			}
		case c < ' ' || c == 0x7f:
			return true
		case c == 0xc2 && i+1 < len(s) && s[i+1] < 0xa0: // U+0080 to U+009F
			return true
		}
	}
	return false
}

func (f *Faults) position(path, s string) {
	if s != "" && !position.Valid(s) {
		f.Add(path, "must be an order key such as a0 or a0V")
	}
}

func (f *Faults) date(path string, d event.Date) {
	if d == "" {
		return
	}
	s := string(d)
	if len(s) == len(time.DateOnly) {
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			return
		}
	} else if t, err := time.Parse("2006-01-02T15:04:05Z", s); err == nil && t.Format("2006-01-02T15:04:05Z") == s {
		return
	}
	f.Add(path, "must be a day such as 2026-03-01 or a moment in UTC such as 2026-03-01T09:00:00Z")
}

func (f *Faults) priority(path string, p event.Priority) {
	switch p {
	case event.NoPriority, event.Low, event.Medium, event.High, event.Urgent:
	default:
		f.Add(path, "must be one of none, low, medium, high, urgent")
	}
}

func (f *Faults) category(path string, c event.Category) {
	switch c {
	case event.Backlog, event.Open, event.Active, event.Done, event.Cancelled:
	default:
		f.Add(path, "must be one of backlog, open, active, done, cancelled")
	}
}

func (f *Faults) role(path string, r event.Role) {
	if _, ok := rank[r]; !ok {
		f.Add(path, "must be one of owner, admin, member, guest")
	}
}

// Colors are the names of the colours of labels and projects.
var Colors = []string{"gray", "red", "orange", "yellow", "green", "teal", "blue", "indigo", "purple", "pink"}

func (f *Faults) color(path, c string) {
	if !slices.Contains(Colors, c) {
		f.Add(path, "must be one of %s", strings.Join(Colors, ", "))
	}
}

var keyForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,9}$`)

func (f *Faults) projectKey(path, k string) {
	if !keyForm.MatchString(k) {
		f.Add(path, "must be 1 to 10 capital letters and digits, a letter first")
	}
}

func (f *Faults) link(path, s string) {
	u, err := url.Parse(s)
	switch {
	case len(s) > MaxURL:
		f.Add(path, "must have at most %d characters", MaxURL)
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || !utf8.ValidString(s) || hasControl(s, false):
		f.Add(path, "must be an http or https address")
	}
}

// idList checks a list of ids and answers it without repetitions, nil where empty.
func (f *Faults) idList(path string, in []ids.ID, most int) []ids.ID {
	if len(in) == 0 {
		return nil
	}
	if len(in) > most {
		f.Add(path, "must have at most %d entries, has %d", most, len(in))
		return nil
	}
	out := make([]ids.ID, 0, len(in))
	for i, id := range in {
		switch {
		case id.IsZero():
			f.Add(at(path, i), "must not be the zero id")
		case !slices.Contains(out, id):
			out = append(out, id)
		}
	}
	return out
}

// at names an element of a list in a path.
func at(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
