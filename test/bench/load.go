package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"headway/internal/platform/repeat"
	"headway/test/load"
)

// figure is what one measurement of one target came to.
type figure struct {
	// Rate is answers a second.
	Rate float64
	// P50 and P99 are latencies as the client saw them.
	P50, P99 time.Duration
	// CPU is the target's processor time for one answer.
	CPU time.Duration
	// Bad counts answers outside of 2xx and 304.
	Bad int
}

// work makes the requests of one connection. next is called for each; the
// slice it answers is sent and may be used again by it after that. seen,
// where set, is given each answer. every,
// where set, is how long after a request began the next one begins, unless its
// answer takes longer.
type work struct {
	next  func() []byte
	seen  func(load.Reply)
	every time.Duration
}

// drive sends requests over so many connections, each waiting for its
// answer before the next, for the window, and answers what came of it. used is
// the target's processor time so far.
func drive(ctx context.Context, used func() time.Duration, addr string, connections int, window time.Duration, each func(connection int) work) (figure, error) {
	wires := make([]*load.Conn, connections)
	for i := range wires {
		w, err := load.Dial(addr)
		if err != nil {
			return figure{}, err
		}
		defer w.Close()
		wires[i] = w
	}
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		all   []time.Duration
		bad   int
		first error
	)
	cpu := used()
	begin := time.Now()
	until := begin.Add(window)
	for i, w := range wires {
		group.Go(func() {
			took, wrong, err := loop(ctx, w, each(i), until)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			bad += wrong
			if err != nil && first == nil {
				first = err
			}
		})
	}
	group.Wait()
	elapsed := time.Since(begin)
	spent := used() - cpu
	if first != nil {
		return figure{}, first
	}
	if len(all) == 0 {
		return figure{}, fmt.Errorf("no answer within %v", window)
	}
	return figure{
		Rate: float64(len(all)) / elapsed.Seconds(),
		P50:  percentile(all, 50),
		P99:  percentile(all, 99),
		CPU:  spent / time.Duration(len(all)),
		Bad:  bad,
	}, nil
}

// loop drives one connection and answers each request's latency.
func loop(ctx context.Context, w *load.Conn, job work, until time.Time) (took []time.Duration, bad int, err error) {
	took = make([]time.Duration, 0, 4096)
	var buf []byte
	var r load.Reply
	start := time.Now()
	due := start
	for start.Before(until) && ctx.Err() == nil {
		r, buf, err = w.Do(job.next(), buf)
		if err != nil {
			return took, bad, err
		}
		now := time.Now()
		took = append(took, now.Sub(start))
		start = now
		if r.Status/100 != 2 && r.Status != 304 {
			bad++
		}
		if job.seen != nil {
			job.seen(r)
			start = time.Now()
		}
		if job.every > 0 {
			due = due.Add(job.every)
			repeat.Pause(ctx, due.Sub(start))
			start = time.Now()
		}
	}
	return took, bad, ctx.Err()
}

// percentile answers the p-th percentile; it sorts what it is given.
func percentile(all []time.Duration, p int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, len(all)*p/100)]
}

// median answers the figure with the middle values, each taken by itself;
// bad answers add up, as none may be.
func median(of []figure) figure {
	if len(of) == 0 {
		return figure{}
	}
	var out figure
	out.Rate = middle(of, func(f figure) float64 { return f.Rate })
	out.P50 = middle(of, func(f figure) time.Duration { return f.P50 })
	out.P99 = middle(of, func(f figure) time.Duration { return f.P99 })
	out.CPU = middle(of, func(f figure) time.Duration { return f.CPU })
	for _, f := range of {
		out.Bad += f.Bad
	}
	return out
}

func middle[F any, T ~int64 | ~float64](of []F, get func(F) T) T {
	values := make([]T, len(of))
	for i, f := range of {
		values[i] = get(f)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
