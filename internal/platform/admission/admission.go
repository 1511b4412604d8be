// Package admission decides which requests a process takes on, so that with
// more than it can do it does as much as it can, in good time, and says no to
// the rest at once.
//
// So many run at once as the measured latency bears (adapt.go). What comes on
// top waits in a bounded queue, for a short time, and for a very short one
// where the queue has not been empty for a while (CoDel, RFC 8289, as Facebook
// has it for servers: "Fail at Scale", ACM Queue 13-8): a queue that stands
// adds to latency and to nothing else. While it stands the newest goes first,
// since whoever waited longest is the likeliest to have left. What people would
// miss most goes before what they can ask for again: see Class.
package admission

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// Class is what a request is for. Of those that wait, the higher goes first;
// where there is no room, the lower is shed first.
type Class uint8

// The classes, the first to be shed first.
const (
	// Lists are pages, searches and figures: dear, and asked for again.
	Lists Class = iota
	// Reads are single things, and what an open board needs to stay up to date.
	Reads
	// Writes are changes: somebody's work.
	Writes
	// SignIns are sessions: without them there is nothing else.
	SignIns

	classes = int(SignIns) + 1
)

// String answers the class's name in metrics.
func (c Class) String() string {
	return [classes]string{"lists", "reads", "writes", "sign_ins"}[c]
}

// Classes answers all classes.
func Classes() []Class { return []Class{Lists, Reads, Writes, SignIns} }

// shares are how much of the limit a class may fill, so that the dear and slow
// do not take every place from what goes before them.
var shares = [classes]float64{Lists: 0.8, Reads: 0.9, Writes: 1}

// ErrShed says that a request was not taken on: there is more than can be done.
var ErrShed = errors.New("admission: more requests than can be served")

// Options bound a Limiter. Zero values take the defaults.
type Options struct {
	// Least and Most bound how many requests run at once; 32 (or 8 for each
	// processor), 1,000.
	Least, Most int
	// Queue is how many wait at most; 1,000.
	Queue int
	// Wait is how long one waits at most; 250 ms. A tenth of it where the queue stands.
	Wait time.Duration
	// Target is the median latency up to which more may run at once; 100 ms.
	Target time.Duration
	// Lag answers how late what was ready got a processor since it was asked
	// last; nil is what the runtime says. Above four times Target, requests are
	// shed.
	Lag func() time.Duration
	// Now is the time, for tests; nil is time.Now.
	Now func() time.Time
	// Observe is told how long each request waited and whether it was taken on; nil for nobody.
	Observe func(c Class, waited time.Duration, taken bool)
}

func (o Options) withDefaults() Options {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.Least, max(32, 8*runtime.GOMAXPROCS(0)))
	set(&o.Most, 1000)
	set(&o.Queue, 1000)
	o.Least = min(o.Least, o.Most)
	if o.Wait <= 0 {
		o.Wait = 250 * time.Millisecond
	}
	if o.Target <= 0 {
		o.Target = 100 * time.Millisecond
	}
	if o.Lag == nil {
		o.Lag = schedulingLag()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Class, time.Duration, bool) {}
	}
	return o
}

// standing is how long a queue may be there before it counts as one that stands.
const standing = 100 * time.Millisecond

// Limiter admits requests. It is safe for concurrent use.
type Limiter struct {
	o Options

	mu      sync.Mutex
	adapt   adapter
	late    late
	running int // sign-ins apart
	signing int
	queue   queue
	queued  time.Time // since when there has been a queue; zero where there is none
}

// New makes a limiter.
func New(o Options) *Limiter {
	o = o.withDefaults()
	return &Limiter{o: o, adapt: newAdapter(o), late: late{bound: lagTargets * o.Target, read: o.Lag, since: o.Now()}}
}

// Ticket is the admission of one request. Release it when the request is done.
type Ticket struct {
	l     *Limiter
	class Class
	from  time.Time
}

// Late reports whether the request is shed because the process is late with
// everything. To be asked first, before anything is done for the request.
func (l *Limiter) Late(class Class) bool {
	now := l.o.Now()
	l.mu.Lock()
	l.late.look(now)
	shed := l.late.sheds(class)
	l.mu.Unlock()
	if shed {
		l.o.Observe(class, 0, false)
	}
	return shed
}

// Acquire answers once the request may run, or ErrShed where it may not, or the
// context's error where nobody wants it any more.
func (l *Limiter) Acquire(ctx context.Context, class Class) (Ticket, error) {
	now := l.o.Now()
	l.mu.Lock()
	if l.may(class) && !l.queue.before(class) {
		l.run(class)
		l.mu.Unlock()
		l.o.Observe(class, 0, true)
		return Ticket{l, class, now}, nil
	}
	l.adapt.full = l.adapt.full || class != SignIns
	if l.queue.n >= l.o.Queue && !l.queue.evict(class) {
		l.mu.Unlock()
		l.o.Observe(class, 0, false)
		return Ticket{}, ErrShed
	}
	if l.queued.IsZero() {
		l.queued = now
	}
	wait := l.o.Wait
	if l.stands(now) {
		wait /= 10
	}
	w := l.queue.push(class)
	l.mu.Unlock()
	return l.wait(ctx, w, now, wait)
}

func (l *Limiter) wait(ctx context.Context, w *waiter, since time.Time, wait time.Duration) (Ticket, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	err := ErrShed
	select {
	case taken := <-w.told:
		return l.told(w, since, taken)
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	l.mu.Lock()
	waiting := l.queue.remove(w)
	l.emptied()
	l.mu.Unlock()
	if !waiting { // it was decided at this very moment
		return l.told(w, since, <-w.told)
	}
	l.o.Observe(w.class, l.o.Now().Sub(since), false)
	return Ticket{}, err
}

func (l *Limiter) told(w *waiter, since time.Time, taken bool) (Ticket, error) {
	now := l.o.Now()
	l.o.Observe(w.class, now.Sub(since), taken)
	if !taken {
		return Ticket{}, ErrShed
	}
	return Ticket{l, w.class, now}, nil
}

// Release ends the request's turn and gives it to who waits.
func (t Ticket) Release() {
	l := t.l
	now := l.o.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.class == SignIns {
		l.signing-- // slow by intent, as a password's hash is, so no measure of the process
	} else {
		l.running--
		l.adapt.sample(now, now.Sub(t.from))
	}
	for l.queue.n > 0 {
		w := l.queue.pop(l.stands(now), l.may)
		if w == nil {
			break
		}
		l.run(w.class)
		w.told <- true
	}
	l.emptied()
}

// run counts a request in.
func (l *Limiter) run(class Class) {
	if class == SignIns {
		l.signing++
		return
	}
	l.running++
	l.adapt.peak = max(l.adapt.peak, l.running)
}

// may reports whether one more of the class may run. Sign-ins run beside the
// limit, so that neither can hold the other up: most of one is waiting for its
// turn to hash.
func (l *Limiter) may(class Class) bool {
	if class == SignIns {
		return l.signing < l.o.Least
	}
	return l.running < max(1, int(l.adapt.limit*shares[class]))
}

// stands reports whether there has been a queue for longer than a burst makes one.
func (l *Limiter) stands(now time.Time) bool {
	return !l.queued.IsZero() && now.Sub(l.queued) > standing
}

func (l *Limiter) emptied() {
	if l.queue.n == 0 {
		l.queued = time.Time{}
	}
}

// Stats are a limiter's figures for metrics.
type Stats struct{ Limit, Running, Waiting int }

// Stats answers the limiter's figures.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Limit: int(l.adapt.limit), Running: l.running + l.signing, Waiting: l.queue.n}
}
