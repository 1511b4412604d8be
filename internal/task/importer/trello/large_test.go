package trello

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/task/importer"
	"headway/internal/task/importer/trello/trellotest"
)

// large writes an export to a file and answers it staged.
func large(t testing.TB, b trellotest.Board) importer.Source {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "large.json"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := trellotest.Generate(f, b); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return importer.Source{R: f, Size: info.Size(), Name: "large.json", Workspace: testWorkspace}
}

// TestMemory holds that memory does not grow with the file: an export four
// times as large, by what its cards carry, takes no more.
func TestMemory(t *testing.T) {
	for _, padding := range []int{0, 4_000} {
		src := large(t, trellotest.Board{Cards: 5_000, Comments: 2_000, Checklists: 1_000, Padding: padding})
		peak := peakHeap(func() {
			b, err := Format{}.Open(context.Background(), src, ignore)
			if err != nil {
				t.Error(err)
				return
			}
			if rep := b.Report(); rep.RowOf("cards").Comes != 5_000 || rep.RowOf("comments").Comes != 2_000 || rep.RowOf("items").Comes != 4_000 {
				t.Errorf("report: %+v", rep)
			}
		})
		t.Logf("%d MB in the file, %d MB of heap at most", src.Size>>20, peak>>20)
		if peak > 24<<20 {
			t.Errorf("a file of %d MB took %d MB of heap", src.Size>>20, peak>>20)
		}
	}
}

// peakHeap answers how far the heap grew while fn ran.
func peakHeap(fn func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapAlloc))
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	fn()
	close(stop)
	<-stopped
	return peak.Load() - min(before, peak.Load())
}

// BenchmarkOpen reads an export of 50 MB: the whole first pass.
func BenchmarkOpen(b *testing.B) {
	src := large(b, trellotest.Board{Cards: 20_000, Comments: 20_000, Checklists: 5_000, Padding: 1_000})
	b.SetBytes(src.Size)
	b.ResetTimer()
	for range b.N {
		if _, err := (Format{}).Open(context.Background(), src, ignore); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*20_000/b.Elapsed().Seconds(), "cards/s")
}
