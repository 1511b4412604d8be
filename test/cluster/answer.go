package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"headway/test/cluster/apart"
	"headway/test/servers"
)

// request is a line that answer reads. Do is new (start a further
// installation), kill (the processes of the services named, or all), up (start
// them again), log (what they wrote last), close, or unasked (which of the API's
// operations nobody has asked for in the installations that were closed).
type request struct {
	ID           int      `json:"id"`
	Do           string   `json:"do"`
	Installation int      `json:"installation"`
	Services     []string `json:"services"`
}

// reply is the line that answers it.
type reply struct {
	ID           int      `json:"id"`
	Installation int      `json:"installation,omitempty"`
	Base         string   `json:"base,omitempty"`
	Log          string   `json:"log,omitempty"`
	Unasked      []string `json:"unasked,omitempty"`
	Error        string   `json:"error,omitempty"`
}

// answer starts the servers behind Headway and then does what it reads from
// standard input, several installations at a time, until that ends or ctx does.
func answer(ctx context.Context, o options) error {
	owner := servers.NewOutside(ctx, "")
	owner.Run(func() {
		h := &host{ctx: ctx, options: o, owner: owner, out: os.Stdout, all: map[int]*installation{}}
		h.backing = servers.Backing(owner, servers.OnPostgres, o.bus == "sqs")
		h.serve(os.Stdin)
	})
	if owner.Failed() {
		return fmt.Errorf("the servers: %s", owner.Failure())
	}
	return nil
}

// host keeps installations.
type host struct {
	ctx     context.Context //nolint:containedctx // that of the program
	options options
	owner   *servers.Outside
	backing *servers.BackingServices
	asked   asked

	mu  sync.Mutex
	out io.Writer
	all map[int]*installation
}

// installation is one that runs, with a goroutine of its own.
type installation struct {
	owner *servers.Outside
	work  chan func(*apart.Installation)
	once  sync.Once
	ended chan struct{} // closed once nothing of it is left
}

// serve answers the lines of in.
func (h *host) serve(in io.Reader) {
	lines := make(chan request)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			var r request
			if err := json.Unmarshal(scanner.Bytes(), &r); err != nil {
				fmt.Fprintln(os.Stderr, "cluster: a line is no request:", err)
				return
			}
			lines <- r
		}
	}()
	var open sync.WaitGroup
	defer func() {
		open.Wait()
		for n := range h.all {
			h.end(n)
		}
	}()
	for {
		select {
		case <-h.ctx.Done():
			return
		case r, ok := <-lines:
			if !ok {
				return
			}
			open.Go(func() { h.send(h.do(r)) })
		}
	}
}

func (h *host) send(r reply) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = json.NewEncoder(h.out).Encode(r) // who asked may have left: then the input ends as well
}

func (h *host) do(r request) reply {
	out := reply{ID: r.ID, Installation: r.Installation}
	switch r.Do {
	case "new":
		out.Installation = h.open()
		out.Error = h.in(out.Installation, func(_ servers.T, i *apart.Installation) { out.Base = i.URL })
	case "kill":
		out.Error = h.in(r.Installation, func(_ servers.T, i *apart.Installation) { i.Kill(r.Services...) })
	case "up":
		out.Error = h.in(r.Installation, func(t servers.T, i *apart.Installation) { i.Up(t) })
	case "log":
		out.Error = h.in(r.Installation, func(_ servers.T, i *apart.Installation) { out.Log = i.Tail() })
	case "close":
		out.Error = h.in(r.Installation, func(t servers.T, i *apart.Installation) {
			if err := h.asked.add(h.ctx, i.Requests(t)); err != nil {
				t.Fatal(err)
			}
		})
		h.end(r.Installation)
	case "unasked":
		var err error
		if out.Unasked, err = h.asked.missing(h.ctx); err != nil {
			out.Error = err.Error()
		}
	default:
		out.Error = fmt.Sprintf("there is nothing to do called %q", r.Do)
	}
	return out
}

// open starts an installation and answers its number.
func (h *host) open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(h.all) + 1
	i := &installation{
		owner: servers.NewOutside(h.ctx, ""), work: make(chan func(*apart.Installation)), ended: make(chan struct{}),
	}
	h.all[n] = i
	env := h.backing.Installation(h.owner)
	go func() {
		defer close(i.ended)
		i.owner.Run(func() {
			run := apart.Start(i.owner, apart.Options{Binary: h.options.binary, Env: env, Each: h.options.each, Assets: h.options.assets})
			for f := range i.work {
				f(run)
			}
		})
	}()
	return n
}

// in has an installation's goroutine do something, and answers what went wrong.
func (h *host) in(n int, f func(servers.T, *apart.Installation)) (wrong string) {
	h.mu.Lock()
	i := h.all[n]
	h.mu.Unlock()
	if i == nil {
		return "there is no such installation"
	}
	done := make(chan struct{})
	select {
	case i.work <- func(run *apart.Installation) { f(i.owner, run); close(done) }:
	case <-i.ended:
		return "it has ended: " + i.owner.Failure()
	}
	select {
	case <-done:
		return ""
	case <-i.ended: // f failed
		return i.owner.Failure()
	}
}

// end ends an installation and returns once nothing of it is left.
func (h *host) end(n int) {
	h.mu.Lock()
	i := h.all[n]
	h.mu.Unlock()
	if i == nil {
		return
	}
	i.once.Do(func() { close(i.work) })
	<-i.ended
}
