package command

import (
	"context"
	"strconv"
	"strings"

	"headway/internal/apperr"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
)

// Undo sets back the actor's last change that can be undone, or the one that
// the event Seq belongs to.
type Undo struct {
	Workspace ids.ID
	Seq       *uint64
}

// UndoReport tells what an undo did. Its Seq is that of the workspace after it.
type UndoReport struct {
	Result
	// Undone is how many events of the undone change were set back, in whole or in part.
	Undone int
	// Left is what could not be set back.
	Left []UndoLeft
}

// UndoLeft names something that an undo left as it is.
type UndoLeft struct {
	Entity ids.ID
	// Field is as in the API, "" for the whole entity.
	Field string
	// Why is one sentence for a person.
	Why string
}

// undoCause marks the events of an undo; the undone commit's first seq follows.
const undoCause = "undo:"

// Undo carries out the command: it records events that set back what the
// undone commit wrote, where that still stands. Undoing a creation puts it
// into the trash. Only one's own changes among the newest 1,000 events can be
// undone, each once; an undo cannot.
func (s *Service) Undo(ctx context.Context, actor Actor, in Undo) (UndoReport, error) {
	var report UndoReport
	result, err := s.run(ctx, actor, in.Workspace, func(d *decision) error {
		report = UndoReport{} // decide may run again
		if _, err := domain.MemberOf(d.frame, actor.User); err != nil {
			return err
		}
		commit, err := d.undoTarget(in.Seq)
		if err != nil {
			return err
		}
		u := undoing{decision: d, made: map[ids.ID]bool{}, report: &report}
		d.cause = undoCause + strconv.FormatUint(commit[len(commit)-1].Seq, 10)
		return u.all(commit)
	})
	if err != nil {
		return UndoReport{}, err
	}
	report.Result = result
	return report, nil
}

// pastEvent is a recorded event with its payload.
type pastEvent struct {
	eventlog.Event
	payload event.Payload
}

// undoTarget finds the commit to undo, newest event first: the one that seq
// belongs to, or the actor's last that can be undone.
func (d *decision) undoTarget(seq *uint64) ([]pastEvent, error) {
	if seq != nil && (*seq == 0 || *seq > d.Head()) {
		return nil, apperr.New(apperr.NotFound, "There is no such change.")
	}
	past, err := d.Past(d.Head()+1, scanBack)
	if err != nil {
		return nil, err
	}
	undone := map[string]bool{} // by cause
	for i := 0; i < len(past); {
		end := i + 1
		for end < len(past) && sameCommit(past[i].ID, past[end].ID) {
			end++
		}
		commit, complete := past[i:end], true
		i = end
		if end == len(past) && commit[len(commit)-1].Seq > 1 {
			if commit, complete, err = d.wholeCommit(commit); err != nil {
				return nil, err
			}
		}
		first := commit[len(commit)-1]
		if strings.HasPrefix(first.Cause, undoCause) {
			undone[first.Cause] = true
		}
		if seq != nil {
			if first.Seq > *seq {
				continue
			}
			if err := d.mayUndo(first, undone); err != nil {
				return nil, err
			}
		} else if d.mayUndo(first, undone) != nil {
			continue
		}
		if !complete {
			return nil, apperr.New(apperr.Conflict, "That change is too large to be undone.")
		}
		target, err := undoable(commit)
		if target != nil || err != nil {
			return target, err
		}
		if seq != nil {
			return nil, apperr.New(apperr.Conflict, "A change of this kind cannot be undone. Change it back by hand.")
		}
	}
	if seq != nil {
		return nil, apperr.New(apperr.Conflict, "That change lies too far back to be undone.")
	}
	return nil, domain.ErrNothingToUndo
}

// mayUndo asks whether the commit that starts with first may be undone by the
// actor; undone holds the causes of the undos that came after it.
func (d *decision) mayUndo(first eventlog.Event, undone map[string]bool) error {
	switch {
	case first.Actor != d.actor:
		return apperr.New(apperr.Forbidden, "Only your own changes can be undone.")
	case strings.HasPrefix(first.Cause, undoCause):
		return apperr.New(apperr.Conflict, "An undo cannot be undone.")
	case undone[undoCause+strconv.FormatUint(first.Seq, 10)]:
		return apperr.New(apperr.Conflict, "That change was undone already.")
	}
	return nil
}

// wholeCommit reads on where the scan ended inside a commit, and reports
// whether that is all of it: one of more than scanBack events is not read to its end.
func (d *decision) wholeCommit(commit []eventlog.Event) ([]eventlog.Event, bool, error) {
	first := commit[len(commit)-1]
	rest, err := d.Past(first.Seq, scanBack)
	if err != nil {
		return nil, false, err
	}
	whole := append([]eventlog.Event{}, commit...)
	for _, ev := range rest {
		if !sameCommit(first.ID, ev.ID) {
			break
		}
		whole = append(whole, ev)
	}
	return whole, len(whole) <= scanBack, nil
}

// undoable decodes a commit, and answers nil where nothing in it can be undone.
func undoable(commit []eventlog.Event) ([]pastEvent, error) {
	out := make([]pastEvent, 0, len(commit))
	found := false
	for _, ev := range commit {
		if ev.Type == string(event.TaskPurged) {
			return nil, domain.ErrPurged
		}
		p, err := event.Decode(event.Type(ev.Type), ev.Version, ev.Data)
		if err != nil {
			return nil, err
		}
		found = found || domain.Undoable(event.Type(ev.Type), p)
		out = append(out, pastEvent{ev, p})
	}
	if !found {
		return nil, nil
	}
	return out, nil
}
