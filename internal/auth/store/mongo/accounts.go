package mongo

import (
	"context"
	"errors"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// row is an account as its stream folds to up to a seq.
type row struct {
	ID      bson.Binary   `bson:"_id"`
	Account bson.Binary   `bson:"account"`
	Folded  int64         `bson:"folded"`
	Email   string        `bson:"email"`
	Name    string        `bson:"name"`
	Created bson.DateTime `bson:"created"`
	Seq     int64         `bson:"seq"`
}

func rowOf(a state.Account, folded uint64) row {
	return row{
		ID: mongodb.ID(ids.New()), Account: mongodb.ID(a.ID), Folded: int64(folded), // #nosec G115 -- counted up from 1
		Email: a.Email, Name: a.Name, Created: instant(a.CreatedAt), Seq: int64(a.Seq), // #nosec G115 -- as above
	}
}

func (r *row) account() state.Account {
	return state.Account{
		ID: mongodb.ReadID(r.Account), Email: r.Email, Name: r.Name, CreatedAt: moment(r.Created),
		Seq: uint64(r.Seq), // #nosec G115 -- counted up from 1
	}
}

// credential is a version of the hash of a password; the highest counts.
type credential struct {
	ID      bson.Binary `bson:"_id"`
	Account bson.Binary `bson:"account"`
	Version int64       `bson:"v"`
	Hash    string      `bson:"hash"`
}

type personalKey struct {
	Account bson.Binary `bson:"_id"`
	Key     []byte      `bson:"key"`
}

// newest sorts documents of which the highest counts, and takes that.
func newest(field string) options.Lister[options.FindOneOptions] {
	return options.FindOne().SetSort(bson.D{{Key: field, Value: -1}})
}

// Account implements store.Store.
func (s *Store) Account(ctx context.Context, id ids.ID) (state.Account, error) {
	a, err := s.account(ctx, id)
	return a, wrap("account", err)
}

// foldBatch is how many events are read at once where a row lags; it lags by a few at most.
const foldBatch = 100

// account answers the account as the log has it.
func (s *Store) account(ctx context.Context, id ids.ID) (state.Account, error) {
	var r row
	if err := one(s.db.Collection(accounts).FindOne(ctx, is("account", mongodb.ID(id)), newest("folded")), &r); err != nil {
		return state.Account{}, err
	}
	a, folded := r.account(), uint64(r.Folded) // #nosec G115 -- counted up from 1
	var key seal.Key
	for {
		events, err := s.log.ReadEntity(ctx, id, id, folded, math.MaxUint64, foldBatch)
		if err != nil {
			return state.Account{}, err
		}
		if len(events) > 0 && key == nil {
			if key, err = s.personalKey(ctx, id); err != nil {
				return state.Account{}, err
			}
		}
		for i := range events {
			if a, err = state.Fold(a, events[i], key); err != nil {
				return state.Account{}, err
			}
			folded = events[i].Seq
		}
		if len(events) < foldBatch {
			break
		}
	}
	if key != nil {
		s.keepRow(ctx, a, folded)
	}
	return a, nil
}

// keepRow writes a row and drops those that it stands for. A row that cannot
// be written now is made by the next who reads the account, from the log.
func (s *Store) keepRow(ctx context.Context, a state.Account, folded uint64) {
	r := rowOf(a, folded)
	if err := s.put(ctx, accounts, r); err != nil {
		return
	}
	if err := s.step("delete " + accounts); err != nil {
		return
	}
	_, _ = s.db.Collection(accounts).DeleteMany(ctx, bson.D{ // an older row harms nobody
		{Key: "account", Value: r.Account}, {Key: "folded", Value: bson.D{{Key: "$lt", Value: r.Folded}}},
	})
}

// Names implements store.Store.
func (s *Store) Names(ctx context.Context, list []ids.ID) ([]store.Name, error) {
	names := make([]store.Name, 0, len(list))
	if len(list) == 0 {
		return names, nil
	}
	cursor, err := s.db.Collection(accounts).Find(ctx, is("account", is("$in", mongodb.IDs(list))),
		options.Find().SetProjection(bson.D{{Key: "account", Value: 1}, {Key: "folded", Value: 1}, {Key: "name", Value: 1}, {Key: "email", Value: 1}}))
	if err != nil {
		return nil, wrap("names", err)
	}
	var rows []row
	if err := cursor.All(ctx, &rows); err != nil {
		return nil, wrap("names", err)
	}
	newest := make(map[ids.ID]*row, len(rows))
	for i := range rows {
		id := mongodb.ReadID(rows[i].Account)
		if have := newest[id]; have == nil || have.Folded < rows[i].Folded {
			newest[id] = &rows[i]
		}
	}
	for _, id := range list {
		if r := newest[id]; r != nil {
			names = append(names, store.Name{ID: id, Name: r.Name, Email: r.Email})
			delete(newest, id)
		}
	}
	return names, nil
}

// PersonalKey implements store.Store.
func (s *Store) PersonalKey(ctx context.Context, id ids.ID) (seal.Key, error) {
	key, err := s.personalKey(ctx, id)
	return key, wrap("personal key", err)
}

func (s *Store) personalKey(ctx context.Context, id ids.ID) (seal.Key, error) {
	var k personalKey
	err := one(s.db.Collection(keys).FindOne(ctx, is("_id", mongodb.ID(id))), &k)
	return k.Key, err
}

// ChangeAccount implements store.Store.
func (s *Store) ChangeAccount(ctx context.Context, id ids.ID, decide func(state.Account) (state.Account, []eventlog.Event, error)) (state.Account, error) {
	for try := 0; ; try++ {
		a, err := s.changeOnce(ctx, id, decide)
		var conflict *eventlog.ConflictError
		if errors.As(err, &conflict) {
			err = pause(ctx, try)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return state.Account{}, wrap("change account", err)
		}
		return a, nil
	}
}

// changeOnce answers *eventlog.ConflictError where the stream grew underway.
func (s *Store) changeOnce(ctx context.Context, id ids.ID, decide func(state.Account) (state.Account, []eventlog.Event, error)) (state.Account, error) {
	// The head first: what the account is read from has then at least all up to it.
	head, err := s.log.Head(ctx, id)
	if err != nil {
		return state.Account{}, err
	}
	a, err := s.account(ctx, id)
	if err != nil {
		return state.Account{}, err
	}
	next, events, err := decide(a)
	if err != nil || len(events) == 0 {
		return a, err
	}
	if err := s.step("append"); err != nil {
		return state.Account{}, err
	}
	at, err := s.log.Append(ctx, eventlog.Account, id, head, events)
	if err != nil {
		return state.Account{}, err
	}
	a.Name, a.Seq = next.Name, at.Last
	ctx, cancel := detached(ctx)
	defer cancel()
	s.keepRow(ctx, a, at.Last)
	return a, nil
}

// credential answers the hash that counts.
func (s *Store) credential(ctx context.Context, id ids.ID) (credential, error) {
	var c credential
	err := one(s.db.Collection(credentials).FindOne(ctx, is("account", mongodb.ID(id)), newest("v")), &c)
	return c, err
}

// ReplaceHash implements store.Store.
func (s *Store) ReplaceHash(ctx context.Context, id ids.ID, old, hash string) error {
	was, err := s.credential(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && was.Hash != old {
		return nil
	}
	if err != nil {
		return wrap("replace hash", err)
	}
	next := credential{ID: mongodb.ID(ids.New()), Account: was.Account, Version: was.Version + 1, Hash: hash}
	// Where another has the next version, the hash is not old any more.
	if err := s.put(ctx, credentials, next); err != nil {
		return wrap("replace hash", err)
	}
	// What was read long ago and is written late is below the version that counts.
	if err := s.step("delete " + credentials); err != nil {
		return wrap("replace hash", err)
	}
	_, err = s.db.Collection(credentials).DeleteMany(ctx, bson.D{
		{Key: "account", Value: next.Account}, {Key: "v", Value: bson.D{{Key: "$lt", Value: next.Version}}},
	})
	return wrap("replace hash", err)
}
