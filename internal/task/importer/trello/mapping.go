package trello

import (
	"math"
	"strings"
	"time"
	"unicode"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// colours maps Trello's colours (without _light and _dark) to the nearest of ours.
var colours = map[string]string{
	"green": "green", "lime": "green", "yellow": "yellow", "orange": "orange", "red": "red", "purple": "purple",
	"blue": "blue", "sky": "teal", "teal": "teal", "pink": "pink", "magenta": "pink", "black": "gray",
	"gray": "gray", "grey": "gray", "none": "gray", "null": "gray", "": "gray", "indigo": "indigo", "violet": "purple",
}

// colour answers the nearest of our colours, and whether Trello's is known.
func colour(c text) (string, bool) {
	s := strings.ToLower(strings.TrimSpace(string(c)))
	s = strings.TrimSuffix(strings.TrimSuffix(s, "_light"), "_dark")
	ours, ok := colours[s]
	if !ok {
		return "gray", false
	}
	return ours, true
}

// projectColour picks a colour for the board by its background.
func projectColour(background text) string {
	if c, ok := colour(background); ok && background != "" && c != "gray" {
		return c
	}
	return "blue"
}

// categoryWords tell what a list is for. A list counts as the first category
// that has one of its words, or a phrase, in the list's name; else it is open.
var categoryWords = []struct {
	category event.Category
	words    []string
}{
	{event.Cancelled, []string{"cancelled", "canceled", "rejected", "abandoned", "wontfix", "won't do", "wont do", "won't fix", "declined", "abgelehnt", "abgebrochen", "annulé", "cancelado", "cancelada", "discarded", "duplicate", "duplicates"}},
	{event.Active, []string{"not done", "in progress", "doing", "wip", "in review", "review", "reviewing", "testing", "in testing", "qa", "in arbeit", "in bearbeitung", "en cours", "en curso", "en progreso", "haciendo", "em andamento", "fazendo", "in corso", "bezig", "working on", "developing", "in development", "進行中", "进行中", "作業中", "в работе", "w toku", "pågående"}},
	{event.Done, []string{"done", "complete", "completed", "finished", "closed", "shipped", "released", "deployed", "resolved", "archive", "fertig", "erledigt", "abgeschlossen", "terminé", "terminée", "fini", "fait", "hecho", "terminado", "completado", "finalizado", "feito", "concluído", "concluída", "fatto", "completato", "gedaan", "klaar", "afgerond", "完了", "完成", "已完成", "готово", "сделано", "gotowe", "zrobione", "klart", "färdig", "valmis", "hotovo", "kész"}},
	{event.Backlog, []string{"backlog", "ideas", "idea", "icebox", "someday", "inbox", "brainstorm", "wishlist", "wish list", "later", "ideen", "idées", "icebox", "アイデア"}},
}

// category guesses by a list's name what the list means for the work in it.
func category(name string) event.Category {
	folded := " " + strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	}), " ") + " "
	for _, c := range categoryWords {
		for _, w := range c.words {
			if strings.Contains(folded, " "+w+" ") {
				return c.category
			}
		}
	}
	return event.Open
}

// sortable makes a number sortable: absent ones go last.
func sortable(n number) float64 {
	if !n.ok {
		return math.Inf(1)
	}
	return n.v
}

// cardKey is a card's key in the index, by its Trello id.
func cardKey(id string) ids.ID { return ids.Derive(ids.Nil, "card", id) }

// isObjectID reports whether an id is one of Trello's own, unique everywhere;
// other tools write ids that are unique in their file only.
func isObjectID(s string) bool {
	if len(s) != 24 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// born answers when Trello made the object: the first four bytes of its id. Nil where the id does not tell.
func born(id string) *time.Time {
	if !isObjectID(id) {
		return nil
	}
	var sec int64
	for i := range 8 {
		c := id[i]
		if c >= 'a' {
			c -= 'a' - 10
		} else {
			c -= '0'
		}
		sec = sec<<4 | int64(c)
	}
	t := time.Unix(sec, 0).UTC()
	if t.Year() < 2011 || t.Year() > 2100 { // Trello opened in 2011
		return nil
	}
	return &t
}

// date writes a moment as a due or start date.
func date(m moment) event.Date {
	switch {
	case !m.given():
		return ""
	case m.day:
		return event.Date(m.t.Format(time.DateOnly))
	}
	return event.Date(m.t.UTC().Format(time.RFC3339))
}

// key tells labels apart: by id, or by name and colour where there is none.
func (l *label) key() string {
	if l.ID != "" {
		return string(l.ID)
	}
	return "~" + string(l.Color) + "~" + string(l.Name)
}

// key tells people apart: by id, user name or name; "" for nobody.
func (m *member) key() string {
	switch {
	case m.ID != "":
		return string(m.ID)
	case m.Username != "":
		return "@" + string(m.Username)
	case m.FullName != "":
		return "~" + string(m.FullName)
	}
	return ""
}

// called answers the best name that the file gives a person, "" where it gives none.
func (m *member) called() string {
	for _, t := range []text{m.FullName, m.Username, m.Initials} {
		if n := line(string(t), 100); n != "" {
			return n
		}
	}
	return ""
}
