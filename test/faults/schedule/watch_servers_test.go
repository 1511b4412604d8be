//go:build servers

package schedule_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"headway/internal/platform/repeat"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// event is one of the log, as the history and the live stream show it.
type event struct {
	Seq    uint64 `json:"seq"`
	Type   string `json:"type"`
	Entity string `json:"entity"`
}

// watcher has a live stream open at a door, and opens it again where it left
// off whenever it breaks.
type watcher struct {
	door, path string
	who        *person

	mu      sync.Mutex
	from    uint64 // the seq after which it began
	events  []event
	strange []string
}

func (w *watcher) last() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) > 0 {
		return w.events[len(w.events)-1].Seq
	}
	return w.from
}

func (w *watcher) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strange = append(w.strange, "the stream at "+w.door+": "+fmt.Sprintf(format, args...))
}

func (w *watcher) run(ctx context.Context) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		w.follow(ctx, client)
		repeat.Pause(ctx, 50*time.Millisecond) // as a browser, which waits before it comes back
	}
}

// follow reads the stream until it breaks.
func (w *watcher) follow(ctx context.Context, client *http.Client) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.door+"/api/v1"+w.path, nil)
	if err != nil {
		w.note("%v", err)
		return
	}
	token := w.who.bearer()
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Last-Event-ID", strconv.FormatUint(w.last(), 10))
	res, err := client.Do(r)
	if err != nil {
		return // nobody is there
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		if res.StatusCode == http.StatusUnauthorized {
			w.who.renew(ctx, client, w.door, token)
		} else if res.StatusCode < 500 {
			w.note("answered %d", res.StatusCode)
		}
		return
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 16<<20)
	name := ""
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = n
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			w.take(name, data)
		}
	}
}

// take takes one message: its events must be those after the last one.
func (w *watcher) take(name, data string) {
	var change struct{ Events []event }
	if err := json.Unmarshal([]byte(data), &change); err != nil || name != "change" {
		w.note("a message %q came: %.200s", name, data)
		return
	}
	for _, e := range change.Events {
		if last := w.last(); e.Seq != last+1 {
			w.note("seq %d came after %d", e.Seq, last)
		}
		w.mu.Lock()
		w.events = append(w.events, e)
		w.mu.Unlock()
	}
}

// fence looks at the checkpoints of consumers, which never go back, until ctx
// ends. What it cannot see while the database is away, it does not judge.
func fence(ctx context.Context, database *mongo.Database, note func(format string, args ...any)) {
	newest := map[string]int64{}
	for repeat.Pause(ctx, 20*time.Millisecond) {
		var found []struct {
			ID         string `bson:"_id"`
			Generation int64  `bson:"g"`
			Seq        int64  `bson:"seq"`
		}
		within, cancel := context.WithTimeout(ctx, answerWithin)
		cursor, err := database.Collection("consumers").Find(within, bson.D{})
		if err == nil {
			err = cursor.All(within, &found)
		}
		cancel()
		if err != nil {
			continue
		}
		for _, c := range found {
			key := fmt.Sprintf("%s, generation %d", c.ID, c.Generation)
			if c.Seq < newest[key] {
				note("the checkpoint of %s went back from %d to %d", key, newest[key], c.Seq)
			}
			newest[key] = c.Seq
		}
	}
}
