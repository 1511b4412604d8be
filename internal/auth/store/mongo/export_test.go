package mongo

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// OnStep has f called before each write, with its name; an error keeps the write from being done.
func (s *Store) OnStep(f func(name string) error) { s.step = f }

// Versions answers how many versions of a session are kept.
func (s *Store) Versions(ctx context.Context, family [32]byte) (int64, error) {
	return s.db.Collection(sessions).CountDocuments(ctx, is("family", familyKey(family)))
}

// Rows answers how many rows of an account and how many hashes of its password are kept.
func (s *Store) Rows(ctx context.Context, account ids.ID) (rows, hashes int64, err error) {
	rows, err = s.db.Collection(accounts).CountDocuments(ctx, is("account", mongodb.ID(account)))
	if err != nil {
		return 0, 0, err
	}
	hashes, err = s.db.Collection(credentials).CountDocuments(ctx, is("account", mongodb.ID(account)))
	return rows, hashes, err
}

// AgeFloor makes the newest version of a session look as old as it must be for those before it to go.
func (s *Store) AgeFloor(ctx context.Context, family [32]byte) error {
	v, err := s.latest(ctx, familyKey(family))
	if err != nil {
		return err
	}
	_, err = s.db.Collection(sessions).UpdateOne(ctx, v.key(), is("$set", is("floorAt", instant(moment(v.FloorAt).Add(-2*keep)))))
	return err
}
