package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// pool lends the reading connections. The one given back last is lent first:
// its statements and pages are the ones in the processor's cache.
//
// A connection that reads the same state of the database again keeps its
// snapshot open from then on, which saves the locks and the look into the WAL's
// index that each new snapshot costs, until a commit makes it old.
type pool struct {
	tokens chan struct{}
	mu     sync.Mutex
	idle   []*Conn
}

func newPool(size int) pool { return pool{tokens: make(chan struct{}, size)} }

// add gives the pool a connection.
func (p *pool) add(c *Conn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	p.tokens <- struct{}{}
}

func (p *pool) take(ctx context.Context) (*Conn, error) {
	select {
	case <-p.tokens:
	default:
		select {
		case <-p.tokens:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	c := p.idle[last]
	p.idle = p.idle[:last]
	return c, nil
}

// drain takes all connections out, waiting for those that are lent.
func (p *pool) drain() {
	for range cap(p.tokens) {
		<-p.tokens
	}
	p.letGo()
}

// letGo ends the snapshots that idle connections hold, so that a checkpoint
// can copy all and the WAL can start over.
func (p *pool) letGo() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		c.letGo()
	}
}

// see makes the connection read the newest state that is committed; steady
// says that all of its statements must see the same.
func (c *Conn) see(version uint64, steady bool) error {
	if c.holds && c.version != version {
		c.letGo()
	}
	if !c.holds && (steady || c.version == version) {
		if err := c.hold(); err != nil {
			return err
		}
	}
	c.version = version
	return nil
}

// hold opens a snapshot: a statement that stands on a row keeps one.
func (c *Conn) hold() error {
	if c.holder == nil {
		stmt, err := c.raw.Prepare("SELECT 1 FROM sqlite_schema")
		if err != nil {
			return fmt.Errorf("sqlitedb: open a snapshot: %w", err)
		}
		c.holder = stmt
	}
	row, err := c.holder.Step()
	if err == nil && !row {
		err = errors.New("the database has no schema")
	}
	if err != nil {
		return errors.Join(fmt.Errorf("sqlitedb: open a snapshot: %w", err), c.holder.Reset())
	}
	c.holds = true
	return nil
}

func (c *Conn) letGo() {
	if c.holds {
		// An error here is that of the last step, which hold answered.
		_ = c.holder.Reset()
		c.holds = false
	}
}
