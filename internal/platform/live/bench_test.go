package live_test

import (
	"encoding/json"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/live"
)

// BenchmarkFanOut has 1,000 streams on one topic and 200 changes a second; it
// reports how long a change takes to reach a client, reading included.
func BenchmarkFanOut(b *testing.B) {
	const streams, perSecond = 1000, 200
	h := live.New[string](live.Options{})
	l := new(log)
	s := serve(b, h, l)
	sent := make([]time.Time, b.N+2)
	padding := make([]byte, 600)
	for i := range padding {
		padding[i] = 'x'
	}
	encode := func(first uint64) func(string) []byte {
		data, _ := json.Marshal(map[string]any{"seq": first, "padding": string(padding)})
		return func(string) []byte { return live.AppendFrame(nil, first, "change", data) }
	}
	var all sync.Mutex
	var took []time.Duration
	var ready, done sync.WaitGroup
	for i := range streams {
		ready.Add(1)
		done.Go(func() {
			user := ids.New().String()[24:36]
			if i%20 != 0 {
				drink(b, s.Listener.Addr().String(), user, ready.Done)
				return
			}
			c := open(b, s.URL+"?user="+user, "0")
			defer c.close()
			_, _ = c.next()
			ready.Done()
			mine := make([]time.Duration, 0, b.N)
			for n := 1; n <= b.N; n++ {
				if _, err := c.next(); err != nil {
					b.Error(err)
					return
				}
				mine = append(mine, time.Since(sent[n]))
			}
			all.Lock()
			took = append(took, mine...)
			all.Unlock()
		})
	}
	ready.Wait()
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	b.ResetTimer()
	for n := uint64(1); n <= uint64(b.N); n++ {
		<-tick.C
		l.append(1)
		sent[n] = time.Now()
		h.Publish(topicID, n, n, encode(n))
	}
	for h.Stats().Streams > streams*19/20 {
		<-tick.C // the parsing clients leave when they have seen everything
	}
	b.StopTimer()
	h.Drain()
	done.Wait()
	slices.Sort(took)
	if len(took) > 0 {
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	}
}

// drink reads a stream without looking at it, as cheaply as can be, until it ends.
func drink(b *testing.B, addr, user string, ready func()) {
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", addr)
	if err != nil {
		b.Error(err)
		ready()
		return
	}
	defer conn.Close()
	buf := make([]byte, 16<<10)
	_, _ = conn.Write([]byte("GET /?user=" + user + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
	_, err = conn.Read(buf)
	ready()
	for err == nil {
		_, err = conn.Read(buf)
	}
}
