package trello

import (
	"maps"
	"slices"
	"strings"
)

const unknownPerson = "~unknown"

// resolveLabels settles names and colours: from the board's labels, from the
// names of colours on old boards, and from labels that only cards carry.
func (b *board) resolveLabels() {
	t := b.tally
	b.labelOf = map[string]*boardLabel{}
	put := func(l label, known bool) {
		name, gone := clean(string(l.Name), false)
		t.control += gone
		if name == "" && l.Color != "" {
			name, _ = clean(string(b.labelNames[string(l.Color)]), false)
		}
		ours, ok := colour(l.Color)
		if !ok {
			t.add("labels.colour", strings.TrimSpace(name+" ("+line(string(l.Color), 40)+")"))
		}
		if longer(name, 100) {
			t.add("labels.long", firstRunes(name, 100))
			name = strings.TrimSpace(firstRunes(name, 100))
		}
		bl := &boardLabel{id: b.id("label", l.key()), name: name, color: ours, known: known}
		b.labelOf[l.key()] = bl
		b.labelIn = append(b.labelIn, bl)
	}
	t.inFile["labels"] = len(b.labels)
	for _, l := range b.labels {
		if _, ok := b.labelOf[l.key()]; ok {
			t.add("labels.twice", string(l.Name))
			continue
		}
		put(l, true)
	}
	for _, key := range slices.Sorted(maps.Keys(b.usedLabels)) {
		l := b.usedLabels[key]
		if _, ok := b.labelOf[key]; ok {
			continue
		}
		if l.ID == "" {
			if bl := b.alike(l); bl != nil {
				b.labelOf[key] = bl
				continue
			}
		}
		put(l, false)
		t.inFile["labels"]++
	}
}

// alike finds the board's label that a label without an id stands for.
func (b *board) alike(l label) *boardLabel {
	name, _ := clean(string(l.Name), false)
	ours, _ := colour(l.Color)
	for _, bl := range b.labelIn {
		if bl.name == name && (bl.color == ours || l.Color == "") {
			return bl
		}
	}
	return nil
}

// resolvePeople settles who is who: the board's members, and people whom only
// the history names because they left.
func (b *board) resolvePeople() {
	t := b.tally
	b.persons = map[string]*person{}
	t.inFile["members"] = len(b.members)
	byName := map[string]*person{}
	for _, m := range b.members {
		key := m.key()
		if key == "" {
			t.add("members.empty", "")
			continue
		}
		if _, ok := b.persons[key]; ok {
			t.add("members.twice", m.called())
			continue
		}
		p := b.addPerson(key, m)
		p.member, p.used = true, true
		if m.Username != "" {
			byName["@"+string(m.Username)] = p
		}
		if m.FullName != "" {
			byName["~"+string(m.FullName)] = p
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b.people)) {
		if _, ok := b.persons[key]; ok {
			continue
		}
		if p := byName[key]; p != nil {
			b.persons[key] = p
			continue
		}
		b.addPerson(key, b.people[key])
	}
}

func (b *board) addPerson(key string, m member) *person {
	p := &person{id: b.id("member", key), name: m.called()}
	if p.name == "" {
		if known, ok := b.people[key]; ok {
			p.name = known.called()
		}
	}
	b.persons[key] = p
	b.personN = append(b.personN, p)
	return p
}

// whois answers the person, nil where the file says nothing about them but an id.
func (b *board) whois(key string) *person {
	if key == "" {
		return nil
	}
	return b.persons[key]
}

// nobody stands in for authors of whom the file says nothing.
func (b *board) nobody() *person {
	p := b.persons[unknownPerson]
	if p == nil {
		p = b.addPerson(unknownPerson, member{FullName: "Unknown author"})
	}
	return p
}
