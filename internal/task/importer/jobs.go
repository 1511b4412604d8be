package importer

import (
	"context"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
)

// List answers the workspace's jobs, newest first.
func (m *Manager) List(ctx context.Context, user, workspace ids.ID) ([]Job, error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return nil, err
	}
	return m.ofWorkspace(ctx, workspace)
}

// Get answers a job, apperr.NotFound where the workspace has none of that id.
func (m *Manager) Get(ctx context.Context, user, workspace, id ids.ID) (Job, error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return Job{}, err
	}
	return m.find(ctx, jobKey{workspace, id})
}

// Apply starts applying, or goes on. One import of a workspace is applied at a
// time: apperr.Conflict otherwise, or where the job's state does not allow it.
// Two that are asked for in the same moment of different processes may both
// run, which does no harm but to their speed.
func (m *Manager) Apply(ctx context.Context, user, workspace, id ids.ID) (Job, error) {
	return m.change(ctx, user, workspace, id, Applying, func(j *Job) error {
		if j.State == Applying || j.State == Done {
			return nil
		}
		if !j.resumable() {
			return apperr.New(apperr.Conflict, "The import is %s: it cannot be applied.", j.State)
		}
		others, err := m.ofWorkspace(ctx, workspace)
		if err != nil {
			return err
		}
		for i := range others {
			if others[i].State == Applying && others[i].ID != id {
				return apperr.New(apperr.Conflict, "Another import of this workspace is running. Wait for it or pause it.")
			}
		}
		j.State, j.Error, j.Retry, j.By = Applying, "", false, user
		return nil
	})
}

// Pause stops applying after the batch it is at.
func (m *Manager) Pause(ctx context.Context, user, workspace, id ids.ID) (Job, error) {
	return m.change(ctx, user, workspace, id, Paused, func(j *Job) error {
		switch j.State {
		case Paused:
			return nil
		case Applying:
			j.State = Paused
			return nil
		}
		return apperr.New(apperr.Conflict, "The import is %s: there is nothing to pause.", j.State)
	})
}

// change lets a decision change a job's state, keeps that as the request and
// sees that whoever runs the job hears of it.
func (m *Manager) change(ctx context.Context, user, workspace, id ids.ID, want State, decide func(*Job) error) (Job, error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return Job{}, err
	}
	key := jobKey{workspace, id}
	j, err := m.find(ctx, key)
	if err != nil {
		return Job{}, err
	}
	next := j
	if err := decide(&next); err != nil {
		return Job{}, err
	}
	if next.State == j.State {
		return j, nil
	}
	next.UpdatedAt = m.clock.Now()
	q, err := m.records.request(ctx, key)
	if err == nil && q == nil {
		return Job{}, apperr.New(apperr.NotFound, "There is no such import.")
	}
	if err == nil {
		q.Ask, q.Want, q.By, q.At = ids.New(), want, next.By, next.UpdatedAt
		err = m.records.write(ctx, key.request(), q)
	}
	if err != nil {
		return Job{}, away(ctx, err)
	}
	m.mu.Lock()
	r := m.running[key]
	m.announce()
	m.mu.Unlock()
	switch {
	case next.live():
		m.ensure(ctx, key)
	case r != nil:
		r.look()
	}
	return next, nil
}

// Delete forgets a job and its file. What was applied stays. A job that is
// applying has to be paused first: apperr.Conflict.
func (m *Manager) Delete(ctx context.Context, user, workspace, id ids.ID) error {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return err
	}
	key := jobKey{workspace, id}
	j, err := m.find(ctx, key)
	if err != nil {
		return err
	}
	if j.State == Applying {
		return apperr.New(apperr.Conflict, "The import is running. Pause it first.")
	}
	m.mu.Lock()
	r := m.running[key]
	if m.kept != nil && m.kept.job == id {
		m.dropKept(nil)
	}
	m.mu.Unlock()
	if err := m.records.removeJob(ctx, key); err != nil {
		return away(ctx, err)
	}
	if r != nil {
		r.look()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.announce()
	return nil
}

// watchEvery is how often Watch asks after a job that another process runs.
const watchEvery = 500 * time.Millisecond

// Watch calls fn with the job at once and after its changes, until fn answers
// true, the job is gone (apperr.NotFound) or the context ends.
func (m *Manager) Watch(ctx context.Context, workspace, id ids.ID, fn func(Job) bool) error {
	for {
		m.mu.Lock()
		changed := m.changed
		m.mu.Unlock()
		now, err := m.find(ctx, jobKey{workspace, id})
		if err != nil {
			return err
		}
		if fn(now) {
			return nil
		}
		wait := time.NewTimer(watchEvery)
		select {
		case <-changed:
		case <-wait.C:
		case <-ctx.Done():
		}
		wait.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
