package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Patient is a Store whose database may be away, also at the start: what it
// is asked meanwhile is apperr.Unavailable, and it goes on once it is back.
// It is safe for concurrent use.
type Patient struct {
	opts Options

	mu    sync.Mutex
	store *Store // nil until the database was there
	tried time.Time
	err   error // of that try
}

var _ timeseries.Store = (*Patient)(nil)

// Between two tries to reach a database that was not there yet, and how long one may take.
const (
	tryEvery = time.Second
	tryFor   = 5 * time.Second
)

// OpenPatiently connects, or leaves it for later where the database does not
// answer. One that answers and refuses is an error.
func OpenPatiently(ctx context.Context, opts Options) (*Patient, error) {
	p := &Patient{opts: opts}
	if _, err := p.reached(ctx); err != nil && !away(err) {
		return nil, err
	}
	return p, nil
}

// reached answers the store, connecting where that was not done yet.
func (p *Patient) reached(ctx context.Context) (*Store, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.store != nil {
		return p.store, nil
	}
	if time.Since(p.tried) < tryEvery {
		return nil, p.err
	}
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	p.store, p.err = Open(ctx, p.opts)
	p.tried = time.Now()
	return p.store, p.err
}

// away reports whether an error says that the database does not answer, or
// is only just starting or ending.
func away(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "57P01", "57P02", "57P03", "53300": // shutdown, crash, not yet ready, too many connections
			return true
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// with calls do on the store.
func (p *Patient) with(ctx context.Context, do func(*Store) error) error {
	s, err := p.reached(ctx)
	if err == nil {
		err = do(s)
	}
	if err != nil && ctx.Err() == nil && away(err) {
		return &apperr.Error{Code: apperr.Unavailable, Message: "The database of the measurements does not answer. Try again in a while.", Cause: err}
	}
	return err
}

// Ping answers nil where the database answers.
func (p *Patient) Ping(ctx context.Context) error {
	return p.with(ctx, func(s *Store) error { return s.pool.Ping(ctx) })
}

// Close closes the connections.
func (p *Patient) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.store != nil {
		p.store.Close()
	}
}

// Insert implements timeseries.Store.
func (p *Patient) Insert(ctx context.Context, points []timeseries.Point) (out timeseries.Inserted, err error) {
	err = p.with(ctx, func(s *Store) (err error) { out, err = s.Insert(ctx, points); return err })
	return out, err
}

// Range implements timeseries.Store.
func (p *Patient) Range(ctx context.Context, sel timeseries.Selection, from, to time.Time, after timeseries.Place, limit int) (out []timeseries.Point, place timeseries.Place, err error) {
	err = p.with(ctx, func(s *Store) (err error) { out, place, err = s.Range(ctx, sel, from, to, after, limit); return err })
	return out, place, err
}

// Buckets implements timeseries.Store.
func (p *Patient) Buckets(ctx context.Context, q timeseries.Query) (out []timeseries.Group, err error) {
	err = p.with(ctx, func(s *Store) (err error) { out, err = s.Buckets(ctx, q); return err })
	return out, err
}

// Dimensions implements timeseries.Store.
func (p *Patient) Dimensions(ctx context.Context, sel timeseries.Selection, limit int) (out []timeseries.Dimensions, err error) {
	err = p.with(ctx, func(s *Store) (err error) { out, err = s.Dimensions(ctx, sel, limit); return err })
	return out, err
}

// Retain implements timeseries.Store.
func (p *Patient) Retain(ctx context.Context, r timeseries.Retention) error {
	return p.with(ctx, func(s *Store) error { return s.Retain(ctx, r) })
}

// Forget implements timeseries.Store.
func (p *Patient) Forget(ctx context.Context, workspace ids.ID) error {
	return p.with(ctx, func(s *Store) error { return s.Forget(ctx, workspace) })
}
