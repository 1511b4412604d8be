package sqlite

import (
	"context"
	"time"

	"headway/internal/auth/store"
	"headway/internal/platform/sqlitedb"
)

// SigningKeys implements store.Store.
func (s *Store) SigningKeys(ctx context.Context) (keys []store.SigningKey, err error) {
	err = s.db.Read(ctx, func(c *sqlitedb.Conn) error {
		return c.Query("SELECT id, predecessor, seed, created, active, retires, expires FROM auth_signing_keys ORDER BY active, id",
			func(row *sqlitedb.Stmt) error {
				keys = append(keys, store.SigningKey{
					ID: row.ColumnText(0), Predecessor: row.ColumnText(1), Seed: sqlitedb.ColumnBlob(row, 2),
					CreatedAt: sqlitedb.ColumnTime(row, 3), ActiveAt: sqlitedb.ColumnTime(row, 4),
					RetiresAt: sqlitedb.ColumnTime(row, 5), ExpiresAt: sqlitedb.ColumnTime(row, 6),
				})
				return nil
			})
	})
	return keys, wrap("signing keys", err)
}

// AddSigningKey implements store.Store.
func (s *Store) AddSigningKey(ctx context.Context, k store.SigningKey) error {
	return wrap("add signing key", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		taken, err := exists(c, "SELECT 1 FROM auth_signing_keys WHERE predecessor = ?", k.Predecessor)
		if err != nil {
			return err
		}
		if taken {
			return store.ErrKeyTaken
		}
		return c.Exec("INSERT INTO auth_signing_keys (id, predecessor, seed, created, active, retires, expires) VALUES (?, ?, ?, ?, ?, ?, ?)",
			k.ID, k.Predecessor, k.Seed, k.CreatedAt, k.ActiveAt, k.RetiresAt, k.ExpiresAt)
	}))
}

// DropSigningKeys implements store.Store.
func (s *Store) DropSigningKeys(ctx context.Context, before time.Time) error {
	keys, err := s.SigningKeys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 || !keys[0].ExpiresAt.Before(before) {
		return nil // most calls find nothing to do, and should not wait for a commit
	}
	return wrap("drop signing keys", s.db.Write(ctx, func(c *sqlitedb.Conn) error {
		return c.Exec("DELETE FROM auth_signing_keys WHERE expires < ?", before)
	}))
}
