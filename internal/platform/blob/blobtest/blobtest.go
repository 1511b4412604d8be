// Package blobtest holds the conformance suite of the blob port: every
// adapter runs it, and what it asserts is what callers may rely on.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/blob"
)

// Limit is something that a server which stands in for the real one in tests
// cannot do. What it keeps out of the suite is to be run against another server.
type Limit string

// The limits that stand-ins have.
const (
	// KeysAreFiles is said of a server that keeps each key as a file: it cannot
	// have "a" beside "a/b", nor put into a folder that it is just removing.
	KeysAreFiles Limit = "keys are files"
	// BelievesEverybody is said of a server that looks at no signature.
	BelievesEverybody Limit = "believes everybody"
)

// Run runs the suite, but for what the limits keep out. open answers an empty
// store that goes with its test.
func Run(t *testing.T, open func(t *testing.T) blob.Store, limits ...Limit) {
	for _, test := range []struct {
		name  string
		run   func(*testing.T, blob.Store)
		fails Limit // on a server with this
	}{
		{"KeepsWhatWasPut", keepsWhatWasPut, ""},
		{"ReadsParts", readsParts, ""},
		{"ReplacesWhole", replacesWhole, ""},
		{"KeepsTheOldAfterAFailedPut", keepsTheOldAfterAFailedPut, ""},
		{"RefusesKeys", refusesKeys, ""},
		{"RefusesOptions", refusesOptions, ""},
		{"DeletesOnce", deletesOnce, ""},
		{"ListsInTheOrderOfKeys", listsInTheOrderOfKeys, ""},
		{"ListsWhatIsThere", listsWhatIsThere, ""},
		{"ReadersSeeOneContent", readersSeeOneContent, ""},
		{"StopsWithItsContext", stopsWithItsContext, ""},
		{"SignsURLs", signsURLs, ""},
		{"SignedURLsHoldForWhatTheySay", signedURLsHoldForWhatTheySay, BelievesEverybody},
		{"KeepsKeysBelowKeys", keepsKeysBelowKeys, KeysAreFiles},
		{"PutsAndDeletesTogether", putsAndDeletesTogether, KeysAreFiles},
	} {
		if test.fails != "" && slices.Contains(limits, test.fails) {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

// content is size bytes that look like nothing else.
func content(size, seed int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(seed & 0xff)}).Read(b) // never fails
	return b
}

func put(t *testing.T, s blob.Store, key string, body []byte) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, bytes.NewReader(body), blob.PutOptions{ContentType: "text/plain; charset=utf-8", MaxBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func get(t *testing.T, s blob.Store, key string, part blob.Range) []byte {
	t.Helper()
	r, _, err := s.Get(t.Context(), key, part)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return b
}

func holds(t *testing.T, s blob.Store, key string, want []byte) {
	t.Helper()
	if got := get(t, s, key, blob.Range{}); !bytes.Equal(got, want) {
		t.Errorf("%s holds %d bytes, want %d, or other ones", key, len(got), len(want))
	}
}

func missing(t *testing.T, s blob.Store, key string) {
	t.Helper()
	if _, err := s.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("Stat %s: %v", key, err)
	}
	if r, _, err := s.Get(t.Context(), key, blob.Range{}); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("Get %s: %v, %v", key, r, err)
	}
}

