package server_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/server"
)

// full is the chain with everything that production puts in it, but for the
// access token, which authn measures.
func full(b *testing.B) http.Handler {
	user := ids.New()
	return newHandler(b, server.Options{
		TLS: true, Metrics: server.NewMetrics(prometheus.NewRegistry()),
		Origins: []string{"https://app.example.org"},
		Limiter: limit.NewMemory(clock.System{}, 0), Rate: limit.Rate{Count: 1 << 30, Per: time.Minute},
		User: func(*http.Request) (ids.ID, bool) { return user, true },
	})
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkChain is the CPU cost of a 304 without the network.
func BenchmarkChain(b *testing.B) {
	h := full(b)
	r := httptest.NewRequest("GET", pageURL, nil)
	r.Body = http.NoBody
	r.Header.Set("If-None-Match", `"1"`)
	r.Header.Set("Accept-Encoding", "gzip")
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
}

// BenchmarkLoopback compares a 304 through everything with a bare 2-byte
// handler, over real connections.
func BenchmarkLoopback(b *testing.B) {
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	for name, h := range map[string]http.Handler{"bare": bare, "chain304": full(b)} {
		b.Run(name, func(b *testing.B) {
			s := httptest.NewServer(h)
			defer s.Close()
			addr := s.Listener.Addr().String()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", addr)
				if err != nil {
					b.Error(err)
					return
				}
				defer conn.Close()
				request := []byte("GET " + pageURL + " HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"1\"\r\n\r\n")
				buf := make([]byte, 4096)
				for pb.Next() {
					if _, err := conn.Write(request); err != nil {
						b.Error(err)
						return
					}
					if _, err := conn.Read(buf); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
