package query

import (
	"context"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
)

// Active is how many different people changed something.
type Active struct {
	Per     Per      `json:"per" enum:"day,week,month"`
	Zone    string   `json:"zone" doc:"Always UTC: who counts once in a day of one zone may count in two of another."`
	Buckets []string `json:"buckets" doc:"The day that each bucket begins on. Weeks begin on Monday."`
	Users   []int    `json:"users" doc:"Different people in each bucket."`
}

// activeMetrics are the points of people by width.
var activeMetrics = map[Per]string{Day: readmodel.ActiveDay, Week: readmodel.ActiveWeek, Month: readmodel.ActiveMonth}

// Active answers the active users of a span, whose zone must be UTC, in a
// project or in all that the viewer sees.
func (s *Service) Active(ctx context.Context, v *Viewer, project ids.ID, span Span, per Per) (*Active, error) {
	f := Filter{Project: project}
	if err := v.check(f); err != nil {
		return nil, err
	}
	edges := span.Edges(per)
	out := &Active{Per: per, Zone: zoneUTC, Buckets: dates(edges, time.UTC), Users: make([]int, len(edges)-1)}
	metric := activeMetrics[per]
	if v.guest || !project.IsZero() {
		metric = readmodel.InProject(metric)
	}
	sel, some := v.selection(metric, f)
	if !some {
		return out, nil
	}
	if v.guest && project.IsZero() {
		return out, s.union(ctx, sel, edges, out.Users)
	}
	// There is one point for each person and bucket, so that counting is enough.
	groups, err := s.series.Buckets(ctx, timeseries.Query{Selection: sel, Edges: edges})
	if err != nil {
		return nil, coded(err)
	}
	for _, g := range groups {
		for i, b := range g.Buckets {
			out.Users[i] += int(b.Count) // #nosec G115 -- people of a workspace
		}
	}
	return out, nil
}

// union counts people who may have been active in several projects. Points of
// one person and bucket lie side by side.
func (s *Service) union(ctx context.Context, sel timeseries.Selection, edges []time.Time, users []int) error {
	var place timeseries.Place
	var last timeseries.Place
	at := 0
	for read := 0; ; {
		points, next, err := s.series.Range(ctx, sel, edges[0], edges[len(edges)-1], place, page)
		if err != nil {
			return coded(err)
		}
		if len(points) == 0 {
			return nil
		}
		if read += len(points); read > maxDurations {
			return apperr.InvalidField("query.from", "gives more days than can be counted over several projects. Ask for fewer, or for one project.")
		}
		for i := range points {
			p := &points[i]
			if p.At.Equal(last.At) && p.ID == last.ID {
				continue
			}
			last.At, last.ID = p.At, p.ID
			for !p.At.Before(edges[at+1]) {
				at++
			}
			users[at]++
		}
		place = next
	}
}
