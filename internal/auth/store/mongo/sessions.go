package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// version is a session as one change left it; the highest counts.
type version struct {
	ID       bson.Binary    `bson:"_id"`
	Family   bson.Binary    `bson:"family"`
	Version  int64          `bson:"v"`
	Session  bson.Binary    `bson:"session"`
	Account  bson.Binary    `bson:"account"`
	Current  []byte         `bson:"current"`
	Previous []byte         `bson:"previous"`
	Salt     []byte         `bson:"salt"`
	Started  bson.DateTime  `bson:"started"`
	Rotated  bson.DateTime  `bson:"rotated"`
	Expires  bson.DateTime  `bson:"expires"`
	Ended    *bson.DateTime `bson:"ended,omitempty"`
	// Floor is a version that counted at FloorAt. Those below it can be deleted
	// once no writer can have read them as the newest and be underway still.
	Floor   int64         `bson:"floor"`
	FloorAt bson.DateTime `bson:"floorAt"`
	// Events are not in the log yet.
	Events []waiting `bson:"events,omitempty"`
	// Due is when a sweep has something to do: to append Events, else to delete what has expired.
	Due bson.DateTime `bson:"due"`
}

const (
	// underway is how long after its read a change may still be sent. With the
	// limits of one command and of clocks it stays below keep.
	underway = time.Minute
	keep     = 5 * time.Minute
)

func familyKey(family [32]byte) bson.Binary { return bson.Binary{Data: family[:]} }

func firstVersion(s state.Session, events []eventlog.Event) version {
	v := version{
		Family: familyKey(s.Family), Session: mongodb.ID(s.ID), Account: mongodb.ID(s.Account),
		Started: instant(s.StartedAt), Expires: instant(s.Expires),
		Floor: 1, FloorAt: instant(time.Now()),
	}
	return v.following(s, events)
}

// following answers the version after v.
func (v version) following(s state.Session, events []eventlog.Event) version {
	v.ID, v.Version = mongodb.ID(ids.New()), v.Version+1
	v.Current, v.Previous, v.Salt, v.Rotated = s.Current[:], s.Previous[:], s.Salt[:], instant(s.RotatedAt)
	v.Ended = nil
	if !s.Ended.IsZero() {
		ended := instant(s.Ended)
		v.Ended = &ended
	}
	v.Events, v.Due = nil, v.Expires
	if len(events) > 0 {
		v.Events, v.Due = wait(events), dueForSweep()
	}
	return v
}

func (v *version) session() state.Session {
	s := state.Session{
		ID: mongodb.ReadID(v.Session), Account: mongodb.ReadID(v.Account),
		StartedAt: moment(v.Started), RotatedAt: moment(v.Rotated), Expires: moment(v.Expires),
	}
	copy(s.Family[:], v.Family.Data)
	copy(s.Current[:], v.Current)
	copy(s.Previous[:], v.Previous)
	copy(s.Salt[:], v.Salt)
	if v.Ended != nil {
		s.Ended = moment(*v.Ended)
	}
	return s
}

// latest answers the version that counts, or ErrNotFound.
func (s *Store) latest(ctx context.Context, family bson.Binary) (version, error) {
	var v version
	err := one(s.db.Collection(sessions).FindOne(ctx, is("family", family), newest("v")), &v)
	return v, err
}

// StartSession implements store.Store.
func (s *Store) StartSession(ctx context.Context, session state.Session, events []eventlog.Event) error {
	return wrap("start session", s.startSession(ctx, session, events))
}

