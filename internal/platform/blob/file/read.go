package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"headway/internal/platform/blob"
)

// trailerSize is how many bytes behind the content say what it is: a line
// feed, the magic word, the content type, spaces and a line feed.
const trailerSize = 128

const magic = "\nheadway-blob-1 "

func trailer(contentType string) []byte {
	b := bytes.Repeat([]byte{' '}, trailerSize)
	copy(b, magic)
	copy(b[len(magic):], contentType)
	b[trailerSize-1] = '\n'
	return b
}

// ErrDamaged says that a file in the folder is not as Put wrote it.
var ErrDamaged = errors.New("the file is damaged: it does not end as a blob does")

// open opens a blob's file and reads what it is.
func (s *Store) open(ctx context.Context, key string) (*os.File, blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, blob.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, blob.Info{}, err
	}
	folder, name := place(key)
	f, err := s.root.Open(path.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, blob.Info{}, blob.ErrNotFound
	}
	if err != nil {
		return nil, blob.Info{}, fmt.Errorf("blob/file: open: %w", err)
	}
	info, err := describe(f)
	if err != nil {
		return nil, blob.Info{}, errors.Join(fmt.Errorf("blob/file: %s: %w", key, err), f.Close())
	}
	info.Key = key
	return f, info, nil
}

func describe(f *os.File) (blob.Info, error) {
	stat, err := f.Stat()
	if err != nil {
		return blob.Info{}, err
	}
	size := stat.Size() - trailerSize
	if size < 0 {
		return blob.Info{}, ErrDamaged
	}
	end := make([]byte, trailerSize)
	if _, err := f.ReadAt(end, size); err != nil {
		return blob.Info{}, err
	}
	contentType, ok := bytes.CutPrefix(end, []byte(magic))
	if !ok || end[trailerSize-1] != '\n' {
		return blob.Info{}, ErrDamaged
	}
	return blob.Info{Size: size, ContentType: string(bytes.TrimRight(contentType, " \n")), Modified: stat.ModTime().UTC()}, nil
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, key string, part blob.Range) (io.ReadCloser, blob.Info, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, blob.Info{}, err
	}
	offset, length, err := part.Within(info.Size)
	if err != nil {
		return nil, blob.Info{}, errors.Join(err, f.Close())
	}
	return &reader{io.NewSectionReader(f, offset, length), ctx, f}, info, nil
}

// reader reads a part of a file until its context ends.
type reader struct {
	part *io.SectionReader
	ctx  context.Context
	file *os.File
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.part.Read(p)
}

// ReadAt implements io.ReaderAt.
func (r *reader) ReadAt(p []byte, offset int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.part.ReadAt(p, offset)
}

// Close lets go of the file.
func (r *reader) Close() error { return r.file.Close() }

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return blob.Info{}, err
	}
	return info, f.Close()
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix, after string, limit int) ([]blob.Info, error) {
	if err := blob.CheckPrefix(prefix); err != nil {
		return nil, err
	}
	if err := blob.CheckPrefix(after); err != nil {
		return nil, err
	}
	l := &lister{s, ctx, prefix, after, limit, nil}
	if err := l.walk(".", ""); err != nil {
		return nil, fmt.Errorf("blob/file: list: %w", err)
	}
	return l.found, nil
}

// lister goes through the folders in the order of the keys.
type lister struct {
	*Store
	ctx           context.Context
	prefix, after string
	limit         int
	found         []blob.Info
}

// walk goes through one folder, whose keys begin with start.
func (l *lister) walk(folder, start string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if len(l.found) >= l.limit || !l.wanted(start) {
		return nil
	}
	entries, err := fs.ReadDir(l.root.FS(), folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	// A folder's keys go on with '/', which is where it belongs among the files.
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		segment, isFolder := strings.CutSuffix(e.Name(), "+")
		if e.IsDir() && isFolder {
			segment += "/"
		}
		if e.IsDir() == isFolder {
			names = append(names, segment)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if len(l.found) >= l.limit {
			return nil
		}
		if segment, isFolder := strings.CutSuffix(name, "/"); isFolder {
			if err := l.walk(path.Join(folder, segment+"+"), start+name); err != nil {
				return err
			}
			continue
		}
		if err := l.add(path.Join(folder, name), start+name); err != nil {
			return err
		}
	}
	return nil
}

// wanted reports whether keys that begin with start may belong to the answer.
func (l *lister) wanted(start string) bool {
	n := min(len(start), len(l.prefix))
	if start[:n] != l.prefix[:n] {
		return false
	}
	// All of them are before the place to go on from, where start is before it and it does not begin with start.
	return start >= l.after || strings.HasPrefix(l.after, start)
}

// add takes a blob into the answer, where it belongs there.
func (l *lister) add(file, key string) error {
	ours := blob.CheckKey(key) == nil
	if !ours || !strings.HasPrefix(key, l.prefix) || key <= l.after {
		return nil
	}
	stat, err := l.root.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	if stat.Mode().IsRegular() && stat.Size() >= trailerSize {
		l.found = append(l.found, blob.Info{Key: key, Size: stat.Size() - trailerSize, Modified: stat.ModTime().UTC()})
	}
	return nil
}
