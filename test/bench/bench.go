package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// session is one run of the bench: the processes, the data and what was measured.
type session struct {
	options
	dir    string
	server *process
	http   *process
	insert *inserter
	client *client
	// small and big are the workspaces compared; small is made anew each round, as creates make it grow.
	small, big *place
	// figures are the rounds' measurements by the name of the trial.
	figures map[string][]figure
	single  singles
}

// singles are what is measured outside of the rounds.
type singles struct {
	ready        []time.Duration
	idle, loaded int64
	binary       int64
	live, crowd  liveFigure
	imported     importFigure
}

// bench runs everything and prints the table.
func bench(ctx context.Context, o options) error {
	begin := time.Now()
	dir, err := os.MkdirTemp("", "headway-bench-")
	if err != nil {
		return err
	}
	// What cannot be removed is in the system's folder for such.
	defer func() { _ = os.RemoveAll(dir) }()
	s := &session{options: o, dir: dir, figures: map[string][]figure{}}
	defer s.stop()
	if err := s.prepare(ctx); err != nil {
		return fmt.Errorf("set-up: %w", err)
	}
	for round := range o.rounds {
		progress("round %d of %d", round+1, o.rounds)
		if err := s.round(ctx, round); err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
	}
	s.single.loaded = s.server.rss()
	if err := s.once(ctx); err != nil {
		return err
	}
	table := s.report(ctx, time.Since(begin))
	fmt.Print(table)
	if o.record != "" {
		if err := record(o.record, table); err != nil {
			return err
		}
	}
	if bad := s.bad(); bad > 0 {
		return fmt.Errorf("%d answers were neither 2xx nor 304", bad)
	}
	return nil
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

func (s *session) data() string { return filepath.Join(s.dir, "data") }

// prepare fills the big workspace, measures how the server starts on it, and starts the limits.
func (s *session) prepare(ctx context.Context) error {
	info, err := os.Stat(s.binary)
	if err != nil {
		return err
	}
	s.single.binary = info.Size()
	if err := s.up(ctx); err != nil {
		return err
	}
	if err := s.client.signIn(true); err != nil {
		return err
	}
	progress("creating %d tasks", s.options.big)
	if s.big, err = s.client.settle(ctx, s.options.big); err != nil {
		return err
	}
	progress("starting on them")
	for range s.rounds {
		s.down()
		if err := s.up(ctx); err != nil {
			return err
		}
	}
	idle := time.NewTimer(min(3*time.Second, 20*s.window))
	defer idle.Stop()
	<-idle.C
	s.single.idle = s.server.rss()
	if s.http, err = startBareHTTP(ctx); err != nil {
		return err
	}
	s.insert, err = startInserter(filepath.Join(s.data(), "headway.db"), filepath.Join(s.dir, "insert.db"))
	return err
}

// up starts the server and a client of it.
func (s *session) up(ctx context.Context) error {
	server, took, err := startServer(ctx, s.binary, s.data())
	if err != nil {
		return err
	}
	token := ""
	if s.client != nil {
		token = s.client.token
	}
	s.server = server
	s.single.ready = append(s.single.ready, took)
	if s.client, err = newClient(server.addr); err != nil {
		return err
	}
	s.client.token = token
	return nil
}

func (s *session) down() {
	s.client.wire.Close()
	s.server.stop()
	s.server = nil
}

func (s *session) stop() {
	for _, p := range []*process{s.server, s.http} {
		if p != nil {
			p.stop()
		}
	}
	if s.insert != nil {
		s.insert.process.stop()
	}
}

// round measures every trial once, every other time in the reverse order, so
// that what drifts over a round favours none.
func (s *session) round(ctx context.Context, n int) error {
	// Access tokens live for ten minutes.
	if err := s.client.signIn(false); err != nil {
		return err
	}
	var err error
	if s.small, err = s.client.settle(ctx, s.options.small); err != nil {
		return err
	}
	trials, err := s.trials()
	if err != nil {
		return err
	}
	if n%2 == 1 {
		slices.Reverse(trials)
	}
	for _, t := range trials {
		if !strings.Contains(t.name, s.only) {
			continue
		}
		f, err := t.run(ctx, s.window)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		s.figures[t.name] = append(s.figures[t.name], f)
	}
	return nil
}

func (s *session) bad() int {
	n := 0
	for _, rounds := range s.figures {
		for _, f := range rounds {
			n += f.Bad
		}
	}
	return n + s.single.live.bad + s.single.crowd.bad
}
