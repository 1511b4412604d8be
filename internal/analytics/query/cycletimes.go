package query

import (
	"context"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Measure is which time of a completed task is meant.
type Measure string

// The measures.
const (
	CycleTime Measure = "cycle"
	LeadTime  Measure = "lead"
)

// Completions are a page of completed tasks, oldest completion first.
type Completions struct {
	Items []Completion `json:"items"`
	// Next is empty on the last page.
	Next string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last one."`
	// place is where the page ended.
	place timeseries.Place
}

// Completion is one completed task.
type Completion struct {
	Task    ids.ID    `json:"task"`
	Project ids.ID    `json:"project"`
	At      time.Time `json:"at" doc:"When it was completed."`
	Seconds float64   `json:"seconds" doc:"How long it took, by the measure."`
}

// Place is where the page ended; zero on the last page.
func (c *Completions) Place() timeseries.Place { return c.place }

// Completions answers a page of up to limit completions that come after a place.
func (s *Service) Completions(ctx context.Context, v *Viewer, f Filter, span Span, m Measure, after timeseries.Place, limit int) (*Completions, error) {
	if err := v.check(f); err != nil {
		return nil, err
	}
	metric := readmodel.Cycle
	if m == LeadTime {
		metric = readmodel.Completed
	}
	out := &Completions{Items: []Completion{}}
	sel, some := v.selection(metric, f)
	if !some {
		return out, nil
	}
	points, place, err := s.series.Range(ctx, sel, span.From, span.End(), after, limit)
	if err != nil {
		return nil, coded(err)
	}
	for i := range points {
		p := &points[i]
		project, err := ids.Parse(p.Dimensions.Get(readmodel.ByProject))
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, Completion{Task: p.ID, Project: project, At: p.At, Seconds: p.Value})
	}
	if len(points) == limit {
		out.place = place
	}
	return out, nil
}
