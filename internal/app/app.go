// Package app puts a Headway process together: it reads the settings, picks
// the adapters that they name (platform.go, the one place that does), wires
// the services (modules.go), serves, and leaves in order. The command line is
// in cli.go.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"headway/internal/app/config"
	"headway/internal/platform/ids"
	"headway/internal/platform/moving"
	"headway/internal/platform/server"
)

// App is a process that is put together and not serving yet.
type App struct {
	cfg      config.Config
	version  string
	log      *slog.Logger
	platform *platform
	services *services
	health   *server.Health
	registry *prometheus.Registry
	handler  http.Handler
	closed   atomic.Bool
}

// Open opens the stores and wires the services. Close it when done.
func Open(ctx context.Context, cfg config.Config, version string, log *slog.Logger) (*App, error) {
	stores, err := openPlatform(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return assemble(ctx, cfg, stores, version, log)
}

// assemble wires the services over stores that are open.
func assemble(ctx context.Context, cfg config.Config, stores *platform, version string, log *slog.Logger) (_ *App, err error) {
	a := &App{cfg: cfg, version: version, log: log, platform: stores, health: new(server.Health), registry: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err = a.platform.share(ctx, cfg, version, log); err != nil {
		return nil, err
	}
	if cfg.Target.Has(config.TargetTask) {
		if err = a.platform.openBlobs(ctx, cfg, log); err != nil {
			return nil, err
		}
	}
	mux := http.NewServeMux()
	if a.services, err = wire(ctx, cfg, a.platform, mux, version, log); err != nil {
		return nil, err
	}
	if cfg.Target.Stateful() {
		a.health.Add("store", a.platform.ping)
		a.health.AddOptional("move", a.platform.moved)
	}
	for _, part := range a.platform.shared.parts {
		a.health.AddOptional(part.name, part.db.Ping)
	}
	if queues := a.platform.shared.queues; queues != nil {
		a.health.AddOptional("bus", queues.Ping)
	}
	for _, part := range a.services.parts() {
		add := a.health.Add
		if part.optional {
			add = a.health.AddOptional
		}
		add(part.name, part.check)
	}
	a.health.Targets = cfg.Target.List()
	a.health.Mount(mux)
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registerGauges(a.registry, a.platform, a.services, version)
	registerTargets(a.registry, cfg.Target)
	registerPeers(a.registry, a.services.peers)
	registerShared(a.registry, &a.platform.shared)
	mux.Handle("GET /metrics", server.MetricsHandler(a.registry, true))
	a.handler, err = server.NewHandler(mux, a.chain())
	return a, err
}

// Handler answers every request of the process; tests use it without a network.
func (a *App) Handler() http.Handler { return a.handler }

// Serve answers requests on the listener until ctx ends, then leaves in order.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	now := new(current)
	now.app.Store(start(background, a))
	metrics, err := a.serveMetrics(ctx, http.HandlerFunc(now.metrics))
	if err != nil {
		return err
	}
	looking, stopLooking := context.WithCancel(background)
	defer stopLooking()
	looked := a.follow(looking, background, now)
	s := &server.Server{
		Handler: now, Log: a.log, Health: a.health, OnDrain: now.drain,
		Connections: connections(a.cfg, a.registry), WriteTimeout: a.cfg.HTTP.Timeout + 30*time.Second,
		DrainDelay: a.cfg.HTTP.DrainDelay, DrainTimeout: a.cfg.HTTP.DrainTimeout,
	}
	err = s.Serve(ctx, l)
	stopLooking()
	<-looked
	return errors.Join(err, metrics(), now.close())
}

// follow looks for a move of the store until looking ends, and goes over to
// store.next where the data went there. The channel closes once it has ended.
func (a *App) follow(looking, background context.Context, now *current) <-chan struct{} {
	ended := make(chan struct{})
	if a.platform.control == nil {
		close(ended) // without a store nothing moves
		return ended
	}
	f := &follower{p: a.platform, log: a.log, process: ids.New()}
	if a.cfg.Store.Next != "" {
		f.over = func(ctx context.Context, s moving.State) error { return a.goOver(ctx, background, now, s) }
	}
	go func() { defer close(ended); f.run(looking) }()
	return ended
}

// goOver opens the app over store.next and has it answer from now on.
func (a *App) goOver(ctx, background context.Context, now *current, s moving.State) error {
	if a.services.imports != nil {
		a.services.imports.Close() // the next app goes on with them
	}
	stores, err := openNext(ctx, a.cfg, s)
	if err != nil {
		return err
	}
	next, err := assemble(ctx, following(a.cfg), stores, a.version, a.log)
	if err != nil {
		return err
	}
	a.health.DrainToo(next.health)
	err = now.replace(start(background, next))
	a.log.Info("this process has gone over to another store; set store.url to it before the next start", "to", s.Peer)
	if err != nil {
		a.log.Warn("the store that was left could not be closed", "cause", err)
	}
	return nil
}

// serveMetrics opens the listener of /metrics where there is one, and answers
// what closes it.
func (a *App) serveMetrics(ctx context.Context, metrics http.Handler) (stop func() error, err error) {
	if a.cfg.MetricsListen == "" {
		return func() error { return nil }, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("metrics.listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	return func() error {
		err := s.Close()
		if serveErr := <-ended; !errors.Is(serveErr, http.ErrServerClosed) {
			err = errors.Join(err, serveErr)
		}
		return err
	}, nil
}

// Close ends the services and closes the stores. A second Close does nothing.
func (a *App) Close() (err error) {
	if a.closed.Swap(true) {
		return nil
	}
	if a.services != nil {
		err = a.services.close()
	}
	if a.platform != nil {
		err = errors.Join(err, a.platform.close())
	}
	return err
}

// newLog makes the process's log.
func newLog(cfg config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// address is where a browser on this machine finds the listener.
func address(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "http://" + host + ":" + port
}
