package sqlitedb

import "context"

// Read runs fn with a connection that only reads. Each statement sees all
// that was committed when it began; use View where several must see the same.
// fn should be short: while it runs, the WAL cannot start over. fn must not
// call Read or Write.
func (db *DB) Read(ctx context.Context, fn func(*Conn) error) error {
	c, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer db.release(c)
	return fn(c)
}

// View is Read with one snapshot for all statements of fn.
func (db *DB) View(ctx context.Context, fn func(*Conn) error) (err error) {
	c, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer db.release(c)
	if err := c.run("BEGIN"); err != nil {
		return err
	}
	defer func() {
		c.endRead()
		if e := c.run("ROLLBACK"); err == nil {
			err = e
		}
	}()
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
	select {
	case c := <-db.readers:
		db.gate.RLock()
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (db *DB) release(c *Conn) {
	c.endRead()
	db.gate.RUnlock()
	db.readers <- c
}