func keepsWhatWasPut(t *testing.T, s blob.Store) {
	missing(t, s, "files/none")
	for key, c := range map[string]struct {
		size        int
		contentType string
	}{
		"empty":                                {0, "text/plain"},
		"files/one":                            {1, ""},
		"files/0190a5c2-7b7e/board_2.min.json": {100_000, "application/json"},
		"files/large":                          {12<<20 + 1, "image/svg+xml"}, // more than one part, where parts there are
		strings.Repeat("d/", 100) + "deep":     {10, `text/csv; charset="utf-8"; header=present`},
		strings.Repeat("n", blob.MaxSegment):   {3, strings.Repeat("a", blob.MaxContentType-2) + "/b"},
	} {
		body := content(c.size, len(key))
		before := time.Now().Add(-2 * time.Second)
		info, err := s.Put(t.Context(), key, onlyReader{bytes.NewReader(body)}, blob.PutOptions{ContentType: c.contentType, MaxBytes: max(1, int64(c.size))})
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		contentType := c.contentType
		if contentType == "" {
			contentType = blob.DefaultContentType
		}
		check := func(what string, got blob.Info) {
			t.Helper()
			if got.Key != key || got.Size != int64(c.size) || got.ContentType != contentType ||
				got.Modified.Before(before) || got.Modified.After(time.Now().Add(2*time.Second)) || got.Modified.Location() != time.UTC {
				t.Errorf("%s answered %+v for %s (%d bytes, %s)", what, got, key, c.size, contentType)
			}
		}
		check("Put", info)
		stat, err := s.Stat(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		check("Stat", stat)
		r, got, err := s.Get(t.Context(), key, blob.Range{})
		if err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		check("Get", got)
		if !bytes.Equal(read, body) {
			t.Errorf("%s: %d other bytes were read", key, len(read))
		}
	}
}

// onlyReader hides that a reader could seek.
type onlyReader struct{ io.Reader }

func readsParts(t *testing.T, s blob.Store) {
	body := content(1000, 1)
	put(t, s, "parts", body)
	put(t, s, "none", nil)
	for _, c := range []struct {
		part     blob.Range
		from, to int
	}{
		{blob.Range{}, 0, 1000},
		{blob.Range{Length: 1}, 0, 1},
		{blob.Range{Offset: 10, Length: 20}, 10, 30},
		{blob.Range{Offset: 999}, 999, 1000},
		{blob.Range{Offset: 990, Length: 100}, 990, 1000},
		{blob.Range{Length: 1000}, 0, 1000},
		{blob.Range{Length: 1 << 40}, 0, 1000},
	} {
		r, info, err := s.Get(t.Context(), "parts", c.part)
		if err != nil {
			t.Errorf("%+v: %v", c.part, err)
			continue
		}
		if at, ok := r.(io.ReaderAt); ok {
			last := make([]byte, 1)
			if _, err := at.ReadAt(last, int64(c.to-c.from-1)); err != nil || last[0] != body[c.to-1] {
				t.Errorf("%+v: the last byte is %v, %v", c.part, last, err)
			}
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, body[c.from:c.to]) || info.Size != 1000 || info.ContentType != "text/plain; charset=utf-8" {
			t.Errorf("%+v: %d bytes of %+v", c.part, len(got), info)
		}
	}
	if got := get(t, s, "none", blob.Range{Length: 10}); len(got) != 0 {
		t.Errorf("%d bytes of nothing", len(got))
	}
	for key, offset := range map[string]int64{"parts": 1000, "none": 1} {
		if _, _, err := s.Get(t.Context(), key, blob.Range{Offset: offset}); !errors.Is(err, blob.ErrRange) {
			t.Errorf("%s from %d on: %v", key, offset, err)
		}
	}
	for _, part := range []blob.Range{{Offset: -1}, {Length: -1}} {
		if _, _, err := s.Get(t.Context(), "parts", part); !errors.Is(err, blob.ErrInvalid) {
			t.Errorf("%+v: %v", part, err)
		}
	}
	// Closing before the end is fine.
	r, _, err := s.Get(t.Context(), "parts", blob.Range{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func replacesWhole(t *testing.T, s blob.Store) {
	put(t, s, "a/one", content(5000, 1))
	shorter := content(10, 2)
	if _, err := s.Put(t.Context(), "a/one", bytes.NewReader(shorter), blob.PutOptions{ContentType: "image/png", MaxBytes: 10}); err != nil {
		t.Fatal(err)
	}
	holds(t, s, "a/one", shorter)
	if info, err := s.Stat(t.Context(), "a/one"); err != nil || info.Size != 10 || info.ContentType != "image/png" {
		t.Errorf("Stat: %+v, %v", info, err)
	}
}

func keepsTheOldAfterAFailedPut(t *testing.T, s blob.Store) {
	old := content(100, 1)
	put(t, s, "a/old", old)
	broken := errors.New("the line broke")
	large := content(12<<20, 2)
	for what, c := range map[string]struct {
		body func(cancel func()) io.Reader
		max  int64
		want error
	}{
		"too large":            {func(func()) io.Reader { return bytes.NewReader(large[:101]) }, 100, blob.ErrTooLarge},
		"too large, in parts":  {func(func()) io.Reader { return bytes.NewReader(large) }, 12<<20 - 1, blob.ErrTooLarge},
		"broken at once":       {func(func()) io.Reader { return broke{broken} }, 1000, broken},
		"broken off":           {func(func()) io.Reader { return io.MultiReader(bytes.NewReader(large[:100]), broke{broken}) }, 1000, broken},
		"broken off, in parts": {func(func()) io.Reader { return io.MultiReader(bytes.NewReader(large), broke{broken}) }, 1 << 30, broken},
		"given up": {func(cancel func()) io.Reader {
			return io.MultiReader(bytes.NewReader(large[:100]), calls{cancel}, bytes.NewReader(large[:100]))
		}, 1 << 30, context.Canceled},
		"given up, in parts": {func(cancel func()) io.Reader {
			return io.MultiReader(bytes.NewReader(large), calls{cancel}, bytes.NewReader(large))
		}, 1 << 30, context.Canceled},
		"given up at the start": {func(cancel func()) io.Reader { cancel(); return bytes.NewReader(large[:100]) }, 1 << 30, context.Canceled},
	} {
		for _, key := range []string{"a/old", "a/new"} {
			ctx, cancel := context.WithCancel(t.Context())
			if _, err := s.Put(ctx, key, c.body(cancel), blob.PutOptions{MaxBytes: c.max}); !errors.Is(err, c.want) {
				t.Errorf("%s: answered %v", what, err)
			}
			cancel()
		}
	}
	holds(t, s, "a/old", old)
	missing(t, s, "a/new")
	list, err := s.List(t.Context(), "", "", 10)
	if err != nil || len(list) != 1 || list[0].Size != 100 {
		t.Errorf("there are %+v, %v", list, err)
	}
}

// broke fails when it is read.
type broke struct{ err error }

func (b broke) Read([]byte) (int, error) { return 0, b.err }

// calls calls when it is read, and is empty.
type calls struct{ fn func() }

func (c calls) Read([]byte) (int, error) { c.fn(); return 0, io.EOF }

func stopsWithItsContext(t *testing.T, s blob.Store) {
	put(t, s, "key", []byte("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, putErr := s.Put(ctx, "key", strings.NewReader("y"), blob.PutOptions{MaxBytes: 1})
	_, _, getErr := s.Get(ctx, "key", blob.Range{})
	_, statErr := s.Stat(ctx, "key")
	_, listErr := s.List(ctx, "", "", 1)
	for what, err := range map[string]error{"Put": putErr, "Get": getErr, "Stat": statErr, "List": listErr, "Delete": s.Delete(ctx, "key")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s answered %v", what, err)
		}
	}
	holds(t, s, "key", []byte("x"))
}
