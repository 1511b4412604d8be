package server

import (
	"log/slog"
	"net/http"
	"time"

	"headway/internal/platform/rest"
)

// response notes what was answered. It is recycled.
type response struct {
	http.ResponseWriter
	status  int
	bytes   int64
	pattern string
	cause   error
	shed    bool // counted, not logged: there may be thousands a second
	bounded bool // the body has its time already
}

var (
	_ http.ResponseWriter = (*response)(nil)
	_ rest.CauseRecorder  = (*response)(nil)
)

func (w *response) reset(inner http.ResponseWriter) { *w = response{ResponseWriter: inner} }

// WriteHeader notes the status.
func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts bytes.
func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Flush sends what is buffered.
func (w *response) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// SetReadDeadline is for handlers that bound the body themselves. Where its time
// is bounded already they are not listened to: a deadline that comes when the
// body is here meets the look at whether the client leaves, with which net/http
// goes on, and has a request that takes longer pass for one whose client left.
func (w *response) SetReadDeadline(t time.Time) error {
	if w.bounded {
		return nil
	}
	return http.NewResponseController(w.ResponseWriter).SetReadDeadline(t)
}

// RecordCause keeps why an error was answered, for the log. The first cause
// stands: what follows is only how it was answered.
func (w *response) RecordCause(err error) {
	if w.cause == nil {
		w.cause = err
	}
}

// find looks for the response below other wrappers.
func find(w http.ResponseWriter) *response {
	for {
		if rw, ok := w.(*response); ok {
			return rw
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil
		}
		w = u.Unwrap()
	}
}

// log writes the request's line. It holds no query, no token and no body.
func (c *chain) log(rw *response, r *http.Request, id string, took time.Duration) {
	level := slog.LevelInfo
	if rw.status >= 500 {
		level = slog.LevelError
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("request", id),
		slog.String("method", r.Method),
		slog.String("route", knownPath(rw.pattern, r)),
		slog.Int("status", rw.status),
		slog.Int64("bytes", rw.bytes),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("client", c.peers.Addr(r).String()),
	)
	if rw.cause != nil && rw.status >= 500 {
		attrs = append(attrs, slog.String("cause", rw.cause.Error()))
	}
	c.o.Log.LogAttrs(r.Context(), level, "request", attrs...)
}
