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
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"headway/internal/app/config"
	"headway/internal/platform/server"
)

// App is a process that is put together and not serving yet.
type App struct {
	cfg      config.Config
	log      *slog.Logger
	platform *platform
	services *services
	health   *server.Health
	registry *prometheus.Registry
	handler  http.Handler
}

// Open opens the stores and wires the services. Close it when done.
func Open(ctx context.Context, cfg config.Config, version string, log *slog.Logger) (_ *App, err error) {
	a := &App{cfg: cfg, log: log, health: new(server.Health), registry: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.platform, err = openPlatform(ctx, cfg); err != nil {
		return nil, err
	}
	if err = a.platform.share(ctx, cfg, version, log); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	if a.services, err = wire(ctx, cfg, a.platform, mux, version, log); err != nil {
		return nil, err
	}
	a.health.Add("store", a.platform.ping)
	for _, part := range a.platform.shared.parts {
		a.health.AddOptional(part.name, part.db.Ping)
	}
	if queues := a.platform.shared.queues; queues != nil {
		a.health.AddOptional("bus", queues.Ping)
	}
	a.health.Mount(mux)
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registerGauges(a.registry, a.platform, a.services, version)
	registerShared(a.registry, &a.platform.shared)
	mux.Handle("GET /metrics", server.MetricsHandler(a.registry, true))
	if err = mountWeb(mux); err != nil {
		return nil, err
	}
	a.handler, err = server.NewHandler(mux, a.chain())
	return a, err
}

// Handler answers every request of the process; tests use it without a network.
func (a *App) Handler() http.Handler { return a.handler }

// Serve answers requests on the listener until ctx ends, then leaves in order.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := a.services.run(background, a.platform, a.log)
	metrics, err := a.serveMetrics(ctx)
	if err != nil {
		return err
	}
	s := &server.Server{
		Handler: a.handler, Log: a.log, Health: a.health, OnDrain: a.services.hub.Drain,
		DrainDelay: a.cfg.HTTP.DrainDelay, DrainTimeout: a.cfg.HTTP.DrainTimeout,
	}
	err = s.Serve(ctx, l)
	stop()
	<-ended
	return errors.Join(err, metrics())
}

// serveMetrics opens the listener of /metrics where there is one, and answers
// what closes it.
func (a *App) serveMetrics(ctx context.Context) (stop func() error, err error) {
	if a.cfg.MetricsListen == "" {
		return func() error { return nil }, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", a.cfg.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("metrics.listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", server.MetricsHandler(a.registry, false))
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

// Close ends the imports and closes the stores.
func (a *App) Close() error {
	if a.services != nil {
		a.services.imports.Close()
	}
	if a.platform != nil {
		return a.platform.close()
	}
	return nil
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
