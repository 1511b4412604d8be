package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	analyticsmongo "headway/internal/analytics/readmodel/mongo"
	analyticssqlite "headway/internal/analytics/readmodel/sqlite"
	"headway/internal/app/config"
	"headway/internal/app/move"
	authmongo "headway/internal/auth/store/mongo"
	authsqlite "headway/internal/auth/store/sqlite"
	noticemongo "headway/internal/notification/store/mongo"
	noticesqlite "headway/internal/notification/store/sqlite"
	logmongo "headway/internal/platform/eventlog/mongo"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/moving"
	movingmongo "headway/internal/platform/moving/mongo"
	"headway/internal/platform/repeat"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel"
	taskmongo "headway/internal/task/readmodel/mongo"
	tasksqlite "headway/internal/task/readmodel/sqlite"
)

// openSource opens a store that others use, to be left.
func openSource(ctx context.Context, cfg config.Config) (move.Source, func() error, error) {
	open := openSQLiteSource
	if cfg.Store.Shared() {
		open = openMongoSource
	}
	s, closeSource, err := open(ctx, cfg)
	s.Name = redacted(cfg.Store, cfg.Data)
	return s, closeSource, err
}

func openSQLiteSource(ctx context.Context, cfg config.Config) (s move.Source, _ func() error, err error) {
	db, err := sqlitedb.OpenGuest(ctx, sqlitedb.Options{Folder: cfg.Store.Folder(cfg.Data), Migrations: sqliteMigrations()})
	if err != nil {
		return s, nil, err
	}
	events, err := logsqlite.New(ctx, db)
	if err != nil {
		return s, nil, errors.Join(err, db.Close())
	}
	s.Log, s.Accounts, s.Control, s.Notices = events, authsqlite.New(db, events), db, noticesqlite.New(db)
	s.Choices = analyticssqlite.New(db)
	s.Snapshot = func(ctx context.Context, workspace ids.ID) (string, uint64, error) {
		return tasksqlite.Snapshot(ctx, db, events, workspace)
	}
	return s, db.Close, nil
}

func openMongoSource(ctx context.Context, cfg config.Config) (s move.Source, _ func() error, err error) {
	opened := time.Now()
	db, err := mongodb.Open(ctx, mongodb.Options{URL: cfg.Store.URL})
	if err != nil {
		return s, nil, err
	}
	if err := mongodb.Ensure(ctx, db, mongoSchemas(cfg.Target)...); err != nil {
		return s, nil, errors.Join(err, db.Close())
	}
	events := logmongo.New(db)
	tasks, err := taskmongo.New(ctx, taskmongo.Options{DB: db, Log: events})
	if err != nil {
		return s, nil, errors.Join(err, db.Close())
	}
	control := movingmongo.New(db)
	w := &watch{control: control, opened: opened}
	s.Log, s.Accounts, s.Control, s.Fences = events, authmongo.New(db, events), control, events
	s.Notices, s.Prepare, s.Quiet = noticemongo.New(db), w.prepare, w.quiet
	s.Choices = analyticsmongo.New(db)
	s.Snapshot = func(ctx context.Context, workspace ids.ID) (string, uint64, error) {
		return still(ctx, events, tasks, workspace)
	}
	return s, func() error { tasks.Close(); return db.Close() }, nil
}

// still answers the digest of a workspace's rows where its log is the same
// before and after, and the rows are as of that.
func still(ctx context.Context, events *logmongo.Log, tasks *taskmongo.Store, workspace ids.ID) (string, uint64, error) {
	before, err := events.Head(ctx, workspace)
	if err != nil {
		return "", 0, err
	}
	rows, err := tasks.Seq(ctx, workspace)
	if err != nil {
		return "", 0, err
	}
	digest, digestErr := tasks.Digest(ctx, workspace) // fails too where rows change while it reads them
	after, err := events.Head(ctx, workspace)
	switch {
	case err != nil:
		return "", 0, err
	case before != after || rows != before:
		return "", 0, move.ErrBusy
	}
	return digest, after, digestErr
}

// openTarget opens a store that nobody else uses.
func openTarget(ctx context.Context, cfg config.Config) (t move.Target, _ func() error, err error) {
	if !cfg.Store.Shared() {
		cfg.Data = cfg.Store.Folder(cfg.Data) // nothing but the store is made there
	}
	p, err := openStores(ctx, cfg)
	if err != nil {
		return t, nil, err
	}
	t = move.Target{
		Name: redacted(cfg.Store, cfg.Data), Log: p.events, Accounts: p.accounts, Control: p.control, Notices: p.notices.store,
		Choices: p.choices(),
		Replay:  p.tasks.Replay,
		Digest: func(ctx context.Context, workspace ids.ID) (string, error) {
			// A mover that was broken off may have left a commit without its rows: they are written first.
			if _, err := p.tasks.Seq(readmodel.WithMinSeq(ctx, math.MaxUint64), workspace); err != nil {
				return "", err
			}
			return p.tasks.Digest(ctx, workspace)
		},
	}
	released := false
	release := func() error {
		if released {
			return nil
		}
		released = true
		return p.close()
	}
	t.Release = release
	return t, release, nil
}

// watch sees to it that the processes over a database know of a move.
type watch struct {
	control *movingmongo.Control
	opened  time.Time
	alive   []string
}

const (
	// noticed is after how long a process knows of a move, or does not write.
	noticed = leaseIdle + lookIdle
	// breath is how long it takes to see which processes live: a living one
	// acknowledges more often, and one that does not has no lease any more.
	breath = leaseMoving + acknowledgeEvery
	// quietWithin is how long the processes may take to finish what is under way.
	quietWithin = 10 * time.Second
)

// prepare implements move.Source.Prepare.
func (w *watch) prepare(ctx context.Context, _ moving.State) error {
	if err := sleep(ctx, time.Until(w.opened.Add(noticed))); err != nil {
		return err
	}
	before, err := w.control.Processes(ctx)
	if err != nil {
		return err
	}
	if len(before) == 0 {
		return nil
	}
	if err := sleep(ctx, breath); err != nil {
		return err
	}
	after, err := w.control.Processes(ctx)
	if err != nil {
		return err
	}
	for id, seen := range after {
		if !seen.At.Equal(before[id].At) {
			w.alive = append(w.alive, id)
		}
	}
	return nil
}

// quiet implements move.Source.Quiet.
func (w *watch) quiet(ctx context.Context, s moving.State) error {
	for end := time.Now().Add(quietWithin); ; {
		all, err := w.control.Processes(ctx)
		if err != nil {
			return err
		}
		heedless := 0
		for _, id := range w.alive {
			if seen, here := all[id]; here && (seen.Move != s.Move || seen.Phase != moving.Fenced) {
				heedless++
			}
		}
		if heedless == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d processes still write after %s; nothing was switched", heedless, len(w.alive), quietWithin)
		}
		if err := sleep(ctx, lookMoving/4); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if !repeat.Pause(ctx, d) {
		return ctx.Err()
	}
	return nil
}
