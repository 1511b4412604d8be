package query

import (
	"context"

	"headway/internal/apperr"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// pastChunk is how many events of a task are read at a time.
const pastChunk = 500

// TaskAt answers a task as it was after a seq, or apperr.NotFound where it was
// not there then. It reads only that task's events. A guest needs to see both
// the project that the task was in and the one that it is in now.
func (s *Service) TaskAt(ctx context.Context, v *Viewer, id ids.ID, at uint64) (Answer, error) {
	head, err := s.reader.Seq(ctx, v.Workspace)
	if err != nil {
		return Answer{}, err
	}
	if at == 0 || at > head {
		return Answer{}, apperr.InvalidField("query.at", "must be a seq from 1 to the workspace's newest, which is %d", head)
	}
	if _, err := s.taskRow(ctx, v, id); err != nil {
		if !apperr.Is(err, apperr.NotFound) {
			return Answer{}, err
		}
		if err := s.purgedTask(ctx, v, id); err != nil {
			return Answer{}, err
		}
	}
	var task *state.Task
	for after := uint64(0); ; {
		events, err := s.log.ReadEntity(ctx, v.Workspace, id, after, at, pastChunk)
		if err != nil {
			return Answer{}, err
		}
		for i := range events {
			e := &events[i]
			payload, err := event.Decode(event.Type(e.Type), e.Version, e.Data)
			if err != nil {
				return Answer{}, apperr.Wrap(err, "reading a task's events")
			}
			if task, err = task.Apply(meta(e), payload); err != nil {
				return Answer{}, apperr.Wrap(err, "folding a task's events")
			}
			after = e.Seq
		}
		if len(events) < pastChunk {
			break
		}
	}
	if task == nil || !v.Access.Allows(task.Project) {
		return Answer{}, errNoTask()
	}
	detail := task.Detail
	if detail == nil {
		detail = &state.Detail{}
	}
	return Answer{Seq: task.Seq, Body: joinTask(readmodel.AppendCard(nil, task), readmodel.AppendDetail(nil, detail))}, nil
}

func meta(e *eventlog.Event) state.Meta {
	return state.Meta{
		Workspace: e.Stream, Seq: e.Seq, Entity: e.Entity, Scope: e.Scope,
		Type: event.Type(e.Type), Actor: e.Actor, At: e.At,
	}
}
