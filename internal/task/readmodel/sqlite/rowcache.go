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

// rowCache holds the rows that are read most, so that reading one of them asks
// the database nothing.
//
// An entry must never be older than what is published. A commit therefore
// drops the rows that it changed before it is published, and each drop has a
// number; a reader keeps what it read only where the row's stripe was not
// dropped from since before the reader's snapshot.
type rowCache[K comparable, V any] struct {
	entries *otter.Cache[K, V] // nil keeps nothing
	spread  func(K) uint64
	drops   atomic.Uint64
	stripes [256]stripe
	// missed remembers which rows were read lately and not kept: only what is
	// read again is. A walk through many rows once costs nothing more that way.
	missed [1 << 13]atomic.Uint64
}

type stripe struct {
	mu sync.Mutex
	// dropped is the number of the stripe's last drop.
	dropped uint64
}

// entryOverhead is about what an entry weighs beside its JSON.
const entryOverhead = 160

// open makes room for so many bytes; spread makes a number of a key, in all of
// whose bits keys differ.
func (k *rowCache[K, V]) open(maxBytes int64, spread func(K) uint64, weigh func(V) int) error {
	if maxBytes <= 0 {
		return nil
	}
	entries, err := otter.New(&otter.Options[K, V]{
		MaximumWeight: uint64(maxBytes),
		Weigher: func(_ K, v V) uint32 {
			return uint32(weigh(v) + entryOverhead) // #nosec G115 -- a row is far below 4 GB
		},
	})
	if err != nil {
		return fmt.Errorf("readmodel/sqlite: row cache: %w", err)
	}
	k.entries, k.spread = entries, spread
	return nil
}

func (k *rowCache[K, V]) get(key K) (v V, ok bool) {
	if k.entries == nil {
		return v, false
	}
	return k.entries.GetIfPresent(key)
}

// now is to be asked for before the snapshot that rows are read from begins.
func (k *rowCache[K, V]) now() uint64 { return k.drops.Load() }

// put keeps a row that is read again, of a snapshot that began after now was
// asked for, unless the row may have changed since.
func (k *rowCache[K, V]) put(key K, v V, now uint64) {
	if k.entries == nil {
		return
	}
	h := k.spread(key)
	if k.missed[h%uint64(len(k.missed))].Swap(h) != h {
		return
	}
	s := &k.stripes[h%uint64(len(k.stripes))]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped <= now {
		k.entries.Set(key, v)
	}
}

// drop forgets a row that changed. It is called once the change is durable and
// before it is published.
func (k *rowCache[K, V]) drop(key K) {
	if k.entries == nil {
		return
	}
	s := &k.stripes[k.spread(key)%uint64(len(k.stripes))]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped = k.drops.Add(1)
	k.entries.Invalidate(key)
}

// clear forgets all.
func (k *rowCache[K, V]) clear() {
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

// tasks are the rows of tasks that are read most: whole ones by their ids, for
// reads of one, and cards by the numbers of their rows, for lists. A number is
// used again only after its task is gone for good, which drops its card. In the
// moment between that commit and its publication a list may still show the card
// in the new task's place: as of the seq that it says it is of, it was there.
type tasks struct {
	whole rowCache[ids.ID, *wholeTask]
	cards rowCache[int64, []byte]
}

// wholeTask is a task's row with its workspace's number. It is never changed.
type wholeTask struct {
	w   int64
	row readmodel.TaskRow
}

func (k *tasks) open(maxBytes int64) error {
	err := k.whole.open(maxBytes/2,
		func(id ids.ID) uint64 { return binary.LittleEndian.Uint64(id[8:]) }, // a UUIDv7 ends at random
		func(t *wholeTask) int { return len(t.row.Card) + len(t.row.Detail) + entryOverhead })
	if err != nil {
		return err
	}
	return k.cards.open(maxBytes/2,
		func(n int64) uint64 { return uint64(n) * 0x9e3779b97f4a7c15 >> 7 }, // #nosec G115 -- only spread
		func(card []byte) int { return len(card) })
}

func (k *tasks) drop(id ids.ID, n int64) {
	k.whole.drop(id)
	k.cards.drop(n)
}

func (k *tasks) clear() {
	k.whole.clear()
	k.cards.clear()
}

// readTask reads a task's row with its detail; nil where there is none.
func readTask(c *sqlitedb.Conn, id ids.ID) (*wholeTask, error) {
	st, err := c.Prepare("SELECT w, project, state, seq, card, detail, n FROM tasks WHERE id = ?")
	if err != nil {
		return nil, err
	}
	sqlitedb.BindID(st, 1, id)
	found, err := st.Step()
	if err != nil || !found {
		return nil, err
	}
	t := &wholeTask{w: st.ColumnInt64(0), row: readmodel.TaskRow{
		Project: sqlitedb.ColumnID(st, 1), State: lifecycles[st.ColumnInt64(2)], Seq: columnUint(st, 3), Card: sqlitedb.ColumnBlob(st, 4),
	}}
	var apart bool
	if t.row.Detail, apart = shortDetail(st, 5); apart {
		// st stands on its row, so this reads the same snapshot.
		t.row.Detail, err = longDetail(c, st.ColumnInt64(6))
	}
	return t, err
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
func (k *cards) card(n int64) ([]byte, error) {
	if card, ok := k.s.tasks.cards.get(n); ok {
		return card, nil
	}
	var err error
	if k.st == nil {
		k.st, err = k.c.Prepare("SELECT card FROM tasks WHERE n = ?")
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
		return nil, fmt.Errorf("%w: task row %d is in the order of a list and not there", readmodel.ErrRow, n)
	}
	card := sqlitedb.ColumnBlob(k.st, 0)
	k.s.tasks.cards.put(n, card, k.now)
	return card, nil
}
