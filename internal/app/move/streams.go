package move

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// batch is how many events of a stream are copied at once.
const batch = 500

type sum [sha256.Size]byte

// stream is how far one has been copied.
type stream struct {
	category eventlog.Category
	// head is the newest seq that the source told of.
	head uint64
	// verified is the seq up to which both sides were read and are the same,
	// digest that of the events up to there.
	verified uint64
	digest   sum
	// rows is the seq as of which the workspace's rows were compared, 0 for never.
	rows uint64
}

// catchUp copies what the source tells of since the last time, and answers how
// many events that was. While writes go on it leaves off once little was new
// at a time: there is always more. Behind the fence, whole is set, and all is copied.
func (m *mover) catchUp(ctx context.Context, whole bool) (copied uint64, err error) {
	for _, category := range categories {
		for {
			heads, to, err := m.Source.Log.Changed(ctx, category, m.cursors[category], batch)
			if err != nil {
				return copied, err
			}
			for _, h := range heads {
				s := m.stream(category, h)
				m.meter.total += h.Head - min(s.head, h.Head)
				s.head = max(s.head, h.Head)
			}
			before := copied
			for _, h := range heads {
				n, err := m.advance(ctx, h.Stream, h.Head)
				if copied += n; err != nil {
					return copied, err
				}
			}
			if to == m.cursors[category] {
				break
			}
			m.cursors[category] = to
			if n := copied - before; !whole && n > 0 && n < near {
				break
			}
		}
	}
	return copied, nil
}

func (m *mover) stream(category eventlog.Category, h eventlog.StreamHead) *stream {
	s := m.streams[h.Stream]
	if s == nil {
		s = &stream{category: category}
		m.streams[h.Stream] = s
	}
	return s
}

// advance copies a stream up to a seq and compares what is new of it on both sides.
func (m *mover) advance(ctx context.Context, id ids.ID, upTo uint64) (copied uint64, err error) {
	s := m.streams[id]
	if s.verified >= upTo {
		return 0, nil
	}
	there, err := m.Target.Log.Head(ctx, id)
	if err != nil {
		return 0, err
	}
	if there > upTo {
		if head, err := m.Source.Log.Head(ctx, id); err != nil || there > head {
			return 0, errors.Join(err, &DifferError{fmt.Sprintf("the stream %s, which has %d events there and %d here,", id, there, head)})
		}
	}
	for s.verified < upTo {
		limit := int(min(batch, upTo-s.verified)) // #nosec G115 -- at most batch
		events, err := m.Source.Log.Read(ctx, id, s.verified, limit)
		if err != nil {
			return copied, err
		}
		if len(events) == 0 {
			return copied, fmt.Errorf("the stream %s ends at %d, and was said to reach %d", id, s.verified, upTo)
		}
		fresh := events
		for len(fresh) > 0 && fresh[0].Seq <= there {
			fresh = fresh[1:]
		}
		if err := m.write(ctx, s.category, id, fresh); err != nil {
			return copied, err
		}
		if err := m.verify(ctx, id, s, events); err != nil {
			return copied, err
		}
		copied += uint64(len(fresh))
		m.meter.add(len(events), m.Progress)
	}
	return copied, nil
}

// write records events in the target. Those of a workspace make its rows too.
func (m *mover) write(ctx context.Context, category eventlog.Category, id ids.ID, events []eventlog.Event) error {
	if len(events) == 0 {
		return nil
	}
	if category == eventlog.Workspace {
		return m.Target.Replay(ctx, id, events)
	}
	_, err := m.Target.Log.Append(ctx, category, id, events[0].Seq-1, events)
	return err
}

// verify reads back what was written and compares it.
func (m *mover) verify(ctx context.Context, id ids.ID, s *stream, events []eventlog.Event) error {
	copies, err := m.Target.Log.Read(ctx, id, s.verified, len(events))
	if err != nil {
		return err
	}
	one, other := s.digest, s.digest
	for i := range events {
		one = digest(one, &events[i])
		m.bytes += uint64(len(events[i].Data))
	}
	for i := range copies {
		other = digest(other, &copies[i])
	}
	if one != other {
		return &DifferError{fmt.Sprintf("the stream %s between seq %d and %d", id, s.verified+1, events[len(events)-1].Seq)}
	}
	s.digest, s.verified = one, events[len(events)-1].Seq
	return nil
}

// digest adds an event, with all its fields, to the digest of those before it.
func digest(before sum, e *eventlog.Event) sum {
	b := make([]byte, 0, 256+len(e.Data))
	b = append(b, before[:]...)
	b = append(b, e.ID[:]...)
	b = append(b, e.Stream[:]...)
	b = binary.BigEndian.AppendUint64(b, e.Seq)
	b = append(b, e.Entity[:]...)
	b = append(b, e.Scope[:]...)
	b = append(b, e.Actor[:]...)
	b = binary.BigEndian.AppendUint16(b, e.Version)
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMilli())) // #nosec G115 -- a bit pattern
	for _, field := range [][]byte{[]byte(e.Type), []byte(e.Cause), e.Data} {
		b = binary.BigEndian.AppendUint32(b, uint32(min(len(field), math.MaxUint32))) // #nosec G115 -- bounded
		b = append(b, field...)
	}
	return sha256.Sum256(b)
}

// overall is the digest of all streams, in the order of their ids.
func (m *mover) overall() string {
	all := make([]ids.ID, 0, len(m.streams))
	for id := range m.streams {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b ids.ID) int { return slices.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, id := range all {
		h.Write(id[:])
		h.Write(m.streams[id].digest[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
