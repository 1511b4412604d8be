package admission

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fill takes n places and answers their tickets.
func fill(t *testing.T, l *Limiter, c Class, n int) []Ticket {
	t.Helper()
	var out []Ticket
	for range n {
		ticket, err := l.Acquire(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, ticket)
	}
	return out
}

// later acquires in the background; the answer comes by the channel.
func later(t *testing.T, l *Limiter, c Class) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		ticket, err := l.Acquire(context.Background(), c)
		if err == nil {
			time.Sleep(time.Millisecond)
			ticket.Release()
		}
		done <- err
	}()
	synctest.Wait()
	return done
}

func TestWhoWaitsLongestIsShedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Least: 1, Most: 1, Wait: 250 * time.Millisecond})
		held := fill(t, l, Writes, 1)
		start := time.Now()
		if err := <-later(t, l, Writes); !errors.Is(err, ErrShed) || time.Since(start) != 250*time.Millisecond {
			t.Errorf("the first was answered %v after %s", err, time.Since(start))
		}
		// One behind another waits: the queue stands after a while, and a newcomer waits a tenth.
		first := later(t, l, Writes)
		time.Sleep(150 * time.Millisecond)
		start = time.Now()
		if err := <-later(t, l, Writes); !errors.Is(err, ErrShed) || time.Since(start) != 25*time.Millisecond {
			t.Errorf("behind a queue that stands one was answered %v after %s", err, time.Since(start))
		}
		held[0].Release()
		if err := <-first; err != nil {
			t.Errorf("who waited was answered %v", err)
		}
		if s := l.Stats(); s.Running != 0 || s.Waiting != 0 {
			t.Errorf("left are %+v", s)
		}
	})
}

func TestWhatPeopleWouldMissMostGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Least: 1, Most: 1, Queue: 3, Wait: time.Minute})
		held := fill(t, l, Reads, 1)
		lists, reads, writes := later(t, l, Lists), later(t, l, Reads), later(t, l, Writes)
		if err := <-later(t, l, Lists); !errors.Is(err, ErrShed) {
			t.Errorf("a full queue answered a list %v", err)
		}
		second := later(t, l, Writes) // it takes the list's place
		if err := <-lists; !errors.Is(err, ErrShed) {
			t.Errorf("the list was answered %v", err)
		}
		held[0].Release()
		synctest.Wait()
		order := ""
		for range 3 {
			select {
			case err := <-reads:
				order += "r"
				if err != nil {
					t.Error(err)
				}
				reads = nil
			case err := <-writes:
				order += "w"
				if err != nil {
					t.Error(err)
				}
				writes = nil
			case err := <-second:
				order += "w"
				if err != nil {
					t.Error(err)
				}
				second = nil
			}
		}
		if order != "wwr" {
			t.Errorf("they ran in the order %s", order)
		}
	})
}

func TestSignInsNeitherHoldUpNorAreHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Least: 2, Most: 2, Wait: time.Second})
		signing := fill(t, l, SignIns, 2)
		waiting := later(t, l, SignIns)
		working := fill(t, l, Writes, 2) // although sign-ins wait
		if err := <-later(t, l, Writes); !errors.Is(err, ErrShed) {
			t.Errorf("a third write was answered %v", err)
		}
		if err := <-waiting; !errors.Is(err, ErrShed) {
			t.Errorf("a third sign-in was answered %v", err)
		}
		signing[0].Release()
		fill(t, l, SignIns, 1)
		working[0].Release()
		fill(t, l, Writes, 1)
	})
}

func TestWhoLeavesIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Least: 1, Most: 1, Wait: time.Minute})
		held := fill(t, l, Writes, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Acquire(ctx, Writes); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who left was answered %v", err)
		}
		held[0].Release()
		fill(t, l, Writes, 1)
	})
}

// TestTheLimitFollowsTheLatency: a server that does 100 things at once as fast
// as one, and slows down beyond, is found out; when it recovers, so does the limit.
func TestTheLimitFollowsTheLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Least: 8, Most: 1000, Target: 100 * time.Millisecond})
		var capacity atomic.Int64
		capacity.Store(100)
		var running atomic.Int64
		stop := make(chan struct{})
		var clients sync.WaitGroup
		for range 400 {
			clients.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					ticket, err := l.Acquire(context.Background(), Writes)
					if err != nil {
						time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
						continue
					}
					over := max(1, float64(running.Add(1))/float64(capacity.Load()))
					time.Sleep(time.Duration(float64(50*time.Millisecond) * over * over))
					running.Add(-1)
					ticket.Release()
				}
			})
		}
		settled := func(low, high int) {
			t.Helper()
			time.Sleep(10 * time.Second)
			lowest, highest := 1<<30, 0
			for range 20 {
				time.Sleep(100 * time.Millisecond)
				n := l.Stats().Limit
				lowest, highest = min(lowest, n), max(highest, n)
			}
			if lowest < low || highest > high {
				t.Errorf("the limit is from %d to %d, not between %d and %d", lowest, highest, low, high)
			}
		}
		settled(90, 240)
		capacity.Store(20)
		settled(16, 60)
		capacity.Store(100)
		settled(90, 240)
		close(stop)
		clients.Wait()
	})
}

