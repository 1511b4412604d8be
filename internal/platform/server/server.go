package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server serves one address until its context ends, then leaves in order.
type Server struct {
	// Handler is what NewHandler made.
	Handler http.Handler
	Log     *slog.Logger
	Health  *Health
	// DrainDelay is how long the process stays open after it stopped being
	// ready, so that load balancers notice; 0 is not at all.
	DrainDelay time.Duration
	// DrainTimeout is how long requests may take to finish; 0 is 20 s.
	DrainTimeout time.Duration
	// OnDrain moves long-lived streams away: it tells them to come back
	// elsewhere and returns when that is on its way. It may be nil.
	OnDrain func()
}

// Serve answers requests on the listener until ctx ends. Then it makes the
// process not ready, waits DrainDelay, closes the listener, moves streams away
// and lets requests finish. It returns nil after an orderly end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	hs := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() { done <- hs.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	if s.Health != nil {
		s.Health.Drain()
	}
	if s.DrainDelay > 0 {
		timer := time.NewTimer(s.DrainDelay)
		select {
		case err := <-done:
			timer.Stop()
			return fmt.Errorf("serve %s: %w", l.Addr(), err)
		case <-timer.C:
		}
	}
	timeout := s.DrainTimeout
	if timeout <= 0 {
		timeout = 20 * time.Second
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	if s.OnDrain != nil {
		hs.RegisterOnShutdown(s.OnDrain)
	}
	err := hs.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		s.Log.Warn("some requests did not finish in time", "timeout", timeout)
		err = hs.Close()
	}
	if serveErr := <-done; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
