// Package memory keeps blobs in memory, for tests that need no file.
package memory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"headway/internal/platform/blob"
)

// Store keeps blobs in memory. It is safe for concurrent use.
type Store struct {
	mu    sync.RWMutex
	blobs map[string]kept
}

type kept struct {
	info    blob.Info
	content []byte // never changed
}

var _ blob.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store { return &Store{blobs: map[string]kept{}} }

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, body io.Reader, opts blob.PutOptions) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	contentType, err := opts.Check()
	if err != nil {
		return blob.Info{}, err
	}
	content, err := io.ReadAll(blob.Limited(ctx, body, opts.MaxBytes))
	if err != nil {
		return blob.Info{}, fmt.Errorf("blob/memory: put: %w", err)
	}
	info := blob.Info{Key: key, Size: int64(len(content)), ContentType: contentType, Modified: time.Now().UTC()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[key] = kept{info, content}
	return info, nil
}

func (s *Store) find(ctx context.Context, key string) (kept, error) {
	if err := blob.CheckKey(key); err != nil {
		return kept{}, err
	}
	if err := ctx.Err(); err != nil {
		return kept{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.blobs[key]
	if !ok {
		return kept{}, blob.ErrNotFound
	}
	return k, nil
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, key string, part blob.Range) (io.ReadCloser, blob.Info, error) {
	k, err := s.find(ctx, key)
	if err != nil {
		return nil, blob.Info{}, err
	}
	offset, length, err := part.Within(k.info.Size)
	if err != nil {
		return nil, blob.Info{}, err
	}
	return reader{bytes.NewReader(k.content[offset : offset+length])}, k.info, nil
}

// reader reads a part of a blob, in any order.
type reader struct{ *bytes.Reader }

// Close implements io.Closer.
func (reader) Close() error { return nil }

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	k, err := s.find(ctx, key)
	return k.info, err
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.blobs, key)
	return nil
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix, after string, limit int) ([]blob.Info, error) {
	if err := blob.CheckPrefix(prefix); err != nil {
		return nil, err
	}
	if err := blob.CheckPrefix(after); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []blob.Info
	for key, k := range s.blobs {
		if strings.HasPrefix(key, prefix) && key > after {
			info := k.info
			info.ContentType = ""
			out = append(out, info)
		}
	}
	slices.SortFunc(out, func(a, b blob.Info) int { return strings.Compare(a.Key, b.Key) })
	return out[:min(len(out), max(limit, 0))], nil
}
