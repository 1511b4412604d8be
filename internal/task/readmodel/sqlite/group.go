package sqlite

import (
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel"
)

// flushKey names the store's work before a commit.
type flushKey struct{}

// merge makes the command's changes those of the workspace, for the commands
// after it. It is the last step that can fail, and fails before it changes anything.
func (t *tx) merge() error {
	if err := t.writeFrame(); err != nil {
		return err
	}
	ws := t.ws
	if !ws.loaded {
		ws.w = t.w
	}
	for key, delta := range t.counts {
		if delta == 0 {
			continue
		}
		if _, err := ws.count(t.c, key.project, key.column); err != nil {
			return err
		}
	}

	if !ws.loaded {
		t.ws = t.s.cache.pinNew(ws)
		ws = t.ws
		ws.loaded = true
	}
	ws.w, ws.head, ws.frame, ws.latest = t.w, t.head, t.frame, t.latest
	for id, p := range t.projects {
		to := ws.project(id)
		to.seq, to.number, to.dirty = max(to.seq, p.seq), max(to.number, p.number), true
	}
	for key, delta := range t.counts {
		if delta == 0 {
			continue
		}
		n := ws.projects[key.project].counts[key.column]
		n.live, n.dirty = n.live+delta, true
		ws.projects[key.project].dirty = true
	}
	t.gatherWords()
	if !ws.dirty {
		ws.dirty = true
		t.s.dirty = append(t.s.dirty, ws)
	}
	t.c.BeforeCommit(flushKey{}, t.s.flush)
	return nil
}

// flush writes, once for all commands of the transaction, what each of them
// would have written again.
func (s *Store) flush(c *sqlitedb.Conn) error {
	for _, ws := range s.dirty {
		if err := s.flushWorkspace(c, ws); err != nil {
			return err
		}
	}
	if err := s.flushWords(c); err != nil {
		return err
	}
	clear(s.dirty)
	s.dirty = s.dirty[:0]
	return nil
}

func (s *Store) flushWorkspace(c *sqlitedb.Conn, ws *workspace) error {
	if !ws.dirty {
		return nil
	}
	ws.dirty = false
	if !ws.replay {
		if err := s.log.SetHead(c, ws.w, ws.head); err != nil {
			return err
		}
	}
	for id, p := range ws.projects {
		if !p.dirty {
			continue
		}
		p.dirty = false
		err := c.Exec("INSERT INTO project_heads (w, project, seq, number) VALUES (?, ?, ?, ?) ON CONFLICT (w, project) DO UPDATE SET seq = excluded.seq, number = excluded.number",
			ws.w, id, p.seq, p.number)
		if err != nil {
			return err
		}
		for col, n := range p.counts {
			if !n.dirty {
				continue
			}
			n.dirty = false
			err := c.Exec("INSERT INTO column_counts (w, project, col, live) VALUES (?, ?, ?, ?) ON CONFLICT (w, project, col) DO UPDATE SET live = excluded.live",
				ws.w, id, col, n.live)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// publication is what a commit shows to readers once it is durable.
type publication struct {
	s     *Store
	ws    *workspace
	state published
	seqs  []projectSeq
	// changed are the tasks that were there before and are not the same any more.
	changed []changedTask
	commit  readmodel.Commit
}

type changedTask struct {
	id ids.ID
	n  int64
}

type projectSeq struct {
	id  ids.ID
	seq uint64
}

// announce has the commit shown when it is durable, or forgotten when it was lost.
func (t *tx) announce(commit readmodel.Commit) {
	p := &publication{
		s: t.s, ws: t.ws, commit: commit,
		state: published{w: t.w, head: t.head, frame: t.frame, latest: t.latest},
		seqs:  make([]projectSeq, 0, len(t.projects)),
	}
	for id, w := range t.projects {
		p.seqs = append(p.seqs, projectSeq{id, w.seq})
	}
	for _, r := range t.touched {
		if r.kind == readmodel.KindTask && t.tasks[r.id].first != nil {
			p.changed = append(p.changed, changedTask{r.id, t.tasks[r.id].n})
		}
	}
	t.c.OnCommit(p.show)
	t.c.OnRollback(p.lost)
}

func (p *publication) show() {
	for _, t := range p.changed {
		p.s.tasks.drop(t.id, t.n)
	}
	p.ws.mu.Lock()
	if p.ws.seqs == nil {
		p.ws.seqs = make(map[ids.ID]uint64, len(p.seqs))
	}
	for _, s := range p.seqs {
		p.ws.seqs[s.id] = max(p.ws.seqs[s.id], s.seq)
	}
	p.ws.mu.Unlock()
	p.ws.pub.Store(&p.state)
	for _, tell := range p.s.subscribers {
		tell(p.commit)
	}
	p.s.cache.unpin(p.ws)
}

// lost runs on the writer's goroutine where the transaction was lost: the
// workspace is read anew before its next command.
func (p *publication) lost() {
	p.ws.loaded, p.ws.dirty = false, false
	p.s.forget()
	p.s.cache.unpin(p.ws)
}

// forget drops what was to be flushed.
func (s *Store) forget() {
	clear(s.dirty)
	s.dirty = s.dirty[:0]
	s.index.revert()
}
