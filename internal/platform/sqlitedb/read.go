package sqlitedb

import "context"

// Read runs fn with a connection that only reads. Each statement sees all
// that was committed when it began; use View where several must see the same.
// fn should be short: while it runs, the WAL cannot start over. fn must not
// call Read or Write.
func (db *DB) Read(ctx context.Context, fn func(*Conn) error) error {
	return db.read(ctx, false, fn)
}

// View is Read with one snapshot for all statements of fn.
func (db *DB) View(ctx context.Context, fn func(*Conn) error) error {
	return db.read(ctx, true, fn)
}

func (db *DB) read(ctx context.Context, steady bool, fn func(*Conn) error) error {
	c, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer db.release(c)
	if db.guest {
		defer c.letGo() // what another process commits is seen by a new snapshot only
	}
	if err := c.see(db.version.Load(), steady); err != nil {
		return err
	}
	return fn(c)
}

func (db *DB) acquire(ctx context.Context) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db.mu.RLock()
	closed := db.closed
	db.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	c, err := db.readers.take(ctx)
	if err != nil {
		return nil, err
	}
	db.gate.RLock()
	return c, nil
}

func (db *DB) release(c *Conn) {
	c.endRead()
	db.readers.add(c)
	db.gate.RUnlock()
}
