package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/mongodb"
)

type outgoingDocument struct {
	User    string `bson:"u"`
	ID      string `bson:"o"`
	Notice  string `bson:"n"`
	Channel string `bson:"c"`
	Created int64  `bson:"created"`
	Due     int64  `bson:"due"`
	State   string `bson:"st"`
	Tries   int    `bson:"tries"`
	Reason  string `bson:"reason"`
	// Queue is when it is due, or until when somebody tries; from failedFrom on
	// for those that were given up, and below zero, by age, for what is done with.
	Queue int64 `bson:"q"`
}

const failedFrom = int64(1) << 60

// queuePlace is the q of an outgoing that nobody tries.
func queuePlace(o *state.Outgoing) int64 {
	switch o.State {
	case state.Pending:
		return o.Due.UnixMilli()
	case state.Failed:
		return failedFrom + o.Created.UnixMilli()
	case state.Sent, state.Skipped:
	}
	return -o.Created.UnixMilli()
}

func (o *outgoingDocument) outgoing() state.Outgoing {
	return state.Outgoing{
		User: mongodb.ReadKey(o.User), ID: mongodb.ReadKey(o.ID), Notice: mongodb.ReadKey(o.Notice), Channel: state.Channel(o.Channel),
		Created: moment(o.Created), Due: moment(o.Due), State: state.SendState(o.State), Tries: o.Tries, Reason: o.Reason,
	}
}

// send puts an outgoing into the outbox, once.
func (s *Store) send(ctx context.Context, o state.Outgoing) error {
	_, err := s.db.Collection(outbox).InsertOne(ctx, outgoingDocument{
		User: mongodb.Key(o.User), ID: mongodb.Key(o.ID), Notice: mongodb.Key(o.Notice), Channel: string(o.Channel),
		Created: o.Created.UnixMilli(), Due: o.Due.UnixMilli(), State: string(o.State), Queue: queuePlace(&o),
	})
	return unless(err)
}

// attempt is one try to send. Until is until when it is its process's.
type attempt struct {
	User   string `bson:"u"`
	ID     string `bson:"o"`
	Number int    `bson:"k"`
	Until  int64  `bson:"until"`
}

// newest answers the last try of an outgoing, zero where there was none.
func (s *Store) newest(ctx context.Context, user, id string) (a attempt, err error) {
	_, err = first(s.db.Collection(attempts).FindOne(ctx, d("u", user, "o", id), options.FindOne().SetSort(d("k", -1))), &a)
	return a, err
}

// Claim implements store.Outbox.
func (s *Store) Claim(ctx context.Context, now, until time.Time, limit int) (out []store.Claim, err error) {
	due, err := all[outgoingDocument](ctx, s.db.Collection(outbox), d("q", d("$gt", int64(0), "$lte", now.UnixMilli())), options.Find().SetLimit(int64(limit)))
	if err != nil {
		return nil, wrap("claim", err)
	}
	for i := range due {
		o := &due[i]
		last, err := s.newest(ctx, o.User, o.ID)
		if err != nil {
			return out, wrap("claim", err)
		}
		if last.Until > now.UnixMilli() {
			continue
		}
		mine := attempt{o.User, o.ID, last.Number + 1, until.UnixMilli()}
		_, err = s.db.Collection(attempts).InsertOne(ctx, mine)
		if _, taken := mongodb.Duplicate(err); taken {
			continue
		}
		if err != nil {
			return out, wrap("claim", err)
		}
		// What was read may be older than the try before.
		filter := d("u", o.User, "o", o.ID, "st", string(state.Pending))
		var is outgoingDocument
		if pending, err := first(s.db.Collection(outbox).FindOne(ctx, filter), &is); err != nil {
			return out, wrap("claim", err)
		} else if !pending {
			continue
		}
		if _, err := s.db.Collection(outbox).UpdateOne(ctx, filter, d("$set", d("tries", mine.Number, "q", mine.Until))); err != nil {
			return out, wrap("claim", err)
		}
		claim := store.Claim{Outgoing: is.outgoing(), Until: until}
		claim.Tries = mine.Number
		out = append(out, claim)
	}
	return out, nil
}

// Settle implements store.Outbox.
func (s *Store) Settle(ctx context.Context, c store.Claim) error {
	user, id := mongodb.Key(c.User), mongodb.Key(c.ID)
	last, err := s.newest(ctx, user, id)
	if err != nil {
		return wrap("settle", err)
	}
	if last.Number != c.Tries {
		return wrap("settle", store.ErrLost)
	}
	done, err := s.db.Collection(outbox).UpdateOne(ctx, d("u", user, "o", id, "st", string(state.Pending)),
		d("$set", d("st", string(c.State), "due", c.Due.UnixMilli(), "reason", c.Reason, "q", queuePlace(&c.Outgoing))))
	if err == nil && done.MatchedCount == 0 {
		err = store.ErrLost
	}
	if err == nil && c.State == state.Pending {
		_, err = s.db.Collection(attempts).UpdateOne(ctx, d("u", user, "o", id, "k", c.Tries), d("$set", d("until", int64(0))))
	}
	return wrap("settle", err)
}

// maxLooked bounds how many pending ones are looked at for the oldest.
const maxLooked = 1000

// Queue implements store.Outbox.
func (s *Store) Queue(ctx context.Context) (q state.Queue, err error) {
	c := s.db.Collection(outbox)
	waiting := d("q", d("$gt", int64(0), "$lt", failedFrom))
	pending, err := c.CountDocuments(ctx, waiting)
	if err != nil {
		return q, wrap("queue", err)
	}
	failed, err := c.CountDocuments(ctx, d("q", d("$gte", failedFrom)))
	if err != nil {
		return q, wrap("queue", err)
	}
	q.Pending, q.Failed = int(pending), int(failed)
	if pending == 0 {
		return q, nil
	}
	list, err := all[outgoingDocument](ctx, c, waiting, options.Find().SetLimit(maxLooked))
	for i := range list {
		if at := moment(list[i].Created); q.Oldest.IsZero() || at.Before(q.Oldest) {
			q.Oldest = at
		}
	}
	return q, wrap("queue", err)
}

// GivenUp implements store.Outbox.
func (s *Store) GivenUp(ctx context.Context, limit int) ([]state.Outgoing, error) {
	list, err := all[outgoingDocument](ctx, s.db.Collection(outbox), d("q", d("$gte", failedFrom)), options.Find().SetLimit(int64(limit)))
	out := make([]state.Outgoing, 0, len(list))
	for i := range list {
		out = append(out, list[i].outgoing())
	}
	return out, wrap("list what failed", err)
}

// purgeOutbox drops what is done with, and then its tries: while it is there,
// nobody may take it for new.
func (s *Store) purgeOutbox(ctx context.Context, before time.Time, limit int) (int, error) {
	var old []outgoingDocument
	for _, filter := range []any{
		d("$gt", -before.UnixMilli(), "$lt", int64(0)), d("$gte", failedFrom, "$lt", failedFrom+before.UnixMilli()),
	} {
		list, err := all[outgoingDocument](ctx, s.db.Collection(outbox), d("q", filter), options.Find().SetLimit(int64(limit)))
		if err != nil {
			return 0, err
		}
		old = append(old, list...)
	}
	old = old[:min(limit, len(old))]
	for i := range old {
		for _, c := range []string{outbox, attempts} {
			if _, err := s.db.Collection(c).DeleteMany(ctx, d("u", old[i].User, "o", old[i].ID)); err != nil {
				return 0, err
			}
		}
	}
	return len(old), nil
}
