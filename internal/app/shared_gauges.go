package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	busredis "headway/internal/platform/bus/redis"
)

// registerDegraded offers whether a part has to do without its server.
func registerDegraded(r *prometheus.Registry, part string, away func() bool) {
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "headway_part_degraded", Help: "1 while the part's server is away: the database, Redis, the queue or the auth service.", ConstLabels: prometheus.Labels{"part": part},
	}, func() float64 {
		if away() {
			return 1
		}
		return 0
	}))
}

// registerShared offers the figures of what goes through Redis or SQS.
func registerShared(r *prometheus.Registry, s *shared) {
	counter := func(name, help string, value func() uint64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value()) }))
	}
	for _, part := range s.parts {
		labels := prometheus.Labels{"part": part.name}
		count := func(name, help string, value func() uint64) {
			r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(value()) }))
		}
		registerDegraded(r, part.name, part.db.Away)
		count("headway_redis_exchanges_total", "Exchanges with the Redis of a part since the start; parts on one Redis share the count.", func() uint64 { return part.db.Stats().Exchanges })
		count("headway_redis_failures_total", "Exchanges that failed.", func() uint64 { return part.db.Stats().Failures })
		count("headway_redis_refused_total", "Exchanges that were not tried, because Redis was away.", func() uint64 { return part.db.Stats().Refused })
		count("headway_redis_outages_total", "Times that Redis went away.", func() uint64 { return part.db.Stats().Outages })
	}
	if s.queues != nil {
		registerDegraded(r, "bus", func() bool { return s.queues.Ping(context.Background()) != nil })
	}
	if s.limiter != nil {
		counter("headway_rate_limit_asked_total", "Uses that Redis decided.", func() uint64 { return s.limiter.Stats().Asked })
		counter("headway_rate_limit_leased_total", "Uses out of what Redis had given ahead.", func() uint64 { return s.limiter.Stats().Leased })
		counter("headway_rate_limit_fallbacks_total", "Uses that this process decided, because Redis was away.", func() uint64 { return s.limiter.Stats().Fallbacks })
	}
	if s.pages != nil {
		counter("headway_cache_shared_hits_total", "Pages that another process had made.", func() uint64 { return s.pages.Stats().Shared })
		counter("headway_cache_shared_misses_total", "Pages that no process had made.", func() uint64 { return s.pages.Stats().Misses })
		counter("headway_cache_shared_dropped_total", "Pages that could not be shared.", func() uint64 { return s.pages.Stats().Dropped })
	}
	if s.sessions != nil {
		counter("headway_sessions_answered_total", "Uses of a session that was over, answered without the store.", func() uint64 { return s.sessions.Stats().Answered })
	}
	if stats := s.busStats(); stats != nil {
		counter("headway_bus_sent_total", "Wake-ups sent.", func() uint64 { return stats().Sent })
		counter("headway_bus_dropped_total", "Wake-ups dropped, because too many waited.", func() uint64 { return stats().Dropped })
		counter("headway_bus_read_total", "Wake-ups that came to consumers here.", func() uint64 { return stats().Read })
		counter("headway_bus_handled_total", "Calls of consumers; fewer than wake-ups where these were merged.", func() uint64 { return stats().Handled })
		counter("headway_bus_failed_total", "Calls of consumers that failed.", func() uint64 { return stats().Failed })
		counter("headway_bus_taken_over_total", "Wake-ups taken over from consumers that gave no sign.", func() uint64 { return stats().TakenOver })
		counter("headway_bus_dead_total", "Wake-ups given up after too many tries.", func() uint64 { return stats().Dead })
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "headway_bus_waiting_streams", Help: "Workspaces of which a wake-up waits to be sent.",
		}, func() float64 { return float64(stats().Waiting) }))
	}
}

// busStats answers where the bus's figures come from, nil for a bus within the process.
func (s *shared) busStats() func() busredis.Stats {
	switch {
	case s.bus != nil:
		return s.bus.Stats
	case s.queues != nil:
		return func() busredis.Stats {
			q := s.queues.Stats()
			return busredis.Stats{Sent: q.Sent, Dropped: q.Dropped, Read: q.Read, Handled: q.Handled, Failed: q.Failed, Dead: q.Dead, Waiting: q.Waiting}
		}
	}
	return nil
}