func (s *Store) startSession(ctx context.Context, session state.Session, events []eventlog.Event) error {
	err := s.db.Collection(accounts).FindOne(ctx, is("account", mongodb.ID(session.Account)),
		options.FindOne().SetProjection(bson.D{{Key: "account", Value: 1}})).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	first := firstVersion(session, events)
	ours, err := s.insertVersion(ctx, &first)
	if err != nil {
		return err
	}
	if !ours {
		return errors.New("there is a session of this family already")
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	return s.flush(ctx, &first)
}

// insertVersion tells whether v is the one version of its number.
func (s *Store) insertVersion(ctx context.Context, v *version) (bool, error) {
	return s.insert(ctx, sessions, v, func(ctx context.Context) (bool, error) {
		var there version
		err := one(s.db.Collection(sessions).FindOne(ctx, v.key(),
			options.FindOne().SetProjection(bson.D{{Key: "family", Value: 1}})), &there)
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		return err == nil && there.ID.Equal(v.ID), err
	})
}

func (v *version) key() bson.D {
	return bson.D{{Key: "family", Value: v.Family}, {Key: "v", Value: v.Version}}
}

// flush appends the events that a version carries. Several may do so at once.
func (s *Store) flush(ctx context.Context, v *version) error {
	if len(v.Events) == 0 {
		return nil
	}
	account := mongodb.ReadID(v.Account)
	if _, err := s.append(ctx, account, recorded(account, v.Events)); err != nil {
		return err
	}
	if err := s.step("update " + sessions); err != nil {
		return err
	}
	_, err := s.db.Collection(sessions).UpdateOne(ctx, v.key(), bson.D{
		{Key: "$unset", Value: is("events", "")}, {Key: "$set", Value: is("due", v.Expires)},
	})
	return err
}

// ChangeSession implements store.Store.
func (s *Store) ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error {
	for try := 0; ; try++ {
		done, err := s.changeSession(ctx, familyKey(family), decide)
		if err == nil && !done {
			err = pause(ctx, try)
		}
		if err != nil || done {
			return wrap("change session", err)
		}
	}
}

// changeSession tells whether the change was made; false where another was first.
func (s *Store) changeSession(ctx context.Context, family bson.Binary, decide func(state.Session) (state.Session, []eventlog.Event, error)) (bool, error) {
	read := time.Now()
	was, err := s.latest(ctx, family)
	if err != nil {
		return false, err
	}
	if err := s.flush(ctx, &was); err != nil {
		return false, err
	}
	before := was.session()
	after, events, err := decide(before)
	if err != nil {
		return false, err
	}
	if after == before && len(events) == 0 {
		return true, nil
	}
	next := was.following(after, events)
	below := int64(0)
	if read.Sub(moment(was.FloorAt)) > keep {
		below, next.Floor, next.FloorAt = was.Floor, next.Version, instant(read)
	}
	if time.Since(read) > underway {
		return false, nil
	}
	if ours, err := s.insertVersion(ctx, &next); err != nil || !ours {
		return false, err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	if err := s.flush(ctx, &next); err != nil {
		return true, err
	}
	if below > 1 {
		s.dropVersions(ctx, family, below)
	}
	return true, nil
}

// dropVersions deletes those below a version. What is left now goes with a later one.
func (s *Store) dropVersions(ctx context.Context, family bson.Binary, below int64) {
	if err := s.step("delete " + sessions); err != nil {
		return
	}
	_, _ = s.db.Collection(sessions).DeleteMany(ctx, bson.D{
		{Key: "family", Value: family}, {Key: "v", Value: is("$lt", below)},
	})
}

// SweepSessions implements store.Store. It also finishes what was begun and
// left by a process that died.
func (s *Store) SweepSessions(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.sweep(ctx, before, limit)
	return n, wrap("sweep sessions", errors.Join(err, s.finishClaims(ctx, before, limit)))
}

func (s *Store) sweep(ctx context.Context, before time.Time, limit int) (n int, err error) {
	for n < limit {
		cursor, err := s.db.Collection(sessions).Find(ctx, is("due", is("$lt", instant(before))), options.Find().SetLimit(int64(limit-n)))
		if err != nil {
			return n, err
		}
		var due []version
		if err := cursor.All(ctx, &due); err != nil || len(due) == 0 {
			return n, err
		}
		gone, flushed := make(map[string]bool, len(due)), false
		for i := range due {
			v := &due[i]
			if err := s.flush(ctx, v); err != nil {
				return n, err
			}
			flushed = flushed || len(v.Events) > 0
			if gone[string(v.Family.Data)] || !moment(v.Expires).Before(before) {
				continue
			}
			if err := s.drop(ctx, v.Family); err != nil {
				return n, err
			}
			gone[string(v.Family.Data)] = true
			n++
		}
		if !flushed && len(gone) == 0 {
			return n, errors.New("what is due has nothing to do")
		}
	}
	return n, nil
}

// drop deletes a session that has expired.
func (s *Store) drop(ctx context.Context, family bson.Binary) error {
	last, err := s.latest(ctx, family)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.flush(ctx, &last); err != nil {
		return err
	}
	if err := s.step("delete " + sessions); err != nil {
		return err
	}
	_, err = s.db.Collection(sessions).DeleteMany(ctx, is("family", family))
	return err
}
