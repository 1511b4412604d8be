package query

import (
	"context"
	"math"

	"headway/internal/apperr"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// maxScan is how many events one history request looks at. Where a filter
// passes few of them, the page comes shorter than asked, with a cursor to go on.
const maxScan = 2000

// TaskHistory answers a page of a task's events, newest first. It reads only
// that task's events. A purged task's history stays for those who could see it.
func (s *Service) TaskHistory(ctx context.Context, v *Viewer, task ids.ID, cursor string, limit int) ([]byte, error) {
	before, err := historyCursor(cursor)
	if err != nil {
		return nil, err
	}
	if _, err := s.taskRow(ctx, v, task); err != nil {
		if !apperr.Is(err, apperr.NotFound) {
			return nil, err
		}
		if err := s.purgedTask(ctx, v, task); err != nil {
			return nil, err
		}
	}
	return historyPage(v, before, limit, ids.Nil, func(before uint64, n int) ([]eventlog.Event, error) {
		return s.log.ReadEntityBack(ctx, v.Workspace, task, before, n)
	})
}

// purgedTask reports with a nil error that a task was purged from a project
// that the viewer sees.
func (s *Service) purgedTask(ctx context.Context, v *Viewer, task ids.ID) error {
	last, err := s.log.ReadEntityBack(ctx, v.Workspace, task, math.MaxUint64, 1)
	if err != nil {
		return err
	}
	if len(last) == 0 || event.Type(last[0].Type) != event.TaskPurged || !v.Access.Allows(last[0].Scope) {
		return errNoTask()
	}
	return nil
}

// History answers a page of the workspace's events, newest first; a project
// that is not zero narrows it to that project's.
func (s *Service) History(ctx context.Context, v *Viewer, project ids.ID, cursor string, limit int) ([]byte, error) {
	before, err := historyCursor(cursor)
	if err != nil {
		return nil, err
	}
	if !project.IsZero() {
		if _, err := v.Project(project); err != nil {
			return nil, err
		}
	}
	return historyPage(v, before, limit, project, func(before uint64, n int) ([]eventlog.Event, error) {
		return s.log.ReadBack(ctx, v.Workspace, before, n)
	})
}

// historyPage fills a page from read, which answers events before a seq, newest first.
func historyPage(v *Viewer, before uint64, limit int, project ids.ID,
	read func(before uint64, n int) ([]eventlog.Event, error),
) ([]byte, error) {
	if before == 0 {
		before = math.MaxUint64
	}
	b := append(make([]byte, 0, 4096), `{"items":[`...)
	shown, next := 0, ""
	for scanned := 0; next == ""; {
		chunk := limit - shown + 1
		if scanned > 0 { // a filter is passing little: read on in larger steps
			chunk = max(chunk, 200)
		}
		events, err := read(before, chunk)
		if err != nil {
			return nil, err
		}
		for i := range events {
			e := &events[i]
			visible := v.SeesEvent(event.Type(e.Type), e.Entity, e.Scope) && (project.IsZero() || e.Scope == project)
			if visible && shown == limit || scanned == maxScan {
				next = startPlace(cursorHistory).putUint(before).String()
				break
			}
			before = e.Seq
			scanned++
			if !visible {
				continue
			}
			if shown > 0 {
				b = append(b, ',')
			}
			shown++
			if b, err = v.appendEvent(b, e); err != nil {
				return nil, err
			}
		}
		if len(events) < chunk {
			break
		}
	}
	b = append(b, `],"next":`...)
	b = appendNext(b, next)
	return append(b, '}'), nil
}
