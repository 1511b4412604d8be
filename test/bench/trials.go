package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"headway/internal/platform/ids"
	"headway/test/load"
)

// trial is one thing to measure in every round.
type trial struct {
	name string
	run  func(ctx context.Context, window time.Duration) (figure, error)
}

// The names of the trials, by which the report finds their figures.
const (
	create1, create32, create128, create32Small = "create 1", "create 32", "create 128", "create 32 small"
	insert1, insert32, insert128, post32        = "bare insert 1", "bare insert 32", "bare insert 128", "bare create handler"
	move32, move32Small                         = "move", "move small"
	read32, read32Small, readBare               = "read", "read small", "bare read handler"
	list32, list32Small, listBare               = "list", "list small", "bare list handler"
	listKept, list304, twoBytes                 = "list unchanged", "list 304", "bare two bytes"
	sync32, sync32Small, syncBare               = "sync", "sync small", "bare sync handler"
)

// connections is how many the reads and moves use.
const connections = 32

// trials answers what a round measures, each beside its limit.
func (s *session) trials() ([]trial, error) {
	if err := s.keepBytes(); err != nil {
		return nil, err
	}
	var out []trial
	add := func(name string, run func(context.Context, time.Duration) (figure, error)) {
		out = append(out, trial{name, run})
	}
	inserts := func(clients int) func(context.Context, time.Duration) (figure, error) {
		return func(_ context.Context, window time.Duration) (figure, error) { return s.insert.run(clients, window) }
	}
	add(create32, s.onServer(32, s.creates(s.big)))
	add(insert32, inserts(32))
	add(post32, s.onBare(s.bareCreates()))
	add(create32Small, s.onServer(32, s.creates(s.small)))
	add(create1, s.onServer(1, s.creates(s.big)))
	add(insert1, inserts(1))
	add(create128, s.onServer(128, s.creates(s.big)))
	add(insert128, inserts(128))
	add(move32, s.onServer(connections, s.moves(s.big)))
	add(move32Small, s.onServer(connections, s.moves(s.small)))
	add(read32, s.onServer(connections, s.reads(s.big)))
	add(readBare, s.onBare(s.bareGets("/bytes/task")))
	add(read32Small, s.onServer(connections, s.reads(s.small)))
	add(list32, s.whileChanging(s.big))
	add(listBare, s.onBare(s.bareGets("/bytes/list")))
	add(list32Small, s.whileChanging(s.small))
	add(listKept, s.onServer(connections, s.gets(s.listPath(s.big, ""), nil)))
	add(list304, s.unchanged(s.big))
	add(twoBytes, s.onBare(s.bareGets("/two")))
	add(sync32, s.syncs(s.big))
	add(syncBare, s.onBare(s.bareGets("/bytes/sync")))
	add(sync32Small, s.syncs(s.small))
	return out, nil
}

// keepBytes gives the bare handler the answers that the server gives now.
func (s *session) keepBytes() error {
	bare, err := newClient(s.http.addr)
	if err != nil {
		return err
	}
	defer bare.wire.Close()
	since, err := s.deltaPath(s.big)
	if err != nil {
		return err
	}
	for name, path := range map[string]string{
		"task": s.big.path("/tasks/" + s.big.tasks[0].String()),
		"list": s.listPath(s.big, ""),
		"sync": since,
	} {
		r, err := s.client.raw("GET", path, nil, nil)
		if err != nil {
			return err
		}
		if _, err := bare.raw("PUT", "/bytes/"+name, bytes.Clone(r.Body), nil); err != nil {
			return err
		}
	}
	return nil
}

// onServer drives Headway.
func (s *session) onServer(n int, each func(int) work) func(context.Context, time.Duration) (figure, error) {
	return func(ctx context.Context, window time.Duration) (figure, error) {
		return drive(ctx, s.server.cpu, s.server.addr, n, window, each)
	}
}

