//go:build servers

package schedule_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/test/faults/schedule"
)

// number answers that of an environment variable, and whether it is set.
func number(t *testing.T, name string) (uint64, bool) {
	t.Helper()
	text, ok := os.LookupEnv(name)
	if !ok || text == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q, want a whole number", name, text)
	}
	return n, true
}

// few is how many schedules every run of the tests plays.
const few = 3

// TestSchedules plays random schedules of faults over four processes, their
// database, Redis, mail server and nginx while clients work, and holds what is left against
// what they were answered. HEADWAY_FAULTS_SCHEDULES says how many it plays,
// HEADWAY_FAULTS_SEED the seed of the first, alone where no number is given.
// One that finds something is made smaller, as long as it finds something.
func TestSchedules(t *testing.T) {
	n, many := number(t, "HEADWAY_FAULTS_SCHEDULES")
	seed, given := number(t, "HEADWAY_FAULTS_SEED")
	switch {
	case !many && given:
		n = 1
	case !many:
		n = few
	}
	if !given {
		seed = rand.Uint64N(1_000_000_000)
	}
	s := newSite(t, build(t))
	var all []figures
	for i := range n {
		entries := schedule.Draw(seed+i, s.possible())
		t.Logf("schedule %d of %d, HEADWAY_FAULTS_SEED=%d:\n%s", i+1, n, seed+i, schedule.Text(entries))
		f := s.trial(t, entries)
		t.Log(f)
		all = append(all, f)
		if len(f.problems) == 0 {
			continue
		}
		t.Errorf("HEADWAY_FAULTS_SEED=%d:\n%s", seed+i, strings.Join(f.problems, "\n"))
		least := schedule.Shrink(entries, 6, func(part []schedule.Entry) bool { return len(s.trial(t, part).problems) > 0 })
		t.Fatalf("HEADWAY_FAULTS_SEED=%d finds this with\n%s", seed+i, schedule.Text(least))
	}
	t.Log(summary(all))
}

// TestEachFault plays each fault alone, in make faults, and prints how long it
// took until all was well again.
func TestEachFault(t *testing.T) {
	if _, many := number(t, "HEADWAY_FAULTS_SCHEDULES"); !many {
		t.Skip("make faults plays each fault alone; here the random schedules stand for them")
	}
	s := newSite(t, build(t))
	var all []figures
	for _, p := range s.possible() {
		for _, fault := range p.Faults {
			t.Run(p.Target+" "+fault, func(t *testing.T) {
				f := s.trial(t, []schedule.Entry{{At: time.Second, For: time.Second, Target: p.Target, Fault: fault}})
				t.Log(f)
				if len(f.problems) > 0 {
					t.Error(strings.Join(f.problems, "\n"))
				}
				all = append(all, f)
			})
		}
	}
	t.Log(summary(all))
}

// figures are what a schedule brought.
type figures struct {
	ops, unanswered, events int
	// recovery is from the end of the last fault until a write was answered at
	// every door; streams, inboxes, counts and mails until they had everything, from then on.
	recovery, streams, inboxes, counts, mails time.Duration
	problems                                  []string
}

// String says them in one line.
func (f figures) String() string {
	return fmt.Sprintf("%d operations, %d not answered, %d events; after the last fault all doors write in %s, then streams are whole in %s, inboxes in %s, counts in %s and mails in %s",
		f.ops, f.unanswered, f.events, short(f.recovery), short(f.streams), short(f.inboxes), short(f.counts), short(f.mails))
}

