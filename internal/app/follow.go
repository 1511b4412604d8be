package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"headway/internal/app/config"
	"headway/internal/platform/ids"
	"headway/internal/platform/moving"
)

// How often a process looks whether its store is being moved, and for how long
// a look lets it write where only looking keeps it from a fence: seldom while
// there is no move, often during one.
const (
	lookIdle, leaseIdle     = time.Second, 5 * time.Second
	lookMoving, leaseMoving = 100 * time.Millisecond, 2 * time.Second
	acknowledgeEvery        = 500 * time.Millisecond
)

// whereMoved answers the platform that the data is in: this one, or, where the
// data was moved and store.next says to go there, another one.
func (p *platform) whereMoved(ctx context.Context, cfg config.Config) (*platform, error) {
	s, err := p.control.MoveState(ctx)
	switch {
	case err != nil:
	case s.Phase == moving.Receiving:
		err = fmt.Errorf("the store %s is receiving the data of %s, and not all of it is there; finish that with headway store migrate, or empty this store", redacted(cfg.Store, cfg.Data), s.Peer)
	case s.Phase != moving.Moved:
		return p, nil
	case cfg.Store.Next == "":
		err = fmt.Errorf("the data of %s was moved to %s on %s; set store.url to that address", redacted(cfg.Store, cfg.Data), s.Peer, s.At.Format(time.DateOnly))
	default:
		if err := p.close(); err != nil {
			return nil, err
		}
		return openNext(ctx, cfg, s)
	}
	return nil, errors.Join(err, p.close())
}

// following answers the settings of a process that has gone over to store.next.
func following(cfg config.Config) config.Config {
	cfg.Store.URL, cfg.Store.Next = cfg.Store.Next, ""
	return cfg
}

// openNext opens what store.next names, where that is the store of the move.
func openNext(ctx context.Context, cfg config.Config, s moving.State) (*platform, error) {
	next, err := openPlatform(ctx, following(cfg))
	if err != nil {
		return nil, fmt.Errorf("store.next: %w", err)
	}
	there, err := next.control.MoveState(ctx)
	if err == nil && (there.Move != s.Move || there.Phase != moving.Received) {
		err = fmt.Errorf("the data was moved to %s, and store.next names another store", s.Peer)
	}
	if err != nil {
		return nil, errors.Join(err, next.close())
	}
	return next, nil
}

// follower looks for a move of the store of one process.
type follower struct {
	p       *platform
	log     *slog.Logger
	process ids.ID
	// over is called once the data is elsewhere, again until it answers nil.
	over func(ctx context.Context, s moving.State) error

	last         moving.State
	acknowledged time.Time
}

// run looks until ctx ends or the process has gone over.
func (f *follower) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			f.leave(context.WithoutCancel(ctx))
			return
		case <-timer.C:
		}
		again := lookIdle
		switch done, err := f.look(ctx); {
		case done:
			f.leave(context.WithoutCancel(ctx))
			return
		case err != nil && ctx.Err() == nil:
			f.log.Warn("whether the store is being moved could not be seen; it is looked for again", "cause", err)
		case f.last.Phase == moving.Copying || f.last.Closed():
			again = lookMoving
		}
		timer.Reset(again)
	}
}

// leave tells a mover not to wait for this process.
func (f *follower) leave(ctx context.Context) {
	if f.p.processes == nil || f.acknowledged.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookIdle)
	defer cancel()
	if err := f.p.processes.Leave(ctx, f.process); err != nil {
		f.log.Debug("a mover could not be told that this process ends", "cause", err)
	}
}

// look sees how far a move has got; done says that the process has gone over.
func (f *follower) look(ctx context.Context) (done bool, err error) {
	began := time.Now()
	s, err := f.p.control.MoveState(ctx)
	if err != nil {
		return false, err
	}
	changed := s.Phase != f.last.Phase || s.Move != f.last.Move
	f.last = s
	if gate := f.p.gate; gate != nil {
		switch {
		case s.Closed():
			gate.Close()
		case s.Phase == moving.Copying:
			gate.Open(began.Add(leaseMoving))
		default:
			gate.Open(began.Add(leaseIdle))
		}
	}
	if err := f.acknowledge(ctx, s, changed); err != nil {
		return false, err
	}
	if changed {
		f.tell(s)
	}
	if s.Phase != moving.Moved || f.over == nil {
		return false, nil
	}
	f.goOver(ctx, s)
	return true, nil
}

func (f *follower) acknowledge(ctx context.Context, s moving.State, changed bool) error {
	if f.p.processes == nil || s.Phase != moving.Copying && !s.Closed() {
		return nil
	}
	if !changed && time.Since(f.acknowledged) < acknowledgeEvery {
		return nil
	}
	if err := f.p.processes.Acknowledge(ctx, f.process, s); err != nil {
		f.last = moving.State{} // so that it counts as changed the next time
		return err
	}
	f.acknowledged = time.Now()
	return nil
}

func (f *follower) tell(s moving.State) {
	switch s.Phase {
	case moving.Copying:
		f.log.Info("the data is being copied to another store; writes go on", "to", s.Peer)
	case moving.Fenced:
		f.log.Info("writes are refused for a moment while the rest of the data is copied", "to", s.Peer)
	case moving.Moved:
		if f.over == nil {
			f.log.Error("the data was moved to another store; writes are refused until store.url names it and this process is started again", "to", s.Peer)
		}
	case moving.None, moving.Receiving, moving.Received:
	}
}

// goOver tries until it has gone over.
func (f *follower) goOver(ctx context.Context, s moving.State) {
	for {
		err := f.over(ctx, s)
		if err == nil || ctx.Err() != nil {
			return
		}
		f.log.Error("this process could not go over to store.next; writes are refused until it can", "cause", err, "again in", lookIdle)
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookIdle):
		}
	}
}

// moved answers an error once the data is elsewhere, for /health/ready.
func (p *platform) moved(ctx context.Context) error {
	s, err := p.control.MoveState(ctx)
	if err == nil && s.Phase == moving.Moved {
		err = fmt.Errorf("the data was moved to %s; store.url must name it", s.Peer)
	}
	return err
}
