package server

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests by route, method and status class. A nil *Metrics
// counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	inFlight atomic.Int64
	routes   sync.Map // route{pattern, method} -> *routeMetrics
}

type route struct{ pattern, method string }

// routeMetrics are one route's counters, looked up once.
type routeMetrics struct {
	classes [4]prometheus.Counter // 2xx to 5xx
	latency prometheus.Observer
}

// NewMetrics registers the request metrics.
func NewMetrics(registry *prometheus.Registry) *Metrics {
	m := &Metrics{
		registry: registry,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "headway_http_requests_total", Help: "Requests answered, by route, method and status class.",
		}, []string{"route", "method", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "headway_http_request_duration_seconds", Help: "Time from the request's header to the answer's end, streams excepted.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "method"}),
	}
	registry.MustRegister(m.requests, m.latency, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "headway_http_requests_in_flight", Help: "Requests being answered, streams included.",
	}, func() float64 { return float64(m.inFlight.Load()) }))
	return m
}

func (m *Metrics) begin() {
	if m != nil {
		m.inFlight.Add(1)
	}
}

func (m *Metrics) end(pattern, method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.inFlight.Add(-1)
	rm := m.route(pattern, method)
	rm.classes[min(max(status/100, 2), 5)-2].Inc()
	if status != statusGone {
		rm.latency.Observe(took.Seconds())
	}
}

func (m *Metrics) route(pattern, method string) *routeMetrics {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other" // callers must not make up series
	}
	if pattern == "" {
		pattern = "none"
	}
	key := route{pattern, method}
	if v, ok := m.routes.Load(key); ok {
		return v.(*routeMetrics)
	}
	rm := &routeMetrics{latency: m.latency.WithLabelValues(pattern, method)}
	for class := range rm.classes {
		rm.classes[class] = m.requests.WithLabelValues(pattern, method, strconv.Itoa(class+2)+"xx")
	}
	v, _ := m.routes.LoadOrStore(key, rm)
	return v.(*routeMetrics)
}

// MetricsHandler answers in Prometheus' text format. With localOnly it is
// served to peers on this machine alone; others get 404.
func MetricsHandler(registry *prometheus.Registry, localOnly bool) http.Handler {
	h := promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
	if !localOnly {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r) {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
