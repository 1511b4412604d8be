// Package trello reads Trello's board export: the JSON that the board's menu
// gives, and the API-shaped cut-downs that tools make of it. The first pass
// (scan.go) keeps where cards, checklists and comments stand in the file; a
// walk then reads them card by card. See importer.Format for the port.
package trello

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain/position"
	"headway/internal/task/event"
	"headway/internal/task/importer"
)

// Format is the Trello format. The zero value is ready to use.
type Format struct{}

var _ importer.Format = Format{}

// Name implements importer.Format.
func (Format) Name() string { return "Trello" }

// Open implements importer.Format: it reads the file twice, once for its index
// and once card by card for the report.
func (Format) Open(ctx context.Context, src importer.Source, visit func(importer.Creation) error) (importer.Board, error) {
	s := newScan(ctx, src)
	if err := s.run(); err != nil {
		return nil, err
	}
	b := &board{scan: s, workspace: src.Workspace, title: line(string(s.name), 100)}
	if b.title == "" {
		b.title = titleOfFile(src.Name)
	}
	b.source = string(s.id)
	if b.source == "" {
		b.source = string(s.shortLink)
	}
	if b.source == "" {
		b.source = "~" + b.title
	}
	b.project = b.id("board", b.source)
	b.tally = newTally()
	if err := b.resolve(); err != nil {
		return nil, err
	}
	if err := b.rehearse(ctx, visit); err != nil {
		return nil, err
	}
	return b, nil
}

func titleOfFile(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	if name = line(name, 100); name == "" {
		return "Trello board"
	}
	return name
}

// board is an opened export.
type board struct {
	*scan
	workspace ids.ID
	title     string
	source    string // the board's id in Trello
	project   ids.ID

	columns []event.Column
	listTo  []int32 // scan.listIDs to columns
	unfiled int32   // the column for cards without a list
	order   []int32 // cards in the walk's order
	labelOf map[string]*boardLabel
	labelIn []*boardLabel // in the file's order
	persons map[string]*person
	personN []*person // in the order met
	ranks   []string  // order keys, by rank
	tally   *tally    // nil after the rehearsal
	report  importer.Report
}

type boardLabel struct {
	id          ids.ID
	name, color string
	used        bool
	known       bool // in the file's labels, not only on cards
}

type person struct {
	id   ids.ID
	name string
	used bool
	// member is set for those whom the file lists as the board's members.
	member bool
}

// id derives the id of one of the board's things. Trello's ids are unique
// everywhere, so that people are the same on every board; others are unique on
// their board only.
func (b *board) id(kind, source string) ids.ID {
	if isObjectID(source) {
		return ids.Derive(b.workspace, "trello", kind, source)
	}
	return ids.Derive(b.workspace, "trello", kind, b.source, source)
}

// resolve ties together what the first pass found in any order.
func (b *board) resolve() error {
	b.resolveLists()
	b.resolveLabels()
	b.resolvePeople()
	b.resolveCards()
	byCard := func(x, y hang) int {
		return cmp.Or(slices.Compare(x.card[:], y.card[:]), cmp.Compare(x.off, y.off))
	}
	slices.SortFunc(b.checklists, byCard)
	slices.SortFunc(b.comments, byCard)
	var longest uint32
	for i := range b.cards {
		longest = max(longest, b.cards[i].rank)
	}
	var err error
	b.ranks, err = position.N("", "", max(int(longest)+1, len(b.columns)))
	if err != nil {
		return apperr.Wrap(err, "The cards could not be put in order.")
	}
	for i := range b.columns {
		b.columns[i].Position = b.ranks[i]
	}
	return nil
}

const maxLists = 999 // a project takes 1,000 columns from an import, one of which may be Unfiled

