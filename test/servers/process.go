// Package servers starts the real servers that tests of adapters talk to: each
// a process on a free loopback port with a folder of its own, up when the
// starter returns and gone when the test ends.
//
// Nothing here is skipped: where a program is missing the test fails and says
// how to get it. The tests that use this package carry the build tag servers
// and are run by make servers-test.
package servers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 60 * time.Second // a machine under load may need it
	stopTimeout  = 10 * time.Second
	pollEvery    = 5 * time.Millisecond
	logTail      = 8 << 10 // bytes of a log that a failed test shows
)

// Process is a server that a test started. Its methods are for the test's
// goroutine alone, but for Name, PID and Tail.
type Process struct {
	// Addr is where it listens, HOST:PORT.
	Addr string

	name string
	spec spec
	log  *os.File

	mu     sync.Mutex
	cmd    *exec.Cmd
	done   chan struct{} // closed once the process is gone
	paused bool
}

// spec says how a server is run.
type spec struct {
	name    string                                    // as messages call it
	command func(addr string) (string, []string)      // program and arguments to serve on addr
	ready   func(ctx context.Context, a string) error // nil once it answers
	env     []string
	user    *syscall.Credential // nil: as the test itself
	stop    syscall.Signal      // how it is asked to end; 0 is SIGTERM
	again   []string            // words in its log after which an early end is tried again
	addr    string              // where it listens; "" picks a free port
}

// start runs a server and returns once it is ready.
func start(t T, s spec) *Process {
	t.Helper()
	if s.stop == 0 {
		s.stop = syscall.SIGTERM
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{name: s.name, spec: s, log: log}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of %s's log:\n%s", p.name, p.Tail())
		}
		p.end()
		log.Close()
	})
	// Between choosing a port and listening on it somebody else may take it.
	for try := 1; ; try++ {
		if p.Addr = s.addr; p.Addr == "" {
			if p.Addr, err = FreeAddr(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		err = p.run(t.Context())
		if err == nil {
			return p
		}
		if try == 5 || s.addr != "" || !strings.Contains(strings.ToLower(p.Tail()), "already in use") {
			t.Fatalf("%s did not start: %v\n%s", p.name, err, p.Tail())
		}
	}
}

// Kill ends the process as a power cut would. Its data stay; Start brings it back.
func (p *Process) Kill() {
	cmd, done := p.running()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Kill() // it may be gone by now
	<-done
}

// Pause stops the process where it is: connections stay open and nothing
// answers, as when a machine hangs. Resume lets it go on. Of a server of
// several processes (PostgreSQL) only the first one stops, which accepts
// connections: put a Proxy before it to silence all.
func (p *Process) Pause(t T) { p.signal(t, syscall.SIGSTOP, true) }

// Resume lets a paused process go on.
func (p *Process) Resume(t T) { p.signal(t, syscall.SIGCONT, false) }

// Start starts it again after Kill, on the same address and data, and returns
// once it is ready. One that runs is ended in good order first.
func (p *Process) Start(t T) {
	t.Helper()
	p.end()
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(50 * time.Millisecond) {
		err := p.run(t.Context())
		if err == nil {
			return
		}
		if !p.retries() || time.Now().After(deadline) {
			t.Fatalf("%s did not start again: %v\n%s", p.name, err, p.Tail())
		}
	}
}

// Revive returns once it is ready: it waits for one that runs, and starts it
// again where it has ended or ends meanwhile.
func (p *Process) Revive(t T) {
	t.Helper()
	cmd, done := p.running()
	if cmd != nil {
		if p.await(t.Context(), done) == nil {
			return
		}
	}
	p.Start(t)
}

// retries reports whether its log says that a start may work in a moment.
func (p *Process) retries() bool {
	tail := strings.ToLower(p.Tail())
	for _, words := range append([]string{"already in use"}, p.spec.again...) {
		if strings.Contains(tail, words) {
			return true
		}
	}
	return false
}

// run starts the process on p.Addr and waits until it is ready; where that
// fails it is gone again.
func (p *Process) run(ctx context.Context) error {
	program, args := p.spec.command(p.Addr)
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.Env = append(os.Environ(), p.spec.env...)
	cmd.Dir = string(filepath.Separator)
	cmd.SysProcAttr = attributes(p.spec.user, p.spec.stop)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	p.mu.Lock()
	p.cmd, p.done, p.paused = cmd, done, false
	p.mu.Unlock()
	go func() {
		_ = cmd.Wait() // how it ended matters to nobody: some are killed
		close(done)
	}()
	if err := p.await(ctx, done); err != nil {
		p.end()
		return err
	}
	return nil
}

// await waits until the process is ready, done or late.
func (p *Process) await(ctx context.Context, done <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return waitUntil(ctx, done, func(ctx context.Context) error { return p.spec.ready(ctx, p.Addr) })
}

// waitUntil asks until ready answers nil, the process is gone or ctx ends.
func waitUntil(ctx context.Context, gone <-chan struct{}, ready func(ctx context.Context) error) error {
	every := time.NewTicker(pollEvery)
	defer every.Stop()
	for {
		try, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := ready(try)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-gone:
			return errors.New("it ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("it did not become ready: %w", err)
		case <-every.C:
		}
	}
}

// running answers the process, nil where it has ended.
func (p *Process) running() (*exec.Cmd, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return nil, nil
	}
	select {
	case <-p.done:
		return nil, nil
	default:
		return p.cmd, p.done
	}
}

