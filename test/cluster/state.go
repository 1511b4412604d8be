package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// stateFile is where a cluster that answers says where.
const stateFile = "cluster.json"

// state is what a cluster writes once it answers.
type state struct {
	PID    int    `json:"pid"`
	Status string `json:"status"` // the status page
	Links  []link `json:"links"`
}

func (s *state) write(folder string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file := filepath.Join(folder, stateFile)
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file) // whole, or not at all
}

func readState(folder string) (*state, error) {
	text, err := os.ReadFile(filepath.Join(folder, stateFile))
	if err != nil {
		return nil, err
	}
	s := new(state)
	return s, json.Unmarshal(text, s)
}

// print says where everything is.
func (s *state) print(w io.Writer) {
	for _, l := range append(s.Links, link{"Status", s.Status}) {
		fmt.Fprintf(w, "%-12s %s\n", l.Name, l.URL)
	}
}

// errNone is what holder answers where no cluster has the folder.
var errNone = errors.New("no cluster runs")

// lock takes the folder for this process until the file is closed or the
// process ends, however it does.
func lock(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("a cluster runs in %s already: make cluster-stop ends it", folder)
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// free answers nil where the folder is there and no cluster has it.
func free(folder string) error {
	l, err := lock(folder)
	if err != nil {
		return err
	}
	return l.Close()
}

// holder answers the process that has the folder, or errNone.
func holder(folder string) (pid int, err error) {
	f, err := os.Open(filepath.Join(folder, "lock"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, errNone
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // gives a lock back
	if flock(f, syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return 0, errNone
	}
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func flock(f *os.File, how int) error {
	return syscall.Flock(int(f.Fd()), how)
}
