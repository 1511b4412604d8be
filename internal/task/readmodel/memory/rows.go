package memory

import (
	"encoding/json"

	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

func (t *tx) bump(projectID ids.ID, seq uint64) {
	p := t.projects[projectID]
	p.seq = max(p.seq, seq)
	t.projects[projectID] = p
}

// Task implements command.Tx and readmodel.Rows.
func (t *tx) Task(id ids.ID, detail bool) (*state.Task, error) {
	task := t.tasks[id]
	if task == nil || detail {
		return task, nil
	}
	card := *task
	card.Detail = nil
	return &card, nil
}

// PutTask implements readmodel.Rows. A task that goes to another project takes its comments along.
func (t *tx) PutTask(prev, next *state.Task) error {
	whole := *next
	if whole.Detail == nil {
		whole.Detail = t.tasks[next.ID].Detail
	}
	t.tasks[next.ID] = &whole
	t.touch(readmodel.KindTask, next.ID)
	t.bump(next.Project, next.Seq)
	if prev == nil || prev.Project == next.Project {
		return nil
	}
	t.bump(prev.Project, next.Seq)
	t.stones = append(t.stones, tombstone{readmodel.KindTask, next.ID, prev.Project, next.Seq, true})
	for _, c := range t.commentsOf(next.ID) {
		moved := *c
		moved.Project, moved.Seq = next.Project, next.Seq
		t.comments[c.ID] = &moved
		t.touch(readmodel.KindComment, c.ID)
	}
	return nil
}

// DeleteTask implements readmodel.Rows.
func (t *tx) DeleteTask(prev *state.Task, seq uint64) error {
	for _, c := range t.commentsOf(prev.ID) {
		delete(t.comments, c.ID)
	}
	delete(t.tasks, prev.ID)
	t.touch(readmodel.KindTask, prev.ID)
	t.bump(prev.Project, seq)
	t.stones = append(t.stones, tombstone{kind: readmodel.KindTask, id: prev.ID, scope: prev.Project, seq: seq})
	return nil
}

// Comment implements command.Tx and readmodel.Rows.
func (t *tx) Comment(id ids.ID) (*state.Comment, error) { return t.comments[id], nil }

// PutComment implements readmodel.Rows.
func (t *tx) PutComment(c *state.Comment) error {
	t.comments[c.ID] = c
	t.touch(readmodel.KindComment, c.ID)
	t.bump(c.Project, c.Seq)
	return nil
}

// DeleteComment implements readmodel.Rows.
func (t *tx) DeleteComment(c *state.Comment, seq uint64) error {
	delete(t.comments, c.ID)
	t.touch(readmodel.KindComment, c.ID)
	t.bump(c.Project, seq)
	t.stones = append(t.stones, tombstone{kind: readmodel.KindComment, id: c.ID, scope: c.Project, seq: seq})
	return nil
}

// UseNumber implements readmodel.Rows.
func (t *tx) UseNumber(projectID ids.ID, n uint64) error {
	p := t.projects[projectID]
	p.number = max(p.number, n)
	t.projects[projectID] = p
	return nil
}

// PutFrame implements readmodel.Rows.
func (t *tx) PutFrame(next *state.Frame, changed ...readmodel.FrameRow) error {
	t.frame = next
	for _, r := range changed {
		if r.Removed {
			t.stones = append(t.stones, tombstone{kind: r.Kind, id: r.ID, seq: t.head})
		}
		if r.Kind == readmodel.KindProject {
			t.bump(r.ID, t.head)
		}
		t.touch(r.Kind, r.ID)
		key := readmodel.FrameRow{Kind: r.Kind, ID: r.ID}
		if r.Removed {
			delete(t.docs, key)
		} else {
			t.docs[key] = t.head
		}
	}
	return nil
}

// doc encodes a row of the frame.
func (w *workspace) doc(kind readmodel.Kind, id ids.ID) ([]byte, error) {
	switch kind {
	case readmodel.KindWorkspace:
		return json.Marshal(&w.frame.Workspace)
	case readmodel.KindMember:
		return json.Marshal(w.frame.Members[id])
	case readmodel.KindProject:
		return json.Marshal(w.frame.Projects[id])
	}
	return json.Marshal(w.frame.Labels[id])
}

func card(t *state.Task) []byte { return readmodel.AppendCard(nil, t) }

// row answers a row as it is; ok is false where it is not there.
func (w *workspace) row(kind readmodel.Kind, id ids.ID) (r readmodel.Row, ok bool, err error) {
	r = readmodel.Row{Kind: kind, ID: id}
	switch kind {
	case readmodel.KindTask:
		task := w.tasks[id]
		if task == nil {
			return r, false, nil
		}
		r.Scope, r.Seq, r.JSON = task.Project, task.Seq, card(task)
		return r, true, nil
	case readmodel.KindComment:
		c := w.comments[id]
		if c == nil {
			return r, false, nil
		}
		r.Scope, r.Seq = c.Project, c.Seq
		r.JSON, err = json.Marshal(c)
		return r, true, err
	}
	seq, ok := w.docs[readmodel.FrameRow{Kind: kind, ID: id}]
	if !ok {
		return r, false, nil
	}
	if kind == readmodel.KindProject {
		r.Scope = id
	}
	r.Seq = seq
	r.JSON, err = w.doc(kind, id)
	return r, true, err
}

// rows answers what the commit touched, as it is after it.
func (t *tx) rows() ([]readmodel.Row, error) {
	var out []readmodel.Row
	for _, o := range t.order {
		now, there, err := t.row(o.kind, o.id)
		if err != nil {
			return nil, err
		}
		was, wasThere, err := t.before.row(o.kind, o.id)
		if err != nil {
			return nil, err
		}
		if there {
			if wasThere && was.Scope != now.Scope {
				now.Was = was.Scope
			}
			out = append(out, now)
			continue
		}
		for i := len(t.stones) - 1; wasThere && i >= 0; i-- {
			if s := t.stones[i]; s.kind == o.kind && s.id == o.id {
				out = append(out, readmodel.Row{Kind: o.kind, ID: o.id, Scope: s.scope, Seq: s.seq, Removed: true})
				break
			}
		}
	}
	return out, nil
}
