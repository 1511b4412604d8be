package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"headway/internal/platform/admission"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
)

// Options are the chain's settings and collaborators.
type Options struct {
	Log *slog.Logger
	// LogAll writes a line for every request; otherwise only for answers from 500 on and slow ones.
	LogAll bool
	// Slow is how long a request may take before it is logged; 0 is 1 s.
	Slow time.Duration

	// Metrics counts requests; nil counts nothing.
	Metrics *Metrics

	// TLS says that clients reach the server by https, through a proxy or directly.
	TLS bool
	// Origins are the foreign origins that browsers may call the API from, such
	// as https://app.example.org; none by default. "*" allows any, without credentials.
	Origins []string
	// OwnOrigin is the web app's own origin, for where a proxy changes the Host header; "" for none.
	OwnOrigin string
	// TrustedProxies are the peers whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix

	// MaxBody bounds a request's body in bytes; 0 is 1 MiB.
	MaxBody int64
	// Timeout bounds a request; 0 is 30 s.
	Timeout time.Duration
	// BodyStart is how long a small body may take to begin to arrive; 0 is 5 s.
	BodyStart time.Duration
	// Long reports whether a request may go on beyond Timeout and MaxBody
	// (streams, uploads); its handler sets its own bounds. nil means none may.
	Long func(r *http.Request) bool

	// Admission decides which requests are taken on; nil takes all. Class
	// answers what a request is for, and false for one that is always taken on
	// (streams, uploads, health), which has bounds of its own.
	Admission *admission.Limiter
	Class     func(r *http.Request) (admission.Class, bool)
	// Draining reports whether the process is leaving: connections are then
	// closed after their next answer. nil is never.
	Draining func() bool

	// Authenticate puts the caller's identity into the request's context; nil for none.
	Authenticate func(http.Handler) http.Handler
	// User answers the authenticated caller of a request; nil for none.
	User func(r *http.Request) (ids.ID, bool)

	// Limiter and Rate bound the requests of one user or, without one, one
	// address. A nil Limiter or an unlimited rate bounds nothing.
	Limiter limit.Limiter
	Rate    limit.Rate

	// Compress encodes JSON and text answers for clients that take gzip.
	Compress Compression

	// Clock is for the rate limit's headers and the log; nil is the system's.
	Clock clock.Clock
}

// Compression says when answers are compressed.
type Compression string

// The policies of compression.
const (
	// CompressAuto compresses except for clients on the same machine.
	CompressAuto   Compression = "auto"
	CompressAlways Compression = "always"
	CompressNever  Compression = "never"
)

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Slow <= 0 {
		o.Slow = time.Second
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 1 << 20
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.BodyStart <= 0 {
		o.BodyStart = 5 * time.Second
	}
	if o.Long == nil {
		o.Long = func(*http.Request) bool { return false }
	}
	if o.Class == nil {
		o.Class = func(*http.Request) (admission.Class, bool) { return admission.Reads, true }
	}
	if o.Draining == nil {
		o.Draining = func() bool { return false }
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Compress == "" {
		o.Compress = CompressAuto
	}
	return o
}
