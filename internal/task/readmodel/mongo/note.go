package mongo

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/words"
	"headway/internal/task/state"
)

func fields(names ...string) bson.D {
	p := make(bson.D, 0, len(names))
	for _, f := range names {
		p = append(p, bson.E{Key: f, Value: 1})
	}
	return p
}

// rows answers what the command touched, as it is after it.
func (t *tx) rows() ([]readmodel.Row, error) {
	out := make([]readmodel.Row, 0, len(t.order))
	for _, o := range t.order {
		var r readmodel.Row
		var err error
		switch o.kind {
		case readmodel.KindTask:
			r = t.tasks[o.id].row()
		case readmodel.KindComment:
			r, err = t.comments[o.id].row()
		default:
			r = readmodel.Row{Kind: o.kind, ID: o.id, Seq: t.docs[readmodel.FrameRow{Kind: o.kind, ID: o.id}]}
			if o.kind == readmodel.KindProject {
				r.Scope = o.id
			}
			r.JSON, err = encodeDoc(t.frame, o.kind, o.id)
			r.Removed = r.JSON == nil
		}
		if err != nil {
			return nil, err
		}
		if !r.ID.IsZero() { // else made and removed by the same command
			out = append(out, r)
		}
	}
	return out, nil
}

func (w *taskWork) row() readmodel.Row {
	if w.cur == nil {
		if w.first == nil {
			return readmodel.Row{}
		}
		return readmodel.Row{Kind: readmodel.KindTask, ID: w.first.ID, Scope: w.goneScope, Seq: w.goneSeq, Removed: true}
	}
	w.card = readmodel.AppendCard(make([]byte, 0, 640+len(w.cur.Title)), w.cur)
	r := readmodel.Row{Kind: readmodel.KindTask, ID: w.cur.ID, Scope: w.cur.Project, Seq: w.cur.Seq, JSON: w.card, Detail: w.raw}
	if w.first != nil && w.first.Project != w.cur.Project {
		r.Was = w.first.Project
	}
	return r
}

func (c *commentWork) row() (readmodel.Row, error) {
	if c.cur == nil {
		if c.first == nil || c.goneSeq == 0 {
			return readmodel.Row{}, nil
		}
		return readmodel.Row{Kind: readmodel.KindComment, ID: c.first.ID, Scope: c.goneScope, Seq: c.goneSeq, Removed: true}, nil
	}
	var err error
	c.json, err = json.Marshal(c.cur)
	r := readmodel.Row{Kind: readmodel.KindComment, ID: c.cur.ID, Scope: c.cur.Project, Seq: c.cur.Seq, JSON: c.json}
	if c.first != nil && c.first.Project != c.cur.Project {
		r.Was = c.first.Project
	}
	return r, err
}

// encodeDoc answers a row of the frame, nil where it is gone.
func encodeDoc(f *state.Frame, kind readmodel.Kind, id ids.ID) ([]byte, error) {
	switch kind {
	case readmodel.KindWorkspace:
		return json.Marshal(&f.Workspace)
	case readmodel.KindMember:
		if m := f.Members[id]; m != nil {
			return json.Marshal(m)
		}
	case readmodel.KindProject:
		if p := f.Projects[id]; p != nil {
			return json.Marshal(p)
		}
	case readmodel.KindLabel:
		if l := f.Labels[id]; l != nil {
			return json.Marshal(l)
		}
	}
	return nil, nil
}

// noting gathers the writes of a group.
type noting struct {
	g *group
	n *note
}

