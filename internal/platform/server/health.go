package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
)

// Health answers /health/live and /health/ready.
type Health struct {
	// Targets are the services that the process runs. It is set before Mount.
	Targets  []string
	draining atomic.Bool
	also     atomic.Pointer[Health]
	parts    []part
}

type part struct {
	name     string
	check    func(context.Context) error
	optional bool
}

// Add names a part that must work for the process to be ready. All parts are
// added before the first request.
func (h *Health) Add(name string, check func(context.Context) error) {
	h.parts = append(h.parts, part{name: name, check: check})
}

// AddOptional names a part that the process does without where it must: it is
// ready all the same, and says "degraded".
func (h *Health) AddOptional(name string, check func(context.Context) error) {
	h.parts = append(h.parts, part{name: name, check: check, optional: true})
}

// Drain makes ready answer 503 from now on, so that no new work is sent here.
func (h *Health) Drain() {
	h.draining.Store(true)
	if also := h.also.Load(); also != nil {
		also.Drain()
	}
}

// DrainToo has another drain with h: one that answers in its place from now on.
func (h *Health) DrainToo(other *Health) {
	h.also.Store(other)
	if h.draining.Load() {
		other.Drain()
	}
}

// Draining reports whether Drain was called.
func (h *Health) Draining() bool { return h.draining.Load() }

// checkTimeout bounds one look at all parts.
const checkTimeout = 2 * time.Second

type healthAnswer struct {
	Status  string            `json:"status"`
	Targets []string          `json:"targets,omitempty"`
	Parts   map[string]string `json:"parts,omitempty"`
}

// Mount serves both addresses on the mux.
func (h *Health) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /health/live", func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, http.StatusOK, healthAnswer{Status: "ok", Targets: h.Targets})
	})
	mux.HandleFunc("GET /health/ready", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
		defer cancel()
		status, answer := http.StatusOK, healthAnswer{Status: "ok", Targets: h.Targets, Parts: map[string]string{}}
		for _, p := range h.parts {
			answer.Parts[p.name] = "ok"
			// Why a part fails is in the log; the answer is open to all.
			err := p.check(ctx)
			if err != nil && p.optional {
				answer.Parts[p.name] = "degraded"
				if answer.Status == "ok" {
					answer.Status = "degraded"
				}
			} else if err != nil {
				status, answer.Status, answer.Parts[p.name] = http.StatusServiceUnavailable, "failing", "failing"
				if rw := find(w); rw != nil {
					rw.RecordCause(err)
				}
			}
		}
		if h.draining.Load() {
			status, answer.Status = http.StatusServiceUnavailable, "draining"
		}
		writeHealth(w, status, answer)
	})
}

func writeHealth(w http.ResponseWriter, status int, answer healthAnswer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, answer, json.Deterministic(true)) // the client is gone where this fails
}
