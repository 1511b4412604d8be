package trello

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"

	"headway/internal/platform/ids"
	"headway/internal/task/domain/position"
	"headway/internal/task/event"
	"headway/internal/task/importer"
)

// What a task may hold; the command side enforces the same.
const (
	maxTitle       = 500
	maxDescription = 100_000
	maxComment     = 20_000
	maxItem        = 1_000
	maxItems       = 500
	maxLabels      = 50
	maxAssignees   = 50
	maxAttachments = 200
	maxURL         = 2_000
)

// task builds the task that a card becomes.
func (r *reader) task(c *card, source string, id ids.ID, row *cardRow) (*importer.Creation, error) {
	t := r.tally
	col := &r.columns[row.list]
	title, gone := clean(string(c.Name), false)
	t.gone(gone)
	name := title
	if title == "" {
		title = "Untitled card"
		t.add("cards.untitled", string(c.ShortLink))
	}
	d := &event.TaskData{
		Project: r.project, Column: col.ID, Priority: event.NoPriority, Position: r.ranks[row.rank],
		State: event.Live, Created: born(source), Start: r.when(c.Start, "start", name), Due: r.when(c.Due, "due", name),
	}
	switch {
	case bool(c.Closed):
		d.State = event.Archived
		t.add("cards.archived", "")
	case col.Archived:
		d.State = event.Archived
		t.add("cards.inArchived", name)
	}
	if row.list == r.unfiled {
		t.add("cards.unfiled", name)
	}
	var text prose
	if longer(title, maxTitle) {
		text.head = title
		d.Title = strings.TrimSpace(firstRunes(title, maxTitle-1)) + "…"
		t.add("cards.long", d.Title)
	} else {
		d.Title = title
	}
	text.body, gone = clean(string(c.Desc), true)
	t.gone(gone)
	if col.Category == event.Done {
		if done := cmp.Or(c.Activity.t, c.Due.t); !done.IsZero() {
			d.Completed = &done
		} else {
			d.Completed = d.Created
		}
	}
	if c.DueComplete && col.Category != event.Done {
		text.field("Marked complete in Trello", "yes")
		t.add("cards.complete", name)
	}
	if c.IsTemplate {
		text.field("Template in Trello", "yes")
		t.add("cards.template", name)
	}
	if place := line(strings.Join(fields(string(c.Location), string(c.Address)), ", "), 500); place != "" {
		text.field("Location", place)
		t.add("cards.location", name)
	}
	if v := c.Cover.v; v.IDAttachment != "" || v.Color != "" || v.IDUploaded != "" || c.Attachment != "" {
		t.add("cards.cover", name)
	}
	if len(c.IDVoted) > 0 {
		t.addN("cards.votes", name, len(c.IDVoted))
	}
	if len(c.Stickers) > 0 {
		t.addN("cards.stickers", name, len(c.Stickers))
	}
	if len(c.PluginData) > 0 {
		t.addN("file.plugins", "", len(c.PluginData))
	}
	r.taskLabels(c, d, name)
	r.taskPeople(c, d, name)
	values := r.taskFields(c, &text, name)
	if err := r.taskItems(c, d, &text, row, id, name); err != nil {
		return nil, err
	}
	r.taskAttachments(c, d, &text, id, name)
	var cut bool
	if d.Description, cut = text.write(); cut {
		t.add("cards.description", name)
	}
	t.lost(d.Title, d.Description)
	t.come("cards", 1)
	t.come("items", len(d.Items))
	t.come("attachments", len(d.Attachments))
	return &importer.Creation{Kind: importer.KindTask, ID: id, Project: r.project, Fields: values, Data: d}, nil
}

// fields leaves out the empty ones.
func fields(s ...string) []string {
	return slices.DeleteFunc(s, func(x string) bool { return strings.TrimSpace(x) == "" })
}

func (r *reader) when(m moment, what, name string) event.Date {
	if m.odd {
		r.tally.add("cards.date", name+" ("+what+")")
	}
	return date(m)
}

func (r *reader) taskLabels(c *card, d *event.TaskData, name string) {
	add := func(key string) {
		l := r.labelOf[key]
		if l == nil {
			r.tally.add("labels.dangling", name)
			return
		}
		if slices.Contains(d.Labels, l.id) {
			return
		}
		if len(d.Labels) >= maxLabels {
			r.tally.add("labels.many", name+": "+l.name)
			return
		}
		l.used = true
		d.Labels = append(d.Labels, l.id)
	}
	for i := range c.Labels {
		add(c.Labels[i].key())
	}
	for _, id := range c.IDLabels {
		add(id)
	}
}

func (r *reader) taskPeople(c *card, d *event.TaskData, name string) {
	add := func(key string) {
		p := r.whois(key)
		if p == nil {
			r.tally.add("members.unknown", name)
			return
		}
		if slices.Contains(d.Assignees, p.id) {
			return
		}
		if len(d.Assignees) >= maxAssignees {
			r.tally.add("members.many", name+": "+p.name)
			return
		}
		p.used = true
		d.Assignees = append(d.Assignees, p.id)
	}
	for _, id := range c.IDMembers {
		add(id)
	}
	for i := range c.Members {
		if key := c.Members[i].key(); key != "" {
			add(key)
		}
	}
}

