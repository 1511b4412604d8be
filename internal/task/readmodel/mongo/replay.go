package mongo

import (
	"context"
	"errors"
	"fmt"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/projection"
)

// Replay records events of another store as they are, with their ids, seqs and
// times, and their rows, as one commit. They must follow the workspace's head;
// what is there already is left as it is.
func (s *Store) Replay(ctx context.Context, workspace ids.ID, events []eventlog.Event) error {
	_, err := s.Do(ctx, workspace, func(c command.Tx) error {
		t, ok := c.(*tx)
		if !ok {
			return errors.New("readmodel/mongo: not a transaction of this store")
		}
		return t.replayed(events)
	})
	return err
}

func (t *tx) replayed(events []eventlog.Event) error {
	for _, ev := range events {
		if ev.Seq <= t.head {
			continue // by one who was broken off, and whose commit arrived all the same
		}
		if ev.Seq != t.head+1 || ev.Stream != t.g.ws.id {
			return fmt.Errorf("readmodel/mongo: event %d of %s does not follow %d of %s", ev.Seq, ev.Stream, t.head, t.g.ws.id)
		}
		typ := event.Type(ev.Type)
		payload, err := event.Decode(typ, ev.Version, ev.Data)
		if err != nil {
			return wrap(err, "replay")
		}
		t.head = ev.Seq
		t.events = append(t.events, ev)
		t.bytes += len(ev.Data) + 1024 // with its rows
		if !t.madeAgain(payload) {
			t.making(typ, ev.Entity, payload)
		}
		if err := projection.Apply(t, ev, payload); err != nil {
			return wrap(err, "replay")
		}
	}
	return nil
}

// madeAgain reports a comment that comes back after it was removed in the same
// commit: its id is the workspace's already.
func (t *tx) madeAgain(p event.Payload) bool {
	data, ok := p.(*event.CommentData)
	if !ok {
		return false
	}
	c := t.seenComment(data.Comment.ID)
	return c != nil && c.cur == nil && c.dirty
}
