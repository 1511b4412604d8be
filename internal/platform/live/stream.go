package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"headway/internal/platform/ids"
)

// Stream is one client's connection to a topic.
type Stream[A any] struct {
	Topic ids.ID
	User  ids.ID
	// Class names the access: streams of the same class see the same.
	Class  string
	Access A
	// Since is the seq of the last event that the client has.
	Since uint64
	// Replay reads the log after a seq, hands the frames to send in order, and
	// answers how far it got: to the log's head, as of some moment after it was
	// called. Where the client is too far behind it sends `event: reset` and
	// answers the head.
	Replay func(ctx context.Context, after uint64, send func(frames []byte) error) (uint64, error)

	kicked chan struct{}
	ended  bool // guarded by the topic's mutex
}

// errStuck says that the log does not hold what the hub was told is there.
var errStuck = errors.New("live: the log does not reach what was published")

// Serve answers the request with the stream until the client leaves, is too
// slow, is kicked or the hub drains. An error that it returns came before
// anything was sent, and may be answered.
func (h *Hub[A]) Serve(w http.ResponseWriter, r *http.Request, s *Stream[A]) error {
	s.kicked = make(chan struct{})
	t, err := h.join(s)
	if err != nil {
		return err
	}
	defer h.leave(s, t)
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx passes it on at once
	out := writer{w: w, rc: http.NewResponseController(w), timeout: h.o.WriteTimeout}
	if err := out.rc.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("open stream: %w", err)
	}
	w.WriteHeader(http.StatusOK)
	if out.send([]byte("retry: 1000\n\n")) != nil {
		return nil
	}
	h.follow(r.Context(), s, t, &out)
	return nil
}

// follow sends until the stream's end.
func (h *Hub[A]) follow(ctx context.Context, s *Stream[A], t *topic[A], out *writer) {
	heartbeat := time.NewTicker(h.o.Heartbeat)
	defer heartbeat.Stop()
	cursor, err := s.Replay(ctx, s.Since, out.send)
	if err != nil {
		return
	}
	cursor = max(cursor, s.Since)
	for {
		batch, reaches, gap, wake := t.collect(s, cursor)
		// What was collected may hold what came after a kick, which this access
		// must not see; without this a busy topic would never come to the select.
		select {
		case <-s.kicked:
			_ = out.send(resetFrame()) // the stream ends either way
			return
		default:
		}
		if gap {
			reached, err := s.Replay(ctx, cursor, out.send)
			if err == nil && reached <= cursor {
				err = errStuck
			}
			if err != nil {
				return // the client resumes
			}
			cursor = reached
			continue
		}
		if reaches > cursor {
			if len(batch) > 0 && out.send(batch) != nil {
				return
			}
			cursor = reaches
			continue
		}
		select {
		case <-wake:
		case <-heartbeat.C:
			// A word of another process's commit may have been lost on its way.
			reached, err := s.Replay(ctx, cursor, out.send)
			if err != nil {
				return
			}
			if cursor = max(cursor, reached); out.send([]byte(":\n\n")) != nil {
				return
			}
		case <-s.kicked:
			_ = out.send(resetFrame()) // the stream ends either way
			return
		case <-h.drained:
			// Clients come back at different moments, so that the next process is not stormed.
			_ = out.send(fmt.Appendf(nil, "retry: %d\n\n", 500+rand.IntN(2500))) // #nosec G404 -- spreads load, guards nothing
			return
		case <-ctx.Done():
			return
		}
	}
}

// resetFrame tells a client that its access changed.
func resetFrame() []byte { return AppendFrame(nil, 0, "reset", []byte(`{"why":"access"}`)) }

// writer sends pieces at once, within a time.
type writer struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	timeout time.Duration
}

func (o *writer) send(b []byte) error {
	if err := o.rc.SetWriteDeadline(time.Now().Add(o.timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := o.w.Write(b); err != nil {
		return err
	}
	return o.rc.Flush()
}
