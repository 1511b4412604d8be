package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"headway/internal/platform/blob"
)

func refusesKeys(t *testing.T, s blob.Store) {
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a", ".hidden", "a/.b", "a.", "a./b",
		"A", "a b", "a\\b", "a:b", "a\x00b", "a\nb", "ä", "a+/b", "+tmp/a", "~", "%2e%2e/a", "con", "a/nul.txt", "com1", "lpt9.log/x",
		strings.Repeat("k", blob.MaxSegment+1), strings.Repeat("k/", blob.MaxKey/2) + "k",
	} {
		_, putErr := s.Put(t.Context(), key, strings.NewReader("x"), blob.PutOptions{MaxBytes: 1})
		_, _, getErr := s.Get(t.Context(), key, blob.Range{})
		_, statErr := s.Stat(t.Context(), key)
		for what, err := range map[string]error{"Put": putErr, "Get": getErr, "Stat": statErr, "Delete": s.Delete(t.Context(), key)} {
			var bad *blob.KeyError
			if !errors.As(err, &bad) {
				t.Errorf("%s of %q answered %v", what, key, err)
			}
		}
	}
	for _, prefix := range []string{"A", "ä", "a\x00", "+tmp", strings.Repeat("p", blob.MaxKey+1)} {
		_, prefixErr := s.List(t.Context(), prefix, "", 1)
		_, afterErr := s.List(t.Context(), "", prefix, 1)
		var bad *blob.KeyError
		if !errors.As(prefixErr, &bad) || !errors.As(afterErr, &bad) {
			t.Errorf("List of %q answered %v, after it %v", prefix, prefixErr, afterErr)
		}
	}
	if list, err := s.List(t.Context(), "", "", 10); err != nil || len(list) != 0 {
		t.Errorf("there are %v, %v", list, err)
	}
}

func refusesOptions(t *testing.T, s blob.Store) {
	for what, opts := range map[string]blob.PutOptions{
		"no limit":       {},
		"negative limit": {MaxBytes: -1},
		"content type":   {MaxBytes: 1, ContentType: "text/"},
		"line feed":      {MaxBytes: 1, ContentType: "text/plain\n"},
		"not ASCII":      {MaxBytes: 1, ContentType: `text/plain; a="ä"`},
		"long":           {MaxBytes: 1, ContentType: "text/" + strings.Repeat("x", blob.MaxContentType)},
	} {
		if _, err := s.Put(t.Context(), "key", strings.NewReader("x"), opts); !errors.Is(err, blob.ErrInvalid) {
			t.Errorf("%s: answered %v", what, err)
		}
	}
	missing(t, s, "key")
}

func deletesOnce(t *testing.T, s blob.Store) {
	put(t, s, "a/b/c", []byte("x"))
	put(t, s, "a/c", []byte("y"))
	for range 2 {
		if err := s.Delete(t.Context(), "a/b/c"); err != nil {
			t.Fatal(err)
		}
		missing(t, s, "a/b/c")
	}
	if err := s.Delete(t.Context(), "a"); err != nil { // a part of a key is none
		t.Fatal(err)
	}
	holds(t, s, "a/c", []byte("y"))
	put(t, s, "a/b/c", []byte("z"))
	holds(t, s, "a/b/c", []byte("z"))
	if err := s.Delete(t.Context(), "never/was"); err != nil {
		t.Error(err)
	}
}

