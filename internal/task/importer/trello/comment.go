package trello

import (
	"strings"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/importer"
)

// comment builds what a comment becomes: one comment, or several where it is
// longer than one may be; none where it is empty or was there already.
func (r *reader) comment(a *action, task ids.ID, seen map[ids.ID]bool, c *card) []importer.Creation {
	t := r.tally
	t.in("comments", 1)
	body, gone := clean(a.text(), true)
	t.gone(gone)
	if strings.TrimSpace(body) == "" {
		t.add("comments.empty", string(c.Name))
		return nil
	}
	key := string(a.ID)
	if key == "" {
		key = "~" + a.Date.t.String() + "~" + body
	}
	// With the card in it, a comment that tools repeat on a copied card under the same id is one on each.
	id := ids.Derive(r.id("comment", key), task.String())
	if seen[id] {
		t.add("comments.twice", string(c.Name))
		return nil
	}
	seen[id] = true
	who := a.author()
	p := r.whois(who.key())
	if p == nil {
		p = r.nobody()
	}
	p.used = true
	t.author(p)
	at := a.Date.t
	if at.IsZero() {
		if b := born(key); b != nil {
			at = *b
		} else if b := born(string(c.ID)); b != nil {
			at = *b
		}
	}
	t.lost(body, "")
	t.come("comments", 1)
	if longer(body, maxComment) {
		t.add("comments.long", string(c.Name))
	}
	var out []importer.Creation
	for n := 0; body != ""; n++ {
		part := firstRunes(body, maxComment)
		body = body[len(part):]
		if strings.TrimSpace(part) == "" {
			continue
		}
		pid := id
		if n > 0 {
			pid = ids.Derive(id, "part", itoa(n))
		}
		out = append(out, importer.Creation{
			Kind: importer.KindComment, ID: pid, Project: r.project, Task: task, Part: n > 0,
			Data: &event.CommentData{Comment: event.Comment{ID: pid, Text: part, Author: p.id, At: at}},
		})
	}
	return out
}
