package trello

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headway/internal/apperr"
	"headway/internal/task/importer"
)

const howToExport = "In Trello, open the board's menu, then Print, export and share, then Export as JSON."

var (
	errCSV = apperr.New(apperr.Invalid, "The file is a CSV export, which leaves out comments and checklists. %s", howToExport)
	errWeb = apperr.New(apperr.Invalid, "The file is a web page, perhaps a sign-in or error page that was saved instead of the export. %s", howToExport)
)

// judge says what a well-formed object is where it is not a board.
func (s *scan) judge() error {
	has := func(names ...string) bool {
		for _, n := range names {
			if s.seen[n] {
				return true
			}
		}
		return false
	}
	switch {
	case s.format != "" || s.probe != nil && s.probe.ID == "" && s.probe.Name == "" && s.probe.IDList == "" && len(s.lists) > 0 && s.lists[0].ID == "":
		return apperr.New(apperr.Invalid, "The file is a board of another program, not of Trello. %s", howToExport)
	case has("lists", "cards") && !has("idList"):
		if s.probe != nil && s.probe.Name == "" && s.probe.IDList == "" && len(s.lists) == 0 {
			return apperr.New(apperr.Invalid, "The file has cards, but not as Trello writes them. %s", howToExport)
		}
		return nil
	case has("idList", "idShort", "idChecklists"):
		return apperr.New(apperr.Invalid, "The file is a single card%s, not a board. %s", named(s.name), howToExport)
	case has("checkItems"):
		return apperr.New(apperr.Invalid, "The file is a single checklist%s, not a board. %s", named(s.name), howToExport)
	case has("idBoard"):
		return apperr.New(apperr.Invalid, "The file is a single list%s, not a board. %s", named(s.name), howToExport)
	case has("boards"):
		return apperr.New(apperr.Invalid, "The file is a list of boards without what is on them. Export each board on its own. %s", howToExport)
	case has("prefs", "labelNames", "board"):
		return apperr.New(apperr.Invalid, "The file describes a board%s, but has neither its lists nor its cards. %s", named(s.name), howToExport)
	}
	return apperr.New(apperr.Invalid, "The file is JSON, but not a Trello board: it has no lists and no cards. %s", howToExport)
}

func named(name text) string {
	if n := line(string(name), 80); n != "" {
		return " (“" + n + "”)"
	}
	return ""
}

// bareArray says what a file is whose top is an array: never a board.
func (s *scan) bareArray() error {
	what, count := "", 0
	err := each(s.dec, func() error {
		count++
		if s.dec.PeekKind() != '{' || what != "" {
			return s.dec.SkipValue()
		}
		var keys map[string]jsontext.Value
		raw, err := s.dec.ReadValue()
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &keys, decodeOptions); err != nil {
			return err
		}
		what = elementKind(keys)
		return nil
	})
	if err != nil {
		return s.explain(err)
	}
	switch what {
	case "":
		return apperr.New(apperr.Invalid, "The file is a JSON array, not a Trello board. %s", howToExport)
	case "boards":
		return apperr.New(apperr.Invalid, "The file is a list of boards without what is on them. Export each board on its own. %s", howToExport)
	}
	return apperr.New(apperr.Invalid, "The file is a bare list of %s, not a whole board. %s", what, howToExport)
}

func elementKind(keys map[string]jsontext.Value) string {
	has := func(n string) bool { _, ok := keys[n]; return ok }
	switch {
	case has("idList"):
		return "cards"
	case has("checkItems"):
		return "checklists"
	case has("memberCreator") || has("idMemberCreator") && has("type"):
		return "history entries"
	case has("prefs") || has("labelNames") || has("lists"):
		return "boards"
	case has("fullName") || has("username"):
		return "members"
	case has("idBoard") && has("color"):
		return "labels"
	case has("idBoard"):
		return "lists"
	}
	return ""
}

// explain turns a syntax error into a sentence about the file.
func (s *scan) explain(err error) error {
	var coded *apperr.Error
	if err == nil || errors.As(err, &coded) || s.ctx.Err() != nil {
		return err
	}
	at := s.dec.InputOffset()
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at = syntax.ByteOffset
	}
	if at < 4096 {
		if err := s.notJSON(); err != nil {
			return err
		}
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return apperr.New(apperr.Invalid, "The file breaks off in the middle, after %d bytes. Export or download the board again.", s.src.Size)
	case errors.Is(err, errValueSize):
		return apperr.New(apperr.Invalid, "The file holds a single value of more than 8 MB (near byte %d), which no Trello board has.", at)
	case errors.Is(err, errTrailing):
		return apperr.New(apperr.Invalid, "More follows after the end of the board, at byte %d. The file may be two exports in one: choose one of them.", at)
	case strings.Contains(err.Error(), "depth"):
		return apperr.New(apperr.Invalid, "The file is nested more than %s levels deep (at byte %d), which no Trello board is.", importer.Count(maxDepth), at)
	case syntax != nil:
		return apperr.New(apperr.Invalid, "The file is not valid JSON: it goes wrong at byte %d. Export or download the board again.", at)
	}
	return apperr.Wrap(err, "The file could not be read.")
}

// notJSON tells a web page or a CSV file by its beginning.
func (s *scan) notJSON() error {
	head := strings.TrimSpace(s.head())
	switch {
	case strings.HasPrefix(head, "<"):
		return errWeb
	case s.isCSV():
		return errCSV
	case head == "":
		return apperr.New(apperr.Invalid, "The file is empty.")
	case head[0] != '{' && head[0] != '[':
		return apperr.New(apperr.Invalid, "The file is not JSON. %s", howToExport)
	}
	return nil
}

func (s *scan) head() string {
	b := make([]byte, min(s.src.Size, 8192))
	n, _ := s.src.R.ReadAt(b, 0) // what is there is enough to guess by
	return string(b[:n])
}

// isCSV reports whether the first line looks like the header of a table, in whatever language.
func (s *scan) isCSV() bool {
	head := strings.TrimSpace(s.head())
	if head == "" || head[0] == '{' || head[0] == '[' || head[0] == '<' {
		return false
	}
	first, _, _ := strings.Cut(head, "\n")
	for _, sep := range []string{",", ";", "\t"} {
		if strings.Count(first, sep) >= 2 {
			return true
		}
	}
	return false
}
