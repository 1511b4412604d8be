//go:build servers

package mongo

import (
	"context"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"headway/internal/platform/eventlog"
	logmongo "headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/readmodel"
)

// Dying is a process that ends between a commit and its rows, of which it
// writes no more than Rows.
type Dying struct {
	*Store
	Rows int
}

// Do implements command.Store.
func (d Dying) Do(ctx context.Context, id ids.ID, decide func(command.Tx) error) (readmodel.Commit, error) {
	ws := &workspace{id: id}
	if _, err := d.load(ctx, ws); err != nil {
		return readmodel.Commit{}, err
	}
	g := newGroup(ctx, d.Store, ws)
	j := &job{ctx: ctx, decide: decide, done: make(chan struct{})}
	g.decide([]*job{j}, 1)
	if len(g.events) == 0 {
		return readmodel.Commit{}, j.err
	}
	n, err := g.note()
	if err != nil {
		return readmodel.Commit{}, err
	}
	packed, err := d.packer.pack(n)
	if err != nil {
		return readmodel.Commit{}, err
	}
	err = d.log.Commit(ctx, logmongo.Batch{
		Category: eventlog.Workspace, Stream: id, Head: g.base, Events: g.events, Reserve: g.reserve(), Note: packed,
	})
	if err != nil {
		return readmodel.Commit{}, err
	}
	for i := range n.Writes[:min(d.Rows, len(n.Writes))] {
		if err := d.bulk(ctx, n.Writes[i].In, []driver.WriteModel{n.Writes[i].model(false)}); err != nil {
			return readmodel.Commit{}, err
		}
	}
	return g.commits[0], nil
}
