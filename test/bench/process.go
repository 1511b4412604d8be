package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"headway/test/load"
	"headway/test/servers"
)

// process is a program that the bench started and whose use of the machine it reads.
type process struct {
	cmd  *exec.Cmd
	addr string
	log  *bytes.Buffer
	done chan struct{}
}

// newProcess prepares a program.
func newProcess(addr, program string, args ...string) *process {
	p := &process{addr: addr, log: new(bytes.Buffer), done: make(chan struct{})}
	p.cmd = exec.Command(program, args...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	return p
}

// start starts it; it ends with stop.
func (p *process) start() error {
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is seen where it was still needed
		close(p.done)
	}()
	return nil
}

// serverArgs start Headway with limits that one client at full speed does not meet.
func serverArgs(addr, data string) []string {
	return []string{
		"serve", "--listen", addr, "--data", data,
		"--rate-requests", "1000000000", "--live-max-per-user", "5000", "--live-max-streams", "5000",
	}
}

// startServer starts Headway on the data folder and answers how long it took to become ready.
func startServer(ctx context.Context, binary, data string) (*process, time.Duration, error) {
	addr, err := servers.FreeAddr(ctx)
	if err != nil {
		return nil, 0, err
	}
	begin := time.Now()
	p := newProcess(addr, binary, serverArgs(addr, data)...)
	if err := p.start(); err != nil {
		return nil, 0, err
	}
	if err := p.ready(ctx, "/health/ready"); err != nil {
		p.stop()
		return nil, 0, err
	}
	return p, time.Since(begin), nil
}

// ready waits until the path answers 200.
func (p *process) ready(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	every := time.NewTicker(2 * time.Millisecond)
	defer every.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+path, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended before it was ready:\n%s", p.cmd.Path, p.log)
		case <-ctx.Done():
			return fmt.Errorf("%s did not become ready: %w", p.cmd.Path, ctx.Err())
		case <-every.C:
		}
	}
}

// stop ends the process in good order, or at once where that takes too long.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// cpu answers the processor time used so far, user and system.
func (p *process) cpu() time.Duration { return load.CPU(p.cmd.Process.Pid) }

// rss answers the resident memory in bytes.
func (p *process) rss() int64 {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if kb, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(kb, "kB")), 10, 64)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	return 0
}
