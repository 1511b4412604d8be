// Package memory is the event log in memory: the oracle that other adapters
// are compared with, and what tests use that need no file.
package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Log is an event log in memory. It is safe for concurrent use.
type Log struct {
	mu      sync.RWMutex
	streams map[ids.ID]*stream
	changed eventlog.Cursor
}

type stream struct {
	category eventlog.Category
	changed  eventlog.Cursor
	events   []eventlog.Event
	known    map[ids.ID]uint64
}

var _ eventlog.Log = (*Log)(nil)

// New makes an empty log.
func New() *Log { return &Log{streams: map[ids.ID]*stream{}} }

// Append implements eventlog.Log.
func (l *Log) Append(ctx context.Context, category eventlog.Category, id ids.ID, expected uint64, events []eventlog.Event) (eventlog.Appended, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Appended{}, err
	}
	if len(events) == 0 {
		return eventlog.Appended{}, eventlog.ErrEmpty
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.streams[id]
	if s == nil {
		s = &stream{category: category, known: map[ids.ID]uint64{}}
	}
	if at, known := s.repeated(events); known == len(events) {
		return at, nil
	} else if known > 0 {
		return eventlog.Appended{}, eventlog.ErrPartlyRepeated
	}
	head := uint64(len(s.events))
	if head != expected {
		return eventlog.Appended{}, &eventlog.ConflictError{Expected: expected, Head: head}
	}
	for i, e := range events {
		e.Stream, e.Seq = id, head+uint64(i)+1 // #nosec G115 -- an index
		e.Data = slices.Clone(e.Data)
		s.known[e.ID] = e.Seq
		s.events = append(s.events, e)
	}
	l.changed++
	s.changed = l.changed
	l.streams[id] = s
	return eventlog.Appended{First: head + 1, Last: uint64(len(s.events))}, nil
}

// repeated answers where those events are that the stream holds, and how many they are.
func (s *stream) repeated(events []eventlog.Event) (at eventlog.Appended, known int) {
	for _, e := range events {
		seq, ok := s.known[e.ID]
		if !ok {
			continue
		}
		if known == 0 || seq < at.First {
			at.First = seq
		}
		at.Last = max(at.Last, seq)
		known++
	}
	at.Repeated = true
	return at, known
}

// Read implements eventlog.Log.
func (l *Log) Read(ctx context.Context, id ids.ID, after uint64, limit int) ([]eventlog.Event, error) {
	return l.pick(ctx, id, limit, false, func(e *eventlog.Event) bool { return e.Seq > after })
}

// ReadBack implements eventlog.Log.
func (l *Log) ReadBack(ctx context.Context, id ids.ID, before uint64, limit int) ([]eventlog.Event, error) {
	return l.pick(ctx, id, limit, true, func(e *eventlog.Event) bool { return e.Seq < before })
}

// ReadEntity implements eventlog.Log.
func (l *Log) ReadEntity(ctx context.Context, id, entity ids.ID, after, upTo uint64, limit int) ([]eventlog.Event, error) {
	return l.pick(ctx, id, limit, false, func(e *eventlog.Event) bool {
		return e.Entity == entity && e.Seq > after && e.Seq <= upTo
	})
}

// ReadEntityBack implements eventlog.Log.
func (l *Log) ReadEntityBack(ctx context.Context, id, entity ids.ID, before uint64, limit int) ([]eventlog.Event, error) {
	return l.pick(ctx, id, limit, true, func(e *eventlog.Event) bool { return e.Entity == entity && e.Seq < before })
}

func (l *Log) pick(ctx context.Context, id ids.ID, limit int, back bool, want func(*eventlog.Event) bool) ([]eventlog.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	s := l.streams[id]
	if s == nil {
		return nil, nil
	}
	var out []eventlog.Event
	for i := range s.events {
		if len(out) >= limit {
			break
		}
		e := &s.events[i]
		if back {
			e = &s.events[len(s.events)-1-i]
		}
		if want(e) {
			got := *e
			got.Data = slices.Clone(e.Data)
			out = append(out, got)
		}
	}
	return out, nil
}

// Head implements eventlog.Log.
func (l *Log) Head(ctx context.Context, id ids.ID) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	if s := l.streams[id]; s != nil {
		return uint64(len(s.events)), nil
	}
	return 0, nil
}

// Changed implements eventlog.Log.
func (l *Log) Changed(ctx context.Context, category eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return nil, after, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	type changed struct {
		at   eventlog.Cursor
		head eventlog.StreamHead
	}
	var all []changed
	for id, s := range l.streams {
		if s.category == category && s.changed > after {
			all = append(all, changed{s.changed, eventlog.StreamHead{Stream: id, Head: uint64(len(s.events))}})
		}
	}
	slices.SortFunc(all, func(a, b changed) int { return cmp.Compare(a.at, b.at) })
	var out []eventlog.StreamHead
	for _, c := range all[:min(max(limit, 0), len(all))] {
		out, after = append(out, c.head), c.at
	}
	return out, after, nil
}

// Newest implements eventlog.Log.
func (l *Log) Newest(ctx context.Context, _ eventlog.Category) (eventlog.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.changed, nil
}
