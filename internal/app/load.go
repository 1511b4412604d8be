package app

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/app/config"
	"headway/internal/platform/admission"
	"headway/internal/platform/server"
)

// admit makes the process's admission, nil where the settings want none, and
// registers its figures.
func admit(cfg config.Load, registry *prometheus.Registry) *admission.Limiter {
	if cfg.MaxConcurrent == 0 {
		return nil
	}
	observe, figures := server.AdmissionMetrics(registry)
	l := admission.New(admission.Options{
		Most: cfg.MaxConcurrent, Queue: cfg.MaxQueue, Wait: cfg.MaxWait, Target: cfg.LatencyTarget, Observe: observe,
	})
	figures(l)
	return l
}

// connections bounds the process's open connections.
func connections(cfg config.Config, registry *prometheus.Registry) *server.Connections {
	c := &server.Connections{Most: cfg.Load.MaxConnections, MostPerClient: cfg.Load.MaxConnectionsPerClient, Trusted: cfg.HTTP.Proxies()}
	registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "headway_connections_open", Help: "Open connections."},
			func() float64 { open, _ := c.Open(); return float64(open) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "headway_connections_refused_total", Help: "Connections closed at once for there being too many, in all or of one client."},
			func() float64 { _, refused := c.Open(); return float64(refused) }),
	)
	return c
}

// dear ends the paths that read much, whoever's they are.
var dear = []string{"/search", "/history", "/tasks", "/comments", "/members", "/imports", "/projects", "/labels", "/counts"}

// class says what a request is for, and false for what is taken on in any
// case: health and figures, live streams and uploads.
func class(r *http.Request) (admission.Class, bool) {
	path := r.URL.Path
	switch {
	case !strings.HasPrefix(path, server.APIPrefix+"/"):
		return admission.Reads, false // files from memory, and what looks after the process
	case long(r):
		return 0, false
	case strings.HasPrefix(path, server.APIPrefix+"/auth/"):
		return admission.SignIns, true
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return admission.Writes, true
	case strings.Contains(path, "/analytics/"):
		return admission.Lists, true
	}
	for _, end := range dear {
		if strings.HasSuffix(path, end) {
			return admission.Lists, true
		}
	}
	return admission.Reads, true
}
