package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"headway/test/servers"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// view is what the status page shows.
type view struct {
	Links     []link    `json:"links"`
	Processes []process `json:"processes"`
}

// process is a row of it.
type process struct {
	Name   string            `json:"name"`
	Addr   string            `json:"address"`
	PID    int               `json:"pid"`    // 0 where it has ended
	Status string            `json:"status"` // runs, gone, silent, or what it says of itself
	Parts  map[string]string `json:"parts,omitempty"`
}

// answerWithin is how long a process may take to say how it is.
const answerWithin = 2 * time.Second

// serve serves the status page until t ends, and answers what the cluster is.
func (c *running) serve(t servers.T) *state {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		if err := page.Execute(w, c.look(r.Context())); err != nil {
			return // who asked has left
		}
	})
	mux.HandleFunc("GET /status.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(c.look(r.Context())) // who asked may have left
	})
	mux.HandleFunc("GET /log/{name}", func(w http.ResponseWriter, r *http.Request) {
		for _, p := range c.parts {
			if p.Name() == r.PathValue("name") {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				_, _ = io.WriteString(w, p.Tail()) // who asked may have left
				return
			}
		}
		http.NotFound(w, r)
	})
	server := &http.Server{Handler: local(mux), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = server.Close() // readers of the page have no claim to the rest of it
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return &state{PID: os.Getpid(), Status: "http://" + l.Addr().String(), Links: c.links}
}

// local refuses who came by a name that is not this machine's own: a page
// elsewhere whose name leads here must not read it.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil || (host != "127.0.0.1" && host != "localhost") {
			http.Error(w, "Ask for 127.0.0.1 or localhost.", http.StatusMisdirectedRequest)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// look asks every process how it is.
func (c *running) look(ctx context.Context) view {
	v := view{Links: c.links, Processes: make([]process, len(c.parts))}
	var all sync.WaitGroup
	for n, p := range c.parts {
		all.Go(func() { v.Processes[n] = p.look(ctx) })
	}
	all.Wait()
	return v
}

func (p part) look(ctx context.Context) process {
	row := process{Name: p.Name(), Addr: p.Addr, PID: p.PID(), Status: "runs"}
	if row.PID == 0 {
		row.Status = "gone"
		return row
	}
	if p.health == "" {
		return row
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var said struct {
		Status string
		Parts  map[string]string
	}
	switch text, err := fetch(ctx, p.health); {
	case err != nil:
		row.Status = "silent"
	case json.Unmarshal(text, &said) == nil:
		row.Status, row.Parts = said.Status, said.Parts
	default:
		row.Status = strings.TrimSpace(string(text))
	}
	return row
}

// fetch answers a body of at most a megabyte, whatever the status.
func fetch(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(io.LimitReader(res.Body, 1<<20))
}

// status prints how the cluster of a folder is.
func status(ctx context.Context, o options) error {
	if _, err := holder(o.folder); err != nil {
		return err
	}
	s, err := readState(o.folder)
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("it is starting, or ending")
	}
	if err != nil {
		return err
	}
	text, err := fetch(ctx, s.Status+"/status.json")
	if err != nil {
		return err
	}
	var v view
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	s.print(os.Stdout)
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROCESS\tADDRESS\tPID\tSTATUS")
	for _, p := range v.Processes {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", p.Name, p.Addr, p.PID, p.Status)
	}
	return table.Flush()
}
