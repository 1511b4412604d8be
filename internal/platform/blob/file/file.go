// Package file keeps blobs as files in a folder of one machine.
//
// A blob's file holds its content and, behind that, 128 bytes that say what it
// is. A segment of a key that is not the last one is a folder, whose name ends
// with '+', which no key has: so "a" and "a/b" can both be blobs. Files are
// written to the folder "+tmp", synced and moved to their place, so that a
// crash leaves the old content or the new.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"time"

	"headway/internal/platform/blob"
	"headway/internal/platform/ids"
)

// Store keeps blobs in a folder. It is safe for concurrent use.
type Store struct {
	root *os.Root
}

var _ blob.Store = (*Store)(nil)

// temporary is the folder of files that are being written.
const temporary = "+tmp"

// abandoned is how old a temporary file is that nobody writes any more.
const abandoned = 24 * time.Hour

// Open opens the store in a folder and makes that, for its owner only, where
// it is missing. Nothing is read or written outside of it, not by symbolic
// links either.
func Open(folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("blob/file: make the folder: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("blob/file: open the folder: %w", err)
	}
	s := &Store{root}
	if err := s.clean(); err != nil {
		return nil, errors.Join(fmt.Errorf("blob/file: prepare the folder: %w", err), root.Close())
	}
	return s, nil
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

// clean removes what writers that were killed have left.
func (s *Store) clean() error {
	if err := s.root.MkdirAll(temporary, 0o700); err != nil {
		return err
	}
	entries, err := fs.ReadDir(s.root.FS(), temporary)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < abandoned {
			continue // somebody writes it, or it went just now
		}
		if err := s.root.Remove(path.Join(temporary, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// place is where a key's file lies: its folder, "." for the top one, and its name in that.
func place(key string) (folder, name string) {
	dir, base := path.Split(key)
	if dir == "" {
		return ".", base
	}
	return strings.ReplaceAll(dir, "/", "+/"), base
}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, body io.Reader, opts blob.PutOptions) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	contentType, err := opts.Check()
	if err != nil {
		return blob.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return blob.Info{}, err
	}
	info, err := s.put(ctx, key, body, contentType, opts.MaxBytes)
	if err != nil {
		return blob.Info{}, fmt.Errorf("blob/file: put: %w", err)
	}
	return info, nil
}

func (s *Store) put(ctx context.Context, key string, body io.Reader, contentType string, limit int64) (_ blob.Info, err error) {
	temp := path.Join(temporary, ids.New().String())
	f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return blob.Info{}, err
	}
	closed := false
	defer func() {
		if err == nil {
			return
		}
		if !closed {
			_ = f.Close() // the error that led here is told
		}
		err = errors.Join(err, s.root.Remove(temp))
	}()
	size, err := io.Copy(f, blob.Limited(ctx, body, limit))
	if err != nil {
		return blob.Info{}, err
	}
	if _, err := f.Write(trailer(contentType)); err != nil {
		return blob.Info{}, err
	}
	if err := f.Sync(); err != nil {
		return blob.Info{}, err
	}
	stat, err := f.Stat()
	if err != nil {
		return blob.Info{}, err
	}
	closed = true
	if err := f.Close(); err != nil {
		return blob.Info{}, err
	}
	if err := s.move(temp, key); err != nil {
		return blob.Info{}, err
	}
	return blob.Info{Key: key, Size: size, ContentType: contentType, Modified: stat.ModTime().UTC()}, nil
}

// move puts a file in its place and syncs the folders on the way there.
func (s *Store) move(temp, key string) error {
	folder, name := place(key)
	for try := 1; ; try++ {
		err := s.root.MkdirAll(folder, 0o700)
		if err == nil {
			err = s.root.Rename(temp, path.Join(folder, name))
		}
		if err == nil {
			break
		}
		// A Delete may have removed the folder, empty as it was, in between: it is
		// not there for the rename, or was there when it was made and gone when
		// that was looked at, which MkdirAll answers as it does a file in the way.
		again := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist)
		if !again || try == 100 {
			return err
		}
	}
	// All of them, as another Put may have made some that it has not synced yet.
	for ; ; folder = path.Dir(folder) {
		if err := s.syncFolder(folder); err != nil {
			return err
		}
		if folder == "." {
			return nil
		}
	}
}

// syncFolder makes the names in a folder durable. One that is gone was
// removed with the blob.
func (s *Store) syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // has no such thing: NTFS journals names
	}
	f, err := s.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	folder, name := place(key)
	err := s.root.Remove(path.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.syncFolder(folder)
	}
	if err != nil {
		return fmt.Errorf("blob/file: delete: %w", err)
	}
	// Folders that it leaves empty go too; removing one that is not fails.
	folder = path.Clean(folder)
	for folder != "." && s.root.Remove(folder) == nil {
		folder = path.Dir(folder)
	}
	return nil
}
