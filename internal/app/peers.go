package app

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/app/config"
	"headway/internal/platform/peer"
	"headway/internal/platform/peer/contacts"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
)

// mountInternal puts the operations for other services on the mux, each
// service's behind a gate of its own. They are in no document.
func (s *services) mountInternal(mux *http.ServeMux) {
	const all = "/internal/"
	mux.Handle(all, server.NotFound(mux, all))
	for _, m := range s.modules {
		if m.internal == nil || s.keys == nil {
			continue
		}
		api := rest.NewAPI(mux, peer.Prefix, rest.Info{Title: "Headway, between services", Version: "1"})
		api.UseMiddleware(s.keys.Gate(m.name, rest.Refuse))
		m.internal(api)
	}
}

// peerClient is a client and what is counted of it.
type peerClient struct {
	*peer.Client
	issuer, audience string
	took             *prometheus.HistogramVec
}

// contacts answers who people are to a service of this process: the auth
// service itself where it is here, else over HTTP.
func (w *wiring) contacts(service string) (contacts.Directory, error) {
	if w.auth != nil {
		return w.auth.Contacts(service), nil
	}
	c, err := w.peer(service, config.TargetAuth, w.cfg.Auth.URL)
	if err != nil {
		return nil, err
	}
	return contacts.NewRemote(c.Client), nil
}

// peer makes the client by which a service of this process calls one of another.
func (w *wiring) peer(issuer, audience, url string) (*peerClient, error) {
	c := &peerClient{issuer: issuer, audience: audience, took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "headway_peer_request_duration_seconds", Help: "How long requests to other services took, by outcome.",
		ConstLabels: prometheus.Labels{"from": issuer, "to": audience},
		Buckets:     []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3},
	}, []string{"outcome"})}
	var err error
	c.Client, err = peer.New(peer.Options{
		Keys: w.keys, Issuer: issuer, Audience: audience, URL: url,
		Observe: func(outcome string, took time.Duration) { c.took.WithLabelValues(outcome).Observe(took.Seconds()) },
	})
	if err != nil {
		return nil, err
	}
	w.peers = append(w.peers, c)
	return c, nil
}

// registerPeers offers the figures of the calls of other services.
func registerPeers(r *prometheus.Registry, clients []*peerClient) {
	for _, c := range clients {
		labels := prometheus.Labels{"from": c.issuer, "to": c.audience}
		count := func(name, help string, value func(peer.Stats) uint64) {
			r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(value(c.Stats())) }))
		}
		r.MustRegister(c.took)
		count("headway_peer_calls_total", "Calls of another service since the start.", func(s peer.Stats) uint64 { return s.Calls })
		count("headway_peer_failed_total", "Calls that failed after all tries.", func(s peer.Stats) uint64 { return s.Failed })
		count("headway_peer_repeats_total", "Requests that repeated one that failed.", func(s peer.Stats) uint64 { return s.Repeats })
		count("headway_peer_stopped_total", "Calls that were not sent, since the service had failed just before.", func(s peer.Stats) uint64 { return s.Stopped })
		count("headway_peer_full_total", "Calls that found no room among those under way.", func(s peer.Stats) uint64 { return s.Full })
		gauge := func(name, help string, value func(peer.Stats) float64) {
			r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return value(c.Stats()) }))
		}
		gauge("headway_peer_busy", "Requests to the service that are under way.", func(s peer.Stats) float64 { return float64(s.Busy) })
		gauge("headway_peer_open", "1 while nothing is sent to the service, since it fails.", func(s peer.Stats) float64 {
			if s.Open {
				return 1
			}
			return 0
		})
	}
}
