package move

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/moving"
)

const (
	// near is how few events a round may copy for the fence to be set after it.
	near = 500
	// rounds is how often is caught up at most before that.
	rounds = 50
	// smallRows is how many events the workspaces may have together whose rows
	// are compared behind the fence.
	smallRows = 5000
	// busyTries is how often rows are read that do not stand still.
	busyTries = 3
)

// copy copies everything while writes go on, until little is left.
func (m *mover) copy(ctx context.Context) error {
	if err := m.near(ctx); err != nil {
		return err
	}
	if err := m.copyAuth(ctx); err != nil {
		return err
	}
	if err := m.compareRows(ctx); err != nil {
		return err
	}
	if err := m.copySettings(ctx); err != nil {
		return err
	}
	if m.Source.Prepare != nil {
		if err := m.Source.Prepare(ctx, m.state); err != nil {
			return err
		}
	}
	if err := m.near(ctx); err != nil {
		return err
	}
	if err := m.copyAuth(ctx); err != nil {
		return err
	}
	_, err := m.catchUp(ctx, false)
	return err
}

// near catches up until a round copies little.
func (m *mover) near(ctx context.Context) error {
	for range rounds {
		copied, err := m.catchUp(ctx, false)
		if err != nil || copied < near {
			return err
		}
	}
	return errors.New("the source is written to faster than it can be copied; try again when there is less to do")
}

// compareRows compares the rows of each workspace as of one seq: the source's
// in a snapshot, and the target's once it is copied up to there.
func (m *mover) compareRows(ctx context.Context) error {
	for id, s := range m.streams {
		if s.category != eventlog.Workspace {
			continue
		}
		for range busyTries {
			err := m.compareRowsOf(ctx, id, s)
			if err == nil {
				break
			}
			if !errors.Is(err, ErrBusy) {
				return err
			}
		}
	}
	return nil
}

func (m *mover) compareRowsOf(ctx context.Context, id ids.ID, s *stream) error {
	want, seq, err := m.Source.Snapshot(ctx, id)
	if err != nil {
		return err
	}
	if seq < s.verified {
		return ErrBusy // the rows are behind the log
	}
	s.head = max(s.head, seq)
	if _, err := m.advance(ctx, id, seq); err != nil {
		return err
	}
	got, err := m.Target.Digest(ctx, id)
	if err != nil {
		return err
	}
	if got != want {
		return &DifferError{fmt.Sprintf("the rows of the workspace %s as of seq %d", id, seq)}
	}
	s.rows = seq
	return nil
}

// fence keeps writers out, copies and compares the rest, and switches.
func (m *mover) fence(ctx context.Context) error {
	if err := m.set(ctx, m.Source.Control, moving.Fenced, m.Target.Name); err != nil {
		return err
	}
	if m.Source.Quiet != nil {
		if err := m.Source.Quiet(ctx, m.state); err != nil {
			return err
		}
	}
	if _, err := m.catchUp(ctx, true); err != nil {
		return err
	}
	if err := m.fenceStreams(ctx); err != nil {
		return err
	}
	if err := m.copyAuth(ctx); err != nil {
		return err
	}
	if err := m.compareSmall(ctx); err != nil {
		return err
	}
	if err := m.set(ctx, m.Target.Control, moving.Received, m.Source.Name); err != nil {
		return err
	}
	m.decided = true
	return m.over(ctx)
}

// over tells the processes to go over.
func (m *mover) over(ctx context.Context) error {
	if m.Target.Release != nil {
		if err := m.Target.Release(); err != nil {
			return err
		}
	}
	return m.set(ctx, m.Source.Control, moving.Moved, m.Target.Name)
}

// fenceStreams fences each stream where its copy ends. One that grew is copied on.
func (m *mover) fenceStreams(ctx context.Context) error {
	if m.Source.Fences == nil {
		return nil
	}
	for _, category := range categories {
		left := map[ids.ID]bool{}
		for id, s := range m.streams {
			if s.category == category {
				left[id] = true
			}
		}
		for len(left) > 0 {
			heads := make([]eventlog.StreamHead, 0, len(left))
			for id := range left {
				heads = append(heads, eventlog.StreamHead{Stream: id, Head: m.streams[id].verified})
			}
			grown, err := m.Source.Fences.Fence(ctx, category, heads)
			if err != nil {
				return err
			}
			clear(left)
			for _, id := range grown {
				left[id] = true
				head, err := m.Source.Log.Head(ctx, id)
				if err != nil {
					return err
				}
				if _, err := m.advance(ctx, id, head); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// compareSmall compares the rows of workspaces that were not compared before,
// the smallest first as far as that is quickly done.
func (m *mover) compareSmall(ctx context.Context) error {
	var events uint64
	for id, s := range m.streams {
		if s.category != eventlog.Workspace || s.rows > 0 || events+s.verified > smallRows {
			continue
		}
		events += s.verified
		if err := m.compareRowsOf(ctx, id, s); err != nil && !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return nil
}

// lateAfter is how long after the switch is looked for what a process that did
// not see the fence in time has begun on the source.
const lateAfter = 3 * time.Second

// late answers the streams that are on the source alone.
func (m *mover) late(ctx context.Context) ([]ids.ID, error) {
	if m.Source.Fences == nil {
		return nil, nil
	}
	select {
	case <-ctx.Done():
		return nil, nil
	case <-time.After(lateAfter):
	}
	var left []ids.ID
	for _, category := range categories {
		for {
			heads, to, err := m.Source.Log.Changed(ctx, category, m.cursors[category], batch)
			if err != nil {
				return left, err
			}
			for _, h := range heads {
				if s := m.streams[h.Stream]; s != nil && s.verified >= h.Head {
					continue
				}
				m.stream(category, h)
				left = append(left, h.Stream)
			}
			if to == m.cursors[category] {
				break
			}
			m.cursors[category] = to
		}
	}
	return left, nil
}

func (m *mover) report() Report {
	r := Report{Sessions: len(m.sessions), Digest: m.overall(), Bytes: m.bytes}
	for _, s := range m.streams {
		r.Events += s.verified
		if s.category == eventlog.Account {
			r.Accounts++
			continue
		}
		r.Workspaces++
		if s.rows > 0 {
			r.Rows++
		}
	}
	return r
}
