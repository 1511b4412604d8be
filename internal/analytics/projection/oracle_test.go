package projection_test

import (
	"math"
	"slices"
	"time"

	"headway/internal/analytics/query"
	"headway/internal/platform/ids"
)

// oracle lists everything that happened, and counts by going through all of it.
type oracle struct {
	counts []counted
	flows  []flowed
	acts   []act
}

type counted struct {
	what      string
	at        time.Time
	value     float64
	project   ids.ID
	assignees []ids.ID
}

type flowed struct {
	at     time.Time
	column ids.ID
	delta  int
}

type act struct {
	user, project ids.ID
	at            time.Time
}

func newOracle() *oracle { return &oracle{} }

func (o *oracle) count(what string, at time.Time, value float64, t *tracked) {
	o.counts = append(o.counts, counted{what, at, value, t.project, slices.Clone(t.assignees)})
}

func (o *oracle) flow(at time.Time, column ids.ID, delta int) {
	o.flows = append(o.flows, flowed{at, column, delta})
}

func (o *oracle) acted(user, project ids.ID, at time.Time) {
	o.acts = append(o.acts, act{user, project, at})
}

// values are those of what was counted in a time, in order.
func (o *oracle) values(what string, f query.Filter, from, to time.Time) []float64 {
	out := []float64{}
	for _, c := range o.counts {
		if c.what == what && !c.at.Before(from) && c.at.Before(to) && (f.Project.IsZero() || f.Project == c.project) &&
			(f.Assignee.IsZero() || slices.Contains(c.assignees, f.Assignee)) {
			out = append(out, c.value)
		}
	}
	slices.Sort(out)
	return out
}

// held is how many tasks a column held at a moment.
func (o *oracle) held(column ids.ID, at time.Time) (n int) {
	for _, f := range o.flows {
		if f.column == column && f.at.Before(at) {
			n += f.delta
		}
	}
	return n
}

// active are the different people of a time.
func (o *oracle) active(project ids.ID, from, to time.Time) int {
	all := map[ids.ID]bool{}
	for _, a := range o.acts {
		if !a.at.Before(from) && a.at.Before(to) && (project.IsZero() || a.project == project) {
			all[a.user] = true
		}
	}
	return len(all)
}

// least is the smallest of the values with at least p of 100 at or below it.
func least(values []float64, p int) *float64 {
	for _, v := range values {
		below := 0
		for _, o := range values {
			if o <= v {
				below++
			}
		}
		if below*100 >= p*len(values) {
			return &v
		}
	}
	return nil
}

func same(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && math.Abs(*a-*b) < 1e-6
}
