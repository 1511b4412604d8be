package server

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/platform/admission"
	"headway/internal/platform/rest"
)

// TestWhatIsTooMuchIsShed: with every place taken, lists are refused with a
// problem document and a time to come back, what is not counted passes, and
// nothing of it fills the log.
func TestWhatIsTooMuchIsShed(t *testing.T) {
	registry := prometheus.NewRegistry()
	observe, figures := AdmissionMetrics(registry)
	l := admission.New(admission.Options{Least: 1, Most: 1, Queue: 1, Wait: 10 * time.Millisecond, Observe: observe})
	figures(l)
	held, release := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /held", func(http.ResponseWriter, *http.Request) { close(held); <-release })
	mux.HandleFunc("GET /list", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	var log bytes.Buffer
	h, err := NewHandler(mux, Options{
		Log: slog.New(slog.NewTextHandler(&log, nil)), Admission: l,
		Class: func(r *http.Request) (admission.Class, bool) {
			if r.Method == http.MethodPost {
				return admission.Writes, true
			}
			return admission.Lists, r.URL.Path != "/health"
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	url, stop := serve(t, &Server{Handler: h})
	defer stop()
	done := make(chan error, 1)
	go func() {
		res, err := http.Post(url+"/held", "text/plain", strings.NewReader("body"))
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	<-held
	for range 5 {
		res, body := get(t, url+"/list")
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || !strings.Contains(body, `"code":"unavailable"`) {
			t.Errorf("a list is %d, %q: %s", res.StatusCode, res.Header.Get("Retry-After"), body)
		}
		if res.Close {
			t.Error("the connection was closed, and opening one costs more than the answer")
		}
	}
	if res, _ := get(t, url+"/health"); res.StatusCode != http.StatusOK {
		t.Errorf("health is %d", res.StatusCode)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if res, _ := get(t, url+"/list"); res.StatusCode != http.StatusOK {
		t.Errorf("afterwards a list is %d", res.StatusCode)
	}
	if log.Len() > 0 {
		t.Errorf("the log says %s", &log)
	}
	w := httptest.NewRecorder()
	MetricsHandler(registry, false).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`headway_admission_requests_total{class="lists",result="shed"} 5`,
		`headway_admission_requests_total{class="lists",result="taken"} 1`,
		`headway_admission_requests_total{class="writes",result="taken"} 1`,
		`headway_admission_wait_seconds_count{class="lists"} 5`,
		"headway_admission_limit 1", "headway_admission_running 0", "headway_admission_waiting 0",
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("the metrics do not say %s", want)
		}
	}
}

// TestALateProcessSaysSo: where the process is late with everything, a request
// is refused before anything is done for it, after a while, as any that is shed.
func TestALateProcessSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := admission.New(admission.Options{Lag: func() time.Duration { return time.Minute }})
		for range 20 { // late for so long that every list is shed
			time.Sleep(100 * time.Millisecond)
			l.Late(admission.SignIns)
		}
		var log bytes.Buffer
		h, err := NewHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was served") }), Options{
			Log: slog.New(slog.NewTextHandler(&log, nil)), Admission: l,
			Class: func(*http.Request) (admission.Class, bool) { return admission.Lists, true },
		})
		if err != nil {
			t.Fatal(err)
		}
		w, began := httptest.NewRecorder(), time.Now()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/list", strings.NewReader("{}")))
		if took := time.Since(began); took < hold/2 || took > 2*hold {
			t.Errorf("it was answered after %s", took)
		}
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Header().Get("X-Request-Id") == "" ||
			w.Header().Get("Content-Type") != rest.ProblemType || !strings.Contains(w.Body.String(), `"code":"unavailable"`) {
			t.Errorf("it was answered %d %v: %s", w.Code, w.Header(), w.Body)
		}
		// Who leaves is not waited for.
		ctx, leave := context.WithCancel(t.Context())
		leave()
		began = time.Now()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/list", nil).WithContext(ctx))
		if took := time.Since(began); took != 0 {
			t.Errorf("somebody who had left was waited for %s", took)
		}
		if log.Len() > 0 {
			t.Errorf("the log says %s", &log)
		}
	})
}

