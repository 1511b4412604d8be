package query

import (
	"context"
	"slices"
	"strconv"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
)

// TooFarBehind is how many events a stream resumes over; a client further
// behind syncs instead.
const TooFarBehind = 5000

// resumeChunk is how many events one resumed message holds at most.
const resumeChunk = 250

// Change is one message of the live stream: the events after the message
// before and the rows they touched. Body is nil where the viewer sees nothing of it.
type Change struct {
	Last uint64
	Body []byte
}

// Commit encodes what one commit changed, as viewers of v's class may see it:
// all of them get the same bytes. A guest's own membership is not in it,
// whose change ends the stream anyway.
func (v *Viewer) Commit(c *readmodel.Commit) (Change, error) {
	class := *v
	class.User = ids.Nil
	d := delta{viewer: &class}
	for i := range c.Rows {
		d.add(&c.Rows[i])
	}
	return d.change(c.Last, c.Events)
}

// change encodes a delta with its events:
// {"seq":LAST,"events":[…],"workspace":…,"members":[…],…,"removed":[…]}.
func (d *delta) change(last uint64, events []eventlog.Event) (Change, error) {
	size := d.size() + 64
	for i := range events {
		size += len(events[i].Data) + 256
	}
	b := make([]byte, 0, size)
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, last, 10)
	b = append(b, `,"events":[`...)
	start := len(b)
	b, err := d.viewer.appendEvents(b, events)
	if err != nil {
		return Change{}, err
	}
	if len(b) == start && d.empty() {
		return Change{Last: last}, nil
	}
	b = append(b, ']')
	if b, err = d.appendTo(b); err != nil {
		return Change{}, err
	}
	return Change{Last: last, Body: append(b, '}')}, nil
}

// Resume answers the next message for a viewer who has everything up to
// after, from the log: up to a chunk of events and the rows whose newest
// change is among them, as they are now. Folding all messages up to the head
// so gives every event once, in order, and every row as it is.
// A Change whose Last is after means that there is nothing more up to upTo.
func (s *Service) Resume(ctx context.Context, v *Viewer, after, upTo uint64) (Change, error) {
	if after >= upTo {
		return Change{Last: after}, nil
	}
	limit := resumeChunk
	if upTo-after < resumeChunk {
		limit = int(upTo - after) // #nosec G115 -- below the chunk
	}
	events, err := s.log.Read(ctx, v.Workspace, after, limit)
	if err != nil {
		return Change{}, err
	}
	if len(events) == 0 {
		return Change{Last: after}, nil
	}
	last := events[len(events)-1].Seq
	d := delta{viewer: v}
	for at := after; at < last; {
		rows, reaches, err := s.reader.Changes(ctx, v.Workspace, at, last, v.Access, 1000)
		if err != nil {
			return Change{}, err
		}
		for i := range rows {
			d.add(&rows[i])
		}
		if reaches <= at {
			break
		}
		at = reaches
	}
	return d.change(last, events)
}

// AccessMoved reports whether what the viewer may see changed after a seq, so
// that only a sync can bring a copy of that age up to date.
func (v *Viewer) AccessMoved(since uint64) bool {
	if v.Member.RoleSeq > since {
		return true
	}
	if v.Access.All {
		return false
	}
	for _, id := range v.Access.Projects {
		if v.Member.Granted[id] > since {
			return true
		}
	}
	for id, seq := range v.Member.Revoked {
		if seq > since && !slices.Contains(v.Access.Projects, id) {
			return true
		}
	}
	return false
}
