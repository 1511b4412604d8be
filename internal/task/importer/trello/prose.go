package trello

import (
	"strings"
)

// prose puts a task's description together: Trello's own text first, then
// what has no place of its own here, as Markdown.
type prose struct {
	head   string // the whole title where it was shortened
	body   string
	fields [][2]string
	tasks  []proseTask
	links  [][2]string
}

type proseTask struct {
	list, title string
	done        bool
}

func (p *prose) field(name, value string) { p.fields = append(p.fields, [2]string{name, value}) }
func (p *prose) link(name, url string)    { p.links = append(p.links, [2]string{name, url}) }
func (p *prose) task(list, title string, done bool) {
	p.tasks = append(p.tasks, proseTask{list, title, done})
}

// write answers the description and whether something had to be cut off its end.
func (p *prose) write() (string, bool) {
	if p.head == "" && len(p.fields)+len(p.tasks)+len(p.links) == 0 {
		return p.limit(p.body)
	}
	var b strings.Builder
	if p.head != "" {
		b.WriteString(p.head + "\n\n")
	}
	b.WriteString(p.body)
	gap := func() {
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
	}
	if len(p.fields) > 0 {
		gap()
		b.WriteString("| Field | Value |\n| --- | --- |")
		for _, f := range p.fields {
			b.WriteString("\n| " + cell(f[0]) + " | " + cell(f[1]) + " |")
		}
	}
	list := "\x00"
	for _, t := range p.tasks {
		if t.list != list {
			list = t.list
			gap()
			if list != "" {
				b.WriteString("**" + list + "**\n")
			}
		}
		mark := "- [ ] "
		if t.done {
			mark = "- [x] "
		}
		b.WriteString("\n" + mark + t.title)
	}
	if len(p.links) > 0 {
		gap()
		for i, l := range p.links {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString("- [" + strings.NewReplacer("[", "(", "]", ")").Replace(l[0]) + "](<" + l[1] + ">)")
		}
	}
	return p.limit(b.String())
}

func (p *prose) limit(s string) (string, bool) {
	if !longer(s, maxDescription) {
		return s, false
	}
	return firstRunes(s, maxDescription), true
}

// taskFields brings the custom fields over as rows of a table.
func (r *reader) taskFields(c *card, text *prose, name string) (values int) {
	t := r.tally
	t.in("fields", len(c.Fields))
	for i := range c.Fields {
		f := &c.Fields[i]
		def, ok := r.defs[string(f.IDCustomField)]
		fieldName := line(string(def.Name), 100)
		if fieldName == "" {
			fieldName = "Unnamed field"
		}
		value := r.fieldText(f, &def)
		switch {
		case value == "":
			t.add("fields.empty", label2(name, fieldName))
			continue
		case !ok:
			t.add("fields.dangling", name)
		}
		text.field(fieldName, value)
		values++
	}
	t.come("fields", values)
	return values
}

// fieldText writes a custom field's value: text, number, date, checkbox or a list's option.
func (r *reader) fieldText(f *fieldItem, def *fieldDef) string {
	v := f.Value.v
	switch {
	case v.Text != "":
		s, gone := clean(string(v.Text), false)
		r.tally.gone(gone)
		return s
	case v.Number != "":
		return line(string(v.Number), 100)
	case v.Date != "":
		if m := readMoment(string(v.Date)); m.given() {
			return strings.Replace(string(date(m)), "T00:00:00Z", "", 1)
		}
		return line(string(v.Date), 100)
	case v.Checked != "":
		if v.Checked == "true" {
			return "yes"
		}
		return "no"
	case f.IDValue != "":
		for _, o := range append(def.Options[:len(def.Options):len(def.Options)], def.Display.v.Options...) {
			if o.ID == f.IDValue {
				return line(string(o.Value.v.Text), 500)
			}
		}
	}
	return ""
}
