package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"headway/internal/platform/blob"
	"headway/internal/platform/ids"
)

// adopt moves the jobs of earlier versions into the blobs. They kept each as
// two files in one folder: ID.json, its state, and ID.data, the staged file. A
// job's files go once its blobs are there, so a move that is broken off goes
// on at the next start. The folder goes once it is empty.
func (m *Manager) adopt() error {
	folder := m.before
	if folder == "" {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		m.before = ""
		return nil
	}
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, e := range entries {
		name, isState := strings.CutSuffix(e.Name(), ".json")
		id, err := ids.Parse(name)
		if !isState || err != nil {
			continue
		}
		known[name] = true
		b, err := os.ReadFile(filepath.Join(folder, e.Name())) // #nosec G304 -- in our folder, named by an id
		if err != nil {
			return err
		}
		j := Job{}
		if err := json.Unmarshal(b, &j); err != nil || j.ID != id {
			m.log.Warn("an import's state cannot be read; it is left where it is", "file", e.Name())
			continue
		}
		if err := m.adoptJob(folder, j); err != nil {
			return err
		}
	}
	for _, e := range entries {
		name, isData := strings.CutSuffix(e.Name(), ".data")
		_, err := ids.Parse(name)
		// What no job owns is an upload or a change that was broken off.
		if isData && err == nil && !known[name] || strings.HasSuffix(e.Name(), ".json.new") {
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	m.before = ""
	if err := os.Remove(folder); err != nil {
		m.log.Warn("the folder of imports of an earlier version is not empty; it is left", "folder", folder)
	}
	return nil
}

// adoptJob moves one job, its request last.
func (m *Manager) adoptJob(folder string, j Job) (err error) {
	key := jobKey{j.Workspace, j.ID}
	data := filepath.Join(folder, j.ID.String()+".data")
	file, err := os.Open(data) // #nosec G304 -- in our folder, named by an id
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		_, err = m.records.blobs.Put(m.ctx, key.file(), file, blob.PutOptions{ContentType: "text/plain; charset=utf-8", MaxBytes: max(j.Size, 1)})
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("the file of import %s: %w", j.ID, err)
		}
	}
	ask := ids.New()
	if err := m.records.write(m.ctx, key.run(1, m.runner), record{Ask: ask, Job: j}); err != nil {
		return err
	}
	if j.live() {
		if err := m.records.write(m.ctx, key.lease(), lease{}); err != nil {
			return err
		}
	}
	if err := m.records.write(m.ctx, key.request(), request{Job: j, Ask: ask, Want: j.State, By: j.By, At: j.UpdatedAt}); err != nil {
		return err
	}
	err = os.Remove(data)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(filepath.Join(folder, j.ID.String()+".json")))
}
