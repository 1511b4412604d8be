// Package memory keeps checkpoints in memory: for tests, where processes are
// runners that share one, and as the oracle of the other adapters.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"

	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/internal/mutant"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Checkpoints implements consumer.Checkpoints. It is safe for concurrent use.
type Checkpoints struct {
	mu        sync.Mutex
	consumers map[string]*state
}

type state struct {
	generation uint64
	resetting  bool
	cursor     eventlog.Cursor
	seqs       map[ids.ID]uint64
	aside      map[consumer.Place]consumer.Aside
}

var _ consumer.Checkpoints = (*Checkpoints)(nil)

// New makes empty checkpoints.
func New() *Checkpoints { return &Checkpoints{consumers: map[string]*state{}} }

type tx struct {
	generation    uint64
	staged, hooks []func()
}

// Together implements consumer.Tx.
func (*tx) Together() bool { return true }

// Generation implements consumer.Tx.
func (t *tx) Generation() uint64 { return t.generation }

// OnCommit implements consumer.Tx.
func (t *tx) OnCommit(fn func()) {
	if mutant.TellFirst {
		fn()
		return
	}
	t.hooks = append(t.hooks, fn)
}

// Stage has fn run at the commit of the checkpoint, where that succeeds, as
// one step with it: no other commit runs meanwhile. fn must not use the
// checkpoints. Anything but a Tx of this package is a fault of the program.
func Stage(t consumer.Tx, fn func()) {
	own := t.(*tx)
	own.staged = append(own.staged, fn)
}

// of answers a consumer's state; the caller holds the lock.
func (c *Checkpoints) of(name string) *state {
	s := c.consumers[name]
	if s == nil {
		s = &state{generation: 1, seqs: map[ids.ID]uint64{}, aside: map[consumer.Place]consumer.Aside{}}
		c.consumers[name] = s
	}
	return s
}

// Load implements consumer.Checkpoints.
func (c *Checkpoints) Load(ctx context.Context, name string, streams ...ids.ID) (consumer.State, error) {
	if err := ctx.Err(); err != nil {
		return consumer.State{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.of(name)
	out := consumer.State{Generation: s.generation, Resetting: s.resetting, Seqs: map[ids.ID]uint64{}}
	if len(streams) == 0 {
		out.Cursor = s.cursor
	}
	for _, id := range streams {
		if seq, ok := s.seqs[id]; ok {
			out.Seqs[id] = seq
		}
	}
	return out, nil
}

// run runs the effect and then, under the lock, what it staged, if commit allows it.
func (c *Checkpoints) run(ctx context.Context, name string, generation uint64, effect consumer.Effect, commit func(*state) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := &tx{generation: generation}
	if mutant.CheckpointFirst {
		c.mu.Lock()
		err := commit(c.of(name))
		c.mu.Unlock()
		if err != nil {
			return err
		}
		commit = func(*state) error { return nil }
	}
	if effect != nil {
		if err := effect(ctx, t); err != nil {
			return err
		}
	}
	if err := c.settle(name, t, commit); err != nil {
		return err
	}
	for _, fn := range t.hooks {
		fn()
	}
	return nil
}

func (c *Checkpoints) settle(name string, t *tx, commit func(*state) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := commit(c.of(name)); err != nil {
		return err
	}
	for _, fn := range t.staged {
		fn()
	}
	return nil
}

// Commit implements consumer.Checkpoints.
func (c *Checkpoints) Commit(ctx context.Context, m consumer.Move, effect consumer.Effect) error {
	return c.run(ctx, m.Consumer, m.Generation, effect, func(s *state) error {
		if !mutant.Unfenced && (s.resetting || s.generation != m.Generation || s.seqs[m.Stream] != m.From) {
			return &consumer.MovedError{Move: m}
		}
		s.seqs[m.Stream] = m.To
		if m.Aside != nil {
			s.aside[m.Aside.Place] = *m.Aside
		}
		return nil
	})
}

// SaveCursor implements consumer.Checkpoints.
func (c *Checkpoints) SaveCursor(ctx context.Context, name string, generation uint64, to eventlog.Cursor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.of(name); s.generation == generation {
		s.cursor = max(s.cursor, to)
	}
	return nil
}

// BeginReset implements consumer.Checkpoints.
func (c *Checkpoints) BeginReset(ctx context.Context, name string) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.of(name)
	s.generation++
	s.resetting, s.cursor = true, 0
	clear(s.seqs)
	clear(s.aside)
	return s.generation, nil
}

// EndReset implements consumer.Checkpoints.
func (c *Checkpoints) EndReset(ctx context.Context, name string, generation uint64, effect consumer.Effect) error {
	return c.run(ctx, name, generation, effect, func(s *state) error {
		if s.generation != generation {
			return consumer.ErrReset
		}
		s.resetting = false
		return nil
	})
}

// SetAside implements consumer.Checkpoints.
func (c *Checkpoints) SetAside(ctx context.Context, name string, after consumer.Place, limit int) ([]consumer.Aside, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []consumer.Aside
	for place, a := range c.of(name).aside {
		if compare(place, after) > 0 {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b consumer.Aside) int { return compare(a.Place, b.Place) })
	return out[:min(max(limit, 0), len(out))], nil
}

func compare(a, b consumer.Place) int {
	return cmp.Or(bytes.Compare(a.Stream[:], b.Stream[:]), cmp.Compare(a.Seq, b.Seq))
}

// NoteAside implements consumer.Checkpoints.
func (c *Checkpoints) NoteAside(ctx context.Context, name string, generation uint64, a consumer.Aside) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.of(name)
	if was, ok := s.aside[a.Place]; ok && s.generation == generation {
		was.Reason, was.Tries, was.At = a.Reason, a.Tries, a.At
		s.aside[a.Place] = was
	}
	return nil
}

// Release implements consumer.Checkpoints.
func (c *Checkpoints) Release(ctx context.Context, name string, generation uint64, place consumer.Place, effect consumer.Effect) error {
	return c.run(ctx, name, generation, effect, func(s *state) error {
		if _, ok := s.aside[place]; !ok || s.generation != generation || s.resetting {
			return consumer.ErrNotAside
		}
		delete(s.aside, place)
		return nil
	})
}
