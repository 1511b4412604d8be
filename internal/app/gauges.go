package app

import (
	"github.com/prometheus/client_golang/prometheus"
)

// registerGauges offers the figures of the stores and services.
func registerGauges(r *prometheus.Registry, p *platform, s *services, version string) {
	counter := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
	}
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "headway_build_info", Help: "Always 1; the label names the version."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	r.MustRegister(info)

	counter("headway_eventlog_events_total", "Workspace events recorded since the start.", func() float64 { return float64(s.events.Load()) })
	counter("headway_eventlog_commits_total", "Commands committed since the start.", func() float64 { return float64(s.commits.Load()) })
	gauge("headway_projection_lag_events", "Events that are recorded but not in the read model. With SQLite both are one transaction, so this stays 0.", func() float64 { return 0 })
	registerStore(counter, gauge, p)
	gauge("headway_live_streams", "Open live streams.", func() float64 { return float64(s.hub.Stats().Streams) })
	gauge("headway_live_topics", "Workspaces with an open live stream.", func() float64 { return float64(s.hub.Stats().Topics) })
	gauge("headway_verified_tokens", "Access tokens that are remembered as verified.", func() float64 { return float64(s.auth.Verifier().Len()) })
	gauge("headway_rate_limit_keys", "Callers whose use is remembered.", func() float64 { return float64(p.limiter.Len()) })
	if p.pages != nil {
		counter("headway_cache_hits_total", "Pages answered from the cache.", func() float64 { return float64(p.pages.Stats().Hits) })
		counter("headway_cache_misses_total", "Pages that were not in the cache.", func() float64 { return float64(p.pages.Stats().Misses) })
		gauge("headway_cache_bytes", "Weight of the cached pages.", func() float64 { return float64(p.pages.Stats().Bytes) })
	}
}

// registerStore offers the figures of the store that is there.
func registerStore(counter, gauge func(name, help string, value func() float64), p *platform) {
	if p.mongo != nil {
		counter("headway_store_commands_total", "Commands sent to the database since the start.", func() float64 { return float64(p.mongo.Commands()) })
		return
	}
	counter("headway_store_writes_total", "Writes committed since the start.", func() float64 { return float64(p.db.Stats().Jobs) })
	counter("headway_store_groups_total", "Transactions committed since the start; writes per group is the size of a group commit.", func() float64 { return float64(p.db.Stats().Groups) })
	counter("headway_store_failed_total", "Writes refused or failed since the start.", func() float64 { return float64(p.db.Stats().Failed) })
	counter("headway_store_checkpoints_total", "Times that the write-ahead log was copied into the database.", func() float64 { return float64(p.db.Stats().Checkpoints) })
	gauge("headway_store_wal_pages", "Pages in the write-ahead log.", func() float64 { return float64(p.db.Stats().WALPages) })
	gauge("headway_store_queued_writes", "Writes that wait for their turn.", func() float64 { return float64(p.db.Stats().Queued) })
}