// note answers what the group does to the rows.
func (g *group) note() (*note, error) {
	b := noting{g, &note{Prev: int64(g.base), Last: int64(g.head), Frame: int64(g.frameSeq)}} // #nosec G115 -- seqs
	for key, seq := range g.docs {
		if err := b.doc(key, seq); err != nil {
			return nil, err
		}
	}
	for id, seq := range g.invites {
		if err := b.invitation(id, seq); err != nil {
			return nil, err
		}
	}
	for _, m := range g.moved {
		id := ids.Derive(g.ws.id, strconv.FormatUint(m.seq, 10), m.task.String())
		b.row(kindMoved, id, m.seq, bson.D{{Key: "seq", Value: int64(m.seq)}, {Key: "task", Value: mongodb.ID(m.task)}, {Key: "scope", Value: mongodb.ID(m.scope)}}) // #nosec G115 -- a seq
	}
	for id, c := range g.comments {
		if c.dirty {
			if err := b.comment(id, c); err != nil {
				return nil, err
			}
		}
	}
	for id, w := range g.tasks {
		if w.dirty {
			if err := b.task(id, w); err != nil {
				return nil, err
			}
		}
	}
	// A row whose seq names an answer comes after the rows that are in it: a
	// task after its comments, and then the projects. The head comes last.
	for id, columns := range g.touched {
		b.project(id, columns)
	}
	return b.n, nil
}

func (b *noting) row(kind byte, id ids.ID, seq uint64, set bson.D, unset ...string) *write {
	b.n.Writes = append(b.n.Writes, write{ID: rowID(b.g.ws.id, kind, id), V: int64(seq), Set: append(bson.D{}, set...), Unset: unset}) // #nosec G115 -- a seq
	return &b.n.Writes[len(b.n.Writes)-1]
}

func (b *noting) doc(key readmodel.FrameRow, seq uint64) error {
	json, err := encodeDoc(b.g.frame, key.Kind, key.ID)
	if err != nil {
		return err
	}
	at := bson.E{Key: "seq", Value: int64(seq)} // #nosec G115 -- a seq
	if json == nil {
		b.row(kindByte(key.Kind), key.ID, seq, bson.D{at, {Key: "gone", Value: true}}, "json")
	} else {
		b.row(kindByte(key.Kind), key.ID, seq, bson.D{at, {Key: "json", Value: json}}, "gone")
	}
	if key.Kind != readmodel.KindMember {
		return nil
	}
	m := b.g.frame.Members[key.ID]
	set := bson.D{{Key: "w", Value: mongodb.Key(b.g.ws.id)}, {Key: "in", Value: m != nil && !m.Removed && m.Kind != event.Placeholder}}
	if m != nil {
		set = append(set, bson.E{Key: "joined", Value: m.JoinedAt.UnixMilli()})
	}
	b.n.Writes = append(b.n.Writes, write{In: inMembers, ID: memberID(key.ID, b.g.ws.id), V: int64(seq), Set: set}) // #nosec G115 -- a seq
	return nil
}

// memberID is the _id of a membership: "USER/WORKSPACE".
func memberID(user, workspace ids.ID) string { return mongodb.Key(user) + "/" + mongodb.Key(workspace) }

func (b *noting) invitation(id ids.ID, seq uint64) error {
	inv := b.g.frame.Invitations[id]
	if inv == nil {
		b.row(kindInvitation, id, seq, bson.D{{Key: "gone", Value: true}}, "json")
		return nil
	}
	json, err := json.Marshal(inv)
	if err != nil {
		return err
	}
	b.row(kindInvitation, id, seq, bson.D{{Key: "json", Value: json}}, "gone")
	b.n.Writes = append(b.n.Writes, write{
		In: inInvitations, ID: inv.TokenHash, V: int64(seq), // #nosec G115 -- a seq
		Set: bson.D{{Key: "w", Value: mongodb.Key(b.g.ws.id)}, {Key: "invitation", Value: mongodb.Key(id)}},
	})
	return nil
}

func (b *noting) project(id ids.ID, columns map[ids.ID]bool) {
	p := b.g.projects[id]
	set := bson.D{{Key: "number", Value: int64(p.number)}} // #nosec G115 -- counted up from 1
	for column := range columns {
		set = append(set, bson.E{Key: "counts." + hex.EncodeToString(column[:]), Value: int64(p.counts[column])})
	}
	b.row(kindProjectHead, id, p.seq, set)
}

