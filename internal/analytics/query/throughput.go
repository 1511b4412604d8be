package query

import (
	"context"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// By is what series are split by.
type By string

// What throughput can be split by.
const (
	ByNothing  By = ""
	ByProject  By = "project"
	ByAssignee By = "assignee"
)

// Throughput is how many tasks were created, completed and reopened over time.
type Throughput struct {
	Per  Per    `json:"per" enum:"day,week,month"`
	Zone string `json:"zone" doc:"The time zone of the days."`
	// Buckets are the days that they begin on.
	Buckets []string `json:"buckets" doc:"The day that each bucket begins on; the arrays below have a number for each."`
	// Series are one where nothing was split, else one for each that has any.
	Series []ThroughputSeries `json:"series"`
}

// ThroughputSeries is the throughput of a project or assignee, or of all.
type ThroughputSeries struct {
	Project   *ids.ID  `json:"project,omitempty" doc:"Set where split by project."`
	Assignee  *ids.ID  `json:"assignee,omitempty" doc:"Set where split by assignee. A task of two people counts for both; one of nobody is in no series."`
	Created   []uint64 `json:"created"`
	Completed []uint64 `json:"completed"`
	Reopened  []uint64 `json:"reopened"`
}

// Throughput answers it for a span.
func (s *Service) Throughput(ctx context.Context, v *Viewer, f Filter, span Span, per Per, by By) (*Throughput, error) {
	if err := v.check(f); err != nil {
		return nil, err
	}
	edges := span.Edges(per)
	out := &Throughput{Per: per, Zone: span.Zone.String(), Buckets: dates(edges, span.Zone), Series: []ThroughputSeries{}}
	n := len(edges) - 1
	place := map[string]int{}
	at := func(d timeseries.Dimensions) *ThroughputSeries {
		key := d.Text()
		i, ok := place[key]
		if !ok {
			i = len(out.Series)
			place[key] = i
			one := ThroughputSeries{Created: make([]uint64, n), Completed: make([]uint64, n), Reopened: make([]uint64, n)}
			if by != ByNothing {
				if id, err := ids.Parse(d.Get(string(by))); err == nil && by == ByProject {
					one.Project = &id
				} else if err == nil {
					one.Assignee = &id
				}
			}
			out.Series = append(out.Series, one)
		}
		return &out.Series[i]
	}
	if by == ByNothing {
		at(nil)
	}
	for metric, counts := range map[string]func(*ThroughputSeries) []uint64{
		readmodel.Created:   func(t *ThroughputSeries) []uint64 { return t.Created },
		readmodel.Completed: func(t *ThroughputSeries) []uint64 { return t.Completed },
		readmodel.Reopened:  func(t *ThroughputSeries) []uint64 { return t.Reopened },
	} {
		sel, some := v.selection(metric, f)
		if !some {
			break
		}
		q := timeseries.Query{Selection: sel, Edges: edges}
		if by == ByAssignee && f.Assignee.IsZero() {
			q.Metric = readmodel.OfAssignees(metric)
		}
		if by != ByNothing {
			q.By = []string{string(by)}
		}
		groups, err := s.series.Buckets(ctx, q)
		if err != nil {
			return nil, coded(err)
		}
		for _, g := range groups {
			series := counts(at(g.Dimensions))
			for i, b := range g.Buckets {
				series[i] = b.Count
			}
		}
	}
	sortSeries(out.Series)
	return out, nil
}
