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

// Summary is a span in a few numbers.
type Summary struct {
	From      string    `json:"from" format:"date"`
	To        string    `json:"to" format:"date" doc:"The last day, included."`
	Zone      string    `json:"zone"`
	Created   uint64    `json:"created"`
	Completed uint64    `json:"completed"`
	Reopened  uint64    `json:"reopened"`
	OpenNow   int       `json:"openNow" doc:"Tasks on boards of live projects now that are in columns neither of done nor of cancelled work."`
	Cycle     Durations `json:"cycleTime" doc:"From when a task first came into an active column to its completion. Tasks that never did are not in it."`
	Lead      Durations `json:"leadTime" doc:"From a task's creation to its completion."`
}

// Durations are how long completed tasks took.
type Durations struct {
	Count  int      `json:"count" doc:"Completions that the figures are of."`
	Median *float64 `json:"medianSeconds" doc:"Null without a completion."`
	P85    *float64 `json:"p85Seconds" doc:"85 of 100 took as long at most. Both are by nearest rank, from every completion since the time below."`
	Since  string   `json:"since" format:"date-time" doc:"The beginning of the span, or later where single completions are no longer kept or are more than 100,000: the latest are counted then."`
}

// maxDurations is how many completions percentiles are taken from.
const maxDurations = 100_000

// page is how many points are read at once.
const page = 5000

// Summary answers it for a span.
func (s *Service) Summary(ctx context.Context, v *Viewer, f Filter, span Span) (*Summary, error) {
	out := &Summary{From: span.From.Format(dateLayout), To: span.To.Format(dateLayout), Zone: span.Zone.String()}
	t, err := s.Throughput(ctx, v, f, span, Day, ByNothing)
	if err != nil {
		return nil, err
	}
	total := func(list []uint64) (n uint64) {
		for _, x := range list {
			n += x
		}
		return n
	}
	all := t.Series[0]
	out.Created, out.Completed, out.Reopened = total(all.Created), total(all.Completed), total(all.Reopened)
	if out.OpenNow, err = s.openNow(ctx, v, f); err != nil {
		return nil, err
	}
	if out.Cycle, err = s.durations(ctx, v, f, span, readmodel.Cycle); err != nil {
		return nil, err
	}
	out.Lead, err = s.durations(ctx, v, f, span, readmodel.Completed)
	return out, err
}

func (s *Service) openNow(ctx context.Context, v *Viewer, f Filter) (n int, err error) {
	counts, err := s.store.Counts(ctx, v.Workspace, f.Assignee)
	if err != nil {
		return 0, err
	}
	for id, count := range counts {
		c := v.frame.Columns[id]
		if open(c.Category) && v.allows(f, c.Project) && v.frame.Projects[c.Project].State == event.Live {
			n += count
		}
	}
	return n, nil
}

// open reports whether work in a column is still to be done.
func open(c event.Category) bool {
	return c == event.Backlog || c == event.Open || c == event.Active
}

// durations reads every completion of the span, or of its end.
func (s *Service) durations(ctx context.Context, v *Viewer, f Filter, span Span, metric string) (Durations, error) {
	sel, some := v.selection(metric, f)
	from, err := s.since(ctx, sel, span, some)
	out := Durations{Since: from.UTC().Format(time.RFC3339)}
	if err != nil || !some {
		return out, err
	}
	var values []float64
	var place timeseries.Place
	for {
		points, next, err := s.series.Range(ctx, sel, from, span.End(), place, page)
		if err != nil {
			return out, coded(err)
		}
		if len(points) == 0 {
			break
		}
		for i := range points {
			values = append(values, points[i].Value)
		}
		place = next
	}
	slices.Sort(values)
	out.Count = len(values)
	out.Median, out.P85 = rank(values, 50), rank(values, 85)
	return out, nil
}

// since answers from when on the durations of a span are read.
func (s *Service) since(ctx context.Context, sel timeseries.Selection, span Span, some bool) (time.Time, error) {
	from := span.From
	if s.keep > 0 {
		// Retention goes by days of UTC.
		if kept := s.clock.Now().Add(-s.keep).Truncate(timeseries.Day).Add(timeseries.Day); kept.After(from) {
			from = kept
		}
	}
	if !some {
		return from, nil
	}
	edges := span.Edges(Day)
	groups, err := s.series.Buckets(ctx, timeseries.Query{Selection: sel, Edges: edges})
	if err != nil || len(groups) == 0 {
		return from, coded(err)
	}
	var n uint64
	for i := len(groups[0].Buckets) - 1; i >= 0 && !edges[i+1].Before(from); i-- {
		if n += groups[0].Buckets[i].Count; n > maxDurations {
			// A day that alone has more is still read whole.
			if i+1 == len(groups[0].Buckets) {
				return later(from, edges[i]), nil
			}
			return later(from, edges[i+1]), nil
		}
	}
	return from, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// rank answers the value that p of 100 are no greater than, by nearest rank:
// the smallest value with at least p of 100 of all at or below it.
func rank(sorted []float64, p float64) *float64 {
	if len(sorted) == 0 {
		return nil
	}
	n := int(math.Ceil(p / 100 * float64(len(sorted))))
	return &sorted[max(n, 1)-1]
}

// sortSeries puts series in the order of their ids.
func sortSeries(all []ThroughputSeries) {
	id := func(t *ThroughputSeries) (id ids.ID) {
		switch {
		case t.Project != nil:
			return *t.Project
		case t.Assignee != nil:
			return *t.Assignee
		}
		return ids.Nil
	}
	slices.SortFunc(all, func(a, b ThroughputSeries) int {
		x, y := id(&a), id(&b)
		return cmp.Or(bytes.Compare(x[:], y[:]))
	})
}