func listed(t *testing.T, s blob.Store, prefix, after string, limit int) []string {
	t.Helper()
	var keys []string
	for {
		page, err := s.List(t.Context(), prefix, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > limit {
			t.Fatalf("a page of %d, asked for %d", len(page), limit)
		}
		if len(page) == 0 {
			return keys
		}
		for _, info := range page {
			keys = append(keys, info.Key)
		}
		after = keys[len(keys)-1]
	}
}

func listsInTheOrderOfKeys(t *testing.T, s blob.Store) {
	putAndList(t, s, []string{
		"a-b/c", "a.b", "a/b-c", "a/b.c", "a/b/c", "a/b/d", "a/b0", "a/c", "a0", "a_b", "aa/x", "ab", "b/a/a/a", "b/a/b", "c",
		"imports/1/file", "imports/10/file", "imports/2/file",
	})
	if page, err := s.List(t.Context(), "", "", 0); err != nil || len(page) != 0 {
		t.Errorf("a page of none: %v, %v", page, err)
	}
}

// keepsKeysBelowKeys has blobs whose keys are the beginnings of other ones'.
func keepsKeysBelowKeys(t *testing.T, s blob.Store) {
	keys := []string{"a", "a-b", "a-b/c", "a.b", "a/b", "a/b-c", "a/b.c", "a/b/c", "a/b/d", "a/b0", "a/c", "a0", "b/a/a/a", "b/a/b"}
	putAndList(t, s, keys)
	for _, key := range []string{"a", "a/b/c"} {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		missing(t, s, key)
		keys = slices.DeleteFunc(keys, func(k string) bool { return k == key })
		if got := listed(t, s, "", "", 100); !slices.Equal(got, keys) {
			t.Errorf("without %s there are %q, want %q", key, got, keys)
		}
	}
}

// putAndList puts sorted keys and lists them from many places.
func putAndList(t *testing.T, s blob.Store, keys []string) {
	t.Helper()
	if !slices.IsSorted(keys) {
		t.Fatal("the keys of the test are not sorted")
	}
	for i := range keys {
		key := keys[(i*5)%len(keys)] // not in their order
		put(t, s, key, content(i, 1))
	}
	for _, limit := range []int{1, 3, 100} {
		for _, prefix := range []string{"", "a", "a/", "a/b", "a/b/", "b/a", "imports/1", "imports/1/", "x", "a/b/c", "a/b/c/"} {
			for _, after := range []string{"", "a", "a-", "a/", "a/b", "a/b/c", "a/z", "b", "imports/1/", "zz"} {
				var want []string
				for _, key := range keys {
					if strings.HasPrefix(key, prefix) && key > after {
						want = append(want, key)
					}
				}
				if got := listed(t, s, prefix, after, limit); !slices.Equal(got, want) {
					t.Errorf("%q after %q by %d: %q, want %q", prefix, after, limit, got, want)
				}
			}
		}
	}
}

func listsWhatIsThere(t *testing.T, s blob.Store) {
	info := put(t, s, "a/b", content(321, 1))
	put(t, s, "a/c", nil)
	list, err := s.List(t.Context(), "a/", "", 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if got := list[0]; got.Key != "a/b" || got.Size != 321 || got.ContentType != "" || got.Modified.Sub(info.Modified).Abs().Seconds() > 2 {
		t.Errorf("listed %+v, was put %+v", got, info)
	}
	if got := list[1]; got.Size != 0 {
		t.Errorf("listed %+v", got)
	}
}

// readersSeeOneContent reads a key while it is replaced: each time one of the
// contents, and all of it.
func readersSeeOneContent(t *testing.T, s blob.Store) {
	contents := [][]byte{content(300_000, 1), content(200_000, 2), content(100_000, 3)}
	put(t, s, "a/key", contents[0])
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, info, err := s.Get(t.Context(), "a/key", blob.Range{})
				if err != nil {
					t.Errorf("Get: %v", err)
					return
				}
				got, err := io.ReadAll(r)
				if err := errors.Join(err, r.Close()); err != nil {
					t.Errorf("read: %v", err)
					return
				}
				whole := slices.ContainsFunc(contents, func(c []byte) bool { return bytes.Equal(c, got) })
				if !whole || info.Size != int64(len(got)) {
					t.Errorf("read %d bytes of a mixture; it said %d", len(got), info.Size)
					return
				}
			}
		})
	}
	for i := range 20 {
		put(t, s, "a/key", contents[i%3])
	}
	close(done)
	readers.Wait()
}

// putsAndDeletesTogether has many put and delete keys of one folder at once.
func putsAndDeletesTogether(t *testing.T, s blob.Store) {
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			key := fmt.Sprintf("x/y/key-%d", n)
			for i := range 25 {
				body := content(10+i, n)
				if _, err := s.Put(t.Context(), key, bytes.NewReader(body), blob.PutOptions{MaxBytes: 100}); err != nil {
					t.Errorf("Put: %v", err)
					return
				}
				holds(t, s, key, body)
				if err := s.Delete(t.Context(), key); err != nil {
					t.Errorf("Delete: %v", err)
				}
			}
			put(t, s, key, nil)
		})
	}
	all.Wait()
	if got := listed(t, s, "", "", 10); len(got) != 4 {
		t.Errorf("there are %q", got)
	}
}
