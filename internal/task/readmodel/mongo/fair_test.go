//go:build servers

package mongo_test

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"headway/internal/task/readmodel/mongo"
	"headway/test/servers"
)

// A process that is far from the database changes a workspace that another one
// changes all the time, right beside it: it is let in.
func TestAProcessThatIsFarIsLetIn(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	line := servers.NewProxy(t, server.Addr)
	address := server.Database(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = line.Addr
	near, far := process(t, address, mongo.Options{}), process(t, u.String(), mongo.Options{})
	m := newTeam(t, near)
	line.Delay(t, 20*time.Millisecond)

	busy, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	const most = 500 // of each client: the database gets slower with what is in it
	committed := make([]int, 3)
	for c := range committed {
		wg.Go(func() {
			for busy.Err() == nil && committed[c] < most {
				if _, err := m.create(t.Context(), fmt.Sprint("near ", c, committed[c])); err != nil {
					t.Error(err)
					return
				}
				committed[c]++
			}
		})
	}
	const tasks = 6
	for n := range tasks {
		if _, err := m.at(far).create(t.Context(), fmt.Sprint("far ", n)); err != nil {
			t.Errorf("far from the database: %v", err)
		}
	}
	stop()
	wg.Wait()
	total := 0
	for _, n := range committed {
		total += n
	}
	if total == most*len(committed) {
		t.Error("it was let in only after the other process had done all its work")
	}
	t.Logf("%d tasks made far from the database, %d near it", tasks, total)
	rowsAreTheLog(t, near, m.workspace)
}
