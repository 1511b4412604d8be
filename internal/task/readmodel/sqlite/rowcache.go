package sqlite

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel"
)

// taskEntry is a task's row as readers last found it. It is never changed.
type taskEntry struct {
	w   int64
	row readmodel.TaskRow
	// hasDetail is false where only the card was read, for a list.
	hasDetail bool
}

// taskEntryOverhead is about what an entry weighs beside its JSON.
const taskEntryOverhead = 240

// taskCache holds the task rows that are read most, so that reading one of
// them asks the database nothing and a list asks it only for the order.
//
// An entry must never be older than what is published. A commit therefore
// drops the entries of the tasks that it changed before it is published, and
// each drop has a number; a reader keeps what it read only where the task's
// stripe was not dropped from since before the reader's snapshot.
type taskCache struct {
	entries *otter.Cache[ids.ID, *taskEntry] // nil keeps nothing
	drops   atomic.Uint64
	stripes [256]stripe
	// missed remembers which tasks were read lately and not kept: only what is
	// read again is. A walk through many tasks once costs nothing more that way.
	missed [1 << 13]atomic.Uint64
}

type stripe struct {
	mu sync.Mutex
	// dropped is the number of the stripe's last drop.
	dropped uint64
}

func (k *taskCache) open(maxBytes int64) error {
	if maxBytes <= 0 {
		return nil
	}
	entries, err := otter.New(&otter.Options[ids.ID, *taskEntry]{
		MaximumWeight: uint64(maxBytes),
		Weigher: func(_ ids.ID, e *taskEntry) uint32 {
			return uint32(len(e.row.Card) + len(e.row.Detail) + taskEntryOverhead) // #nosec G115 -- a row is far below 4 GB
		},
	})
	if err != nil {
		return fmt.Errorf("readmodel/sqlite: task cache: %w", err)
	}
	k.entries = entries
	return nil
}

// stripe answers the stripe of a task. The end of a UUIDv7 is random.
func (k *taskCache) stripe(id ids.ID) *stripe { return &k.stripes[id[len(id)-1]] }

// get answers a task's entry, nil where there is none.
func (k *taskCache) get(id ids.ID) *taskEntry {
	if k.entries == nil {
		return nil
	}
	e, _ := k.entries.GetIfPresent(id)
	return e
}

// again reports whether the task was missed lately, and remembers that it is now.
func (k *taskCache) again(id ids.ID) bool {
	h := binary.LittleEndian.Uint64(id[len(id)-8:]) // the end of a UUIDv7 is random
	slot := &k.missed[(h>>8)%uint64(len(k.missed))]
	return slot.Swap(h) == h
}

// now is to be asked for before the snapshot that rows are read from begins.
func (k *taskCache) now() uint64 { return k.drops.Load() }

// put keeps a row that is read again, of a snapshot that began after now was asked for, unless the
// task may have changed since.
func (k *taskCache) put(id ids.ID, e *taskEntry, now uint64) {
	if k.entries == nil || !k.again(id) {
		return
	}
	s := k.stripe(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped <= now {
		k.entries.Set(id, e)
	}
}

// drop forgets a task that changed. It is called once the change is durable
// and before it is published.
func (k *taskCache) drop(id ids.ID) {
	if k.entries == nil {
		return
	}
	s := k.stripe(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped = k.drops.Add(1)
	k.entries.Invalidate(id)
}

// clear forgets all.
func (k *taskCache) clear() {
	if k.entries == nil {
		return
	}
	for i := range k.stripes {
		s := &k.stripes[i]
		s.mu.Lock()
		s.dropped = k.drops.Add(1)
		s.mu.Unlock()
	}
	k.entries.InvalidateAll()
}

// readTask reads a task's row with its detail; nil where there is none.
func readTask(c *sqlitedb.Conn, id ids.ID) (*taskEntry, error) {
	st, err := c.Prepare("SELECT w, project, state, seq, card, detail, n FROM tasks WHERE id = ?")
	if err != nil {
		return nil, err
	}
	sqlitedb.BindID(st, 1, id)
	found, err := st.Step()
	if err != nil || !found {
		return nil, err
	}
	e := readCard(st)
	e.hasDetail = true
	var apart bool
	if e.row.Detail, apart = shortDetail(st, 5); apart {
		// st stands on its row, so this reads the same snapshot.
		e.row.Detail, err = longDetail(c, st.ColumnInt64(6))
	}
	return e, err
}

// readCard reads w, project, state, seq and card from a statement's first columns.
func readCard(st *sqlitedb.Stmt) *taskEntry {
	return &taskEntry{w: st.ColumnInt64(0), row: readmodel.TaskRow{
		Project: sqlitedb.ColumnID(st, 1), State: lifecycles[st.ColumnInt64(2)], Seq: columnUint(st, 3), Card: sqlitedb.ColumnBlob(st, 4),
	}}
}

// cards answers cards from memory or, where they are not there, from the
// database, in a snapshot that began after now.
type cards struct {
	s   *Store
	c   *sqlitedb.Conn
	now uint64
	st  *sqlitedb.Stmt
}

// card answers the card of the task in row n.
func (k *cards) card(id ids.ID, n int64) ([]byte, error) {
	if e := k.s.rows.get(id); e != nil {
		return e.row.Card, nil
	}
	var err error
	if k.st == nil {
		k.st, err = k.c.Prepare("SELECT w, project, state, seq, card FROM tasks WHERE n = ?")
	} else {
		err = k.st.Reset()
	}
	if err != nil {
		return nil, err
	}
	k.st.BindInt64(1, n)
	found, err := k.st.Step()
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%w: task %s is in the order of a list and has no row", readmodel.ErrRow, id)
	}
	e := readCard(k.st)
	k.s.rows.put(id, e, k.now)
	return e.row.Card, nil
}
