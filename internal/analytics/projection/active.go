package projection

import (
	"sync"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// activity is somebody having changed something on a day (UTC), in a project
// or, where that is zero, in the workspace.
type activity struct {
	workspace, project, user ids.ID
	day                      int64 // since the Unix epoch
}

// active adds the points of who did something. What an import brings was not
// done by who started it, and a server's own doing is nobody's.
func (f *fold) active(e *eventlog.Event) {
	if e.Actor.IsZero() || imported(e) {
		return
	}
	f.activeIn(e, ids.Nil)
	if !e.Scope.IsZero() {
		f.activeIn(e, e.Scope)
	}
}

func (f *fold) activeIn(e *eventlog.Event, project ids.ID) {
	at := within(e.At.UTC())
	a := activity{f.frame.Workspace, project, e.Actor, at.Unix() / 86400}
	if f.seen(a) {
		return
	}
	day := time.Unix(a.day*86400, 0).UTC()
	for metric, begin := range map[string]time.Time{
		readmodel.ActiveDay:   day,
		readmodel.ActiveWeek:  within(day.AddDate(0, 0, -(int(day.Weekday())+6)%7)),
		readmodel.ActiveMonth: time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC),
	} {
		if project.IsZero() {
			f.point(metric, e.Actor, begin, 1)
		} else {
			f.point(readmodel.InProject(metric), e.Actor, begin, 1, readmodel.ByProject, project.String())
		}
	}
}

// known remembers whose activity was written, so that it is written about once
// and not with each event. Forgetting any of it is harmless.
type known struct {
	mu  sync.Mutex
	all map[activity]struct{}
}

// maxKnown bounds the memory.
const maxKnown = 100_000

func (k *known) has(a activity) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.all[a]
	return ok
}

func (k *known) add(list []activity) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all)+len(list) > maxKnown {
		k.all = make(map[activity]struct{}, len(list))
	}
	for _, a := range list {
		k.all[a] = struct{}{}
	}
}

func (k *known) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = nil
}
