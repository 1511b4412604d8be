package trello

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/importer"
)

// Limits of one file. Trello's own are far below them.
const (
	maxDepth    = 10_000    // of nesting, which is the decoder's own limit
	maxValue    = 8 << 20   // bytes that the decoder may ask for at once: values above 8 to 16 MB are refused
	maxCards    = 500_000   // each costs 64 bytes of index
	maxHangs    = 1_000_000 // comments and checklists; each costs 32 bytes
	maxNamed    = 10_000    // lists, labels and custom fields
	maxPeople   = 5_000
	historyFull = 1_000 // entries at which Trello cuts the history off
)

// cardRow is what the index keeps of a card.
type cardRow struct {
	key   ids.ID // of its Trello id
	off   int64
	pos   float64
	short float64 // idShort, the card's number on its board
	n     int32
	list  int32  // into scan.listIDs; after resolve, into board.columns
	rank  uint32 // among the cards of its column
	twice bool   // another card of the same id came before
}

// hang is where something that belongs to a card stands in the file.
type hang struct {
	card ids.ID
	off  int64
	n    int32
}

// scan is the first pass: it checks the file's syntax to the end, reads what
// is small and keeps where the rest stands.
type scan struct {
	ctx context.Context //nolint:containedctx // lives for one pass
	src importer.Source
	dec *jsontext.Decoder

	id, shortLink, name, desc text
	closed                    boolean
	background                text
	labelNames                map[string]text
	seen                      map[string]bool // members of the top object (and of "board")
	format                    text            // "_format", which WeKan writes

	lists      []list
	labels     []label
	members    []member
	defs       map[string]fieldDef // custom fields
	people     map[string]member
	cards      []cardRow
	checklists []hang
	comments   []hang
	listIDs    []string
	listIndex  map[string]int32
	usedLabels map[string]label // by key; labels that cards carry in full
	probe      *outline         // a card, to tell what the file is
	entries    int              // of the history
	skipped    struct{ cards, other int }
}

func newScan(ctx context.Context, src importer.Source) *scan {
	r := &patience{ctx: ctx, r: bufio.NewReaderSize(io.NewSectionReader(src.R, 0, src.Size), 128<<10)}
	return &scan{
		ctx: ctx, src: src, dec: jsontext.NewDecoder(r, decodeOptions),
		labelNames: map[string]text{}, seen: map[string]bool{}, defs: map[string]fieldDef{}, people: map[string]member{},
		listIndex: map[string]int32{}, usedLabels: map[string]label{},
	}
}

var decodeOptions = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

var errValueSize = errors.New("value too large")

// patience is the decoder's reader: it ends with the context, and refuses to
// fill a buffer that only a monstrous value would need.
type patience struct {
	ctx context.Context //nolint:containedctx // lives for one pass
	r   io.Reader
}

func (p *patience) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	if len(b) > maxValue {
		return 0, errValueSize
	}
	return p.r.Read(b)
}

// run reads the whole file.
func (s *scan) run() error {
	kind := s.dec.PeekKind()
	switch kind {
	case '{':
		if err := s.top(true); err != nil {
			return s.explain(err)
		}
	case '[':
		return s.bareArray()
	case 0:
		_, err := s.dec.ReadToken()
		return s.explain(err)
	default:
		if s.isCSV() {
			return errCSV
		}
		return apperr.New(apperr.Invalid, "The file holds a single value, not a Trello board. %s", howToExport)
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errTrailing
		}
		return s.explain(err)
	}
	return s.judge()
}

var errTrailing = errors.New("more follows after the end")

// top reads the top object, and the "board" object of API-shaped files.
func (s *scan) top(outer bool) error {
	return s.object(func(name string) error {
		s.seen[name] = true
		switch name {
		case "id":
			return s.small(&s.id)
		case "shortLink":
			return s.small(&s.shortLink)
		case "name":
			return s.small(&s.name)
		case "desc":
			return s.small(&s.desc)
		case "closed":
			return s.closed.UnmarshalJSONFrom(s.dec)
		case "_format":
			return s.small(&s.format)
		case "prefs":
			var p object[struct {
				Background text `json:"background"`
				Color      text `json:"backgroundColor"`
			}]
			if err := p.UnmarshalJSONFrom(s.dec); err != nil {
				return err
			}
			s.background = p.v.Background
			return nil
		case "labelNames":
			return s.colourNames()
		case "lists":
			return s.array(s.list)
		case "labels":
			return s.array(s.label)
		case "members":
			return s.array(s.member)
		case "customFields":
			return s.array(s.field)
		case "cards":
			return s.array(s.card)
		case "checklists":
			return s.array(s.checklist)
		case "actions":
			return s.array(func() error { s.entries++; return s.action("") })
		case "comments":
			return s.commentsOf()
		case "board":
			if outer && s.dec.PeekKind() == '{' {
				return s.top(false)
			}
		}
		return s.dec.SkipValue()
	})
}

// small reads a value that is a short text on a board: later ones win.
func (s *scan) small(t *text) error { return t.UnmarshalJSONFrom(s.dec) }

// object calls fn at each member's value; fn reads or skips it.
func (s *scan) object(fn func(name string) error) error {
	if s.dec.PeekKind() != '{' {
		return s.dec.SkipValue()
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	for s.dec.PeekKind() != '}' {
		tok, err := s.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := fn(tok.String()); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return err
}

// array calls fn at each object of an array and counts what is none.
func (s *scan) array(fn func() error) error {
	return each(s.dec, func() error {
		if s.dec.PeekKind() == '{' {
			return fn()
		}
		if s.dec.PeekKind() != 'n' {
			s.skipped.other++
		}
		return s.dec.SkipValue()
	})
}

// element decodes the next value and tells where it stood.
func (s *scan) element(v any) (off int64, n int32, err error) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return 0, 0, err
	}
	off = s.dec.InputOffset() - int64(len(raw))
	return off, int32(len(raw)), json.Unmarshal(raw, v, decodeOptions) // #nosec G115 -- below twice maxValue
}