// onBare drives the bare handlers.
func (s *session) onBare(each func(int) work) func(context.Context, time.Duration) (figure, error) {
	return func(ctx context.Context, window time.Duration) (figure, error) {
		return drive(ctx, s.http.cpu, s.http.addr, connections, window, each)
	}
}

// creates makes tasks in the place's last project, so that the first stays as it is.
func (s *session) creates(p *place) func(int) work {
	return func(int) work {
		return work{next: stamped(load.Request("POST", p.path("/tasks"), s.server.addr, s.client.token, nil,
			taskBody(p, p.projects[len(p.projects)-1], stamp)))}
	}
}

func (s *session) bareCreates() func(int) work {
	return func(int) work {
		return work{next: stamped(load.Request("POST", "/decode/task", s.http.addr, s.client.token, nil,
			taskBody(s.big, s.big.projects[0], stamp)))}
	}
}

// stamp stands in a request for an id that is new each time.
var stamp = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")

// stamped answers the request again and again, with a new id in place of the stamp.
func stamped(request []byte) func() []byte {
	at := bytes.Index(request, []byte(stamp.String()))
	return func() []byte {
		ids.New().AppendTo(request[at:at:len(request)])
		return request
	}
}

// moves puts tasks at new places of the board, from column to column.
func (s *session) moves(p *place) func(int) work {
	return func(connection int) work {
		return work{next: func() []byte {
			task := p.tasks[(rand.IntN(len(p.tasks)/connections)*connections+connection)%len(p.tasks)]
			body, err := json.Marshal(map[string]any{"column": p.columns[rand.IntN(len(p.columns))], "position": anywhere()})
			if err != nil {
				return nil // two strings encode
			}
			return load.Request("PATCH", p.path("/tasks/"+task.String()), s.server.addr, s.client.token, nil, body)
		}}
	}
}

// anywhere answers a position on a board: an order key such as the web app makes.
func anywhere() string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	key := []byte("a0000V")
	for i := 1; i < 5; i++ {
		key[i] = digits[rand.IntN(len(digits))]
	}
	return string(key)
}

// gets asks for the same again and again.
func (s *session) gets(path string, header map[string]string) func(int) work {
	return func(int) work {
		r := load.Request("GET", path, s.server.addr, s.client.token, header, nil)
		return work{next: func() []byte { return r }}
	}
}

func (s *session) bareGets(path string) func(int) work {
	return func(int) work {
		r := load.Request("GET", path, s.http.addr, s.client.token, nil, nil)
		return work{next: func() []byte { return r }}
	}
}

// reads asks for one task after the other.
func (s *session) reads(p *place) func(int) work {
	return func(connection int) work {
		var requests [][]byte
		for i := connection; i < len(p.tasks) && len(requests) < 500; i += connections {
			requests = append(requests, load.Request("GET", p.path("/tasks/"+p.tasks[i].String()), s.server.addr, s.client.token, nil, nil))
		}
		return work{next: inTurn(requests, 0)}
	}
}

// inTurn answers the requests one after the other, from the start given.
func inTurn(requests [][]byte, i int) func() []byte {
	return func() []byte {
		i++
		return requests[i%len(requests)]
	}
}

func (s *session) listPath(p *place, cursor string) string {
	path := p.path("/projects/" + p.projects[0].String() + "/tasks?limit=50")
	if cursor != "" {
		path += "&cursor=" + cursor
	}
	return path
}

// cursors answers pages of the project, each starting at a task of its own and 50 long.
func (s *session) cursors(p *place, n int) ([]string, error) {
	var out []string
	cursor := ""
	for len(out) < min(n, len(p.tasks)-50) {
		path := p.path("/projects/" + p.projects[0].String() + "/tasks?limit=1")
		if cursor != "" {
			path += "&cursor=" + cursor
		}
		var page struct {
			Next *string `json:"next"`
		}
		if _, err := s.client.raw("GET", path, nil, &page); err != nil {
			return nil, err
		}
		if page.Next == nil {
			return nil, errors.New("the list ended before it should")
		}
		cursor = *page.Next
		out = append(out, cursor)
	}
	return out, nil
}

