package trello

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/importer"
)

// Title implements importer.Board.
func (b *board) Title() string { return b.title }

// Report implements importer.Board.
func (b *board) Report() importer.Report { return b.report }

// Walk implements importer.Board.
func (b *board) Walk(ctx context.Context, from importer.Cursor, yield func(importer.Creation, importer.Cursor) error) error {
	if !from.Frame {
		frame := b.frame()
		for i := from.Part; i < len(frame); i++ {
			at := importer.Cursor{Part: i + 1}
			if i == len(frame)-1 {
				at = importer.Cursor{Frame: true}
			}
			if err := yield(frame[i], at); err != nil {
				return err
			}
		}
		from = importer.Cursor{Frame: true}
	}
	return b.tasks(ctx, from, yield)
}

// frame is what the tasks stand on. The project is last but for its columns,
// so that a frame that is there is there whole.
func (b *board) frame() []importer.Creation {
	var out []importer.Creation
	unnamed := 0
	for _, p := range b.personN {
		if !p.used {
			continue
		}
		name := p.name
		if name == "" {
			unnamed++
			name = "Unnamed member " + itoa(unnamed)
		}
		out = append(out, importer.Creation{Kind: importer.KindMember, ID: p.id, Data: &event.MemberData{
			User: p.id, Role: event.Guest, Kind: event.Placeholder, Name: name,
		}})
	}
	for _, l := range b.labelIn {
		if l.comes() {
			out = append(out, importer.Creation{Kind: importer.KindLabel, ID: l.id, Data: &event.LabelData{Name: l.name, Color: l.color}})
		}
	}
	state := event.Live
	if b.closed {
		state = event.Archived
	}
	desc, _ := clean(string(b.desc), true)
	project := &event.ProjectData{
		Name: b.title, Color: projectColour(b.background), Description: firstRunes(desc, maxDescription), State: state,
	}
	project.Columns = slices.Clone(b.columns)
	out = append(out, importer.Creation{Kind: importer.KindProject, ID: b.project, Project: b.project, Data: project})
	for i := range b.columns {
		c := b.columns[i]
		out = append(out, importer.Creation{Kind: importer.KindColumn, ID: c.ID, Project: b.project, Data: &event.ColumnData{Column: c}})
	}
	return out
}

// comes reports whether a label is worth bringing: the empty ones that every
// new board has and no card uses are not.
func (l *boardLabel) comes() bool { return l.used || l.name != "" && l.known }

// tasks yields the cards from the cursor on, each followed by its comments.
func (b *board) tasks(ctx context.Context, from importer.Cursor, yield func(importer.Creation, importer.Cursor) error) error {
	r := &reader{board: b}
	for at := from.Task; at < len(b.order); at++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := 0
		if at == from.Task {
			part = from.Part
		}
		row := &b.cards[b.order[at]]
		if row.twice {
			if b.tally != nil {
				var o outline
				if err := r.read(row.off, row.n, &o); err != nil {
					return err
				}
				b.tally.add("cards.twice", string(o.Name))
			}
			continue
		}
		if err := r.one(at, part, row, yield); err != nil {
			return err
		}
	}
	return nil
}

// reader reads elements back from the file, one at a time.
type reader struct {
	*board
	buf []byte
}

func (r *reader) read(off int64, n int32, v any) error {
	if cap(r.buf) < int(n) || cap(r.buf) > 1<<20 && int(n) < cap(r.buf)/8 {
		r.buf = make([]byte, max(int(n), 16<<10))
	}
	buf := r.buf[:n]
	if _, err := r.src.R.ReadAt(buf, off); err != nil {
		return apperr.Wrap(err, "The file could not be read again. Start the import anew.")
	}
	if err := json.Unmarshal(buf, v, decodeOptions); err != nil {
		return apperr.Wrap(err, "The file changed while it was imported. Start the import anew.")
	}
	return nil
}

// one yields a card and its comments, leaving out the first skip creations.
func (r *reader) one(at, skip int, row *cardRow, yield func(importer.Creation, importer.Cursor) error) error {
	var c card
	if err := r.read(row.off, row.n, &c); err != nil {
		return err
	}
	source := sourceID(c.ID, c.ShortLink, int(r.order[at]))
	id := r.id("card", source)
	comments := hangsOf(r.comments, row.key)
	inside := len(c.Comments) + len(c.Actions)
	part := 0
	last := importer.Cursor{Task: at + 1, Frame: true}
	// A creation's cursor is given only when the next is known, since the last of a card moves on.
	var held *importer.Creation
	emit := func(next *importer.Creation) error {
		if held != nil && part > skip {
			cur := last
			if next != nil {
				cur = importer.Cursor{Task: at, Part: part, Frame: true}
			}
			if err := yield(*held, cur); err != nil {
				return err
			}
		}
		held = next
		part++
		return nil
	}
	task, err := r.task(&c, source, id, row)
	if err != nil {
		return err
	}
	if err := emit(task); err != nil {
		return err
	}
	seen := map[ids.ID]bool{}
	found := 0
	comment := func(a *action) error {
		made := r.comment(a, id, seen, &c)
		if len(made) > 0 {
			found++
		}
		for i := range made {
			if err := emit(&made[i]); err != nil {
				return err
			}
		}
		return nil
	}
	for _, h := range comments {
		var a action
		if err := r.read(h.off, h.n, &a); err != nil {
			return err
		}
		if err := comment(&a); err != nil {
			return err
		}
	}
	if inside > 0 {
		for i := range c.Comments {
			if err := comment(&c.Comments[i]); err != nil {
				return err
			}
		}
		for i := range c.Actions {
			if !c.Actions[i].isComment() {
				continue
			}
			if err := comment(&c.Actions[i]); err != nil {
				return err
			}
		}
	}
	if t := r.tally; t != nil {
		t.cardComments(&c, found)
	}
	return emit(nil)
}

// hangsOf answers what hangs on a card.
func hangsOf(all []hang, card ids.ID) []hang {
	i, ok := slices.BinarySearchFunc(all, card, func(h hang, k ids.ID) int { return slices.Compare(h.card[:], k[:]) })
	if !ok {
		return nil
	}
	j := i
	for j < len(all) && all[j].card == card {
		j++
	}
	return all[i:j]
}
