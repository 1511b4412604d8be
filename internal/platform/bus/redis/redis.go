// Package redis is the bus between processes. Groups read Redis Streams:
// every message is there until a consumer of the group has handled it, and
// passes to another where one dies. Subscribers hear by publish/subscribe, and
// are told from the streams of what they missed while the connection was
// broken. What cannot be sent while Redis is away waits here, the newest of
// each stream, and subscribers of this process hear of it all the same.
//
// Messages are spread over a few streams by the id of what they are about, so
// that in a cluster several nodes carry them. The streams are trimmed to a
// length; who lags further than that is found by the sweep over the log.
package redis

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/ids"
	"headway/internal/platform/redisdb"
)

// Options are what a Bus stands on.
type Options struct {
	DB *redisdb.DB
	// Retry, where zero, is bus.DefaultRetry.
	Retry bus.Retry
	// Lease is how long a consumer that gives no sign keeps what it has; 0 is 30 s.
	Lease time.Duration
	// MaxLen is about how many messages each of the streams keeps; 0 is 100,000.
	MaxLen int64
	// Log is told of dead letters; nil is silence.
	Log *slog.Logger
}

// Stats are counts since the start.
type Stats struct {
	// Sent messages reached Redis; Dropped ones did not, because too many streams waited.
	Sent, Dropped uint64
	// Read entries came to consumers here; Handled are the calls that they
	// took, fewer where messages were merged; Failed are those that erred.
	Read, Handled, Failed uint64
	// TakenOver entries came from consumers that gave no sign; Dead were given up.
	TakenOver, Dead uint64
	// Waiting streams have a message that was not sent yet.
	Waiting int
}

// Bus implements bus.Bus.
type Bus struct {
	db    *redisdb.DB
	o     Options
	log   *slog.Logger
	local *bus.Memory // the subscribers of this process
	// origin tells this process's own messages apart in the channel.
	origin ids.ID
	out    *outbox

	closing context.Context
	stop    context.CancelFunc
	tasks   sync.WaitGroup
	live    *marks

	sent, dropped, read, handled, failed, taken, dead atomic.Uint64
}

var _ bus.Bus = (*Bus)(nil)

// partitions is how many streams there are. All processes must agree on it.
const partitions = 4

// New makes a Bus. Close it before its DB.
func New(o Options) (*Bus, error) {
	if o.DB == nil {
		return nil, errors.New("bus/redis: DB is required")
	}
	if o.Retry == (bus.Retry{}) {
		o.Retry = bus.DefaultRetry
	}
	if o.Lease <= 0 {
		o.Lease = 30 * time.Second
	}
	if o.MaxLen <= 0 {
		o.MaxLen = 100_000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bus{db: o.DB, o: o, log: o.Log, local: bus.NewMemory(), origin: ids.New(), out: newOutbox(), live: newMarks()}
	b.closing, b.stop = context.WithCancel(context.Background())
	b.tasks.Go(b.send)
	b.tasks.Go(b.listen)
	b.tasks.Go(b.follow)
	return b, nil
}

// Close sends what waits, if Redis takes it within the timeout, and ends all
// but the consumers, which end by their contexts and must have.
func (b *Bus) Close() error {
	b.stop()
	b.tasks.Wait()
	return nil
}

// Stats answers the counts.
func (b *Bus) Stats() Stats {
	return Stats{
		Sent: b.sent.Load(), Dropped: b.dropped.Load(), Read: b.read.Load(), Handled: b.handled.Load(),
		Failed: b.failed.Load(), TakenOver: b.taken.Load(), Dead: b.dead.Load(), Waiting: b.out.len(),
	}
}

// partition is where messages about a stream go. The last bytes of its id are random.
func partition(stream ids.ID) int { return int(stream[15]) % partitions }

// key is the Redis stream of a partition. The tag in braces keeps it and the
// dead letters of its groups on one node, and names partitions apart.
func (b *Bus) key(partition int) string { return b.db.Key("bus", tag(partition), "log") }

func (b *Bus) deadKey(partition int, group string) string {
	return b.db.Key("bus", tag(partition), "dead", group)
}

func tag(partition int) string { return fmt.Sprintf("{bus-%d}", partition) }

// channel is where subscribers hear.
func (b *Bus) channel() string { return b.db.Key("bus", "live") }

// messageSize is an encoded message: the stream's id and the seq, big-endian.
const messageSize = 24

// field is the one field of an entry.
const field = "m"

func encode(to []byte, m bus.Reached) []byte {
	to = append(to, m.Stream[:]...)
	return binary.BigEndian.AppendUint64(to, m.Seq)
}

// decode answers false for what is no message, which is then nobody's.
func decode(text string) (m bus.Reached, ok bool) {
	if len(text) != messageSize {
		return m, false
	}
	copy(m.Stream[:], text)
	for i := 16; i < messageSize; i++ {
		m.Seq = m.Seq<<8 | uint64(text[i])
	}
	return m, true
}

// backoff is the wait between tries that fail.
type backoff time.Duration

func (b *backoff) next() time.Duration {
	*b = min(max(2**b, backoff(50*time.Millisecond)), backoff(time.Second))
	return time.Duration(*b)
}
