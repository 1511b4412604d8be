//go:build servers

package mongodb_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/apperr"
	"headway/internal/platform/mongodb"
	"headway/test/servers"
)

// TestCommandsThatFindNoConnectionSaySo, rather than that time ran out.
func TestCommandsThatFindNoConnectionSaySo(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnSQLite)
	line := servers.NewProxy(t, server.Addr)
	db, err := mongodb.Open(t.Context(), mongodb.Options{URL: servers.MongoURL(line.Addr, "pool") + "&maxPoolSize=4&minPoolSize=4&timeoutMS=2000"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	ping := func() error {
		return mongodb.Coded(db.Collection("none").FindOne(t.Context(), bson.D{{Key: "_id", Value: 1}}).Err())
	}
	var wg sync.WaitGroup
	for range 4 { // as many connections as there may be
		wg.Go(func() { _ = ping() }) // there is no such document
	}
	wg.Wait()
	line.Delay(t, 1500*time.Millisecond)
	var mu sync.Mutex
	sentences := map[string]int{}
	for range 40 {
		wg.Go(func() {
			var coded *apperr.Error
			if err := ping(); errors.As(err, &coded) && coded.Code == apperr.Unavailable {
				mu.Lock()
				defer mu.Unlock()
				sentences[coded.Message]++
				if strings.HasPrefix(coded.Message, "All connections") && !strings.Contains(coded.Error(), "maxPoolSize in store.url") {
					t.Errorf("the log does not say what to change: %v", coded)
				}
			}
		})
	}
	wg.Wait()
	if sentences["All connections to the database are in use. Try again in a moment."] == 0 {
		t.Errorf("the sentences were %v", sentences)
	}
}
