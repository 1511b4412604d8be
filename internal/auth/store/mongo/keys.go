package mongo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/auth/store"
)

// ring is what all signing keys have in common.
const ring = "access"

type signingKey struct {
	ID          string        `bson:"_id"`
	Ring        string        `bson:"ring"`
	Predecessor string        `bson:"predecessor"`
	Seed        []byte        `bson:"seed"`
	Created     bson.DateTime `bson:"created"`
	Active      bson.DateTime `bson:"active"`
	Retires     bson.DateTime `bson:"retires"`
	Expires     bson.DateTime `bson:"expires"`
}

// SigningKeys implements store.Store.
func (s *Store) SigningKeys(ctx context.Context) ([]store.SigningKey, error) {
	cursor, err := s.db.Collection(signing).Find(ctx, is("ring", ring))
	if err != nil {
		return nil, wrap("signing keys", err)
	}
	var found []signingKey
	if err := cursor.All(ctx, &found); err != nil {
		return nil, wrap("signing keys", err)
	}
	all := make([]store.SigningKey, 0, len(found))
	for _, k := range found {
		all = append(all, store.SigningKey{
			ID: k.ID, Predecessor: k.Predecessor, Seed: k.Seed, CreatedAt: moment(k.Created),
			ActiveAt: moment(k.Active), RetiresAt: moment(k.Retires), ExpiresAt: moment(k.Expires),
		})
	}
	slices.SortFunc(all, func(a, b store.SigningKey) int {
		return cmp.Or(a.ActiveAt.Compare(b.ActiveAt), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// AddSigningKey implements store.Store.
func (s *Store) AddSigningKey(ctx context.Context, k store.SigningKey) error {
	document := signingKey{
		ID: k.ID, Ring: ring, Predecessor: k.Predecessor, Seed: k.Seed, Created: instant(k.CreatedAt),
		Active: instant(k.ActiveAt), Retires: instant(k.RetiresAt), Expires: instant(k.ExpiresAt),
	}
	ours, err := s.insert(ctx, signing, document, func(ctx context.Context) (bool, error) {
		var there signingKey
		err := one(s.db.Collection(signing).FindOne(ctx, bson.D{{Key: "ring", Value: ring}, {Key: "predecessor", Value: k.Predecessor}}), &there)
		return err == nil && there.ID == k.ID, err
	})
	if err == nil && !ours {
		err = store.ErrKeyTaken
	}
	return wrap("add signing key", err)
}

// DropSigningKeys implements store.Store.
func (s *Store) DropSigningKeys(ctx context.Context, before time.Time) error {
	all, err := s.SigningKeys(ctx)
	if err != nil {
		return err
	}
	var expired bson.A
	for _, k := range all {
		if k.ExpiresAt.Before(before) {
			expired = append(expired, k.ID)
		}
	}
	if len(expired) == 0 {
		return nil
	}
	if err := s.step("delete " + signing); err != nil {
		return wrap("drop signing keys", err)
	}
	_, err = s.db.Collection(signing).DeleteMany(ctx, bson.D{{Key: "ring", Value: ring}, {Key: "_id", Value: is("$in", expired)}})
	return wrap("drop signing keys", err)
}
