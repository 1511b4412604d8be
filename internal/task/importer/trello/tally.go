package trello

import (
	"context"
	"strings"
	"unicode/utf8"

	"headway/internal/task/importer"
)

// tally counts and names, during the rehearsal, what the report then says. Its
// methods do nothing on nil, which is what a walk that applies has.
type tally struct {
	inFile, comes map[string]int
	remarks       map[string]*counted
	authors       map[*person]bool
	control       int // control characters taken out
	unreadable    int // characters that were lost before the file came here
}

// counted is a remark with the count of its sentence, which is not that of its
// names where one name stands for several things.
type counted struct {
	importer.Remark
	n int
}

func newTally() *tally {
	return &tally{
		inFile: map[string]int{}, comes: map[string]int{},
		remarks: map[string]*counted{}, authors: map[*person]bool{},
	}
}

// add counts one thing under a remark of the table in remarks.go, with its name.
func (t *tally) add(code, name string) { t.addN(code, name, 1) }

func (t *tally) addN(code, name string, n int) {
	if t == nil || n == 0 {
		return
	}
	r := t.remarks[code]
	if r == nil {
		r = &counted{Remark: importer.Remark{Names: []string{}}}
		t.remarks[code] = r
	}
	r.n += n
	if name = line(name, 120); name == "" {
		r.Total += n
		return
	}
	r.Total++
	if len(r.Names) < importer.MaxNames {
		r.Names = append(r.Names, name)
	}
}

func (t *tally) in(kind string, n int) {
	if t != nil {
		t.inFile[kind] += n
	}
}

func (t *tally) come(kind string, n int) {
	if t != nil {
		t.comes[kind] += n
	}
}

func (t *tally) gone(n int) {
	if t != nil {
		t.control += n
	}
}

// lost counts replacement characters in what comes over.
func (t *tally) lost(a, b string) {
	if t != nil {
		t.unreadable += strings.Count(a, string(utf8.RuneError)) + strings.Count(b, string(utf8.RuneError))
	}
}

func (t *tally) author(p *person) {
	if t != nil {
		t.authors[p] = true
	}
}

// cardComments compares what the card counts with what the file holds.
func (t *tally) cardComments(c *card, found int) {
	n := c.Badges.v.Comments
	if !n.ok || n.v < 1 || n.v > 1e6 || int(n.v) <= found {
		return
	}
	t.addN("comments.missing", line(string(c.Name), 100)+": "+importer.Count(int(n.v)-found), int(n.v)-found)
}

// rehearse walks the whole board once, changing nothing, and writes the report.
func (b *board) rehearse(ctx context.Context, visit func(importer.Creation) error) error {
	t := b.tally
	t.inFile["cards"] = len(b.cards)
	if b.unfiled >= 0 && len(b.cards) == 0 && len(b.columns) == 1 {
		t.add("lists.none", "")
	}
	err := b.tasks(ctx, importer.Cursor{Frame: true}, func(c importer.Creation, _ importer.Cursor) error { return visit(c) })
	if err != nil {
		return err
	}
	for _, c := range b.frame() {
		if err := visit(c); err != nil {
			return err
		}
	}
	if err := b.orphans(); err != nil {
		return err
	}
	for _, l := range b.labelIn {
		switch {
		case l.comes():
			t.come("labels", 1)
			if l.name == "" {
				t.add("labels.nameless", l.color)
			}
		default:
			t.add("labels.unused", "")
		}
	}
	t.comes["members"] = 0
	for _, p := range b.personN {
		if !p.used {
			continue
		}
		t.come("members", 1)
		if !p.member {
			t.in("members", 1)
			if b.seen["members"] {
				t.add("members.former", p.name)
			}
		}
		if p.name == "" {
			t.add("members.nameless", "")
		}
	}
	t.addN("members.placeholder", "", t.comes["members"])
	t.addN("comments.authors", "", len(t.authors))
	t.addN("file.control", "", t.control)
	t.addN("file.unreadable", "", t.unreadable)
	t.addN("file.odd", "", b.skipped.other)
	if b.closed {
		t.add("file.closed", "")
	}
	if desc, _ := clean(string(b.desc), true); longer(desc, maxDescription) {
		t.add("file.description", "")
	}
	if b.entries >= historyFull-10 && b.entries <= historyFull+10 {
		t.addN("comments.capped", "", b.entries)
	}
	b.report = t.report(b.title)
	b.tally = nil
	return nil
}

// orphans counts what hangs on cards that the file does not hold.
func (b *board) orphans() error {
	t := b.tally
	has := make(map[[16]byte]bool, len(b.cards))
	for i := range b.cards {
		has[b.cards[i].key] = true
	}
	r := &reader{board: b}
	for _, h := range b.checklists {
		if has[h.card] {
			continue
		}
		var l checklist
		if err := r.read(h.off, h.n, &l); err != nil {
			return err
		}
		t.in("items", len(l.Items)+len(l.Short))
		t.add("items.orphan", string(l.Name))
	}
	for _, h := range b.comments {
		if has[h.card] {
			continue
		}
		var a action
		if err := r.read(h.off, h.n, &a); err != nil {
			return err
		}
		t.in("comments", 1)
		t.add("comments.orphan", line(a.text(), 80))
	}
	return nil
}
