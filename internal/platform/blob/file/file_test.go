package file_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/blob"
	"headway/internal/platform/blob/blobtest"
	"headway/internal/platform/blob/file"
)

func open(t *testing.T, folder string) *file.Store {
	t.Helper()
	s, err := file.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, t.TempDir()) })
}

func put(t *testing.T, s *file.Store, key, body string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, strings.NewReader(body), blob.PutOptions{MaxBytes: 1000}); err != nil {
		t.Fatal(err)
	}
}

// files are all files and folders below a folder.
func files(t *testing.T, folder string) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() {
			path += "/"
		}
		out = append(out, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	put(t, s, "a/b/c", "x")
	if _, err := s.Put(t.Context(), "a/b/d", strings.NewReader("xx"), blob.PutOptions{MaxBytes: 1}); !errors.Is(err, blob.ErrTooLarge) {
		t.Fatal(err)
	}
	if got := strings.Join(files(t, folder), " "); got != "./ +tmp/ a+/ a+/b+/ a+/b+/c" {
		t.Errorf("after a put: %s", got)
	}
	if err := s.Delete(t.Context(), "a/b/c"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(files(t, folder), " "); got != "./ +tmp/" {
		t.Errorf("after its deletion: %s", got)
	}
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "blobs")
	put(t, open(t, folder), "a/b", "x")
	for path, want := range map[string]fs.FileMode{".": 0o700, "a+": 0o700, "a+/b": 0o600, "+tmp": 0o700} {
		stat, err := os.Stat(filepath.Join(folder, path))
		if err != nil || stat.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, stat.Mode(), err)
		}
	}
}

func TestSymbolicLinksLeadNowhere(t *testing.T) {
	t.Parallel()
	outside, folder := t.TempDir(), t.TempDir()
	s := open(t, folder)
	put(t, open(t, outside), "b", "secret")
	if err := os.Symlink(outside, filepath.Join(folder, "a+")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "b"), filepath.Join(folder, "c")); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a/b", "c"} {
		if _, _, err := s.Get(t.Context(), key, blob.Range{}); err == nil {
			t.Errorf("%s was read through a link", key)
		}
	}
	if _, err := s.Put(t.Context(), "a/new", strings.NewReader("x"), blob.PutOptions{MaxBytes: 1}); err == nil {
		t.Error("a blob was put through a link")
	}
	if list, err := s.List(t.Context(), "", "", 10); err != nil || len(list) != 0 {
		t.Errorf("listed %v, %v", list, err)
	}
	if got := strings.Join(files(t, outside), " "); got != "./ +tmp/ b" {
		t.Errorf("outside there are %s", got)
	}
}

func TestDamageIsSeen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	put(t, s, "a", strings.Repeat("x", 500))
	for _, size := range []int64{600, 100, 0} {
		if err := os.Truncate(filepath.Join(folder, "a"), size); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Stat(t.Context(), "a"); !errors.Is(err, file.ErrDamaged) {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
}

func TestWhatKilledWritersLeftGoes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	open(t, folder)
	old, young := filepath.Join(folder, "+tmp", "old"), filepath.Join(folder, "+tmp", "young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
	if got := strings.Join(files(t, folder), " "); got != "./ +tmp/ +tmp/young" {
		t.Errorf("there are %s", got)
	}
}