func (b *board) resolveLists() {
	lists := slices.Clone(b.lists)
	t := b.tally
	t.inFile["lists"] = len(lists)
	slices.SortStableFunc(lists, func(x, y list) int { return cmp.Compare(sortable(x.Pos), sortable(y.Pos)) })
	index := map[string]int32{}
	for i := range lists {
		l := &lists[i]
		name, gone := clean(string(l.Name), false)
		t.control += gone
		if _, ok := index[string(l.ID)]; ok && l.ID != "" {
			t.add("lists.twice", name)
			continue
		}
		if len(b.columns) >= maxLists {
			t.add("lists.many", name)
			continue
		}
		if name == "" {
			name = "Untitled list"
			t.add("lists.untitled", "")
		}
		if longer(name, 100) {
			t.add("lists.long", firstRunes(name, 100))
			name = strings.TrimSpace(firstRunes(name, 100))
		}
		id := string(l.ID)
		if id == "" {
			id = "~" + itoa(i) + "~" + name
		}
		c := event.Column{ID: b.id("list", id), Name: name, Category: category(name), Archived: bool(l.Closed)}
		if v := l.SoftLimit; v.ok && v.v >= 1 && v.v <= 10_000 {
			c.Limit = int(v.v)
		}
		if l.Closed {
			t.add("lists.archived", name)
		}
		if c.Category != event.Open {
			t.add("lists.category", name+" → "+string(c.Category))
		}
		if l.ID != "" {
			index[string(l.ID)] = int32(len(b.columns)) // #nosec G115 -- below maxLists
		}
		b.columns = append(b.columns, c)
		t.comes["lists"]++
	}
	b.unfiled = -1
	b.listTo = make([]int32, len(b.listIDs))
	for i, id := range b.listIDs {
		to, ok := index[id]
		if !ok {
			to = -1
		}
		b.listTo[i] = to
	}
}

// needUnfiled adds the column for cards whose list is not in the file.
func (b *board) needUnfiled() int32 {
	if b.unfiled < 0 {
		b.unfiled = int32(len(b.columns)) // #nosec G115 -- at most maxLists
		b.columns = append(b.columns, event.Column{
			ID: b.id("list", "~unfiled~"+b.source), Name: "Unfiled", Category: event.Open,
		})
	}
	return b.unfiled
}

// resolveCards finds cards that are in the file twice, the order in each
// column and the order of the walk: by the cards' numbers in Trello, so that
// they are numbered here in the same order.
func (b *board) resolveCards() {
	all := make([]int32, len(b.cards))
	for i := range all {
		all[i] = int32(i) // #nosec G115 -- at most maxCards
	}
	slices.SortFunc(all, func(x, y int32) int {
		return cmp.Or(slices.Compare(b.cards[x].key[:], b.cards[y].key[:]), cmp.Compare(x, y))
	})
	for i := 1; i < len(all); i++ {
		if b.cards[all[i]].key == b.cards[all[i-1]].key {
			b.cards[all[i]].twice = true
		}
	}
	for i := range b.cards {
		c := &b.cards[i]
		if c.list >= 0 {
			c.list = b.listTo[c.list]
		}
		if c.list < 0 && !c.twice {
			c.list = b.needUnfiled()
		}
	}
	if len(b.columns) == 0 {
		b.needUnfiled()
	}
	slices.SortFunc(all, func(x, y int32) int {
		p, q := &b.cards[x], &b.cards[y]
		return cmp.Or(cmp.Compare(p.list, q.list), cmp.Compare(p.pos, q.pos), cmp.Compare(x, y))
	})
	list, rank := int32(-1), uint32(0)
	for _, i := range all {
		c := &b.cards[i]
		if c.list != list {
			list, rank = c.list, 0
		}
		c.rank = rank
		if !c.twice {
			rank++
		}
	}
	b.order = all
	slices.SortFunc(b.order, func(x, y int32) int {
		return cmp.Or(cmp.Compare(b.cards[x].short, b.cards[y].short), cmp.Compare(x, y))
	})
}
