package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/app/config"
	"headway/internal/auth"
	authapi "headway/internal/auth/api"
	"headway/internal/platform/authn"
	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/live"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
	"headway/internal/task"
	taskapi "headway/internal/task/api"
	"headway/internal/task/importer"
	"headway/internal/task/importer/importerapi"
	"headway/internal/task/importer/trello"
	"headway/internal/task/query"
	"headway/internal/task/readmodel"
)

// services are the modules of the process.
type services struct {
	api     huma.API
	auth    *auth.Module
	task    *task.Module
	hub     *task.Hub
	imports *importer.Manager
	// events and commits count what the task service has recorded.
	events, commits atomic.Uint64
}

// wire makes the services and puts their operations on the mux.
func wire(ctx context.Context, cfg config.Config, p *platform, mux *http.ServeMux, version string, log *slog.Logger) (*services, error) {
	s := &services{hub: live.New[*query.Viewer](live.Options{MaxStreams: cfg.Live.MaxStreams, MaxPerUser: cfg.Live.MaxPerUser})}
	peers := server.NewPeers(cfg.HTTP.Proxies())
	var err error
	s.auth, err = auth.New(ctx, auth.Options{
		Store: p.accounts, Clock: p.clock, Limiter: p.rates(), Log: log, Closed: cfg.Auth.Registration == "closed",
		HTTP: authapi.Options{
			Secure: cfg.HTTP.Secure(), Origins: trusted(cfg.HTTP),
			Address: func(r *http.Request) string { return peers.Addr(r).String() },
		},
	})
	if err != nil {
		return nil, fmt.Errorf("start the auth service: %w", err)
	}
	s.task = task.New(p.tasks, p.tasks, p.events, p.pageCache(), s.hub, p.clock, log,
		taskapi.Settings{PublicURL: cfg.HTTP.PublicURL, InvitationAge: cfg.Task.InvitationAge})
	p.committed = []func(readmodel.Commit){
		s.count,
		s.task.Committed,
		func(c readmodel.Commit) {
			// The commit is durable whatever becomes of its message.
			if err := p.bus.Publish(context.Background(), bus.Reached{Stream: c.Workspace, Seq: c.Last}); err != nil {
				log.Warn("a wake-up could not be sent; the sweep finds what it told of", "cause", err)
			}
		},
	}
	s.imports, err = importer.Open(filepath.Join(cfg.Data, "imports"), importer.NewTasks(s.task.Commands(), p.tasks, p.tasks), p.clock,
		map[string]importer.Format{"trello": trello.Format{}}, importer.Settings{MaxBytes: cfg.Task.ImportMaxBytes, Log: log})
	if err != nil {
		return nil, fmt.Errorf("open the imports: %w", err)
	}
	s.api = server.NewAPI(mux, rest.Info{
		Title: "Headway", Version: "1.0.0",
		Description: "The API of Headway, a task board on an event log. Every answer that reflects a workspace carries its seq (Headway-Seq); errors are problem documents (RFC 9457).",
	})
	s.api.UseMiddleware(authn.Gate(rest.Refuse))
	s.auth.Routes(s.api)
	s.task.Register(s.api)
	importerapi.Register(s.api, s.imports, p.rates())
	mux.Handle("GET "+authapi.KeysPath, s.auth.KeySet())
	return s, nil
}

// trusted are the origins that may use the refresh cookie.
func trusted(cfg config.HTTP) []string {
	var out []string
	if cfg.PublicURL != "" {
		out = append(out, cfg.PublicURL)
	}
	for _, o := range cfg.Origins {
		if o != "*" {
			out = append(out, o)
		}
	}
	return out
}

func (s *services) count(c readmodel.Commit) {
	s.commits.Add(1)
	s.events.Add(uint64(len(c.Events)))
}

// run starts what goes on in the background; the channel closes once all of it ended.
func (s *services) run(ctx context.Context, p *platform, log *slog.Logger) <-chan struct{} {
	s.imports.Start()
	var all sync.WaitGroup
	all.Go(func() { p.sweep(ctx, log) })
	if p.mongo != nil {
		// Other processes commit too: what they change goes to the streams of this one.
		all.Go(func() {
			err := p.bus.Subscribe(ctx, nil, func(_ context.Context, m bus.Reached) { s.hub.Reach(m.Stream, m.Seq) })
			if err != nil {
				log.Error("what other processes change is not heard of at once any more", "cause", err)
			}
		})
	}
	all.Go(func() {
		if err := s.auth.Run(ctx); err != nil {
			log.Error("the auth service's housekeeping ended", "cause", err)
		}
	})
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	return ended
}

// chain are the middleware's options for this process.
func (a *App) chain() server.Options {
	cfg := a.cfg
	// The web app of the public address may be served behind a proxy that
	// changes the Host header, so its own origin is trusted too.
	return server.Options{
		Log: a.log, LogAll: cfg.Log.Requests == "all", Slow: cfg.Log.Slow,
		Metrics: server.NewMetrics(a.registry),
		TLS:     cfg.HTTP.Secure(), Origins: cfg.HTTP.Origins, OwnOrigin: cfg.HTTP.PublicURL, TrustedProxies: cfg.HTTP.Proxies(),
		MaxBody: cfg.HTTP.MaxBody, Timeout: cfg.HTTP.Timeout, Long: long,
		Authenticate: authn.Middleware(a.services.auth.Verifier()),
		User: func(r *http.Request) (ids.ID, bool) {
			who, ok := authn.From(r.Context())
			return who.User, ok
		},
		Limiter: a.platform.rates(), Rate: limit.Rate{Count: cfg.Rate.Requests, Per: cfg.Rate.Per},
		Compress: server.Compression(cfg.HTTP.Compress),
		Clock:    a.platform.clock,
	}
}

// long reports the requests with limits of their own: live streams and uploads.
func long(r *http.Request) bool {
	return importerapi.Long(r) || (r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/events"))
}