// taskItems gathers the checklists of the card from the file and from within
// the card itself, in order. What is over the limit goes into the description.
func (r *reader) taskItems(c *card, d *event.TaskData, text *prose, row *cardRow, id ids.ID, name string) error {
	lists := slices.Clone(c.Checklists)
	for _, h := range hangsOf(r.checklists, row.key) {
		var l checklist
		if err := r.read(h.off, h.n, &l); err != nil {
			return err
		}
		lists = append(lists, l)
	}
	if len(lists) == 0 {
		return nil
	}
	seen := map[string]bool{}
	lists = slices.DeleteFunc(lists, func(l checklist) bool {
		was := l.ID != "" && seen[string(l.ID)]
		seen[string(l.ID)] = true
		if was {
			r.tally.in("items", len(l.Items)+len(l.Short))
			r.tally.addN("items.twice", name+": "+string(l.Name), len(l.Items)+len(l.Short))
		}
		return was
	})
	slices.SortStableFunc(lists, func(x, y checklist) int { return cmp.Compare(sortable(x.Pos), sortable(y.Pos)) })
	for n := range lists {
		if err := r.oneChecklist(&lists[n], n, d, text, id, name); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) oneChecklist(l *checklist, n int, d *event.TaskData, text *prose, id ids.ID, name string) error {
	t := r.tally
	keys, err := itemKeys()
	if err != nil {
		return err
	}
	items := append(slices.Clone(l.Items), l.Short...)
	slices.SortStableFunc(items, func(x, y checkItem) int { return cmp.Compare(sortable(x.Pos), sortable(y.Pos)) })
	listName := line(string(l.Name), 100)
	t.in("items", len(items))
	for i := range items {
		it := &items[i]
		title, gone := clean(string(it.Name), false)
		t.gone(gone)
		if title == "" {
			title = "Untitled item"
			t.add("items.untitled", name)
		}
		var extra []string
		if it.Due.given() {
			extra = append(extra, "due "+it.Due.t.Format("2006-01-02"))
		}
		if p := r.whois(string(it.IDMember)); p != nil && p.name != "" {
			extra = append(extra, p.name)
		}
		if len(extra) > 0 {
			title += " (" + strings.Join(extra, ", ") + ")"
			t.add("items.extra", "")
		}
		done := it.State == "complete" || it.State == "completed" || it.State == "checked"
		if longer(title, maxItem) {
			text.task(listName, title, done)
			title = strings.TrimSpace(firstRunes(title, maxItem-1)) + "…"
			t.add("items.long", name)
		}
		if len(d.Items) >= maxItems {
			text.task(listName, title, done)
			t.add("items.many", name)
			continue
		}
		d.Items = append(d.Items, event.Item{
			ID:   ids.Derive(id, "item", string(l.ID), string(it.ID), itoa(n), itoa(i)),
			List: listName, Title: title, Done: done, Position: keys[len(d.Items)],
		})
	}
	return nil
}

// itemKeys are the order keys of a checklist's items.
var itemKeys = sync.OnceValues(func() ([]string, error) { return position.N("", "", maxItems) })

func (r *reader) taskAttachments(c *card, d *event.TaskData, text *prose, id ids.ID, name string) {
	t := r.tally
	t.in("attachments", len(c.Attachments))
	seen := map[text2]bool{}
	for i := range c.Attachments {
		a := &c.Attachments[i]
		title := line(string(a.Name), 200)
		if title == "" {
			title = line(string(a.FileName), 200)
		}
		link, ok := webLink(string(a.URL))
		switch {
		case strings.TrimSpace(string(a.URL)) == "":
			t.add("attachments.none", label2(name, title))
			continue
		case !ok:
			t.add("attachments.scheme", label2(name, title))
			continue
		}
		key := text2{string(a.ID), link}
		if a.ID != "" && seen[key] {
			t.add("attachments.twice", label2(name, title))
			continue
		}
		seen[key] = true
		if title == "" {
			title = line(link, 200)
		}
		if a.IsUpload {
			t.add("attachments.upload", "")
		}
		if len(d.Attachments) >= maxAttachments {
			text.link(title, link)
			t.add("attachments.many", label2(name, title))
			continue
		}
		d.Attachments = append(d.Attachments, event.Attachment{ID: ids.Derive(id, "attachment", string(a.ID), itoa(i)), Name: title, URL: link})
	}
}

type text2 struct{ a, b string }

func label2(card, thing string) string {
	if thing == "" {
		return card
	}
	return card + ": " + thing
}

// webLink answers the address where it is one of the web.
func webLink(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxURL {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https") {
		return "", false
	}
	if c, gone := clean(s, false); gone > 0 || c != s {
		return "", false
	}
	return s, true
}
