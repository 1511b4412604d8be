package consumertest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
)

// errCrash is what a process sees of its own death.
var errCrash = errors.New("consumertest: crashed")

// dying are the checkpoints of a process that stalls and dies: before the
// effect, between effect and checkpoint, or before it learns that it was
// committed.
type dying struct {
	consumer.Checkpoints
	random *dice
	lives  *atomic.Int64 // left, of all processes
	kill   func()        // ends the process that these are of
	dead   atomic.Bool
}

// perhaps dies, one in so many times.
func (d *dying) perhaps(oneIn int) error {
	if d.dead.Load() {
		return errCrash
	}
	if d.random.oneIn(oneIn) && d.lives.Add(-1) >= 0 {
		d.dead.Store(true)
		d.kill()
		return errCrash
	}
	return nil
}

// stall sleeps, at times so long that another process takes the stream over.
func (d *dying) stall() {
	switch d.random.below(12) {
	case 0, 1:
		time.Sleep(time.Duration(d.random.below(3000)) * time.Microsecond)
	case 2:
		time.Sleep(time.Duration(20+d.random.below(30)) * time.Millisecond)
	}
}

// around has the process stall and die around a commit.
func (d *dying) around(effect consumer.Effect, commit func(consumer.Effect) error) error {
	d.stall()
	err := commit(func(ctx context.Context, tx consumer.Tx) error {
		if err := d.perhaps(25); err != nil {
			return err
		}
		if effect != nil {
			if err := effect(ctx, tx); err != nil {
				return err
			}
		}
		if !tx.Together() { // one that is would keep all others waiting
			d.stall()
		}
		return d.perhaps(25)
	})
	return errors.Join(err, d.perhaps(40))
}

// Commit implements consumer.Checkpoints.
func (d *dying) Commit(ctx context.Context, m consumer.Move, effect consumer.Effect) error {
	return d.around(effect, func(effect consumer.Effect) error { return d.Checkpoints.Commit(ctx, m, effect) })
}

// Release implements consumer.Checkpoints.
func (d *dying) Release(ctx context.Context, name string, generation uint64, place consumer.Place, effect consumer.Effect) error {
	return d.around(effect, func(effect consumer.Effect) error {
		return d.Checkpoints.Release(ctx, name, generation, place, effect)
	})
}

// SaveCursor implements consumer.Checkpoints.
func (d *dying) SaveCursor(ctx context.Context, name string, generation uint64, to eventlog.Cursor) error {
	d.stall()
	return errors.Join(d.Checkpoints.SaveCursor(ctx, name, generation, to), d.perhaps(25))
}
