package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/analytics"
	analyticsrows "headway/internal/analytics/readmodel"
	analyticsmongo "headway/internal/analytics/readmodel/mongo"
	analyticssqlite "headway/internal/analytics/readmodel/sqlite"
	"headway/internal/app/config"
	"headway/internal/app/move"
	"headway/internal/platform/consumer"
	consumermongo "headway/internal/platform/consumer/mongo"
	consumersqlite "headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/timeseries"
	seriespostgres "headway/internal/platform/timeseries/postgres"
	seriessqlite "headway/internal/platform/timeseries/sqlite"
)

// measures is what the analytics service is kept in.
type measures struct {
	rows        analyticsrows.Store
	series      timeseries.Store
	checkpoints consumer.Checkpoints
	keep        time.Duration
	// ping answers nil where the database of the series answers; nil where it is the process's own.
	ping func(context.Context) error
}

// measuresMigrations make the tables of the analytics service in SQLite.
func measuresMigrations() []sqlitedb.Migrations {
	return []sqlitedb.Migrations{seriessqlite.Migrations(), analyticssqlite.Migrations()}
}

// openMeasures picks them. In PostgreSQL are points alone; what is remembered
// beside them is where the events are. Embedded, all of it is one database of
// the process: the one in the data folder or, where the store is shared, one
// beside it.
func (p *platform) openMeasures(ctx context.Context, cfg config.Config) error {
	p.measures.keep = cfg.Analytics.KeepPoints
	if cfg.Analytics.URL != "" {
		series, err := seriespostgres.OpenPatiently(ctx, seriespostgres.Options{URL: cfg.Analytics.URL})
		if err != nil {
			return fmt.Errorf("open analytics.url: %w", err)
		}
		p.closers = append(p.closers, func() error { series.Close(); return nil })
		p.measures.series, p.measures.ping = series, series.Ping
		if p.mongo != nil {
			p.measures.rows = gatedChoices{analyticsmongo.New(p.mongo), p.choices(), p.gate}
			p.measures.checkpoints = consumermongo.New(p.mongo)
			return nil
		}
	}
	db := p.db
	if db == nil {
		var release func() error
		var err error
		if db, release, err = embeddedMeasures(ctx, filepath.Join(cfg.Data, "analytics")); err != nil {
			return fmt.Errorf("open the analytics store: %w", err)
		}
		p.closers = append(p.closers, release)
	}
	p.measures.rows, p.measures.checkpoints = analyticssqlite.New(db), consumersqlite.New(db)
	if p.mongo != nil {
		p.measures.rows = gatedChoices{analyticssqlite.New(db), p.choices(), p.gate}
	}
	if p.measures.series == nil {
		p.measures.series = seriessqlite.New(db)
	}
	return nil
}

// choices is where is kept who does not want to be counted: beside the accounts.
func (p *platform) choices() move.Choices {
	if p.mongo != nil {
		return analyticsmongo.New(p.mongo)
	}
	return analyticssqlite.New(p.db)
}

// opened are the embedded databases of the analytics service that this process
// has open, by folder. While it goes over from one shared store to another it
// has both, and one folder of its own.
var opened struct {
	mu sync.Mutex
	by map[string]*embedded
}

type embedded struct {
	db    *sqlitedb.DB
	users int
}

// embeddedMeasures opens the one in a folder, or answers it where it is open;
// the last of those who release it closes it.
func embeddedMeasures(ctx context.Context, folder string) (*sqlitedb.DB, func() error, error) {
	opened.mu.Lock()
	defer opened.mu.Unlock()
	e := opened.by[folder]
	if e == nil {
		db, err := sqlitedb.Open(ctx, sqlitedb.Options{
			Folder: folder, Migrations: append(measuresMigrations(), consumersqlite.Migrations()),
		})
		if err != nil {
			return nil, nil, err
		}
		if opened.by == nil {
			opened.by = map[string]*embedded{}
		}
		e = &embedded{db: db}
		opened.by[folder] = e
	}
	e.users++
	return e.db, sync.OnceValue(func() error {
		opened.mu.Lock()
		defer opened.mu.Unlock()
		if e.users--; e.users > 0 {
			return nil
		}
		delete(opened.by, folder)
		return e.db.Close()
	}), nil
}