func (b *noting) comment(id ids.ID, c *commentWork) error {
	if c.cur == nil {
		if c.goneSeq == 0 {
			b.row(kindComment, id, c.v, bson.D{{Key: "gone", Value: true}}, "seq", "scope", "json", "place", "owner", "at")
			return nil
		}
		b.row(kindComment, id, c.v, bson.D{{Key: "gone", Value: true}, {Key: "seq", Value: int64(c.goneSeq)}, {Key: "scope", Value: mongodb.ID(c.goneScope)}}, // #nosec G115 -- a seq
			"json", "place", "owner", "at")
		return nil
	}
	if c.json == nil {
		var err error
		if c.json, err = json.Marshal(c.cur); err != nil {
			return err
		}
	}
	at := readmodel.CommentCursor{At: c.cur.CreatedAt.UnixMilli(), ID: id}
	b.row(kindComment, id, c.cur.Seq, bson.D{
		{Key: "seq", Value: int64(c.cur.Seq)}, {Key: "scope", Value: mongodb.ID(c.cur.Project)}, {Key: "owner", Value: mongodb.ID(c.cur.Task)}, // #nosec G115 -- a seq
		{Key: "place", Value: commentPlace(c.cur.Task, at)}, {Key: "at", Value: at.At}, {Key: "json", Value: c.json},
	}, "gone")
	return nil
}

func (b *noting) task(id ids.ID, w *taskWork) error {
	if w.cur == nil {
		b.row(kindTask, id, w.goneSeq, bson.D{{Key: "gone", Value: true}, {Key: "seq", Value: int64(w.goneSeq)}, {Key: "scope", Value: mongodb.ID(w.goneScope)}}, // #nosec G115 -- a seq
			"json", "detail", "words", "place", "owner", "state", "shelf")
		return nil
	}
	cur := w.cur
	n, err := lifecycleNumber(cur.State)
	if err != nil {
		return err
	}
	if w.card == nil {
		w.card = readmodel.AppendCard(nil, cur)
	}
	set := bson.D{
		{Key: "seq", Value: int64(cur.Seq)}, {Key: "scope", Value: mongodb.ID(cur.Project)}, {Key: "owner", Value: mongodb.ID(id)}, {Key: "state", Value: n}, // #nosec G115 -- a seq
		{Key: "place", Value: taskPlace(cur.Project, n, readmodel.TaskCursor{Column: cur.Column, Position: cur.Position, ID: id})},
		{Key: "json", Value: w.card},
	}
	var unset []string
	if n != 0 {
		set = append(set, bson.E{Key: "shelf", Value: n})
	} else if w.before != nil && w.before.State != event.Live {
		unset = append(unset, "shelf")
	}
	if w.detailDirty {
		if string(w.raw) != readmodel.EmptyDetail {
			set = append(set, bson.E{Key: "detail", Value: w.raw})
		} else if w.before != nil {
			unset = append(unset, "detail")
		}
	}
	if w.words {
		list, err := b.g.wordsOf(w)
		if err != nil {
			return err
		}
		set = append(set, bson.E{Key: "words", Value: list})
	}
	write := b.row(kindTask, id, cur.Seq, set, unset...)
	if !w.words && len(w.added) > 0 {
		write.Words = sortedWords(w.added...)
	}
	return nil
}

// wordsOf gathers all words of a task.
func (g *group) wordsOf(w *taskWork) ([]string, error) {
	if w.detail == nil {
		d, err := readmodel.DecodeDetail(w.raw)
		if err != nil {
			return nil, err
		}
		w.detail = d
	}
	if err := g.readComments(w.cur.ID, w.before != nil && w.before.Comments > 0); err != nil {
		return nil, err
	}
	texts := []string{w.cur.Title, w.detail.Description}
	for id := range g.ofTask[w.cur.ID] {
		if c := g.comments[id].cur; c != nil {
			texts = append(texts, c.Text)
		}
	}
	return sortedWords(texts...), nil
}

func sortedWords(texts ...string) []string {
	set := words.Set(texts...)
	out := make([]string, 0, len(set))
	for w := range set {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}