// TestNothingIsLost: whatever comes in whatever order, each is answered once
// and nothing is left over; run it under the race detector.
func TestNothingIsLost(t *testing.T) {
	var taken, shed, observed atomic.Int64
	l := New(Options{Least: 4, Most: 4, Queue: 8, Wait: time.Millisecond, Observe: func(Class, time.Duration, bool) { observed.Add(1) }})
	var running atomic.Int64
	var clients sync.WaitGroup
	for i := range 32 {
		clients.Go(func() {
			for n := range 300 {
				ticket, err := l.Acquire(t.Context(), Class((i+n)%3))
				if err != nil {
					shed.Add(1)
					continue
				}
				if now := running.Add(1); now > 4 {
					t.Errorf("%d run at once", now)
				}
				if n%7 == 0 {
					time.Sleep(100 * time.Microsecond)
				}
				running.Add(-1)
				taken.Add(1)
				ticket.Release()
			}
		})
	}
	clients.Wait()
	if taken.Load()+shed.Load() != 32*300 || observed.Load() != 32*300 || taken.Load() == 0 {
		t.Errorf("%d taken, %d shed, %d observed", taken.Load(), shed.Load(), observed.Load())
	}
	if s := l.Stats(); s.Running != 0 || s.Waiting != 0 {
		t.Errorf("left are %+v", s)
	}
}

// TestASlowStoreIsNoOverload: where the latency without a queue is above the
// target, the limit grows all the same, up to what is bearable.
func TestASlowStoreIsNoOverload(t *testing.T) {
	now := time.Now()
	a := newAdapter(Options{Least: 10, Most: 1000, Target: 100 * time.Millisecond, Now: func() time.Time { return now }})
	round := func(took time.Duration, full bool) {
		for range fewest {
			now = now.Add(window / fewest)
			a.full = full
			a.peak = int(a.limit)
			a.sample(now, took)
		}
	}
	round(90*time.Millisecond, false)
	before := a.limit
	round(250*time.Millisecond, true)
	if a.limit <= before {
		t.Errorf("the limit went from %.0f to %.0f", before, a.limit)
	}
	before = a.limit
	round(time.Second, true)
	if a.limit >= before {
		t.Errorf("the limit went from %.0f to %.0f at a second", before, a.limit)
	}
	for range 100 {
		round(time.Second, true)
	}
	if a.limit != 10 {
		t.Errorf("the limit is %.1f, below the least or far above", a.limit)
	}
}

// Where the process is late with everything, requests are shed before anything
// is done for them, the lowest class first, and not any longer than that.
func TestAProcessThatIsLateSheds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lag, shed := time.Duration(0), [classes]int{}
		l := New(Options{
			Target: 100 * time.Millisecond, Lag: func() time.Duration { return lag },
			Observe: func(c Class, _ time.Duration, taken bool) {
				if !taken {
					shed[c]++
				}
			},
		})
		// ask has each class ask 200 times in each of so many windows.
		ask := func(windows int) [classes]int {
			shed = [classes]int{}
			for range windows {
				time.Sleep(window)
				for range 200 {
					for _, c := range Classes() {
						l.Late(c)
					}
				}
			}
			return shed
		}
		none := [classes]int{}
		lag = 199 * time.Millisecond
		if got := ask(20); got != none {
			t.Errorf("in time: shed %v", got)
		}
		lag = 5 * time.Second
		if got := ask(1); got != none {
			t.Errorf("late once: shed %v", got)
		}
		lag = 0
		ask(1)
		lag = 250 * time.Millisecond // a quarter too late
		ask(1)
		if got := ask(5); got[Lists] == 0 || got[Reads] != 0 {
			t.Errorf("a little late: shed %v", got)
		}
		lag = 5 * time.Second
		if got := ask(10); got[Lists] < 1500 || got[Lists] < got[Reads] || got[Reads] < got[Writes] || got[Writes] == 0 || got[SignIns] != 0 {
			t.Errorf("very late: shed %v", got)
		}
		lag = 0
		ask(10)
		if got := ask(1); got != none {
			t.Errorf("in time again: shed %v", got)
		}
	})
}

// The runtime says how late it is.
func TestSchedulingLag(t *testing.T) {
	lag := schedulingLag()
	lag()
	var wg sync.WaitGroup
	for range 200 * runtime.GOMAXPROCS(0) { // each waits for those before it
		wg.Go(func() {
			for began := time.Now(); time.Since(began) < time.Millisecond; {
				runtime.KeepAlive(began)
			}
		})
	}
	wg.Wait()
	if got := lag(); got <= 0 || got > time.Minute {
		t.Errorf("with work for 200 ms it is %s late", got)
	}
}
