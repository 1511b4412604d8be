package server

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestNoRequestIsLostWhenTheServerLeaves: clients that send all the time, on
// connections that they keep and on new ones, get an answer to everything that
// they could send; what they cannot send is refused, so that it can go elsewhere.
func TestNoRequestIsLostWhenTheServerLeaves(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("elsewhere, connections that wait to be accepted are reset")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	health := new(Health)
	h, err := NewHandler(mux, Options{Draining: health.Draining})
	if err != nil {
		t.Fatal(err)
	}
	url, stop := serve(t, &Server{Handler: h, Health: health, DrainDelay: 300 * time.Millisecond})
	var clients sync.WaitGroup
	var answered, closing atomic.Int64
	for i := range 8 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: i%2 == 0}}
			defer client.CloseIdleConnections()
			for {
				// A body that cannot be sent again keeps net/http from trying twice.
				res, err := client.Post(url, "text/plain", io.MultiReader(strings.NewReader("once")))
				if err != nil {
					if runtime.GOOS == "linux" && !errors.Is(err, syscall.ECONNREFUSED) {
						t.Errorf("a request was lost: %v", err)
					}
					return
				}
				body, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if err != nil || string(body) != "once" {
					t.Errorf("a request was answered %q, %v", body, err)
				}
				if answered.Add(1); res.Close && i%2 == 1 {
					closing.Add(1)
				}
			}
		})
	}
	for answered.Load() < 100 {
		runtime.Gosched()
	}
	stop()
	clients.Wait()
	if closing.Load() == 0 {
		t.Error("no client was told that its connection ends")
	}
}
