package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// importFigure is what an import took.
type importFigure struct {
	cards int
	bytes int64
	// took runs from the first byte sent until the import is done.
	took time.Duration
	// grew is how much the server's resident memory rose at its highest.
	grew int64
}

// imported is an import as the API answers it.
type imported struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Error any    `json:"error"`
}

// importTrial sends a Trello export to a fresh server on a fresh workspace,
// has it applied, and watches the server's memory meanwhile.
func (s *session) importTrial(ctx context.Context) (importFigure, error) {
	var f importFigure
	path := filepath.Join(s.dir, "board.json")
	var err error
	if f.cards, err = writeExport(path, s.export); err != nil {
		return f, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return f, err
	}
	f.bytes = info.Size()
	// A fresh process, so that memory which the rounds used does not hide what the import needs.
	s.down()
	if err := s.up(ctx); err != nil {
		return f, err
	}
	s.single.ready = s.single.ready[:len(s.single.ready)-1]
	place, err := s.client.settle(ctx, 1)
	if err != nil {
		return f, err
	}
	before := s.server.rss()
	watching, stopWatching := context.WithCancel(ctx)
	top := make(chan int64, 1)
	go func() { top <- s.server.highest(watching) }()
	begin := time.Now()
	err = s.importFile(ctx, place, path)
	f.took = time.Since(begin)
	stopWatching()
	f.grew = <-top - before
	return f, err
}

func (s *session) importFile(ctx context.Context, p *place, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.server.addr+p.path("/imports?format=trello&name=board.json"), file)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.client.token)
	req.Header.Set("Content-Type", "application/octet-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var job imported
	if err := json.NewDecoder(res.Body).Decode(&job); err != nil || res.StatusCode != http.StatusCreated {
		return fmt.Errorf("the upload answered %d: %w", res.StatusCode, err)
	}
	job, err = s.waitFor(ctx, p, job.ID, "ready")
	if err != nil {
		return err
	}
	if _, err := s.client.raw("POST", p.path("/imports/"+job.ID+"/apply"), nil, nil); err != nil {
		return err
	}
	_, err = s.waitFor(ctx, p, job.ID, "done")
	return err
}

// waitFor asks for the import ten times a second until it is in the state.
func (s *session) waitFor(ctx context.Context, p *place, id, state string) (imported, error) {
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for {
		var job imported
		if _, err := s.client.raw("GET", p.path("/imports/"+id), nil, &job); err != nil {
			return job, err
		}
		switch job.State {
		case state:
			return job, nil
		case "failed", "paused":
			return job, fmt.Errorf("the import is %s: %v", job.State, job.Error)
		}
		select {
		case <-ctx.Done():
			return job, ctx.Err()
		case <-ticks.C:
		}
	}
}

// highest answers the highest resident memory until ctx ends.
func (p *process) highest(ctx context.Context) int64 {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	var top int64
	for {
		top = max(top, p.rss())
		select {
		case <-ctx.Done():
			return top
		case <-ticks.C:
		}
	}
}