func (p *Process) signal(t T, signal syscall.Signal, paused bool) {
	t.Helper()
	cmd, _ := p.running()
	if cmd == nil {
		t.Fatalf("%s does not run", p.name)
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatalf("signal %s: %v", p.name, err)
	}
	p.mu.Lock()
	p.paused = paused
	p.mu.Unlock()
}

// Stop has the process end in good order, makes it end where it does not, and
// returns once it is gone. Start brings it back.
func (p *Process) Stop() { p.end() }

// end asks the process to end, makes it end where it does not, and returns once it is gone.
func (p *Process) end() {
	cmd, done := p.running()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(p.spec.stop) // it may be gone by now
	p.mu.Lock()
	paused := p.paused
	p.mu.Unlock()
	if paused {
		_ = cmd.Process.Signal(syscall.SIGCONT) // a stopped process sees no other signal
	}
	select {
	case <-done:
	case <-time.After(stopTimeout):
		_ = cmd.Process.Kill() // it may be gone by now
		<-done
	}
}

// Name is what messages call it.
func (p *Process) Name() string { return p.name }

// PID is its process id, 0 while it does not run.
func (p *Process) PID() int {
	cmd, _ := p.running()
	if cmd == nil {
		return 0
	}
	return cmd.Process.Pid
}

// Tail answers the last part of the log.
func (p *Process) Tail() string {
	data, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	if len(data) > logTail {
		data = data[len(data)-logTail:]
	}
	return string(data)
}

// Ports that are given out. They are below those that systems choose for
// connections and for who listens on port 0 (from 32768 on Linux), which would
// take one that is not listened on yet.
const lowestPort, highestPort = 10_000, 32_000

var given = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// FreeAddr answers a loopback address that nothing listens on, HOST:PORT, another one each time.
func FreeAddr(ctx context.Context) (string, error) {
	given.Lock()
	defer given.Unlock()
	var config net.ListenConfig
	var err error
	for range 100 {
		port := lowestPort + rand.IntN(highestPort-lowestPort) // #nosec G404 -- guards nothing
		if given.ports[port] {
			continue
		}
		var l net.Listener
		if l, err = config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err != nil {
			continue // somebody else's
		}
		given.ports[port] = true
		return l.Addr().String(), l.Close()
	}
	return "", fmt.Errorf("no free port was found: %w", err)
}

// accepts answers nil once something listens on addr.
func accepts(ctx context.Context, addr string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return conn.Close()
}
