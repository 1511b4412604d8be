package importer

import (
	"context"
	"errors"
	"sync"
	"time"

	"headway/internal/platform/blob"
	"headway/internal/platform/ids"
)

// DefaultLease is how long a process that runs a job may give no sign before another takes the job over.
const DefaultLease = 6 * time.Second

// lease says which process runs a job. Nobody compares clocks: a lease is over
// once whoever looks has seen the same beat for its whole length by their own.
type lease struct {
	// Runner is the process; zero where it left in order and the job is free.
	Runner ids.ID `json:"runner"`
	Beat   uint64 `json:"beat"`
}

// seen is a lease and when it was first seen so, by this process's clock.
type seen struct {
	lease lease
	at    time.Time
}

// readLease answers a job's lease, nil where it has none.
func (m *Manager) readLease(ctx context.Context, key jobKey) (*lease, error) {
	l := &lease{}
	err := m.records.read(ctx, key.lease(), l)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	return l, err
}

// over reports whether a lease binds nobody any more.
func (m *Manager) over(key jobKey, l *lease) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l == nil || l.Runner.IsZero() || l.Runner == m.runner || m.alone {
		delete(m.seen, key)
		return true
	}
	s, ok := m.seen[key]
	if !ok || s.lease != *l {
		m.seen[key] = seen{*l, time.Now()}
		return false
	}
	return time.Since(s.at) > m.lease
}

// sweep takes over the jobs whose process died, until the manager is closed.
// Without all it looks after those alone that were asked for here.
func (m *Manager) sweep() {
	ticker := time.NewTicker(m.lease / 2)
	defer ticker.Stop()
	var tidied time.Time
	for failing := false; ; {
		err := errors.Join(m.sweepOnce(), m.adopt())
		if err == nil && m.started() && time.Since(tidied) > tidyEvery {
			if err = m.tidy(m.ctx); err == nil {
				tidied = time.Now()
			}
		}
		if err != nil && !failing && m.ctx.Err() == nil { // told of once, not at every try
			m.log.Warn("imports cannot be looked after; it is tried again", "cause", err)
		}
		failing = err != nil
		select {
		case <-ticker.C:
		case <-m.ctx.Done():
			return
		}
	}
}

func (m *Manager) sweepOnce() error {
	for after := ""; ; {
		page, err := m.records.list(m.ctx, livePrefix, after)
		if err != nil {
			return err
		}
		for i := range page {
			key, ok := parseJobKey(page[i].Key[len(livePrefix):], ".")
			if !ok || !m.cares(key) {
				continue
			}
			l, err := m.readLease(m.ctx, key)
			if err != nil {
				return err
			}
			if l != nil && m.over(key, l) {
				m.take(key)
			}
		}
		if len(page) < pageLen {
			return nil
		}
		after = page[len(page)-1].Key
	}
}

// cares reports whether this process would run the job and does not yet.
func (m *Manager) cares(key jobKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.running[key] == nil && !m.uploads[key] && (m.all || m.asked[key])
}

func (m *Manager) started() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all
}

// ensure has a live job's work done: by this process, where no other does it.
func (m *Manager) ensure(ctx context.Context, key jobKey) {
	m.mu.Lock()
	m.asked[key] = true
	r := m.running[key]
	m.mu.Unlock()
	if r != nil {
		r.look()
		return
	}
	// Where the store cannot be asked just now, two processes may both run the
	// job for a moment, which changes nothing: what is there is not made again.
	if l, err := m.readLease(ctx, key); err == nil && !m.over(key, l) {
		m.startSweeping()
		return
	}
	m.take(key)
}

func (m *Manager) startSweeping() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.sweeping && m.ctx.Err() == nil {
		m.sweeping = true
		m.work.Go(m.sweep)
	}
}

// take starts to run a job here.
func (m *Manager) take(key jobKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running[key] != nil || m.ctx.Err() != nil {
		return
	}
	r := newRun(m, key)
	m.running[key] = r
	m.work.Go(r.live)
}

// hold keeps a lease on a job while its file comes in, until release.
func (m *Manager) hold(ctx context.Context, key jobKey) (release func(), err error) {
	l := lease{Runner: m.runner}
	if err := m.records.write(ctx, key.lease(), l); err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.uploads[key] = true
	m.mu.Unlock()
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(m.lease / 4)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				l.Beat++
				if err := m.records.write(ctx, key.lease(), l); err != nil && ctx.Err() == nil {
					m.log.Warn("the lease of an import cannot be renewed", "import", key.job, "cause", err)
				}
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-ended
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.uploads, key)
	}), nil
}
