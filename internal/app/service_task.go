package app

import (
	"context"
	"net/http"
	"path/filepath"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/platform/bus"
	"headway/internal/platform/live"
	"headway/internal/task"
	taskapi "headway/internal/task/api"
	"headway/internal/task/importer"
	"headway/internal/task/importer/importerapi"
	"headway/internal/task/importer/trello"
	"headway/internal/task/query"
	"headway/internal/task/readmodel"
)

// startTask starts the task service, and the imports that write through it.
func startTask(_ context.Context, w *wiring) (*module, error) {
	cfg, p := w.cfg, w.platform
	w.hub = live.New[*query.Viewer](live.Options{MaxStreams: cfg.Live.MaxStreams, MaxPerUser: cfg.Live.MaxPerUser})
	w.task = task.New(p.tasks, p.tasks, p.events, p.pageCache(), w.hub, p.clock, w.log,
		taskapi.Settings{PublicURL: cfg.HTTP.PublicURL, InvitationAge: cfg.Task.InvitationAge})
	p.committed = []func(readmodel.Commit){w.count, w.task.Committed, w.publish}
	w.imports = importer.Open(p.blobs, importer.NewTasks(w.task.Commands(), p.tasks, p.tasks), p.clock,
		map[string]importer.Format{"trello": trello.Format{}}, importer.Settings{
			MaxBytes: cfg.Task.ImportMaxBytes, Log: w.log, Temp: cfg.Data, Before: filepath.Join(cfg.Data, "imports"),
			// The lock on the database in the folder, where it is in that, keeps other processes out.
			Alone: p.db != nil && cfg.Blobs.URL == "" && p.db.Folder() == cfg.Data,
		})
	return &module{
		routes: func(api huma.API, _ *http.ServeMux) {
			w.task.Register(api)
			importerapi.Register(api, w.imports, p.rates())
		},
		run: []func(context.Context){
			func(context.Context) { w.imports.Start() },
			func(ctx context.Context) { p.sweep(ctx, w.log) },
			w.listen,
		},
		health: []healthPart{{name: "blobs", optional: true, check: w.imports.Ping}},
		drain:  w.hub.Drain,
		close:  func() error { w.imports.Close(); return nil },
	}, nil
}

func (s *services) count(c readmodel.Commit) {
	s.commits.Add(1)
	s.events.Add(uint64(len(c.Events)))
}

// publish wakes the consumers of a commit.
func (w *wiring) publish(c readmodel.Commit) {
	// The commit is durable whatever becomes of its message.
	if err := w.platform.bus.Publish(context.Background(), bus.Reached{Stream: c.Workspace, Seq: c.Last}); err != nil {
		w.log.Warn("a wake-up could not be sent; the sweep finds what it told of", "cause", err)
	}
}

// listen takes what other processes commit to the streams of this one, where there are others.
func (w *wiring) listen(ctx context.Context) {
	p := w.platform
	if p.mongo == nil {
		return
	}
	err := p.bus.Subscribe(ctx, nil, func(_ context.Context, m bus.Reached) {
		if p.heard != nil {
			p.heard(m.Stream, m.Seq)
		}
		w.hub.Reach(m.Stream, m.Seq)
	})
	if err != nil {
		w.log.Error("what other processes change is not heard of at once any more", "cause", err)
	}
}
