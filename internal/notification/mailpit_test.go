//go:build servers

package notification_test

import (
	netmail "net/mail"
	"strconv"
	"sync"
	"testing"
	"time"

	storemongo "headway/internal/notification/store/mongo"
	consumermongo "headway/internal/platform/consumer/mongo"
	"headway/internal/platform/ids"
	"headway/internal/platform/mail/smtp"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/internal/task/event"
	"headway/test/servers"
)

// Several processes share an outbox: each mail arrives once, though they all
// send at the same time, and one finds the server away at first.
func TestEachMailArrivesOnce(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) backend{
		"memory": func(t *testing.T) backend { return inMemory(t) },
		"sqlite": func(t *testing.T) backend { return onSQLite(t) },
		"mongo": func(t *testing.T) backend {
			db := mongodbtest.Open(t, servers.FerretDB(t, servers.OnPostgres).Database(t), consumermongo.Schema(), storemongo.Schema())
			return backend{storemongo.New(db), consumermongo.New(db)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const tasks, processes = 30, 3
			server := servers.Mailpit(t)
			sender, err := smtp.New(smtp.Options{URL: "smtp://" + server.Addr, From: &netmail.Address{Address: "headway@example.org"}})
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, open(t))
			w.found()
			w.mails.away = errAway
			for i := range tasks {
				w.create(ids.Derive(workspace, "task", strconv.Itoa(i)), func(d *event.TaskData) { d.Assignees = []ids.ID{bob, cal, gus} })
			}
			w.settle()
			w.clock.Advance(time.Minute)
			var all sync.WaitGroup
			for i := range processes {
				p := *w
				if i > 0 {
					p.mail = sender
				}
				p.start()
				all.Go(func() {
					if err := p.module.Send(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			w.mail = sender
			w.start()
			for range 10 { // what the one process did not get rid of
				w.clock.Advance(time.Minute)
				w.must(w.module.Send(t.Context()))
			}
			seen := map[string]int{}
			for _, m := range server.Mails(t) {
				seen[m.MessageID]++
				if seen[m.MessageID] > 1 {
					t.Errorf("%s arrived %d times", m.MessageID, seen[m.MessageID])
				}
			}
			if len(seen) != tasks*3 {
				t.Errorf("%d mails arrived, want %d", len(seen), tasks*3)
			}
			if q, err := w.store.Queue(t.Context()); err != nil || q.Pending+q.Failed != 0 {
				t.Errorf("the queue is %+v, %v", q, err)
			}
		})
	}
}
