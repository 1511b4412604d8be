package consumertest

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"sync"

	"headway/internal/platform/consumer"
	"headway/internal/platform/consumer/memory"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Fold is what events of a stream come to. An event that is left out, taken
// twice or out of order makes it another.
type Fold struct {
	// Last is the newest seq, N how many events were taken, Hash depends on them and their order.
	Last uint64
	N    int64
	Hash int64
	// Late are the seqs of those that came late, ascending.
	Late []uint64
}

// Take takes an event.
func (f *Fold) Take(e *eventlog.Event, late bool) {
	if late {
		f.Late = append(f.Late, e.Seq)
		slices.Sort(f.Late)
		return
	}
	h := fnv.New64a()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(f.Hash))) // #nosec G115 -- a hash
	h.Write(e.ID[:])
	h.Write(e.Data)
	f.Last, f.N, f.Hash = e.Seq, f.N+1, int64(h.Sum64()) // #nosec G115 -- a hash
}

// Equal compares.
func (f Fold) Equal(other Fold) bool {
	return f.Last == other.Last && f.N == other.N && f.Hash == other.Hash && slices.Equal(f.Late, other.Late)
}

// Effects is a store of folds, as a handler writes it.
type Effects interface {
	// Take folds an event into its stream's row.
	Take(ctx context.Context, tx consumer.Tx, e *eventlog.Event, late bool) error
	// Drop removes what an earlier generation wrote.
	Drop(ctx context.Context, tx consumer.Tx) error
	// Read answers what a stream's events come to in a generation.
	Read(ctx context.Context, stream ids.ID, generation uint64) (Fold, error)
}

// Memory keeps folds in memory: what goes with a Tx of the memory adapter is
// staged in it, what is apart is guarded by the seq.
type Memory struct {
	mu    sync.Mutex
	folds map[foldKey]*Fold
}

type foldKey struct {
	stream     ids.ID
	generation uint64
}

var _ Effects = (*Memory)(nil)

// NewMemory makes an empty one.
func NewMemory() *Memory { return &Memory{folds: map[foldKey]*Fold{}} }

// Take implements Effects.
func (m *Memory) Take(_ context.Context, tx consumer.Tx, e *eventlog.Event, late bool) error {
	write := func(guarded bool) {
		m.mu.Lock()
		defer m.mu.Unlock()
		k := foldKey{e.Stream, tx.Generation()}
		f := m.folds[k]
		if f == nil {
			f = &Fold{}
			m.folds[k] = f
		}
		if guarded && (!late && f.Last >= e.Seq || late && slices.Contains(f.Late, e.Seq)) {
			return
		}
		f.Take(e, late)
	}
	if tx.Together() {
		memory.Stage(tx, func() { write(false) })
	} else {
		write(true)
	}
	return nil
}

// Drop implements Effects.
func (m *Memory) Drop(_ context.Context, tx consumer.Tx) error {
	write := func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		for k := range m.folds {
			if k.generation < tx.Generation() {
				delete(m.folds, k)
			}
		}
	}
	if tx.Together() {
		memory.Stage(tx, write)
	} else {
		write()
	}
	return nil
}

// Read implements Effects.
func (m *Memory) Read(_ context.Context, stream ids.ID, generation uint64) (Fold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.folds[foldKey{stream, generation}]; f != nil {
		return Fold{f.Last, f.N, f.Hash, slices.Clone(f.Late)}, nil
	}
	return Fold{}, nil
}
