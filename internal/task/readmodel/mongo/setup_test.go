//go:build servers

package mongo_test

import (
	"context"
	"testing"

	"headway/internal/platform/clock"
	logmongo "headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/mongo"
	"headway/internal/task/readmodel/readmodeltest"
	"headway/test/servers"
)

// opened is a store with what it stands on, as one process has them.
type opened struct {
	*mongo.Store
	db     *mongodb.DB
	log    *logmongo.Log
	opts   mongo.Options
	rounds int
}

// process opens the store at a URL as a process of its own.
func process(t testing.TB, url string, opts mongo.Options) *opened {
	t.Helper()
	return processWith(t, mongodb.Options{URL: url}, opts)
}

func processWith(t testing.TB, db mongodb.Options, opts mongo.Options) *opened {
	t.Helper()
	o := &opened{db: mongodbtest.OpenWith(t, db, logmongo.Schema(), mongo.Schema()), opts: opts}
	if err := o.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func (o *opened) open(ctx context.Context) (err error) {
	o.log = logmongo.New(o.db)
	o.opts.DB, o.opts.Log = o.db, o.log
	o.Store, err = mongo.New(ctx, o.opts)
	return err
}

// Again opens the store anew, or builds it anew from its log, in turn.
func (o *opened) Again(ctx context.Context) error {
	if o.rounds++; o.rounds%2 == 0 {
		return o.open(ctx)
	}
	return o.Rebuild(ctx, nil)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	readmodeltest.Run(t, func(t testing.TB, c clock.Clock, onCommit func(readmodel.Commit)) readmodeltest.Store {
		opts := mongo.Options{Clock: c}
		if onCommit != nil {
			opts.OnCommit = append(opts.OnCommit, onCommit)
		}
		return process(t, server.Database(t), opts)
	})
}