func short(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// summary is what schedules brought together.
func summary(all []figures) string {
	ops := 0
	for _, f := range all {
		ops += f.ops
	}
	out := fmt.Sprintf("%d schedules, %d operations", len(all), ops)
	for name, of := range map[string]func(figures) time.Duration{
		"all doors write":      func(f figures) time.Duration { return f.recovery },
		"streams are whole":    func(f figures) time.Duration { return f.recovery + f.streams },
		"inboxes are, as well": func(f figures) time.Duration { return f.recovery + f.streams + f.inboxes },
		"counts are, as well":  func(f figures) time.Duration { return f.recovery + f.streams + f.inboxes + f.counts },
		"mails are, as well":   func(f figures) time.Duration { return f.recovery + f.streams + f.inboxes + f.counts + f.mails },
	} {
		list := make([]time.Duration, len(all))
		for i, f := range all {
			list[i] = of(f)
		}
		slices.Sort(list)
		out += fmt.Sprintf("\n  %s after the last fault in: median %s, 95%% %s, longest %s", name,
			short(list[len(list)/2]), short(list[len(list)*95/100]), short(list[len(list)-1]))
	}
	return out
}

// databases counts those that trials got.
var databases atomic.Int64

// trial plays a schedule over a fresh database and answers what it brought.
func (s *site) trial(t *testing.T, entries []schedule.Entry) (f figures) {
	t.Helper()
	name := "faults" + strconv.FormatInt(databases.Add(1), 10)
	s.open(t, name)
	defer func() {
		if err := s.direct.Database(name).Drop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}()
	l := newLoad(t, s.doors())
	l.patience = s.patience
	l.inboxes = s.inboxes()
	ctx, cancel := context.WithCancel(t.Context())
	var group, watching sync.WaitGroup
	var stop atomic.Bool
	watchers := l.watchers(ctx)
	for _, w := range watchers {
		watching.Go(func() { w.run(ctx) })
	}
	watching.Go(func() { s.hurry(ctx) })
	watching.Go(func() { fence(ctx, s.direct.Database(name), l.note) })
	l.began = time.Now()
	for i := range clients {
		c := l.client(i, i%2, i%len(l.doors), false)
		group.Go(func() { c.run(ctx, &stop) })
	}
	s.play(t, entries, name)
	f.recovery = l.recovers(ctx)
	stop.Store(true)
	l.within(&group, cancel)
	l.verdict(ctx, watchers, &f)
	f.mails = s.mailed(ctx, t, l, entries)
	cancel()
	watching.Wait()
	if said, err := s.close(t); err != nil {
		l.note("rebuild --verify: %v\n%s", err, said)
	}
	f.problems = l.strange
	if len(f.problems) > 0 {
		for _, p := range s.processes {
			t.Logf("the end of the log of %s, which was started %d times:\n%s", p.name, p.starts, p.tail())
		}
	}
	return f
}

// within waits for the clients to come to the end of what they are at.
func (l *load) within(group *sync.WaitGroup, cancel func()) {
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(l.patience):
		l.note("a create or a comment was not answered for %s", l.patience)
		cancel()
		<-done
	}
}

// watchers look on at every door, from the log's head of now on.
func (l *load) watchers(ctx context.Context) (out []*watcher) {
	head := uint64(len(l.log(ctx)))
	for i, door := range append(slices.Clone(l.doors), l.doors[0]) {
		out = append(out, &watcher{door: door, path: "/workspaces/" + l.workspace + "/events", who: l.people[min(i/len(l.doors), 1)], from: head})
	}
	return out
}

// recovers has a task made at every door, and answers how long that took.
func (l *load) recovers(ctx context.Context) time.Duration {
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	var group sync.WaitGroup
	for i, door := range l.doors {
		c := l.client(clients+i, i%2, i, true)
		group.Go(func() {
			defer c.http.CloseIdleConnections()
			if c.create(within); within.Err() != nil {
				l.note("no task could be made at %s for %s", door, l.patience)
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

// verdict holds everything against everything, once the clients have stopped,
// and notes in f how long streams, inboxes and counts took.
func (l *load) verdict(ctx context.Context, watchers []*watcher, f *figures) {
	if ctx.Err() != nil {
		return // the clients did not come to an end
	}
	events := l.log(ctx)
	head := uint64(len(events))
	f.streams = l.until(ctx, func() string {
		for _, w := range watchers {
			if last := w.last(); last < head {
				return fmt.Sprintf("the stream at %s is at seq %d of %d", w.door, last, head)
			}
		}
		return ""
	})
	for who := range l.people {
		f.inboxes += l.until(ctx, func() string { return l.inbox(ctx, who) })
	}
	for _, door := range []int{1, 2} {
		c := l.client(2*clients+door, 0, door, true)
		for task := range l.created {
			if l.finds() {
				break // what is wrong is known; each task may take its time
			}
			l.until(ctx, func() string {
				if c.read(ctx, task, head) {
					return ""
				}
				return "task " + task + " cannot be read at " + l.doors[door]
			})
		}
		c.http.CloseIdleConnections()
	}
	for _, w := range watchers {
		l.streamed(w, events)
	}
	l.recorded(events)
	f.counts = l.counted(ctx, events)
	ops := l.history.Ops()
	l.found(schedule.Linearizable(ops))
	f.ops, f.events = len(ops), len(events)
	for i := range ops {
		if !ops[i].Answered {
			f.unanswered++
		}
	}
}
