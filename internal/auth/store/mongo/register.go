package mongo

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/mongodb"
)

// claim says which account has an email.
type claim struct {
	Email   bson.Binary `bson:"_id"` // as emailKey
	Account bson.Binary `bson:"account"`
	// Pending is what is left to do, until it is done; Due is when a sweep does it.
	Pending *pending       `bson:"pending,omitempty"`
	Due     *bson.DateTime `bson:"due,omitempty"`
}

// pending is a registration that is decided and not yet done.
type pending struct {
	Row     row       `bson:"row"`
	Hash    string    `bson:"hash"`
	Key     []byte    `bson:"key"`
	Session version   `bson:"session"`
	Events  []waiting `bson:"events"`
}

// emailKey is what an email's document is found by: its SHA-256, so that the
// email itself does not show up in the tables by which a cluster spreads data.
func emailKey(email string) bson.Binary {
	sum := sha256.Sum256([]byte(email))
	return bson.Binary{Data: sum[:]}
}

// errForeign says that a claim can never be done: its account's stream began otherwise.
var errForeign = errors.New("the account exists, with another registration")

// Register implements store.Store.
func (s *Store) Register(ctx context.Context, r store.Registration) error {
	due := dueForSweep()
	c := claim{
		Email: emailKey(r.Account.Email), Account: mongodb.ID(r.Account.ID), Due: &due,
		Pending: &pending{
			Row:  rowOf(r.Account, uint64(len(r.Events))),
			Hash: r.Hash, Key: r.Key, Session: firstVersion(r.Session, nil), Events: wait(r.Events),
		},
	}
	ours, err := false, store.ErrNotFound
	for try := 0; try < 3 && errors.Is(err, store.ErrNotFound); try++ {
		// Not found is a claim that was in the way and was given back meanwhile.
		ours, err = s.insert(ctx, emails, c, func(ctx context.Context) (bool, error) {
			var there claim
			err := one(s.db.Collection(emails).FindOne(ctx, is("_id", c.Email)), &there)
			return err == nil && there.Account.Equal(c.Account), err
		})
	}
	if err != nil {
		return wrap("register", err)
	}
	if !ours {
		return wrap("register", store.ErrEmailTaken)
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	return wrap("register", s.finish(ctx, &c))
}

// finish does what is left of a registration. Several may do so at once.
func (s *Store) finish(ctx context.Context, c *claim) error {
	p, account := c.Pending, mongodb.ReadID(c.Account)
	if err := s.step("append"); err != nil {
		return err
	}
	_, err := s.log.Append(ctx, eventlog.Account, account, 0, recorded(account, p.Events))
	var conflict *eventlog.ConflictError
	if errors.As(err, &conflict) || errors.Is(err, eventlog.ErrPartlyRepeated) {
		err = s.giveBack(ctx, c)
	}
	if err != nil {
		return err
	}
	// From here on it has happened. The row is last: where it is, the rest is.
	for _, step := range []struct {
		collection string
		document   any
	}{
		{keys, personalKey{Account: c.Account, Key: p.Key}},
		{credentials, credential{ID: p.Row.ID, Account: c.Account, Version: 1, Hash: p.Hash}},
		{sessions, p.Session},
		{accounts, p.Row},
	} {
		if err := s.put(ctx, step.collection, step.document); err != nil {
			return err
		}
	}
	if err := s.step("update " + emails); err != nil {
		return err
	}
	_, err = s.db.Collection(emails).UpdateOne(ctx, is("_id", c.Email),
		is("$unset", bson.D{{Key: "pending", Value: ""}, {Key: "due", Value: ""}}))
	return err
}

// giveBack frees the email of a claim whose account's stream began with
// something else: a beginning stays as it is, so the claim can never be done.
// It answers nil where the stream began with the claim's own events, which
// another has appended meanwhile.
func (s *Store) giveBack(ctx context.Context, c *claim) error {
	first, err := s.log.Read(ctx, mongodb.ReadID(c.Account), 0, 1)
	switch {
	case err != nil:
		return err
	case len(first) == 0:
		return errors.New("the account's stream has a beginning that cannot be read yet")
	case len(c.Pending.Events) > 0 && mongodb.ReadID(c.Pending.Events[0].ID) == first[0].ID:
		return nil
	}
	if err := s.step("delete " + emails); err != nil {
		return err
	}
	_, err = s.db.Collection(emails).DeleteOne(ctx, bson.D{{Key: "_id", Value: c.Email}, {Key: "account", Value: c.Account}})
	return errors.Join(errForeign, err)
}

// Credentials implements store.Store.
func (s *Store) Credentials(ctx context.Context, email string) (state.Account, string, error) {
	a, hash, err := s.byEmail(ctx, email)
	return a, hash, wrap("credentials", err)
}

func (s *Store) byEmail(ctx context.Context, email string) (state.Account, string, error) {
	var c claim
	if err := one(s.db.Collection(emails).FindOne(ctx, is("_id", emailKey(email))), &c); err != nil {
		return state.Account{}, "", err
	}
	if c.Pending != nil {
		switch err := s.finish(ctx, &c); {
		case errors.Is(err, errForeign):
			return state.Account{}, "", store.ErrNotFound
		case err != nil:
			return state.Account{}, "", err
		}
	}
	current, err := s.credential(ctx, mongodb.ReadID(c.Account))
	if err != nil {
		return state.Account{}, "", err
	}
	a, err := s.account(ctx, mongodb.ReadID(c.Account))
	return a, current.Hash, err
}

// finishClaims finishes up to limit registrations that were begun and left.
func (s *Store) finishClaims(ctx context.Context, before time.Time, limit int) error {
	cursor, err := s.db.Collection(emails).Find(ctx, is("due", is("$lt", instant(before))), options.Find().SetLimit(int64(limit)))
	if err != nil {
		return err
	}
	var left []claim
	if err := cursor.All(ctx, &left); err != nil {
		return err
	}
	var all error
	for i := range left {
		if left[i].Pending == nil {
			continue // done between the search and its answer
		}
		if err := s.finish(ctx, &left[i]); err != nil && !errors.Is(err, errForeign) {
			all = errors.Join(all, err)
		}
	}
	return all
}
