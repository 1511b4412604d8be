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
	// Connections bounds what is open at once; nil does not.
	Connections *Connections
	// WriteTimeout is how long an answer may take from the request's header to
	// its last byte, streams and uploads excepted; 0 is 1 minute.
	WriteTimeout time.Duration
	// DrainDelay is how long the process stays open after it stopped being
	// ready, so that load balancers notice; 0 is not at all.
	DrainDelay time.Duration
	// DrainTimeout is how long requests may take to finish; 0 is 20 s.
	DrainTimeout time.Duration
	// OnDrain moves long-lived streams away: it tells them to come back
	// elsewhere and returns when that is on its way. It may be nil.
	OnDrain func()
}

// Listen opens the TCP address that a Server serves. Multipath TCP is left out:
// its sockets take no filter, by which a server leaves without losing requests.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	c.SetMultipathTCP(false)
	return c.Listen(ctx, "tcp", address)
}

// settle is how long connections that are made already have to be accepted
// before the listener closes.
const settle = 100 * time.Millisecond

// Serve answers requests on the listener until ctx ends. Then it makes the
// process not ready, waits DrainDelay, closes the listener, moves streams away
// and lets requests finish. It returns nil after an orderly end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if s.WriteTimeout <= 0 {
		s.WriteTimeout = time.Minute
	}
	hs := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      s.WriteTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	bounded := l
	if s.Connections != nil {
		bounded = s.Connections.listen(l)
	}
	go func() { done <- hs.Serve(bounded) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	if s.Health != nil {
		s.Health.Drain()
	}
	if err := pause(s.DrainDelay, done); err != nil {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	if err := quiesce(l); err != nil {
		s.Log.Warn("connections that wait to be accepted may be reset", "cause", err)
	} else if err := pause(settle, done); err != nil {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
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

// pause waits, unless serving ends before, whose error it answers.
func pause(d time.Duration, done <-chan error) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return nil
	}
}
