// Package query answers what happened in a workspace over time. It decides
// what a viewer may see, in one place, and reads the time series and the read
// model.
package query

import (
	"context"
	"slices"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/task/event"
)

// Service answers queries. It is safe for concurrent use.
type Service struct {
	store  readmodel.Store
	series timeseries.Store
	clock  clock.Clock
	keep   time.Duration
}

// New makes the query side. keep is how long single points are kept, 0 for ever.
func New(store readmodel.Store, series timeseries.Store, c clock.Clock, keep time.Duration) *Service {
	return &Service{store: store, series: series, clock: c, keep: keep}
}

// Viewer is a member looking at a workspace.
type Viewer struct {
	Workspace ids.ID
	User      ids.ID
	// Seq is how far analytics has got.
	Seq uint64
	// Class names what the viewer may see: two viewers of one class get the same answers.
	Class string

	frame *readmodel.Frame
	// guest is set for who sees the projects alone.
	guest    bool
	projects []ids.ID
}

func errNoWorkspace() error { return apperr.New(apperr.NotFound, "There is no such workspace.") }

func errNoProject() error { return apperr.New(apperr.NotFound, "There is no such project.") }

// Viewer answers who the user is in the workspace, or apperr.NotFound where
// there is no such workspace for them.
func (s *Service) Viewer(ctx context.Context, workspace, user ids.ID) (*Viewer, error) {
	frame, err := s.store.Frame(ctx, workspace)
	if err != nil {
		return nil, err
	}
	if frame == nil {
		return nil, errNoWorkspace()
	}
	m, ok := frame.Members[user]
	if !ok {
		return nil, errNoWorkspace()
	}
	v := &Viewer{Workspace: workspace, User: user, Seq: frame.Version.Seq(), frame: frame}
	switch m.Role {
	case event.Owner, event.Admin, event.Member:
		v.Class = "m"
	case event.Guest:
		v.guest, v.projects = true, m.Projects
		b := []byte{'g'}
		for _, p := range m.Projects { // sorted
			b = append(b, p[:]...)
		}
		v.Class = string(b)
	default: // a role from a later version shows nothing
		return nil, errNoWorkspace()
	}
	return v, nil
}

// sees reports whether the viewer may see a project.
func (v *Viewer) sees(project ids.ID) bool { return !v.guest || slices.Contains(v.projects, project) }

// Filter narrows what is counted; zero values narrow nothing.
type Filter struct {
	Project  ids.ID
	Assignee ids.ID
}

// check answers apperr.NotFound for a project that is not there for the viewer.
func (v *Viewer) check(f Filter) error {
	if f.Project.IsZero() {
		return nil
	}
	if _, ok := v.frame.Projects[f.Project]; !ok || !v.sees(f.Project) {
		return errNoProject()
	}
	return nil
}

// allows reports whether something in a project is shown and counted.
func (v *Viewer) allows(f Filter, project ids.ID) bool {
	return v.sees(project) && (f.Project.IsZero() || f.Project == project)
}

// selection answers the points of a metric that the viewer sees and the filter
// lets through, and false where there can be none.
func (v *Viewer) selection(metric string, f Filter) (timeseries.Selection, bool) {
	sel := timeseries.Selection{Workspace: v.Workspace, Metric: metric}
	if !f.Assignee.IsZero() {
		sel.Metric = readmodel.OfAssignees(metric)
		sel.Where = append(sel.Where, timeseries.Match{Name: readmodel.ByUser, In: []string{f.Assignee.String()}})
	}
	switch {
	case !f.Project.IsZero():
		sel.Where = append(sel.Where, timeseries.Match{Name: readmodel.ByProject, In: []string{f.Project.String()}})
	case v.guest && len(v.projects) == 0:
		return sel, false
	case v.guest:
		m := timeseries.Match{Name: readmodel.ByProject}
		for _, p := range v.projects {
			m.In = append(m.In, p.String())
		}
		sel.Where = append(sel.Where, m)
	}
	return sel, true
}
