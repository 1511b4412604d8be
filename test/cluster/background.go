package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// pollEvery is how often a command looks whether a cluster has come or gone.
const pollEvery = 50 * time.Millisecond

// child is a cluster that runs in the background.
type child struct {
	cmd   *exec.Cmd
	ended chan error
}

// background starts this program anew as `cluster run`, in a session of its
// own, so that it outlives the shell; what it says goes to the file logName.
func background(o options, logName string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logName, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has it, too
	cmd := exec.Command(self, "run", "-folder", o.folder, "-bus", o.bus, "-binary", o.binary, "-assets", o.assets,
		"-port", strconv.Itoa(o.port), "-each", strconv.Itoa(o.each))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd, make(chan error, 1)}
	go func() { c.ended <- cmd.Wait() }()
	return c, nil
}

// await answers what the cluster is once it answers. Where ctx ends before, it
// ends the cluster, too.
func (c *child) await(ctx context.Context, folder string) (*state, error) {
	every := time.NewTicker(pollEvery)
	defer every.Stop()
	for {
		select {
		case err := <-c.ended:
			return nil, errors.Join(errors.New("the cluster ended while it started"), err)
		case <-ctx.Done():
			_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
			return nil, errors.Join(ctx.Err(), <-c.ended)
		case <-every.C:
			if s, err := readState(folder); err == nil && s.PID == c.cmd.Process.Pid {
				return s, nil
			}
		}
	}
}

// stop ends the cluster of a folder and returns once it is gone.
func stop(ctx context.Context, o options) error {
	pid, err := holder(o.folder)
	if errors.Is(err, errNone) {
		_, err = os.Stdout.WriteString("No cluster runs.\n")
		return err
	}
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	every := time.NewTicker(pollEvery)
	defer every.Stop()
	for {
		if _, err := holder(o.folder); errors.Is(err, errNone) {
			_, err = os.Stdout.WriteString("The cluster is stopped.\n")
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}
