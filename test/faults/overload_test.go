package faults_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"headway/test/load"
)

// TestOverload sends four times what a server can do. Every request is answered
// as asked or with 503 and a time to come back. With HEADWAY_OVERLOAD=30s (make overload) it takes that long, by the
// default settings, and prints the figures; else it is short, and the server's
// bounds are so narrow that it must shed.
func TestOverload(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("HEADWAY_OVERLOAD"))
	if os.Getenv("HEADWAY_OVERLOAD") != "" && err != nil {
		t.Fatal(err)
	}
	// One processor is the server's, the other is for those who ask.
	settings := []string{"GOMAXPROCS=1"}
	if long == 0 {
		settings = append(settings, "HEADWAY_LOAD_MAX_CONCURRENT=8", "HEADWAY_LOAD_MAX_QUEUE=4")
	}
	s := newServer(t, settings...)
	s.up(t)
	l := newAsked(t, s)
	if long == 0 {
		r := l.run(t, 256, 0, time.Second)
		if r.shed == 0 || r.good() == 0 {
			t.Errorf("%d were shed, %d answered", r.shed, r.good())
		}
		return
	}
	l.run(t, 64, 0, 2*time.Second) // warm
	peak := l.run(t, 64, 0, 10*time.Second)
	rate := peak.rate()
	over := l.run(t, 4000, 4*rate, long)
	t.Logf("peak %.0f/s, p99 %s", rate, peak.p99())
	t.Logf("asked %.0f/s for %s: %.0f/s sent, %.0f/s answered (%.0f %% of peak), %d shed, p50 %s, p99 %s", 4*rate, long,
		float64(over.good()+over.shed)/over.took.Seconds(), over.rate(), 100*over.rate()/rate, over.shed, over.at(0.5), over.p99())
	for second := range 10 {
		after := l.run(t, 64, rate/2, time.Second)
		t.Logf("second %d after, at half of peak: %.0f/s answered, %d shed, p99 %s", second+1, after.rate(), after.shed, after.p99())
	}
}

// asked is workspaces with something in them, and who asks for it.
type asked struct {
	s      *server
	token  string
	places []place
}

type place struct{ workspace, project string }

func newAsked(t *testing.T, s *server) *asked {
	t.Helper()
	l := &asked{s: s, token: register(t, s)}
	for range 16 {
		w, p := newProject(t, s, l.token)
		l.places = append(l.places, place{w, p})
		for range 30 {
			if status, _, err := s.call(t.Context(), http.MethodPost, "/api/v1/workspaces/"+w+"/tasks", l.token, task(p)); err != nil || status != http.StatusCreated {
				t.Fatalf("create: %d %v", status, err)
			}
		}
	}
	return l
}

func task(project string) []byte {
	return fmt.Appendf(nil, `{"project":%q,"title":"Write down what the customer said about the second page"}`, project)
}

// result is what came of a run.
type result struct {
	took  time.Duration
	times []time.Duration // of what was answered as asked
	shed  int
}

func (r *result) good() int     { return len(r.times) }
func (r *result) rate() float64 { return float64(len(r.times)) / r.took.Seconds() }

func (r *result) at(share float64) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	slices.Sort(r.times)
	return r.times[int(share*float64(len(r.times)-1))].Round(100 * time.Microsecond)
}

func (r *result) p99() time.Duration { return r.at(0.99) }

// run has clients ask, each again when it was answered, or rate times a second in all where that is not 0.
func (l *asked) run(t *testing.T, clients int, rate float64, long time.Duration) *result {
	t.Helper()
	requests := l.requests()
	conns := make([]*load.Conn, clients)
	for c := range conns {
		var err error
		if conns[c], err = load.Dial(l.s.addr); err != nil {
			t.Fatal(err)
		}
		defer conns[c].Close()
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	r := new(result)
	begin := time.Now()
	for c, conn := range conns {
		all.Go(func() {
			var mine result
			var buf []byte
			for n := 0; ; n++ {
				if rate > 0 {
					at := begin.Add(time.Duration(float64(n*clients+c) / rate * float64(time.Second)))
					time.Sleep(time.Until(at))
				}
				if time.Since(begin) > long {
					break
				}
				start := time.Now()
				answer, b, err := conn.Do(requests[(c*7+n)%len(requests)], buf)
				buf = b
				switch {
				case err != nil:
					t.Errorf("a request was not answered: %v", err)
					return
				case answer.Status == http.StatusServiceUnavailable && answer.RetryAfter > 0:
					mine.shed++
				case answer.Status/100 == 2:
					mine.times = append(mine.times, time.Since(start))
				default:
					t.Errorf("a request was answered %d, come back after %d s", answer.Status, answer.RetryAfter)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			r.times, r.shed = append(r.times, mine.times...), r.shed+mine.shed
		})
	}
	all.Wait()
	r.took = time.Since(begin)
	return r
}

// requests are what is asked, one after the other: a fifth writes, half lists,
// the rest single reads, in all workspaces.
func (l *asked) requests() (out [][]byte) {
	for n := range 10 * len(l.places) {
		p := l.places[n%len(l.places)]
		in := "/api/v1/workspaces/" + p.workspace
		method, path, body := http.MethodGet, in, []byte(nil)
		switch n / len(l.places) {
		case 0, 5:
			method, path, body = http.MethodPost, in+"/tasks", task(p.project)
		case 1, 3, 4, 6, 8:
			path = in + "/projects/" + p.project + "/tasks?limit=50"
		case 2:
			path = in + "/projects/" + p.project
		}
		out = append(out, load.Request(method, path, l.s.addr, l.token, nil, body))
	}
	return out
}
