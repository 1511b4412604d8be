// Package memory keeps time series in memory: the oracle that other adapters
// are compared with, and what tests use that need no file. It looks at every
// point of the selected series, so it is for few of them.
package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Store keeps points in memory. It is safe for concurrent use.
type Store struct {
	mu     sync.RWMutex
	series map[name]*series
	kept   timeseries.Kept
}

var _ timeseries.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store { return &Store{series: map[name]*series{}} }

type name struct {
	workspace  ids.ID
	metric     string
	dimensions string
}

type moment struct {
	at int64 // Unix milliseconds
	id ids.ID
}

type series struct {
	dimensions timeseries.Dimensions
	points     map[moment]float64
	// slots are what points come to that are gone.
	slots map[int64]timeseries.Bucket
}

// Insert implements timeseries.Store.
func (s *Store) Insert(ctx context.Context, points []timeseries.Point) (timeseries.Inserted, error) {
	var done timeseries.Inserted
	if err := ctx.Err(); err != nil {
		return done, err
	}
	if err := timeseries.Check(points); err != nil {
		return done, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range points {
		at := moment{p.At.UnixMilli(), p.ID}
		if at.at < s.kept.Points {
			done.Forgotten++
			continue
		}
		n := name{p.Workspace, p.Metric, p.Dimensions.Text()}
		one, ok := s.series[n]
		if !ok {
			one = &series{slices.Clone(p.Dimensions), map[moment]float64{}, map[int64]timeseries.Bucket{}}
			s.series[n] = one
		}
		if _, ok := one.points[at]; ok {
			done.Repeated++
			continue
		}
		one.points[at] = p.Value
		done.New++
	}
	return done, nil
}

// selected are the series that are meant, by their dimensions as text.
func (s *Store) selected(sel timeseries.Selection) map[string]*series {
	out := map[string]*series{}
	for n, one := range s.series {
		if n.workspace == sel.Workspace && n.metric == sel.Metric && sel.Matches(one.dimensions) {
			out[n.dimensions] = one
		}
	}
	return out
}

// Range implements timeseries.Store.
func (s *Store) Range(ctx context.Context, sel timeseries.Selection, from, to time.Time, after timeseries.Place, limit int) ([]timeseries.Point, timeseries.Place, error) {
	if err := cmp.Or(ctx.Err(), sel.Check(), timeseries.CheckSpan(from, to)); err != nil {
		return nil, after, err
	}
	type found struct {
		moment
		text string
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	order := func(a, b found) int {
		return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.id[:], b.id[:]), cmp.Compare(a.text, b.text))
	}
	begin := found{moment{after.At.UnixMilli(), after.ID}, after.Series}
	all := s.selected(sel)
	var page []found
	for text, one := range all {
		for m := range one.points {
			f := found{m, text}
			inside := m.at >= timeseries.Milli(from) && m.at < timeseries.Milli(to)
			if inside && (after.IsZero() || order(f, begin) > 0) {
				page = append(page, f)
			}
		}
	}
	slices.SortFunc(page, order)
	page = page[:min(len(page), max(limit, 0))]
	out := make([]timeseries.Point, 0, len(page))
	for _, f := range page {
		p := timeseries.Point{ID: f.id, Workspace: sel.Workspace, Metric: sel.Metric, Dimensions: all[f.text].dimensions,
			At: time.UnixMilli(f.at).UTC(), Value: all[f.text].points[f.moment]}
		out = append(out, p)
		after = timeseries.Place{At: p.At, ID: p.ID, Series: f.text}
	}
	return out, after, nil
}

// Buckets implements timeseries.Store.
func (s *Store) Buckets(ctx context.Context, q timeseries.Query) ([]timeseries.Group, error) {
	if err := cmp.Or(ctx.Err(), q.Check()); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.kept.Fine(q) {
		return nil, timeseries.ErrTooFine
	}
	fold := timeseries.NewFold(q)
	from, to := fold.Span()
	add := func(group int, at int64, part timeseries.Bucket) error {
		if at < from || at >= to {
			return nil
		}
		return fold.Add(group, fold.Find(at, 0), part)
	}
	for _, one := range s.selected(q.Selection) {
		group := fold.Group(one.dimensions)
		for m, v := range one.points {
			var part timeseries.Bucket
			part.Add(v)
			if err := add(group, m.at, part); err != nil {
				return nil, err
			}
		}
		for slot, part := range one.slots {
			if err := add(group, slot, part); err != nil {
				return nil, err
			}
		}
	}
	return fold.Groups(), nil
}

// Dimensions implements timeseries.Store.
func (s *Store) Dimensions(ctx context.Context, sel timeseries.Selection, limit int) ([]timeseries.Dimensions, error) {
	if err := cmp.Or(ctx.Err(), sel.Check()); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := s.selected(sel)
	texts := make([]string, 0, len(all))
	for text := range all {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	var out []timeseries.Dimensions
	for _, text := range texts[:min(len(texts), max(limit, 0))] {
		out = append(out, all[text].dimensions)
	}
	return out, nil
}

// Retain implements timeseries.Store.
func (s *Store) Retain(ctx context.Context, r timeseries.Retention) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = s.kept.After(r)
	for n, one := range s.series {
		for m, v := range one.points {
			if m.at < s.kept.Points {
				delete(one.points, m)
				slot := timeseries.SlotOf(m.at)
				b := one.slots[slot]
				b.Add(v)
				one.slots[slot] = b
			}
		}
		for slot := range one.slots {
			if slot < s.kept.Slots {
				delete(one.slots, slot)
			}
		}
		if len(one.points)+len(one.slots) == 0 {
			delete(s.series, n)
		}
	}
	return nil
}

// Forget implements timeseries.Store.
func (s *Store) Forget(ctx context.Context, workspace ids.ID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.series {
		if n.workspace == workspace {
			delete(s.series, n)
		}
	}
	return nil
}
