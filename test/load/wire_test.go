package load

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// The smallest client reads what net/http writes: bodies with a length, in
// chunks, empty ones, and the headers that it looks at.
func TestConnReadsAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Headway-Seq", "42")
		w.Header().Set("ETag", `"7"`)
		w.Header().Set("Retry-After", "2")
		switch {
		case n == 0:
			w.WriteHeader(http.StatusNotModified)
			return
		case r.URL.RawQuery == "chunked":
			for range n {
				if _, err := w.Write([]byte("x")); err != nil {
					t.Error(err)
				}
				w.(http.Flusher).Flush()
			}
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.WriteHeader(http.StatusServiceUnavailable)
		if _, err := w.Write([]byte(strings.Repeat("x", n))); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	addr := server.Listener.Addr().String()
	w, err := Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var buf []byte
	for _, c := range []struct {
		path   string
		status int
		size   int
	}{{"/1", 503, 1}, {"/0", 304, 0}, {"/100000", 503, 100_000}, {"/20?chunked", 200, 20}, {"/3", 503, 3}} {
		var r Reply
		r, buf, err = w.Do(Request("GET", c.path, addr, "token", map[string]string{"Accept": "*/*"}, nil), buf)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != c.status || len(r.Body) != c.size || r.Seq != 42 || string(r.Tag) != `"7"` || r.RetryAfter != 2 {
			t.Errorf("%s: status %d, %d bytes, seq %d, tag %s", c.path, r.Status, len(r.Body), r.Seq, r.Tag)
		}
	}
}
