package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"headway/internal/platform/ids"
)

// jobFiles keeps each job as two files in one folder: ID.json, its state, and
// ID.data, the staged export. Only the owner may read them.
type jobFiles struct{ dir string }

func openJobFiles(dir string) (jobFiles, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return jobFiles{}, fmt.Errorf("making the folder of imports: %w", err)
	}
	return jobFiles{dir}, nil
}

func (f jobFiles) state(id ids.ID) string { return filepath.Join(f.dir, id.String()+".json") }
func (f jobFiles) data(id ids.ID) string  { return filepath.Join(f.dir, id.String()+".data") }

// save writes a job's state so that a crash leaves the old one or the new one.
func (f jobFiles) save(j *Job) error {
	b, err := json.Marshal(j)
	if err != nil {
		return err
	}
	name := f.state(j.ID)
	file, err := os.OpenFile(name+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // #nosec G304 -- in our folder, named by an id
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// load reads every job of the folder, and removes what no job owns: uploads
// that were broken off. unreadable names state files that could not be read.
func (f jobFiles) load() (jobs []*Job, unreadable []string, err error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, nil, err
	}
	known := map[string]bool{}
	for _, e := range entries {
		name, isState := strings.CutSuffix(e.Name(), ".json")
		id, perr := ids.Parse(name)
		if !isState || perr != nil {
			continue
		}
		known[name] = true
		b, err := os.ReadFile(f.state(id))
		if err != nil {
			return nil, nil, err
		}
		j := &Job{}
		if err := json.Unmarshal(b, j); err != nil || j.ID != id {
			unreadable = append(unreadable, e.Name())
			continue
		}
		jobs = append(jobs, j)
	}
	for _, e := range entries {
		name, isData := strings.CutSuffix(e.Name(), ".data")
		_, perr := ids.Parse(name)
		if isData && perr == nil && !known[name] || strings.HasSuffix(e.Name(), ".json.new") {
			if err := os.Remove(filepath.Join(f.dir, e.Name())); err != nil {
				return nil, nil, err
			}
		}
	}
	return jobs, unreadable, nil
}

func (f jobFiles) removeData(id ids.ID) error { return gone(os.Remove(f.data(id))) }
func (f jobFiles) remove(id ids.ID) error {
	return errors.Join(f.removeData(id), gone(os.Remove(f.state(id))))
}

// gone takes a file that is not there as removed.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
