package query

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/task/event"
)

// Flow is the cumulative flow: how many tasks each category or column held.
type Flow struct {
	Per     Per          `json:"per" enum:"day,week"`
	Zone    string       `json:"zone"`
	Buckets []string     `json:"buckets" doc:"The day that each bucket begins on."`
	Series  []FlowSeries `json:"series" doc:"By category, from backlog to cancelled; of one project by its columns, in their order."`
}

// FlowSeries is one band.
type FlowSeries struct {
	Category event.Category `json:"category" enum:"backlog,open,active,done,cancelled" doc:"What the column means today."`
	Column   *ids.ID        `json:"column,omitempty" doc:"Set where one project was asked for. A column that was removed is still there."`
	Tasks    []int          `json:"tasks" doc:"How many tasks there were at the end of each bucket; of one that has not ended, how many there are."`
}

// categories are the bands of a workspace.
var categories = []event.Category{event.Backlog, event.Open, event.Active, event.Done, event.Cancelled}

// farEdge is after every point.
var farEdge = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)

// Flow answers the cumulative flow of a span. It counts back from what the
// columns hold now, so that it costs by the time asked for and what retention
// has dropped does not matter.
func (s *Service) Flow(ctx context.Context, v *Viewer, project ids.ID, span Span, per Per) (*Flow, error) {
	f := Filter{Project: project}
	if err := v.check(f); err != nil {
		return nil, err
	}
	edges := span.Edges(per)
	out := &Flow{Per: per, Zone: span.Zone.String(), Buckets: dates(edges, span.Zone)}
	bands := bandsOf(v, project)
	counts, err := s.store.Counts(ctx, v.Workspace, ids.Nil)
	if err != nil {
		return nil, err
	}
	var groups []timeseries.Group
	if sel, some := v.selection(readmodel.Flow, f); some {
		// Of the first bucket only the end is asked for.
		groups, err = s.series.Buckets(ctx, timeseries.Query{Selection: sel, Edges: append(slices.Clone(edges[1:]), farEdge), By: []string{readmodel.ByColumn}})
		if err != nil {
			return nil, coded(err)
		}
	}
	moves := map[ids.ID][]timeseries.Bucket{}
	for _, g := range groups {
		if id, err := ids.Parse(g.Dimensions.Get(readmodel.ByColumn)); err == nil {
			moves[id] = g.Buckets
		}
	}
	for id, c := range v.frame.Columns {
		if !v.allows(f, c.Project) || project.IsZero() && v.frame.Projects[c.Project].State == event.Trashed {
			continue
		}
		band := bands.of(id, c)
		if band == nil {
			continue
		}
		if band.Tasks == nil {
			band.Tasks = make([]int, len(out.Buckets))
		}
		n := counts[id]
		for i := len(out.Buckets) - 1; i >= 0; i-- {
			if m := moves[id]; m != nil {
				n -= int(math.Round(m[i].Sum)) // what came after the bucket's end
			}
			band.Tasks[i] += n
		}
	}
	for _, b := range bands.all {
		if b.Tasks == nil {
			b.Tasks = make([]int, len(out.Buckets))
		}
		out.Series = append(out.Series, *b)
	}
	return out, nil
}

// bands are the series of a flow, by column or category.
type bands struct {
	all        []*FlowSeries
	byColumn   map[ids.ID]*FlowSeries
	byCategory map[event.Category]*FlowSeries
}

func (b *bands) of(column ids.ID, c readmodel.Column) *FlowSeries {
	if b.byColumn != nil {
		return b.byColumn[column]
	}
	return b.byCategory[c.Category]
}

func bandsOf(v *Viewer, project ids.ID) *bands {
	b := &bands{}
	if project.IsZero() {
		b.byCategory = map[event.Category]*FlowSeries{}
		for _, c := range categories {
			one := &FlowSeries{Category: c}
			b.all, b.byCategory[c] = append(b.all, one), one
		}
		return b
	}
	b.byColumn = map[ids.ID]*FlowSeries{}
	for id, c := range v.frame.Columns {
		if c.Project == project {
			one := &FlowSeries{Category: c.Category, Column: &id}
			b.all, b.byColumn[id] = append(b.all, one), one
		}
	}
	slices.SortFunc(b.all, func(x, y *FlowSeries) int {
		return cmp.Or(cmp.Compare(v.frame.Columns[*x.Column].Position, v.frame.Columns[*y.Column].Position), bytes.Compare(x.Column[:], y.Column[:]))
	})
	return b
}
