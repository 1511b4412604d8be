package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// CopyAccounts implements store.Mover. A registration that was begun and not
// finished is no account yet: nobody was told of it.
func (s *Store) CopyAccounts(ctx context.Context, list []ids.ID) ([]store.AccountCopy, error) {
	newest, err := many[credential](ctx, s, credentials, is("account", is("$in", mongodb.IDs(list))))
	if err != nil {
		return nil, wrap("copy accounts", err)
	}
	hashes := make(map[ids.ID]credential, len(newest))
	for _, c := range newest {
		if id := mongodb.ReadID(c.Account); c.Version > hashes[id].Version {
			hashes[id] = c
		}
	}
	secrets, err := many[personalKey](ctx, s, keys, is("_id", is("$in", mongodb.IDs(list))))
	if err != nil {
		return nil, wrap("copy accounts", err)
	}
	byAccount := make(map[ids.ID][]byte, len(secrets))
	for _, k := range secrets {
		byAccount[mongodb.ReadID(k.Account)] = k.Key
	}
	var all []store.AccountCopy
	for _, id := range list {
		key, hash := byAccount[id], hashes[id]
		if key == nil || hash.Version == 0 {
			continue
		}
		a, err := s.account(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, wrap("copy accounts", err)
		}
		all = append(all, store.AccountCopy{Account: a, Hash: hash.Hash, Key: key})
	}
	return all, nil
}

func many[T any](ctx context.Context, s *Store, collection string, filter bson.D) ([]T, error) {
	cursor, err := s.db.Collection(collection).Find(ctx, filter)
	if err != nil {
		return nil, err
	}
	var all []T
	return all, cursor.All(ctx, &all)
}

// PutAccounts implements store.Mover.
func (s *Store) PutAccounts(ctx context.Context, all []store.AccountCopy) error {
	for i := range all {
		if err := s.putAccount(ctx, &all[i]); err != nil {
			return wrap("put accounts", err)
		}
	}
	return nil
}

func (s *Store) putAccount(ctx context.Context, c *store.AccountCopy) error {
	id := mongodb.ID(c.Account.ID)
	owner := claim{Email: emailKey(c.Account.Email), Account: id}
	ours, err := s.insert(ctx, emails, owner, func(ctx context.Context) (bool, error) {
		var there claim
		err := one(s.db.Collection(emails).FindOne(ctx, is("_id", owner.Email)), &there)
		return err == nil && there.Account.Equal(id), err
	})
	if err != nil {
		return err
	}
	if !ours {
		return store.ErrEmailTaken
	}
	if err := s.put(ctx, keys, personalKey{Account: id, Key: c.Key}); err != nil {
		return err
	}
	was, err := s.credential(ctx, c.Account.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if was.Hash != c.Hash {
		next := credential{ID: mongodb.ID(ids.New()), Account: id, Version: was.Version + 1, Hash: c.Hash}
		if err := s.put(ctx, credentials, next); err != nil {
			return err
		}
	}
	// Later events of the stream, about sessions, are folded by whoever reads it.
	return s.put(ctx, accounts, rowOf(c.Account, c.Account.Seq))
}

// EachSession implements store.Mover. Events that a version carries are left:
// nobody was told yet of what they are about.
func (s *Store) EachSession(ctx context.Context, fn func(state.Session) error) (err error) {
	cursor, err := s.db.Collection(sessions).Find(ctx, is("due", is("$gte", instant(time.Unix(0, 0)))), options.Find().SetBatchSize(1000))
	if err != nil {
		return wrap("read sessions", err)
	}
	defer func() { err = errors.Join(err, cursor.Close(context.WithoutCancel(ctx))) }()
	type kept struct {
		version int64
		session state.Session
	}
	newest := map[string]kept{}
	for cursor.Next(ctx) {
		var v version
		if err := cursor.Decode(&v); err != nil {
			return wrap("read sessions", err)
		}
		if v.Version > newest[string(v.Family.Data)].version {
			newest[string(v.Family.Data)] = kept{v.Version, v.session()}
		}
	}
	if err := cursor.Err(); err != nil {
		return wrap("read sessions", err)
	}
	for _, k := range newest {
		if err := fn(k.session); err != nil {
			return err
		}
	}
	return nil
}

// PutSessions implements store.Mover.
func (s *Store) PutSessions(ctx context.Context, all []state.Session) error {
	for i := range all {
		was, err := s.latest(ctx, familyKey(all[i].Family))
		next := firstVersion(all[i], nil)
		switch {
		case err == nil && was.session() == all[i]:
			continue
		case err == nil:
			next = was.following(all[i], nil)
		case !errors.Is(err, store.ErrNotFound):
			return wrap("put sessions", err)
		}
		ours, err := s.insertVersion(ctx, &next)
		if err == nil && !ours {
			err = fmt.Errorf("another writes the session %s", all[i].ID)
		}
		if err != nil {
			return wrap("put sessions", err)
		}
	}
	return nil
}
