package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"headway/internal/platform/blob"
)

// openFile is a staged file that can be read in any order.
type openFile struct {
	at    io.ReaderAt
	close func() error
}

// openFile opens the job's file: the blob itself where its store lets it be
// read in any order, else a copy of it that is gone once it is closed.
func (m *Manager) openFile(ctx context.Context, job Job) (*openFile, error) {
	// The file may be kept open longer than the step that opened it.
	own, cancel := context.WithCancel(m.ctx)
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	body, info, err := m.records.blobs.Get(own, jobKey{job.Workspace, job.ID}.file(), blob.Range{})
	switch {
	case err == nil:
	case isNotFound(err):
		cancel()
		return nil, errGone
	default:
		cancel()
		return nil, storage(ctx, err)
	}
	if info.Size != job.Size {
		cancel()
		return nil, errors.Join(fmt.Errorf("the staged file has %d bytes and should have %d", info.Size, job.Size), body.Close())
	}
	if at, ok := body.(io.ReaderAt); ok {
		return &openFile{at, func() error { cancel(); return body.Close() }}, nil
	}
	file, err := m.copyOf(ctx, body, job.Size)
	cancel()
	return file, errors.Join(err, body.Close())
}

// storage marks a fault of the store, where it is not that ctx ended.
func storage(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", errStorage, err)
}

// copyOf copies size bytes to a temporary file.
func (m *Manager) copyOf(ctx context.Context, body io.Reader, size int64) (_ *openFile, err error) {
	temp, err := os.CreateTemp(m.temp, "headway-import-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("copying the staged file: %w", err)
	}
	// Without its name it goes with the process, however that ends. Where an
	// open file cannot be removed it is once it is closed.
	left := os.Remove(temp.Name()) != nil
	file := &openFile{temp, func() error {
		err := temp.Close()
		if left {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
		return err
	}}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.close())
		}
	}()
	n, err := io.Copy(writes{temp}, blob.Limited(ctx, body, size))
	var full *writeError
	switch {
	case errors.As(err, &full):
		return nil, fmt.Errorf("copying the staged file: %w", err)
	case err != nil:
		return nil, storage(ctx, err)
	case n != size:
		return nil, storage(ctx, io.ErrUnexpectedEOF)
	}
	return file, nil
}

// writes marks errors of writing, which are this machine's and not the store's.
type writes struct{ file *os.File }

// Write implements io.Writer.
func (w writes) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	if err != nil {
		err = &writeError{err}
	}
	return n, err
}

type writeError struct{ err error }

// Error implements error.
func (e *writeError) Error() string { return e.err.Error() }
