package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/app/config"
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

	if p.mongo != nil || p.db != nil {
		registerStore(counter, gauge, p)
	}
	if p.mongo != nil {
		registerDegraded(r, "store", p.mongo.Away)
	}
	if s.hub != nil {
		registerTask(counter, gauge, s)
	}
	if s.keysAway != nil {
		registerDegraded(r, config.TargetAuth, s.keysAway)
	}
	for _, m := range s.modules {
		if m.gauges != nil {
			m.gauges(r)
		}
	}
	if s.verifier != nil {
		gauge("headway_verified_tokens", "Access tokens that are remembered as verified.", func() float64 { return float64(s.verifier.Len()) })
	}
	if s.notes != nil {
		registerNotification(r, s.notes)
	}
	gauge("headway_rate_limit_keys", "Callers whose use is remembered.", func() float64 { return float64(p.limiter.Len()) })
	if p.pages != nil {
		counter("headway_cache_hits_total", "Pages answered from the cache.", func() float64 { return float64(p.pages.Stats().Hits) })
		counter("headway_cache_misses_total", "Pages that were not in the cache.", func() float64 { return float64(p.pages.Stats().Misses) })
		gauge("headway_cache_bytes", "Weight of the cached pages.", func() float64 { return float64(p.pages.Stats().Bytes) })
	}
}

// registerTask offers the figures of the task service.
func registerTask(counter, gauge func(name, help string, value func() float64), s *services) {
	counter("headway_eventlog_events_total", "Workspace events recorded since the start.", func() float64 { return float64(s.events.Load()) })
	counter("headway_eventlog_commits_total", "Commands committed since the start.", func() float64 { return float64(s.commits.Load()) })
	gauge("headway_projection_lag_events", "Events that are recorded but not in the read model. With SQLite both are one transaction, so this stays 0.", func() float64 { return 0 })
	gauge("headway_live_streams", "Open live streams.", func() float64 { return float64(s.hub.Stats().Streams) })
	gauge("headway_live_topics", "Workspaces with an open live stream.", func() float64 { return float64(s.hub.Stats().Topics) })
}

// registerTargets names what the process runs.
func registerTargets(r *prometheus.Registry, t config.Targets) {
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "headway_target_info", Help: "Always 1; the label names a service that the process runs."}, []string{"target"})
	for _, name := range t.List() {
		info.WithLabelValues(name).Set(1)
	}
	r.MustRegister(info)
}

// registerStore offers the figures of the store that is there.
func registerStore(counter, gauge func(name, help string, value func() float64), p *platform) {
	if p.mongo != nil {
		counter("headway_store_commands_total", "Commands sent to the database since the start.", func() float64 { return float64(p.mongo.Commands()) })
		counter("headway_store_secondary_reads_total", "Reads that were sent to secondaries of the replica set since the start.", func() float64 { return float64(p.mongo.MemberReads()) })
		gauge("headway_store_secondaries", "Secondaries of the replica set that are read from.", func() float64 { return float64(p.mongo.Members()) })
		return
	}
	counter("headway_store_writes_total", "Writes committed since the start.", func() float64 { return float64(p.db.Stats().Jobs) })
	counter("headway_store_groups_total", "Transactions committed since the start; writes per group is the size of a group commit.", func() float64 { return float64(p.db.Stats().Groups) })
	counter("headway_store_failed_total", "Writes refused or failed since the start.", func() float64 { return float64(p.db.Stats().Failed) })
	counter("headway_store_checkpoints_total", "Times that the write-ahead log was copied into the database.", func() float64 { return float64(p.db.Stats().Checkpoints) })
	gauge("headway_store_wal_pages", "Pages in the write-ahead log.", func() float64 { return float64(p.db.Stats().WALPages) })
	gauge("headway_store_queued_writes", "Writes that wait for their turn.", func() float64 { return float64(p.db.Stats().Queued) })
}