// TestWhoSendsSlowlyHoldsNoPlace: a body that does not come holds up nobody and
// is answered; one that comes reaches the handler whole.
func TestWhoSendsSlowlyHoldsNoPlace(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(body) // the client is gone where this fails
	})
	h, err := NewHandler(mux, Options{Admission: admission.New(admission.Options{Least: 1, Most: 1}), BodyStart: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	url, stop := serve(t, &Server{Handler: h})
	defer stop()
	var slow []net.Conn
	for range 10 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, conn)
	}
	for size := range 4 {
		want := strings.Repeat("x", size*30<<10) // beyond what is read ahead, too
		res, err := http.Post(url+"/echo", "text/plain", strings.NewReader(want))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || string(body) != want {
			t.Errorf("%d bytes are answered %d with %d", len(want), res.StatusCode, len(body))
		}
	}
	for _, conn := range slow {
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusBadRequest || !res.Close {
			t.Errorf("a body that does not come is %d", res.StatusCode)
		}
		_ = res.Body.Close()
	}
}

// TestAHandlersDeadlineDoesNotEndItsRequest: a handler that gives the body a
// time of its own, as the API's framework does, and takes longer than that, does
// not pass for one whose client has left, nor do those after it.
func TestAHandlersDeadlineDoesNotEndItsRequest(t *testing.T) {
	mux := http.NewServeMux()
	over := make(chan error, 1)
	mux.HandleFunc("POST /long", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		time.Sleep(200 * time.Millisecond)
		over <- r.Context().Err()
	})
	h, err := NewHandler(mux, Options{})
	if err != nil {
		t.Fatal(err)
	}
	url, stop := serve(t, &Server{Handler: h})
	defer stop()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for _, size := range []int{10, 2 * readAhead, 10} {
		res, err := client.Post(url+"/long", "text/plain", bytes.NewReader(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // there is none
		if err := <-over; err != nil {
			t.Errorf("a request with a body of %d bytes was ended: %v", size, err)
		}
	}
}

// TestConnectionsAreBounded: one too many is closed at once, and its place is
// free again when another leaves; clients are told apart by address.
func TestConnectionsAreBounded(t *testing.T) {
	c := &Connections{Most: 2}
	url, stop := serve(t, &Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), Connections: c})
	defer stop()
	dial := func() (net.Conn, error) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") // it may be closed by now
		_, err = http.ReadResponse(bufio.NewReader(conn), nil)
		return conn, err
	}
	first, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dial(); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(); err == nil {
		t.Error("a third connection was answered")
	}
	if open, refused := c.Open(); open != 2 || refused != 1 {
		t.Errorf("%d are open, %d were refused", open, refused)
	}
	_ = first.Close()
	for try := 0; ; try++ {
		if _, err := dial(); err == nil {
			break
		} else if try == 1000 {
			t.Fatalf("its place did not get free: %v", err)
		}
	}

	per := &Connections{MostPerClient: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for _, step := range []struct {
		from string
		want bool
	}{
		{"203.0.113.1:1", true}, {"203.0.113.1:2", false}, {"203.0.113.2:1", true}, {"10.1.1.1:1", true}, {"10.1.1.1:2", true},
		{"127.0.0.1:1", true}, {"127.0.0.1:2", true}, {"[2001:db8::1]:1", true}, {"[2001:db8::2]:1", false}, {"[2001:db8:0:1::1]:1", true},
	} {
		if got := per.take(per.client(from(step.from))); got != step.want {
			t.Errorf("a connection from %s is taken: %t", step.from, got)
		}
	}
	per.leave(per.client(from("203.0.113.1:1")))
	if !per.take(per.client(from("203.0.113.1:3"))) {
		t.Error("a place that got free is not given")
	}
}

// from is the other end of a connection.
type from string

func (f from) Network() string { return "tcp" }
func (f from) String() string  { return string(f) }

// serve runs the server on a loopback port until stop is called.
func serve(t *testing.T, s *Server) (url string, stop func()) {
	t.Helper()
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return "http://" + l.Addr().String(), stop
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res, string(body)
}
