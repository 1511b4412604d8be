//go:build servers

package schedule_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the real binary at an address that outlives it, with who starts
// it again whenever it ends, as an installation has.
type process struct {
	name, target, binary, addr string

	clockMu        sync.Mutex
	lapsed, jumped time.Duration

	mu       sync.Mutex
	cmd      *exec.Cmd // nil while it does not run
	log      bytes.Buffer
	down     bool // it is not to be started now
	starts   int
	gone     chan struct{} // closed once it and who starts it are gone
	over     bool
	data     string
	settings []string
}

// again is how long who starts it waits after an end.
const again = 100 * time.Millisecond

// Write keeps what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

// run starts it with settings, NAME=VALUE, and keeps it running until stop.
func (p *process) run(t *testing.T, data string, settings ...string) {
	t.Helper()
	p.data, p.settings = data, settings
	p.log.Reset()
	// What is told is told of what happens from its first start on, so that is
	// before the time that a clock may jump back to.
	p.clock(func(p *process) { p.lapsed, p.jumped = 0, -2*time.Hour })
	p.down, p.over, p.starts, p.gone = false, false, 0, make(chan struct{})
	go p.keep()
}

func (p *process) keep() {
	defer close(p.gone)
	for {
		p.mu.Lock()
		if p.over {
			p.mu.Unlock()
			return
		}
		var cmd *exec.Cmd
		if !p.down {
			cmd = exec.Command(p.binary, "serve", "--target", p.target, "--listen", p.addr, "--data", p.data)
			cmd.Env = append(append(os.Environ(), "HEADWAY_CLOCK_OFFSET="+p.clockFile()), p.settings...)
			cmd.Stdout, cmd.Stderr = p, p
			if err := cmd.Start(); err != nil {
				fmt.Fprintln(&p.log, err)
				cmd = nil
			}
			p.cmd = cmd
			p.starts++
		}
		p.mu.Unlock()
		if cmd != nil {
			_ = cmd.Wait() // being killed is how it should end
			p.mu.Lock()
			p.cmd = nil
			p.mu.Unlock()
		}
		time.Sleep(again)
	}
}

// kill kills it, and has it stay down until back.
func (p *process) kill() {
	p.mu.Lock()
	p.down = true
	p.mu.Unlock()
	p.signal(syscall.SIGKILL)
}

func (p *process) back() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

// signal sends it a signal, where it runs.
func (p *process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s) // it may be gone by now
	}
}

// clock sets its clock: how far time has run ahead, and what it is wrong by beside that.
func (p *process) clock(set func(p *process)) {
	p.clockMu.Lock()
	defer p.clockMu.Unlock()
	set(p)
	whole := p.clockFile() + ".next"
	err := os.WriteFile(whole, []byte((p.lapsed + p.jumped).String()), 0o600)
	if err == nil {
		err = os.Rename(whole, p.clockFile())
	}
	if err != nil {
		fmt.Fprintln(p, err)
	}
}

func (p *process) clockFile() string { return filepath.Join(p.data, "clock") }

// ready waits until it is.
func (p *process) ready(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(usual); ; time.Sleep(5 * time.Millisecond) {
		res, err := http.Get("http://" + p.addr + "/health/ready")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is not ready: %v\n%s", p.name, err, p.tail())
		}
	}
}

// stop ends it in good order, and at last by force.
func (p *process) stop() {
	p.mu.Lock()
	if p.gone == nil {
		p.mu.Unlock()
		return
	}
	p.over = true
	p.mu.Unlock()
	p.signal(syscall.SIGCONT)
	p.signal(syscall.SIGTERM)
	select {
	case <-p.gone:
	case <-time.After(15 * time.Second):
		p.signal(syscall.SIGKILL)
		<-p.gone
	}
}

// tail is the end of what it said.
func (p *process) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.log.Bytes()
	return string(b[max(0, len(b)-3000):])
}
