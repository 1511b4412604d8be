package query

import (
	"context"

	"headway/internal/analytics/readmodel"
	"headway/internal/apperr"
	"headway/internal/platform/timeseries"
)

// Usage is how often the web app was used for what.
type Usage struct {
	Per     Per           `json:"per" enum:"day,week,month"`
	Zone    string        `json:"zone"`
	Buckets []string      `json:"buckets" doc:"The day that each bucket begins on."`
	Series  []UsageSeries `json:"series" doc:"One for each name that usage events can have."`
}

// UsageSeries counts the events of one name.
type UsageSeries struct {
	Name   string   `json:"name"`
	Counts []uint64 `json:"counts"`
}

// Usage answers the usage events of a workspace, for members who are no
// guests: they are of the whole workspace.
func (s *Service) Usage(ctx context.Context, v *Viewer, span Span, per Per) (*Usage, error) {
	if v.guest {
		return nil, apperr.New(apperr.Forbidden, "Your role does not allow you to read how the workspace is used.")
	}
	edges := span.Edges(per)
	out := &Usage{Per: per, Zone: span.Zone.String(), Buckets: dates(edges, span.Zone), Series: []UsageSeries{}}
	for _, name := range readmodel.UsageNames() {
		one := UsageSeries{Name: name, Counts: make([]uint64, len(edges)-1)}
		groups, err := s.series.Buckets(ctx, timeseries.Query{
			Selection: timeseries.Selection{Workspace: readmodel.UsageOf(v.Workspace), Metric: readmodel.Usage + name}, Edges: edges,
		})
		if err != nil {
			return nil, coded(err)
		}
		for _, g := range groups {
			for i, b := range g.Buckets {
				one.Counts[i] += b.Count
			}
		}
		out.Series = append(out.Series, one)
	}
	return out, nil
}
