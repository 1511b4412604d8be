//go:build servers

package mongo

import (
	"context"
	"encoding/binary"
	"time"

	"headway/internal/platform/ids"
)

// CommitLate commits with an id as of a while ago: so it comes into sight late.
func (l *Log) CommitLate(ctx context.Context, b Batch, ago time.Duration) error {
	id := ids.New()
	at := time.Now().Add(-ago).UnixMilli()
	binary.BigEndian.PutUint64(id[:8], uint64(at)<<16|uint64(binary.BigEndian.Uint16(id[6:8])))
	return l.commit(ctx, b, id)
}

// Later has the log look at another time of day.
func (l *Log) Later(d time.Duration) {
	l.tail.now = func() time.Time { return time.Now().Add(d) }
}
