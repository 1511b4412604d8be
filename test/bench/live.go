package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"headway/test/load"
)

// liveFigure is how long changes took to reach those who look on.
type liveFigure struct {
	streams, workspaces, changes int
	delivered, missing, bad      int
	p50, p99, longest            time.Duration
	cpu                          float64 // of one core
	rss                          int64
}

// change names a commit: a workspace and a seq.
type change struct {
	place int
	seq   uint64
}

// arrival is when a stream got a change.
type arrival struct {
	change
	at time.Time
}

// watcher is one open stream.
type watcher struct {
	wire  *load.Conn
	place int
	got   []arrival
	err   error
}

// liveTrial opens so many streams over so many workspaces and makes changes at
// a steady rate; a change's time runs from before its request is sent until
// the last byte of its id line is at the other client.
func (s *session) liveTrial(ctx context.Context, workspaces int, last time.Duration) (liveFigure, error) {
	figure := liveFigure{streams: s.streams, workspaces: workspaces}
	places := make([]*place, workspaces)
	for i := range places {
		var err error
		if places[i], err = s.client.settle(ctx, 20); err != nil {
			return figure, err
		}
	}
	watchers := make([]*watcher, s.streams)
	var group sync.WaitGroup
	defer func() {
		for _, w := range watchers {
			if w != nil {
				w.wire.Close()
			}
		}
		group.Wait()
	}()
	for i := range watchers {
		w, err := s.watch(places[i%workspaces], i%workspaces)
		if err != nil {
			return figure, fmt.Errorf("stream %d: %w", i+1, err)
		}
		watchers[i] = w
		group.Go(w.listen)
	}
	cpu, begin := s.server.cpu(), time.Now()
	sent, bad, err := s.changeSteadily(ctx, places, last)
	if err != nil {
		return figure, err
	}
	figure.changes, figure.bad = len(sent), bad
	figure.cpu = (s.server.cpu() - cpu).Seconds() / time.Since(begin).Seconds()
	figure.rss = s.server.rss()
	// What is still on the way gets a second to arrive.
	settle := time.NewTimer(time.Second)
	defer settle.Stop()
	<-settle.C
	for _, w := range watchers {
		w.wire.Close()
	}
	group.Wait()
	figure.count(sent, watchers)
	return figure, nil
}

// count holds what arrived against what was sent.
func (f *liveFigure) count(sent map[change]time.Time, watchers []*watcher) {
	expected := make([]int, f.workspaces)
	for c := range sent {
		expected[c.place]++
	}
	var took []time.Duration
	for _, w := range watchers {
		f.missing += expected[w.place]
		for _, a := range w.got {
			if start, ok := sent[a.change]; ok {
				took = append(took, a.at.Sub(start))
				f.missing--
			}
		}
	}
	f.delivered = len(took)
	f.p50, f.p99 = percentile(took, 50), percentile(took, 99)
	f.longest = percentile(took, 100)
}

// watch opens a stream and reads its headers.
func (s *session) watch(p *place, index int) (*watcher, error) {
	w, err := load.Dial(s.server.addr)
	if err != nil {
		return nil, err
	}
	header := map[string]string{"Accept": "text/event-stream"}
	if _, err := w.Write(load.Request("GET", p.path("/events"), s.server.addr, s.client.token, header, nil)); err != nil {
		w.Close()
		return nil, err
	}
	r, _, chunked, err := w.Head()
	if err == nil && (r.Status != 200 || !chunked) {
		err = fmt.Errorf("it answered %d", r.Status)
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return &watcher{wire: w, place: index}, nil
}

// listen notes the id lines until the connection is closed. It looks for them
// in the bytes as they come, chunk headers and all, so that a thousand
// listeners take little of the processors that the server is measured on.
func (w *watcher) listen() {
	mark := []byte("\nid: ")
	buf := make([]byte, 32<<10)
	kept := 0
	for {
		n, err := w.wire.Read(buf[kept:])
		now, rest := time.Now(), buf[:kept+n]
		for {
			at := bytes.Index(rest, mark)
			if at < 0 {
				// The next read may bring the rest of the mark.
				rest = rest[max(0, len(rest)-len(mark)+1):]
				break
			}
			line, after, whole := bytes.Cut(rest[at+len(mark):], []byte{'\n'})
			if !whole {
				rest = rest[at:]
				break
			}
			if seq, err := strconv.ParseUint(string(line), 10, 64); err == nil {
				w.got = append(w.got, arrival{change{w.place, seq}, now})
			}
			rest = after
		}
		kept = copy(buf, rest)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				w.err = err
			}
			return
		}
	}
}

// changeSteadily makes changes at the rate asked for, workspace after
// workspace, and answers when each was sent.
func (s *session) changeSteadily(ctx context.Context, places []*place, last time.Duration) (map[change]time.Time, int, error) {
	const writers = 8
	type job struct{ n, place int }
	jobs := make(chan job, writers)
	sent := map[change]time.Time{}
	var (
		mu    sync.Mutex
		bad   int
		first error
		group sync.WaitGroup
	)
	for range writers {
		w, err := load.Dial(s.server.addr)
		if err != nil {
			close(jobs)
			return nil, 0, err
		}
		defer w.Close()
		group.Go(func() {
			var buf []byte
			for j := range jobs {
				p := places[j.place]
				body, err := json.Marshal(map[string]any{"title": fmt.Sprintf("Changed as number %d while many look on", j.n)})
				if err != nil {
					continue // a string encodes
				}
				r := load.Request("PATCH", p.path("/tasks/"+p.tasks[j.n/len(places)%len(p.tasks)].String()), s.server.addr, s.client.token, nil, body)
				start := time.Now()
				var answer load.Reply
				answer, buf, err = w.Do(r, buf)
				mu.Lock()
				if err != nil {
					first = errors.Join(first, err)
				} else if answer.Status != 200 {
					bad++
				} else {
					sent[change{j.place, answer.Seq}] = start
				}
				mu.Unlock()
			}
		})
	}
	ticks := time.NewTicker(time.Second / time.Duration(s.changes))
	defer ticks.Stop()
	end := time.Now().Add(last)
	for n := 0; time.Now().Before(end) && ctx.Err() == nil; n++ {
		<-ticks.C
		jobs <- job{n, n % len(places)}
	}
	close(jobs)
	group.Wait()
	return sent, bad, errors.Join(first, ctx.Err())
}
