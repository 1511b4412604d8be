//go:build servers

package schedule_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"headway/internal/platform/repeat"

	"github.com/redis/rueidis"
)

// messages loses, doubles and reorders what the processes tell each other by
// Redis, in the streams themselves. Redis may be away meanwhile: then nothing
// is told anyway, and what fails here is left be.
type messages struct {
	url, database, fault string

	stop  context.CancelFunc
	ended sync.WaitGroup
}

// meddleEvery is how often the streams are looked at.
const meddleEvery = 20 * time.Millisecond

func (m *messages) begin() {
	var ctx context.Context
	ctx, m.stop = context.WithCancel(context.Background())
	m.ended.Go(func() {
		var redis rueidis.Client
		var err error
		for redis == nil {
			redis, err = rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{m.url}, DisableCache: true, DisableRetry: true})
			if err != nil && !repeat.Pause(ctx, meddleEvery) {
				return
			}
		}
		defer redis.Close()
		seen := map[string]bool{}
		for repeat.Pause(ctx, meddleEvery) {
			m.meddle(ctx, redis, seen)
		}
	})
}

func (m *messages) end() {
	m.stop()
	m.ended.Wait()
}

// meddle does so once, with all streams of the bus. seen are the entries that
// were doubled, or are doubles.
func (m *messages) meddle(ctx context.Context, redis rueidis.Client, seen map[string]bool) {
	keys, err := redis.Do(ctx, redis.B().Scan().Cursor(0).Match(m.database+":bus:*:log").Count(1000).Build()).AsScanEntry()
	if err != nil {
		return
	}
	for _, key := range keys.Elements {
		if m.fault == dropped {
			_ = redis.Do(ctx, redis.B().Xtrim().Key(key).Maxlen().Threshold("0").Build()).Error() // see above
			continue
		}
		entries, err := redis.Do(ctx, redis.B().Xrange().Key(key).Start("-").End("+").Build()).AsXRange()
		if err != nil {
			continue
		}
		if m.fault == reordered {
			slices.Reverse(entries)
		}
		for _, e := range entries {
			if seen[key+e.ID] {
				continue
			}
			seen[key+e.ID] = true
			for field, value := range e.FieldValues {
				id, err := redis.Do(ctx, redis.B().Xadd().Key(key).Id("*").FieldValue().FieldValue(field, value).Build()).ToString()
				if err == nil {
					seen[key+id] = true
				}
				// Subscribers hear it again as well, as of a process that nobody knows.
				again := strings.Repeat("\x00", 16) + value
				_ = redis.Do(ctx, redis.B().Publish().Channel(m.database+":bus:live").Message(again).Build()).Error() // see above
			}
		}
	}
}
