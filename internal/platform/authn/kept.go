package authn

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// keptAge is how old a kept key set may be. A key is served a day before it
// signs, so one that is older would miss keys, and might hold withdrawn ones.
const keptAge = 24 * time.Hour

// Keep has the key set kept in a file besides, and takes what is there if it
// is at most a day old: a process that starts while the auth service is away
// then has the keys that it had before. It is called before first use. The
// file's folder is made where it is missing.
func (r *Remote) Keep(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("keep the key set: %w", err)
	}
	r.file = file
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep the key set: %w", err)
	}
	if r.clock.Now().Sub(info.ModTime()) > keptAge || info.Size() > remoteMaxBytes {
		return nil
	}
	data, err := os.ReadFile(file) // #nosec G304 -- a file of the process's own folder
	if err != nil {
		return fmt.Errorf("keep the key set: %w", err)
	}
	keys, err := ParseKeySet(data)
	if err != nil {
		return fmt.Errorf("keep the key set: %s: %w", file, err)
	}
	r.held.Store(&held{keys: keys, fetched: info.ModTime()})
	return nil
}

// keep writes the set that was fetched. What cannot be written now is met
// again with the next fetch; until then the keys are held all the same.
func (r *Remote) keep(data []byte) {
	if r.file == "" {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(r.file), ".keys-*")
	if err != nil {
		return
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), r.file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}
