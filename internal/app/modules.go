package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/app/config"
	"headway/internal/app/front"
	"headway/internal/auth"
	"headway/internal/notification"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/peer"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
	"headway/internal/task"
	"headway/internal/task/importer"
	"headway/internal/task/importer/importerapi"
)

// service is a row of the table of services: a target, and how it starts in
// this process.
type service struct {
	target string
	start  func(context.Context, *wiring) (*module, error)
}

// table is every service, in the order in which they start; a module may use
// what those before it made. One more has its row here and its name in
// config.Names.
var table = []service{
	{config.TargetAuth, startAuth},
	{config.TargetTask, startTask},
	{config.TargetNotification, startNotification},
	{config.TargetAnalytics, startAnalytics},
	{config.TargetWeb, startWeb},
}

// wiring is what a service is started with.
type wiring struct {
	*services
	cfg      config.Config
	platform *platform
	version  string
	log      *slog.Logger
}

// module is what a started service gives to the process. What it leaves nil it
// has not.
type module struct {
	// name is the service's, the audience of calls to its internal operations.
	name string
	// routes adds its operations to the public API, and to the mux that it is
	// on what it serves outside of it; paths are those of the latter that a
	// front door is told of.
	routes func(huma.API, *http.ServeMux)
	paths  []string
	// internal adds its operations for other services.
	internal func(huma.API)
	// run is its work in the background, until ctx ends.
	run []func(ctx context.Context)
	// health are its parts beside the store, the bus and what goes through Redis.
	health []healthPart
	// gauges offers its figures.
	gauges func(*prometheus.Registry)
	// drain moves long-lived streams away before the process leaves.
	drain func()
	// close ends it; nothing of it runs any more then.
	close func() error
}

// healthPart is a line of /health/ready.
type healthPart struct {
	name     string
	optional bool
	check    func(context.Context) error
}

// services are the modules of the process. Of what it does not run, the fields are nil.
type services struct {
	api      huma.API
	verifier *authn.Remembering // nil where nobody signs in
	keysAway func() bool        // whether the auth service of another process is; nil where it is in this one
	keys     *peer.Keys         // nil without service.secret
	peers    []*peerClient
	modules  []*module
	auth     *auth.Module
	task     *task.Module
	hub      *task.Hub
	imports  *importer.Manager
	notes    *notification.Module
	// routes says which service has which address, for what stands in front.
	routes front.Table
	// events and commits count what the task service has recorded.
	events, commits atomic.Uint64
}

// wire starts the services of the process's targets and puts their operations
// on the mux. What it answers is to be closed, also beside an error.
func wire(ctx context.Context, cfg config.Config, p *platform, mux *http.ServeMux, version string, log *slog.Logger) (*services, error) {
	s := new(services)
	w := &wiring{services: s, cfg: cfg, platform: p, version: version, log: log}
	if len(cfg.Service.Secret) > 0 {
		var err error
		if s.keys, err = peer.NewKeys(cfg.Service.Secret, p.clock); err != nil {
			return s, fmt.Errorf("service.secret: %w", err)
		}
	}
	if cfg.Target.Stateful() && !cfg.Target.Has(config.TargetAuth) {
		s.modules = append(s.modules, remoteKeys(w))
	}
	for _, row := range table {
		if !cfg.Target.Has(row.target) {
			continue
		}
		m, err := row.start(ctx, w)
		if err != nil {
			return s, fmt.Errorf("start the %s service: %w", row.target, err)
		}
		m.name = row.target
		s.modules = append(s.modules, m)
	}
	s.mountInternal(mux)
	s.api = server.NewAPI(mux, rest.Info{
		Title: "Headway", Version: "1.0.0",
		Description: "The API of Headway, a task board on an event log. Every answer that reflects a workspace carries its seq (Headway-Seq); errors are problem documents (RFC 9457).",
	})
	s.api.UseMiddleware(authn.Gate(rest.Refuse))
	for _, m := range s.modules {
		if m.routes == nil {
			continue
		}
		m.routes(s.api, mux)
		s.routes.Own(m.name, server.APIPrefix, s.api)
		for _, path := range m.paths {
			s.routes.Add(m.name, path)
		}
	}
	if !cfg.Target.Has(config.TargetWeb) {
		mux.Handle("/", server.NotFound(mux, "/"))
	}
	return s, nil
}

// run starts what goes on in the background; the channel closes once all of it ended.
func (s *services) run(ctx context.Context) <-chan struct{} {
	var all sync.WaitGroup
	for _, m := range s.modules {
		for _, work := range m.run {
			all.Go(func() { work(ctx) })
		}
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	return ended
}

// parts are the lines that the services have in /health/ready.
func (s *services) parts() []healthPart {
	var out []healthPart
	for _, m := range s.modules {
		out = append(out, m.health...)
	}
	return out
}

// drain moves long-lived streams away.
func (s *services) drain() {
	for _, m := range s.modules {
		if m.drain != nil {
			m.drain()
		}
	}
}

// close ends the services, the last that started first.
func (s *services) close() error {
	var errs []error
	for _, m := range slices.Backward(s.modules) {
		if m.close != nil {
			errs = append(errs, m.close())
		}
	}
	for _, c := range s.peers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// chain are the middleware's options for this process.
func (a *App) chain() server.Options {
	cfg := a.cfg
	var authenticate func(http.Handler) http.Handler
	if v := a.services.verifier; v != nil {
		authenticate = authn.Middleware(v)
	}
	// The web app of the public address may be served behind a proxy that
	// changes the Host header, so its own origin is trusted too.
	return server.Options{
		Log: a.log, LogAll: cfg.Log.Requests == "all", Slow: cfg.Log.Slow,
		Metrics: server.NewMetrics(a.registry),
		TLS:     cfg.HTTP.Secure(), Origins: cfg.HTTP.Origins, OwnOrigin: cfg.HTTP.PublicURL, TrustedProxies: cfg.HTTP.Proxies(),
		MaxBody: cfg.HTTP.MaxBody, Timeout: cfg.HTTP.Timeout, Long: long,
		Admission: admit(cfg.Load, a.registry), Class: class, Draining: a.health.Draining,
		Authenticate: authenticate,
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
