package mongo

import (
	"context"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
)

// group is the commands of one commit: the state of the workspace as they have
// it so far. A command that is refused leaves nothing in it.
type group struct {
	image
	ctx  context.Context // the decisions' interface has none
	s    *Store
	ws   *workspace
	base uint64 // the head before the group
	// detached has no rows below it: a rebuild folds into it from nothing.
	detached bool

	events   []eventlog.Event
	bytes    int
	made     []ids.ID // ids of tasks and comments to be reserved
	isMade   map[ids.ID]bool
	tasks    map[ids.ID]*taskWork
	comments map[ids.ID]*commentWork
	ofTask   map[ids.ID]map[ids.ID]bool // comments by their task
	docs     map[readmodel.FrameRow]uint64
	invites  map[ids.ID]uint64
	moved    []movedStone
	touched  map[ids.ID]map[ids.ID]bool // projects, and their columns whose counts changed

	jobs    []*job
	commits []readmodel.Commit
	settled []*job // refused, or without events
}

// movedStone tells of a task that left a project.
type movedStone struct {
	task, scope ids.ID
	seq         uint64
}

func newGroup(ctx context.Context, s *Store, ws *workspace) *group {
	return &group{
		image: ws.copied(), ctx: ctx, s: s, ws: ws, base: ws.head,
		isMade: map[ids.ID]bool{}, tasks: map[ids.ID]*taskWork{}, comments: map[ids.ID]*commentWork{}, ofTask: map[ids.ID]map[ids.ID]bool{},
		docs: map[readmodel.FrameRow]uint64{}, invites: map[ids.ID]uint64{}, touched: map[ids.ID]map[ids.ID]bool{},
	}
}

// decide runs up to so many jobs one after the other, and answers those for which there is no room.
func (g *group) decide(jobs []*job, most int) (left []*job) {
	for i, j := range jobs {
		if j.finished {
			continue
		}
		if g.bytes > groupBytes || len(g.jobs)+len(g.settled) >= most {
			return jobs[i:]
		}
		if err := j.ctx.Err(); err != nil {
			j.finish(readmodel.Commit{}, err)
			continue
		}
		j.commit, j.err, j.panicked = readmodel.Commit{}, nil, nil
		t := g.run(j)
		if j.err != nil || j.panicked != nil || len(t.events) == 0 {
			j.commit = readmodel.Commit{Workspace: g.ws.id, Last: t.head}
			g.settled = append(g.settled, j)
			continue
		}
		rows, err := t.rows()
		if err != nil {
			j.err = wrap(err, "write rows")
			g.settled = append(g.settled, j)
			continue
		}
		commit := readmodel.Commit{Workspace: g.ws.id, First: t.events[0].Seq, Last: t.head, Events: t.events, Rows: rows}
		t.merge()
		g.jobs, g.commits = append(g.jobs, j), append(g.commits, commit)
	}
	return nil
}

// run decides one job. Ids that it took for free, and that no reservation will
// vouch for, are looked up; where one was taken, the job is decided again.
func (g *group) run(j *job) *tx {
	for try := 0; ; try++ {
		t := newTx(g)
		func() {
			defer func() { j.panicked = recover() }()
			j.err = j.decide(t)
		}()
		doubtful := t.doubtful(j.err != nil)
		if j.panicked != nil || len(doubtful) == 0 || try == 3 {
			return t
		}
		if err := g.ws.ids.learn(g.ctx, g.s, g.ws.id, doubtful); err != nil {
			j.err = wrap(err, "look ids up")
			return t
		}
		again := false
		for _, id := range doubtful {
			again = again || g.ws.ids[id] == idTaken
		}
		if !again {
			return t
		}
	}
}

// finish answers the jobs of a group that is committed, or has nothing to commit.
func (g *group) finish() {
	for i, j := range g.jobs {
		j.finish(g.commits[i], nil)
	}
	for _, j := range g.settled {
		if j.err != nil || j.panicked != nil {
			j.commit = readmodel.Commit{}
		}
		j.finish(j.commit, j.err)
	}
}

// reserve are the ids that the commit takes for the workspace.
func (g *group) reserve() []ids.ID {
	out := make([]ids.ID, 0, len(g.made))
	seen := make(map[ids.ID]bool, len(g.made))
	for _, id := range g.made {
		if g.ws.ids[id] != idLeftOver && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// idStatus is what is known of ids that are reserved.
type idStatus map[ids.ID]byte

const (
	idTaken    byte = iota + 1 // in use, here or elsewhere
	idLeftOver                 // reserved for this workspace by a commit that came to nothing, or free again
)

// learn looks up which of the ids are reserved, and for what.
func (k idStatus) learn(ctx context.Context, s *Store, workspace ids.ID, list []ids.ID) error {
	owners, err := s.log.Owners(ctx, list)
	if err != nil {
		return err
	}
	var here []ids.ID
	for id, owner := range owners {
		if owner == workspace {
			here = append(here, id)
		}
		k[id] = idTaken
	}
	if len(here) == 0 {
		return nil
	}
	used, err := s.log.Known(ctx, workspace, here)
	if err != nil {
		return err
	}
	comments, err := s.liveComments(ctx, workspace, here)
	if err != nil {
		return err
	}
	for _, id := range here {
		if !used[id] && !comments[id] {
			k[id] = idLeftOver
		}
	}
	return nil
}

// took remembers what a commit has done to ids.
func (k idStatus) took(g *group) {
	if len(k) > 10_000 {
		clear(k)
	}
	for _, id := range g.made {
		k[id] = idTaken
	}
	for id, c := range g.comments {
		if c.cur == nil && c.dirty {
			k[id] = idLeftOver
		}
	}
}

// left remembers that a commit has reserved ids and come to nothing.
func (k idStatus) left(g *group) {
	for _, id := range g.reserve() {
		k[id] = idLeftOver
	}
}
