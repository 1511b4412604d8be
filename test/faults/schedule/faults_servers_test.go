//go:build servers

package schedule_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"headway/test/faults/schedule"
	"headway/test/servers"
)

// The faults.
const (
	killed    = "killed"
	paused    = "paused"
	cut       = "cut"
	silent    = "silent"
	lossy     = "loses answers"
	slow      = "delays"
	dropped   = "dropped"
	doubled   = "doubled"
	reordered = "doubled in reverse order"
	ahead     = "jumps ahead by an hour"
	behind    = "jumps back by an hour"
	full      = "full"
)

// slowness is how long a slow line holds each answer back.
const slowness = 250 * time.Millisecond

// fault answers what begins and ends an entry.
func (s *site) fault(t *testing.T, e schedule.Entry, database string) (begin, end func()) {
	t.Helper()
	for _, is := range s.targets() {
		if is.name == e.Target {
			return is.befall(t, e.Fault, database)
		}
	}
	t.Fatalf("there is no target %q", e.Target)
	return nil, nil
}

// target is what faults can befall.
type target struct {
	name   string
	faults []string
	befall func(t *testing.T, fault, database string) (begin, end func())
}

// targets are all of them.
func (s *site) targets() (out []target) {
	add := func(name string, befall func(t *testing.T, fault, database string) (begin, end func()), faults ...string) {
		out = append(out, target{name, faults, befall})
	}
	line := func(name string, l *servers.Proxy) {
		add(name, func(t *testing.T, fault, _ string) (func(), func()) { return onLine(t, l, fault) }, cut, silent, lossy, slow)
	}
	server := func(name string, p *servers.Process, faults ...string) {
		add(name, func(t *testing.T, fault, _ string) (func(), func()) { return onServer(t, p, fault) }, faults...)
	}
	for i, p := range s.processes {
		add(p.name, func(_ *testing.T, fault, _ string) (func(), func()) { return p.fault(fault) }, killed, paused)
		add("clock of "+p.name, func(_ *testing.T, fault, _ string) (func(), func()) { return p.jump(fault) }, ahead, behind)
		for _, to := range s.lines[i] {
			line(fmt.Sprintf("line %d to %s", i+1, to.what), to.line)
		}
	}
	line("line to nginx", s.front)
	server("FerretDB", s.database.Process, killed, paused)
	server("PostgreSQL", s.database.Postgres.Process, killed)
	if s.disk != nil {
		add("the disk of PostgreSQL", func(t *testing.T, _, _ string) (func(), func()) { return s.fill(t) }, full)
	}
	server("Redis", s.redis.Process, killed, paused)
	server("nginx", s.nginx, killed, paused)
	server("mail server", s.mail.Process, killed, paused)
	add("messages", func(_ *testing.T, fault, database string) (func(), func()) {
		m := &messages{url: s.redis.Addr, database: database, fault: fault}
		return m.begin, m.end
	}, dropped, doubled, reordered)
	return out
}

func (p *process) fault(fault string) (begin, end func()) {
	if fault == killed {
		return p.kill, p.back
	}
	return func() { p.signal(syscall.SIGSTOP) }, func() { p.signal(syscall.SIGCONT) }
}

// jump moves its clock, and back.
func (p *process) jump(fault string) (begin, end func()) {
	by := time.Hour
	if fault == behind {
		by = -time.Hour
	}
	return func() { p.clock(func(p *process) { p.jumped = by }) }, func() { p.clock(func(p *process) { p.jumped = 0 }) }
}

func onServer(t *testing.T, p *servers.Process, fault string) (begin, end func()) {
	if fault == killed {
		return p.Kill, func() { p.Start(t) }
	}
	return func() { p.Pause(t) }, func() { p.Resume(t) }
}

// fill leaves no room on the disk of PostgreSQL, which may end for that.
func (s *site) fill(t *testing.T) (begin, end func()) {
	return func() {
			if err := s.disk.Fill(); err != nil {
				t.Fatal(err)
			}
		}, func() {
			if err := s.disk.Free(); err != nil {
				t.Fatal(err)
			}
			s.database.Postgres.Revive(t)
		}
}

func onLine(t *testing.T, line *servers.Proxy, fault string) (begin, end func()) {
	end = func() { line.Mend(t) }
	switch fault {
	case cut:
		return line.Cut, end
	case silent:
		return func() { line.Silence(t) }, end
	case lossy:
		return func() { line.LoseAnswers(t) }, end
	default:
		return func() { line.Delay(t, slowness) }, end
	}
}

// play has the faults of a schedule begin and end at their times, and returns
// when the last one is over. One that takes long, as the start of a database
// does, makes the others late.
func (s *site) play(t *testing.T, entries []schedule.Entry, database string) {
	t.Helper()
	type step struct {
		at time.Duration
		do func()
	}
	var steps []step
	for _, e := range entries {
		begin, end := s.fault(t, e, database)
		steps = append(steps, step{e.At, begin}, step{e.At + e.For, end})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return int(a.at - b.at) })
	began := time.Now()
	for _, next := range steps {
		time.Sleep(next.at - time.Since(began))
		next.do()
	}
}
