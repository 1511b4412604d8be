package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"headway/internal/platform/ids"
)

// bareHTTP is the limit beside reads and creates: net/http with nothing behind
// it. PUT /bytes/NAME keeps an answer, GET /bytes/NAME sends it, GET /two
// sends two bytes, POST /decode/NAME reads and decodes a task and sends the
// answer kept under the name. It serves on the address in BENCH_ADDR until
// it is ended.
func bareHTTP(ctx context.Context) error {
	var kept sync.Map
	mux := http.NewServeMux()
	mux.HandleFunc("GET /two", func(w http.ResponseWriter, _ *http.Request) { send(w, []byte("ok")) })
	mux.HandleFunc("PUT /bytes/{name}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		kept.Store(r.PathValue("name"), body)
		send(w, []byte("ok"))
	})
	mux.HandleFunc("GET /bytes/{name}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := kept.Load(r.PathValue("name"))
		bytes, _ := body.([]byte)
		send(w, bytes)
	})
	mux.HandleFunc("POST /decode/{name}", func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		var task newTask
		if err != nil || json.Unmarshal(data, &task) != nil || task.Title == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body, _ := kept.Load(r.PathValue("name"))
		bytes, _ := body.([]byte)
		send(w, bytes)
	})
	server := &http.Server{Addr: os.Getenv("BENCH_ADDR"), Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close() // the process ends with it
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return fmt.Errorf("bare handler: %w", err)
	}
	return nil
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that is gone needs no answer
}

// newTask is the body of a create, with what a usual one carries.
type newTask struct {
	ID          ids.ID   `json:"id"`
	Project     ids.ID   `json:"project"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Priority    string   `json:"priority"`
	Labels      []ids.ID `json:"labels"`
	Due         string   `json:"due"`
}
