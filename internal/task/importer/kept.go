package importer

import (
	"time"

	"headway/internal/platform/ids"
)

// opened is a board with the file it reads. The newest one is kept after its
// scan, so that applying it soon after does not read the file again.
type opened struct {
	Board
	job  ids.ID
	file *openFile
}

// close closes the file; it was only read, so nothing can be lost.
func (o *opened) close() { _ = o.file.close() }

// keepBoard is how long a scanned board is kept open.
const keepBoard = 5 * time.Minute

// keep keeps a board for takeKept, in place of the one before.
func (m *Manager) keep(o *opened) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropKept(nil)
	if m.ctx.Err() != nil {
		o.close()
		return
	}
	m.kept = o
	m.keptFor = time.AfterFunc(keepBoard, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.dropKept(o)
	})
}

// dropKept closes the kept board, if it is the one given or that is nil. It needs the lock.
func (m *Manager) dropKept(only *opened) {
	if m.kept == nil || only != nil && m.kept != only {
		return
	}
	m.keptFor.Stop()
	m.kept.close()
	m.kept = nil
}

// takeKept answers the job's board where it is kept.
func (m *Manager) takeKept(job ids.ID) *opened {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.kept
	if o == nil || o.job != job {
		return nil
	}
	m.keptFor.Stop()
	m.kept = nil
	return o
}
