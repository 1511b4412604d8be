//go:build servers

package mongo_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/mongo"
	"headway/test/servers"
)

// The line to the database breaks again and again, also between an insert and
// its answer. What was acknowledged is there, nothing is there twice, and what
// was answered to have failed either is not there or can be asked for again.
func TestALineThatBreaks(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	database := server.Database(t)
	proxy := servers.NewProxy(t, server.Addr)
	url := strings.Replace(database, server.Addr, proxy.Addr, 1) + "&timeoutMS=700&serverSelectionTimeoutMS=700"
	var mu sync.Mutex
	told := map[uint64]int{}
	s := process(t, url, mongo.Options{OnCommit: []func(readmodel.Commit){func(c readmodel.Commit) {
		mu.Lock()
		defer mu.Unlock()
		for seq := c.First; seq <= c.Last; seq++ {
			told[seq]++
		}
	}}})
	m := newTeam(t, s)
	ctx, stop := context.WithCancel(t.Context())
	acknowledged := map[ids.ID]bool{}
	failed := 0
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for ctx.Err() == nil {
				in := command.CreateTask{Workspace: m.workspace, Project: m.project, ID: ids.New(), Title: "task"}
				for ctx.Err() == nil {
					_, err := m.commands.CreateTask(t.Context(), m.owner, in)
					mu.Lock()
					if err == nil {
						acknowledged[in.ID] = true
					} else {
						failed++
					}
					mu.Unlock()
					if err == nil {
						break
					}
					if !apperr.Is(err, apperr.Unavailable) {
						t.Errorf("answered %v", err)
						return
					}
				}
			}
		})
	}
	done := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged)
	}
	breaks := []func(){func() { proxy.LoseAnswers(t) }, proxy.Cut, func() { proxy.Silence(t) }}
	for round := range 6 {
		for before := done(); done() < before+3 && ctx.Err() == nil; {
			time.Sleep(time.Millisecond)
		}
		breaks[round%len(breaks)]()
		time.Sleep(300 * time.Millisecond) // how long the line is broken, not something waited for
		proxy.Mend(t)
	}
	stop()
	wg.Wait()
	if failed == 0 {
		t.Error("no command noticed that the line was broken")
	}
	healthy := process(t, database, mongo.Options{})
	if _, err := healthy.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.at(s).create(t.Context(), "the line holds"); err != nil {
		t.Fatal(err)
	}
	events := rowsAreTheLog(t, healthy, m.workspace)
	made := map[ids.ID]int{}
	for _, e := range events {
		if e.Type == string(event.TaskCreated) {
			made[e.Entity]++
		}
	}
	for id := range acknowledged {
		if made[id] != 1 {
			t.Errorf("an acknowledged task was made %d times", made[id])
		}
	}
	for id, n := range made {
		if n != 1 {
			t.Errorf("task %s was made %d times", id, n)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, e := range events {
		if told[e.Seq] != 1 {
			t.Errorf("seq %d was told of %d times", e.Seq, told[e.Seq])
		}
	}
	t.Logf("%d acknowledged, %d failed, %d events", len(acknowledged), failed, len(events))
}