func (s *scan) list() error {
	var l list
	if _, _, err := s.element(&l); err != nil {
		return err
	}
	if len(s.lists) >= maxNamed {
		return tooMany("lists", maxNamed)
	}
	s.lists = append(s.lists, l)
	return nil
}

func (s *scan) label() error {
	var l label
	if _, _, err := s.element(&l); err != nil {
		return err
	}
	if len(s.labels) >= maxNamed {
		return tooMany("labels", maxNamed)
	}
	s.labels = append(s.labels, l)
	return nil
}

func (s *scan) member() error {
	var m member
	if _, _, err := s.element(&m); err != nil {
		return err
	}
	if len(s.members) >= maxPeople {
		return tooMany("members", maxPeople)
	}
	s.members = append(s.members, m)
	return nil
}

func (s *scan) field() error {
	var f fieldDef
	if _, _, err := s.element(&f); err != nil {
		return err
	}
	if len(s.defs) >= maxNamed {
		return tooMany("custom fields", maxNamed)
	}
	if _, ok := s.defs[string(f.ID)]; !ok {
		s.defs[string(f.ID)] = f
	}
	return nil
}

// colourNames reads the names that old boards give to their label colours.
func (s *scan) colourNames() error {
	return s.object(func(name string) error {
		var t text
		if err := t.UnmarshalJSONFrom(s.dec); err != nil {
			return err
		}
		if len(s.labelNames) < maxNamed {
			s.labelNames[name] = t
		}
		return nil
	})
}

func (s *scan) card() error {
	var c outline
	off, n, err := s.element(&c)
	if err != nil {
		return err
	}
	if len(s.cards) >= maxCards {
		return tooMany("cards", maxCards)
	}
	if s.probe == nil {
		s.probe = &c
	}
	for _, l := range c.Labels {
		s.useLabel(l)
	}
	for _, m := range c.Members {
		s.person(m)
	}
	for _, refs := range [][]commentRef{c.Comments, c.Actions} {
		for _, r := range refs {
			m := r.MemberCreator.v
			if m.ID == "" {
				m.ID = r.IDMemberCreator
			}
			s.person(m)
		}
	}
	row := cardRow{key: cardKey(sourceID(c.ID, c.ShortLink, len(s.cards))), off: off, n: n, list: s.listID(string(c.IDList))}
	row.pos, row.short = sortable(c.Pos), sortable(c.IDShort)
	s.cards = append(s.cards, row)
	return nil
}

// sourceID is the card's id, or what stands in where the file gives none.
func sourceID(id, shortLink text, index int) string {
	switch {
	case id != "":
		return string(id)
	case shortLink != "":
		return string(shortLink)
	}
	return "#" + itoa(index)
}

// listID numbers the list ids that cards name; -1 is none.
func (s *scan) listID(id string) int32 {
	if id == "" {
		return -1
	}
	if i, ok := s.listIndex[id]; ok {
		return i
	}
	if len(s.listIDs) >= maxNamed {
		return -1
	}
	i := int32(len(s.listIDs)) // #nosec G115 -- below maxNamed
	s.listIndex[id] = i
	s.listIDs = append(s.listIDs, id)
	return i
}

// useLabel keeps a label that a card carries in full: old files have no other.
func (s *scan) useLabel(l label) {
	key := l.key()
	if _, ok := s.usedLabels[key]; !ok && len(s.usedLabels) < maxNamed {
		s.usedLabels[strings.Clone(key)] = l
	}
}

func (s *scan) checklist() error {
	var c struct {
		IDCard text `json:"idCard"`
	}
	off, n, err := s.element(&c)
	if err != nil {
		return err
	}
	if len(s.checklists) >= maxHangs {
		return tooMany("checklists", maxHangs)
	}
	s.checklists = append(s.checklists, hang{card: cardKey(string(c.IDCard)), off: off, n: n})
	return nil
}

// action keeps where a comment stands and who the people of the history are.
func (s *scan) action(card string) error {
	var a action
	off, n, err := s.element(&a)
	if err != nil {
		return err
	}
	s.person(a.author())
	s.person(a.Member.v)
	if card == "" {
		card = a.card()
	} else if a.Type == "" {
		a.Type = "commentCard" // what stands in a map of comments is one
	}
	if !a.isComment() {
		return nil
	}
	if len(s.comments) >= maxHangs {
		return tooMany("comments", maxHangs)
	}
	s.comments = append(s.comments, hang{card: cardKey(card), off: off, n: n})
	return nil
}

// commentsOf reads "comments": an array, or an object with one array per card id.
func (s *scan) commentsOf() error {
	if s.dec.PeekKind() == '[' {
		return s.array(func() error { return s.action("") })
	}
	return s.object(func(card string) error {
		return s.array(func() error { return s.action(card) })
	})
}

// person remembers a name met in the history: people who left the board have no other.
func (s *scan) person(m member) {
	key := m.key()
	if key == "" {
		return
	}
	old, ok := s.people[key]
	if !ok && len(s.people) >= maxPeople {
		return
	}
	if !ok || old.FullName == "" && m.FullName != "" {
		s.people[key] = m
	}
}

func tooMany(what string, limit int) error {
	return apperr.New(apperr.Invalid, "The file holds more than %s %s, which is more than an import takes.", importer.Count(limit), what)
}
