package importer

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"headway/internal/apperr"
	"headway/internal/platform/blob"
	"headway/internal/platform/ids"
)

// Create stages a file as a new job and starts to check it. A file that the
// workspace has a job for which is not done yet answers that job instead, so
// that an import broken off goes on where it stopped; again is set then.
// Errors: apperr.NotFound, Forbidden, Invalid for an unknown format or a file
// that is no text, TooLarge, Conflict where the workspace has MaxOpen jobs,
// Unavailable where the blobs cannot be reached.
func (m *Manager) Create(ctx context.Context, user, workspace ids.ID, format, name string, file io.Reader) (job Job, again bool, err error) {
	if err := m.target.May(ctx, user, workspace); err != nil {
		return Job{}, false, err
	}
	if m.formats[format] == nil {
		return Job{}, false, apperr.InvalidField("query.format", "must be one of %s", strings.Join(m.Formats(), ", "))
	}
	if err := m.room(ctx, workspace); err != nil {
		return Job{}, false, err
	}
	key := jobKey{workspace, ids.New()}
	// The lease is there before the file, so that what an upload leaves whose
	// process dies is found by it.
	release, err := m.hold(ctx, key)
	if err != nil {
		return Job{}, false, away(ctx, err)
	}
	keep := false
	defer func() {
		release()
		if !keep {
			m.discard(ctx, key)
		}
	}()
	staged, err := m.stage(ctx, key, file)
	if err != nil {
		return Job{}, false, err
	}
	now := m.clock.Now()
	j := Job{
		ID: key.job, Workspace: workspace, By: user, Format: format, Name: cleanName(name), State: Scanning, CreatedAt: now, UpdatedAt: now,
		Bytes: staged.Read, Size: staged.Size, Hash: hex.EncodeToString(staged.Hash[:]),
	}
	m.creating.Lock()
	defer m.creating.Unlock()
	jobs, err := m.ofWorkspace(ctx, workspace)
	if err != nil {
		return Job{}, false, err
	}
	for i := range jobs {
		old := &jobs[i]
		if old.By == user && old.Format == format && old.Hash == j.Hash && (old.live() || old.resumable()) {
			if old.live() {
				m.ensure(ctx, jobKey{workspace, old.ID}) // where Start was not called, nobody else went on with it
			}
			return *old, true, nil
		}
	}
	q := request{Job: j, Ask: ids.New(), Want: Scanning, By: user, At: now}
	if err := m.records.write(ctx, key.request(), &q); err != nil {
		return Job{}, false, away(ctx, err)
	}
	keep = true
	release()
	m.take(key)
	return j, false, nil
}

// discard removes what a refused upload left, also where the caller has gone.
func (m *Manager) discard(ctx context.Context, key jobKey) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), opTimeout)
	defer cancel()
	if err := m.records.removeJob(ctx, key); err != nil {
		m.log.Warn("what is left of a refused upload cannot be removed now; it is later", "import", key.job, "cause", err)
	}
}

// room answers apperr.Conflict where the workspace has too many jobs that are not done.
func (m *Manager) room(ctx context.Context, workspace ids.ID) error {
	jobs, err := m.ofWorkspace(ctx, workspace)
	if err != nil {
		return err
	}
	open := 0
	for i := range jobs {
		if jobs[i].live() || jobs[i].resumable() {
			open++
		}
	}
	if open >= MaxOpen {
		return apperr.New(apperr.Conflict, "The workspace has %d imports that are not done. Finish or delete one first.", open)
	}
	return nil
}

// errStore ends the reading of an upload that cannot be kept.
var errStore = errors.New("the upload cannot be kept")

// growth is how much larger a file may become by being made UTF-8: a byte that
// is not valid becomes three.
const growth = 3

// stage streams the file into its blob.
func (m *Manager) stage(ctx context.Context, key jobKey, file io.Reader) (Staged, error) {
	text, into := io.Pipe()
	var (
		staged Staged
		broken error
		ended  = make(chan struct{})
	)
	go func() {
		defer close(ended)
		staged, broken = Stage(ctx, into, file, m.maxBytes)
		_ = into.CloseWithError(broken) // always answers nil
	}()
	_, err := m.records.blobs.Put(ctx, key.file(), text, blob.PutOptions{ContentType: "text/plain; charset=utf-8", MaxBytes: growth * m.maxBytes})
	_ = text.CloseWithError(errStore) // always answers nil
	<-ended
	switch {
	case broken != nil && !errors.Is(broken, errStore):
		return Staged{}, broken
	case err != nil:
		return Staged{}, away(ctx, err)
	}
	return staged, nil
}

// cleanName makes a file name fit to be shown.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if r := []rune(name); len(r) > 200 {
		name = string(r[:200])
	}
	if name == "" {
		return "export"
	}
	return name
}