// whileChanging lists pages of a project that changes 50 times a second: with
// more pages than are asked for in between, each comes from the store.
func (s *session) whileChanging(p *place) func(context.Context, time.Duration) (figure, error) {
	return func(ctx context.Context, window time.Duration) (figure, error) {
		cursors, err := s.cursors(p, 900)
		if err != nil {
			return figure{}, err
		}
		var requests [][]byte
		for _, cursor := range cursors {
			requests = append(requests, load.Request("GET", s.listPath(p, cursor), s.server.addr, s.client.token, nil, nil))
		}
		ctx, cancel := context.WithCancel(ctx)
		changed := make(chan error, 1)
		go func() { changed <- s.keepChanging(ctx, p, 20*time.Millisecond) }()
		// Connections share the pages, so that none is asked for twice within a change.
		f, err := drive(ctx, s.server.cpu, s.server.addr, connections, window, func(connection int) work {
			var share [][]byte
			for i := connection; i < len(requests); i += connections {
				share = append(share, requests[i])
			}
			return work{next: inTurn(share, 0)}
		})
		cancel()
		return f, errors.Join(err, <-changed)
	}
}

// keepChanging changes a task of the project at every tick until ctx ends.
func (s *session) keepChanging(ctx context.Context, p *place, every time.Duration) error {
	w, err := load.Dial(s.server.addr)
	if err != nil {
		return err
	}
	defer w.Close()
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	var buf []byte
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		body := fmt.Appendf(nil, `{"title":"Changed for the %d. time, to move the project's seq"}`, n)
		var r load.Reply
		r, buf, err = w.Do(load.Request("PATCH", p.path("/tasks/"+p.tasks[len(p.tasks)-1].String()), s.server.addr, s.client.token, nil, body), buf)
		if err != nil {
			return err
		}
		if r.Status != 200 {
			return fmt.Errorf("a change answered %d: %.300s", r.Status, r.Body)
		}
	}
}

// unchanged asks for a page that the client has already.
func (s *session) unchanged(p *place) func(context.Context, time.Duration) (figure, error) {
	return func(ctx context.Context, window time.Duration) (figure, error) {
		r, err := s.client.raw("GET", s.listPath(p, ""), nil, nil)
		if err != nil {
			return figure{}, err
		}
		if len(r.Tag) == 0 {
			return figure{}, errors.New("the list came without an ETag")
		}
		header := map[string]string{"If-None-Match": string(r.Tag)}
		again, _, err := s.client.wire.Do(load.Request("GET", s.listPath(p, ""), s.server.addr, s.client.token, header, nil), nil)
		if err != nil {
			return figure{}, err
		}
		if again.Status != 304 {
			return figure{}, fmt.Errorf("the list unchanged answered %d, not 304", again.Status)
		}
		return drive(ctx, s.server.cpu, s.server.addr, connections, window, s.gets(s.listPath(p, ""), header))
	}
}

// deltaPath asks for the last ten changes.
func (s *session) deltaPath(p *place) (string, error) {
	var newest struct {
		Items []struct {
			Seq uint64 `json:"seq"`
		} `json:"items"`
	}
	if _, err := s.client.raw("GET", p.path("/history?limit=1"), nil, &newest); err != nil {
		return "", err
	}
	var head uint64
	if len(newest.Items) > 0 {
		head = newest.Items[0].Seq
	}
	if head <= 10 {
		return "", fmt.Errorf("the workspace is at seq %d, too little for a delta", head)
	}
	return p.path(fmt.Sprintf("/sync?since=%d", head-10)), nil
}

func (s *session) syncs(p *place) func(context.Context, time.Duration) (figure, error) {
	return func(ctx context.Context, window time.Duration) (figure, error) {
		path, err := s.deltaPath(p)
		if err != nil {
			return figure{}, err
		}
		return drive(ctx, s.server.cpu, s.server.addr, connections, window, s.gets(path, nil))
	}
}
