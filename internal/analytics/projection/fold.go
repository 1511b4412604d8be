// Package projection turns workspace events into points of time series and
// into what analytics remembers between two events. A point's id and time come
// from the event, so that handling an event again adds nothing.
package projection

import (
	"slices"
	"strings"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/task/event"
)

// fold is the work on one batch of events of a workspace.
type fold struct {
	generation uint64
	frame      *readmodel.Frame
	tasks      map[ids.ID]*readmodel.Task
	touched    map[ids.ID]bool
	points     []timeseries.Point
	// seen answers whether a point of somebody's activity is known to be there.
	seen func(activity) bool
}

// decoded is an event with its payload; the payload is nil where only who did it matters.
type decoded struct {
	*eventlog.Event
	payload event.Payload
}

// apply folds one event. What a row or the frame reflects already it passes over.
func (f *fold) apply(d decoded) {
	f.active(d.Event)
	if d.payload == nil {
		return
	}
	v := readmodel.At(f.generation, d.Seq)
	switch p := d.payload.(type) {
	case *event.TaskData, *event.TaskPatch, *event.TaskGone:
		f.applyTask(d, v, p)
	default:
		if v > f.frame.Version {
			applyFrame(f.frame, event.Type(d.Type), d.Event, p)
			f.frame.Version = v
		}
	}
}

// applyTask folds an event of a task.
func (f *fold) applyTask(d decoded, v readmodel.Version, p event.Payload) {
	was := f.tasks[d.Entity]
	if was != nil && was.Version >= v {
		return
	}
	var next readmodel.Task
	switch p := p.(type) {
	case *event.TaskData:
		next = f.created(d.Event, p)
	case *event.TaskPatch:
		if was == nil || was.Gone {
			return
		}
		next = *was
		patch(&next, p)
		if p.Column != nil && next.Started.IsZero() && f.frame.Columns[next.Column].Category == event.Active {
			next.Started = moment(d.At)
		}
		f.finished(d.Event, was, &next)
	case *event.TaskGone:
		if was == nil {
			return
		}
		next = *was
		next.Gone = true
	}
	next.Version = v
	f.flow(d.Event, was, &next)
	f.tasks[d.Entity] = &next
	f.touched[d.Entity] = true
}

// created answers a new task. An imported one brings its times along, and
// counts at those.
func (f *fold) created(e *eventlog.Event, p *event.TaskData) readmodel.Task {
	t := readmodel.Task{
		ID: e.Entity, Project: p.Project, Column: p.Column, Assignees: sorted(p.Assignees), State: p.State, Created: moment(e.At),
	}
	if p.Created != nil {
		t.Created = moment(*p.Created)
	}
	f.count(readmodel.Created, e.ID, t.Created, 1, &t)
	if p.Completed != nil {
		t.Completed = moment(*p.Completed)
		f.completed(&t, t.Completed)
	}
	if !imported(e) && f.frame.Columns[t.Column].Category == event.Active {
		t.Started = t.Created
	}
	return t
}

func patch(t *readmodel.Task, p *event.TaskPatch) {
	if p.Project != nil {
		t.Project = p.Project.To
	}
	if p.Column != nil {
		t.Column = p.Column.To
	}
	if p.Assignees != nil {
		t.Assignees = sorted(p.Assignees.To)
	}
	if p.State != nil {
		t.State = p.State.To
	}
	if p.Completed != nil {
		t.Completed = time.Time{}
		if p.Completed.To != nil {
			t.Completed = moment(*p.Completed.To)
		}
	}
}

// finished counts a task that was completed, or is not any more.
func (f *fold) finished(e *eventlog.Event, was, next *readmodel.Task) {
	switch {
	case was.Completed.IsZero() && !next.Completed.IsZero():
		f.completed(next, e.At)
	case !was.Completed.IsZero() && next.Completed.IsZero():
		f.count(readmodel.Reopened, e.ID, e.At, 1, next)
	}
}

// completed counts a completion at a time. Its points carry the task's id: a
// task is completed once at a moment.
func (f *fold) completed(t *readmodel.Task, at time.Time) {
	f.count(readmodel.Completed, t.ID, at, seconds(t.Created, t.Completed), t)
	if !t.Started.IsZero() {
		f.count(readmodel.Cycle, t.ID, at, seconds(t.Started, t.Completed), t)
	}
}

func seconds(from, to time.Time) float64 { return max(0, to.Sub(from)).Seconds() }

// flow counts a task out of the column that it was in and into the one that it is in.
func (f *fold) flow(e *eventlog.Event, was, next *readmodel.Task) {
	before, after := was != nil && was.Counted(), next.Counted()
	if before && after && was.Column == next.Column && was.Project == next.Project {
		return
	}
	// An imported task comes into its column when it was created, as far as
	// anybody knows, or when it was done.
	at := moment(e.At)
	if was == nil {
		at = next.Created
		if !next.Completed.IsZero() {
			at = next.Completed
		}
	}
	if before {
		f.point(readmodel.Flow, e.ID, at, -1, readmodel.ByColumn, was.Column.String(), readmodel.ByProject, was.Project.String())
	}
	if after {
		f.point(readmodel.Flow, e.ID, at, 1, readmodel.ByColumn, next.Column.String(), readmodel.ByProject, next.Project.String())
	}
}

// count adds a point for the task's project, and one for each assignee.
func (f *fold) count(metric string, id ids.ID, at time.Time, value float64, t *readmodel.Task) {
	project := t.Project.String()
	f.point(metric, id, at, value, readmodel.ByProject, project)
	for _, user := range t.Assignees {
		f.point(readmodel.OfAssignees(metric), id, at, value, readmodel.ByUser, user.String(), readmodel.ByProject, project)
	}
}

// point adds a point. Names of dimensions are given in order.
func (f *fold) point(metric string, id ids.ID, at time.Time, value float64, dimensions ...string) {
	d := make(timeseries.Dimensions, 0, len(dimensions)/2)
	for i := 0; i+1 < len(dimensions); i += 2 {
		d = append(d, timeseries.Dimension{Name: dimensions[i], Value: dimensions[i+1]})
	}
	f.points = append(f.points, timeseries.Point{ID: id, Workspace: f.frame.Workspace, Metric: metric, Dimensions: d, At: within(at), Value: value})
}

// first and last bound the times of points; what an import says may lie outside.
var (
	first = time.Unix(0, 0).UTC()
	last  = time.Date(2261, 12, 31, 0, 0, 0, 0, time.UTC)
)

// within takes a time into the bounds of points.
func within(at time.Time) time.Time {
	switch {
	case at.Before(first):
		return first
	case at.After(last):
		return last
	}
	return at
}

// imported reports whether an event was brought about by an import.
func imported(e *eventlog.Event) bool { return strings.HasPrefix(e.Cause, "import:") }

// moment is a time as it is kept.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// sorted answers the ids in order, each once.
func sorted(list []ids.ID) []ids.ID {
	if len(list) == 0 {
		return nil
	}
	out := slices.Clone(list)
	slices.SortFunc(out, func(a, b ids.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out)
}