// startAnalytics starts the analytics service.
func startAnalytics(_ context.Context, w *wiring) (*module, error) {
	m, err := wireAnalytics(w.platform, w.log)
	if err != nil {
		return nil, err
	}
	var parts []healthPart
	if ping := w.platform.measures.ping; ping != nil {
		parts = append(parts, healthPart{name: "analytics", check: ping, optional: true})
	}
	return &module{
		health: parts,
		routes: func(api huma.API, _ *http.ServeMux) { m.Register(api) },
		gauges: func(r *prometheus.Registry) { registerAnalytics(r, m) },
		run: []func(context.Context){func(ctx context.Context) {
			if err := m.Run(ctx); err != nil {
				w.log.Error("the analytics service ended", "cause", err)
			}
		}},
	}, nil
}

// wireAnalytics puts the analytics service together.
func wireAnalytics(p *platform, log *slog.Logger) (*analytics.Module, error) {
	return analytics.New(analytics.Options{
		Store: p.measures.rows, Series: p.measures.series, Checkpoints: p.measures.checkpoints, Events: p.events, Bus: p.bus,
		Pages: p.pageCache(), Limiter: p.rates(), Clock: p.clock, Log: log, Keep: p.measures.keep,
	})
}

// registerAnalytics offers the service's figures.
func registerAnalytics(r *prometheus.Registry, m *analytics.Module) {
	counter := func(name, help string, value func(analytics.Stats) uint64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(m.Stats())) }))
	}
	counter("headway_analytics_points_total", "Points that events have added to the time series since the start.", func(s analytics.Stats) uint64 { return s.Points })
	counter("headway_analytics_usage_batches_total", "Batches of usage events that came in.", func(s analytics.Stats) uint64 { return s.UsageBatches })
	counter("headway_analytics_usage_declined_total", "Batches of which nothing was kept, because a person or a browser asked for that.", func(s analytics.Stats) uint64 { return s.UsageDeclined })
	counter("headway_analytics_usage_accepted_total", "Usage events that were recorded, or had been.", func(s analytics.Stats) uint64 { return s.UsageAccepted })
	counter("headway_analytics_usage_dropped_total", "Usage events that were too old, too far ahead or not known.", func(s analytics.Stats) uint64 { return s.UsageDropped })
	registerConsumer(r, m.Runner())
}

// registerConsumer offers a consumer's figures.
func registerConsumer(r *prometheus.Registry, c *consumer.Runner) {
	labels := prometheus.Labels{"consumer": c.Name()}
	counter := func(name, help string, value func(consumer.Stats) uint64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(value(c.Stats())) }))
	}
	gauge := func(name, help string, value func(consumer.Stats) float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return value(c.Stats()) }))
	}
	counter("headway_consumer_events_total", "Events that the consumer has handled.", func(s consumer.Stats) uint64 { return s.Handled })
	counter("headway_consumer_batches_total", "Batches that it has handled them in.", func(s consumer.Stats) uint64 { return s.Batches })
	counter("headway_consumer_set_aside_total", "Events that it could not handle and set aside.", func(s consumer.Stats) uint64 { return s.SetAside })
	counter("headway_consumer_failures_total", "Tries that failed because a store was away.", func(s consumer.Stats) uint64 { return s.Failed })
	gauge("headway_consumer_lag_events", "Events known not to be handled yet.", func(s consumer.Stats) float64 { return float64(s.LagEvents) })
	gauge("headway_consumer_lag_seconds", "How long ago the oldest event happened that is not handled yet.", func(s consumer.Stats) float64 { return s.LagSeconds })
	gauge("headway_consumer_blocked_streams", "Workspaces whose events wait after a failure.", func(s consumer.Stats) float64 { return float64(s.Blocked) })
}
