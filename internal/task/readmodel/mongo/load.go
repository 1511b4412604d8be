package mongo

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// foldAtOnce is how many commits are read at a time to bring an image up to date.
const foldAtOnce = 64

// load makes the workspace's image that of its newest commit of this moment,
// and has the rows of all commits up to it written; newest is true then. An
// image that holds as far as is known is left as it is, and newest is false.
//
// What others committed is folded into the image that there was, so that a
// process that lost a race is soon in the next one.
func (s *Store) load(ctx context.Context, ws *workspace) (newest bool, err error) {
	epoch := s.epoch.Load()
	if ws.loaded && ws.epoch == epoch {
		return false, nil
	}
	im := ws.copied()
	known := ws.ids // as folding leaves them
	if !ws.behind || ws.epoch != epoch {
		known = idStatus{}
		rows, err := read(ctx, s.rows, ws.id)
		if err != nil {
			return false, err
		}
		im = *rows
	}
	ws.loaded, ws.behind, ws.ids = false, false, known
	if err := s.follow(ctx, ws, &im); err != nil {
		return false, err
	}
	at, err := s.catchUp(ctx, ws.id, im.head)
	if err != nil {
		return false, err
	}
	if at < im.head {
		return false, fmt.Errorf("workspace %s: the rows are at seq %d, behind the commit at %d", ws.id, at, im.head)
	}
	ws.image, ws.loaded, ws.epoch = im, true, epoch
	if im.frame != nil {
		ws.shown.Store(&shown{im.frameSeq, im.frame})
	}
	return true, s.tellLate(ctx, ws)
}

// follow folds all commits after the image's head into it, and forgets what
// was known of the ids that they are about.
func (s *Store) follow(ctx context.Context, ws *workspace, im *image) error {
	for {
		commits, err := s.log.Commits(ctx, ws.id, im.head, foldAtOnce)
		if err != nil {
			return err
		}
		for i := range commits {
			n, err := s.noteOf(ws.id, im.head, &commits[i])
			if err != nil {
				return err
			}
			if err := im.fold(n); err != nil {
				return err
			}
			ws.ids.forget(n)
		}
		if len(commits) < foldAtOnce {
			return nil
		}
	}
}

// fold lays what a commit did to the rows over the image. Its values are
// whole, so an image that has some of them already is mended too.
func (im *image) fold(n *note) error {
	var frame *state.Frame // a copy of the image's, once something of it changes
	for i := range n.Writes {
		w := &n.Writes[i]
		if w.In != inRows {
			continue
		}
		r := row{ID: w.ID}
		switch kind := r.kind(); kind {
		case kindProjectHead:
			if err := im.foldProject(r.own(), w); err != nil {
				return err
			}
		case kindWorkspace, kindMember, kindProject, kindLabel, kindInvitation:
			if frame == nil {
				frame = cloned(im.frame)
			}
			if err := foldFrame(frame, kind, r.own(), w); err != nil {
				return err
			}
		case kindTask:
			clear(im.lasts) // it may be the last of a column now, or no longer
		}
	}
	if frame != nil {
		im.frame = frame
	}
	im.head, im.frameSeq = uint64(n.Last), uint64(n.Frame) // #nosec G115 -- seqs
	return nil
}

// forget forgets what is known of the tasks and comments that a commit is about.
func (k idStatus) forget(n *note) {
	for i := range n.Writes {
		r := row{ID: n.Writes[i].ID}
		if kind := r.kind(); n.Writes[i].In == inRows && (kind == kindTask || kind == kindComment) {
			delete(k, r.own())
		}
	}
}

func cloned(f *state.Frame) *state.Frame {
	if f == nil {
		f = &state.Frame{}
	}
	return &state.Frame{
		Workspace: f.Workspace, Members: cloneOf(f.Members), Projects: cloneOf(f.Projects),
		Labels: cloneOf(f.Labels), Invitations: cloneOf(f.Invitations),
	}
}

func cloneOf[V any](m map[ids.ID]V) map[ids.ID]V {
	if m == nil {
		return map[ids.ID]V{}
	}
	return maps.Clone(m)
}

// foldFrame sets one part of a frame to what a write says, or takes it out.
func foldFrame(f *state.Frame, kind byte, id ids.ID, w *write) error {
	var text []byte
	for _, e := range w.Set {
		if b, ok := e.Value.(bson.Binary); ok && e.Key == "json" {
			text = b.Data
		}
	}
	switch kind {
	case kindWorkspace:
		f.Workspace = state.Workspace{}
		return json.Unmarshal(text, &f.Workspace)
	case kindMember:
		return put(f.Members, id, text)
	case kindProject:
		return put(f.Projects, id, text)
	case kindLabel:
		return put(f.Labels, id, text)
	}
	return put(f.Invitations, id, text)
}

func put[T any](m map[ids.ID]*T, id ids.ID, text []byte) error {
	if text == nil {
		delete(m, id)
		return nil
	}
	v := new(T)
	m[id] = v
	return json.Unmarshal(text, v)
}

// foldProject sets what a write says of a project's head.
func (im *image) foldProject(id ids.ID, w *write) error {
	p := im.projects[id]
	p.seq = uint64(w.V) // #nosec G115 -- a seq
	counts := make(map[ids.ID]int, len(p.counts)+1)
	maps.Copy(counts, p.counts)
	for _, e := range w.Set {
		n, ok := e.Value.(int64)
		column, isCount := strings.CutPrefix(e.Key, "counts.")
		switch {
		case !ok:
			return readmodel.ErrRow
		case isCount:
			var key ids.ID
			if _, err := hex.Decode(key[:], []byte(column)); err != nil {
				return readmodel.ErrRow
			}
			counts[key] = int(n)
		case e.Key == "number":
			p.number = uint64(n) // #nosec G115 -- counted up from 1
		}
	}
	p.counts = counts
	im.projects[id] = p
	return nil
}
