package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/server"
)

// discard is a response writer that costs nothing.
type discard struct {
	header http.Header
	status int
	bytes  int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { d.bytes += len(b); return len(b), nil }

// benchmark measures what a request costs between net/http's server and the
// store, the whole chain included; it is to be held against what a bare
// handler costs in the server (15 to 30 µs of CPU).
func benchmark(b *testing.B, w *world, method, path, body string, header ...string) {
	b.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, server.APIPrefix+path, nil)
	r.Header.Set("Authorization", "Bearer "+w.owner.String())
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	d := discard{header: http.Header{}}
	b.ReportAllocs()
	b.ResetTimer()
	start := cpu()
	for range b.N {
		clear(d.header)
		d.status, d.bytes = 200, 0
		in := *r
		if body != "" {
			in.Body = newBody(body)
			in.ContentLength = int64(len(body))
		}
		w.handler.ServeHTTP(&d, &in)
		if d.status >= 400 {
			b.Fatalf("answered %d", d.status)
		}
	}
	b.ReportMetric(float64(cpu()-start)/float64(time.Microsecond)/float64(b.N), "cpu-µs/op")
}

// cpu is what the process has used of the processors: on a busy machine the
// time that passed says nothing.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type stringBody struct{ *strings.Reader }

func (stringBody) Close() error { return nil }

func newBody(s string) stringBody { return stringBody{strings.NewReader(s)} }

// newBoard makes a project of n tasks and answers one of them.
func newBoard(b *testing.B, n int) (*world, ids.ID) {
	b.Helper()
	w := newWorld(b, openSQLite(b))
	var last ids.ID
	for i := range n {
		last = w.task(w.open, fmt.Sprintf("Task %d, with a title of about the usual length", i))
	}
	return w, last
}

func BenchmarkReads(b *testing.B) {
	w, task := newBoard(b, 1000)
	one := w.in("/tasks/" + task.String())
	list := w.in("/projects/" + w.open.String() + "/tasks?limit=50")
	delta := w.in(fmt.Sprintf("/sync?since=%d", w.seq()-10))
	tag := w.get(w.owner, list).header.Get("ETag")
	b.Run("one", func(b *testing.B) { benchmark(b, w, "GET", one, "") })
	b.Run("list-50-kept", func(b *testing.B) { benchmark(b, w, "GET", list, "") })
	b.Run("list-50-unchanged", func(b *testing.B) { benchmark(b, w, "GET", list, "", "If-None-Match", tag) })
	b.Run("sync-10", func(b *testing.B) { benchmark(b, w, "GET", delta, "") })
	b.Run("search", func(b *testing.B) { benchmark(b, w, "GET", w.in("/search?q=usual"), "") })
	w.pages.off = true
	b.Run("list-50-from-store", func(b *testing.B) { benchmark(b, w, "GET", list, "") })
}

func BenchmarkWrites(b *testing.B) {
	w, _ := newBoard(b, 10)
	b.Run("create", func(b *testing.B) {
		benchmark(b, w, "POST", w.in("/tasks"), fmt.Sprintf(`{"project":%q,"title":"A task with a title of about the usual length"}`, w.open))
	})
}
