package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/test/load"
)

func TestStampedMakesNewIDs(t *testing.T) {
	t.Parallel()
	p := &place{workspace: ids.New(), label: ids.New()}
	project := ids.New()
	next := stamped(load.Request("POST", "/", "host", "", nil, taskBody(p, project, stamp)))
	seen := map[ids.ID]bool{}
	for range 3 {
		_, body, ok := strings.Cut(string(next()), "\r\n\r\n")
		var task newTask
		if err := json.Unmarshal([]byte(body), &task); !ok || err != nil {
			t.Fatalf("body %q: %v", body, err)
		}
		if task.ID == stamp || seen[task.ID] || task.Project != project {
			t.Errorf("create %v in %v", task.ID, task.Project)
		}
		seen[task.ID] = true
	}
}

func TestMedianTakesTheMiddleAndAddsWhatWentWrong(t *testing.T) {
	t.Parallel()
	got := median([]figure{{Rate: 3, P50: 1, P99: 9, CPU: 5, Bad: 1}, {Rate: 1, P50: 2, P99: 7, CPU: 4}, {Rate: 2, P50: 3, P99: 8, CPU: 6, Bad: 2}})
	if want := (figure{Rate: 2, P50: 2, P99: 8, CPU: 5, Bad: 3}); got != want {
		t.Errorf("median %+v, want %+v", got, want)
	}
	all := make([]time.Duration, 100)
	for i := range all {
		all[i] = time.Duration(100 - i)
	}
	if p50, p99 := percentile(all, 50), percentile(all, 99); p50 != 51 || p99 != 100 {
		t.Errorf("p50 %d, p99 %d", p50, p99)
	}
}

// A live change counts from its sending to each stream of its workspace, and what did not arrive is missing.
func TestLiveCountsArrivals(t *testing.T) {
	t.Parallel()
	start := time.Now()
	sent := map[change]time.Time{{0, 5}: start, {1, 5}: start}
	f := liveFigure{workspaces: 2}
	f.count(sent, []*watcher{
		{place: 0, got: []arrival{{change{0, 5}, start.Add(3)}}},
		{place: 0},
		{place: 1, got: []arrival{{change{1, 4}, start}, {change{1, 5}, start.Add(7)}}},
	})
	if f.delivered != 2 || f.missing != 1 || f.longest != 7 {
		t.Errorf("delivered %d, missing %d, longest %d", f.delivered, f.missing, f.longest)
	}
}

func TestReportMarksGoals(t *testing.T) {
	t.Parallel()
	s := &session{options: options{rounds: 1, big: 100_000, small: 1_000}, figures: map[string][]figure{
		read32: {{Rate: 700, CPU: 10}}, readBare: {{Rate: 1000, CPU: 5}},
		sync32: {{Rate: 400}}, syncBare: {{Rate: 1000}},
	}}
	s.single.ready = []time.Duration{0, 100 * time.Millisecond}
	got := s.report(t.Context(), time.Second)
	for _, want := range []string{
		"| read one task | bare handler, same bytes | ≥ 0.60 × its rate | 0.70 | ✓ |",
		"| sync of ten changes | bare handler, same bytes | ≥ 0.50 × its rate | 0.40 | ✗ |",
		"Goals missed: 1.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
}

func TestRecordReplacesTheTable(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("before\n"+markBegin+"old\n"+markEnd+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := record(page, "new\n"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if want := "before\n" + markBegin + "\nnew\n\n" + markEnd + "after\n"; string(data) != want {
		t.Errorf("the page is %q, want %q", data, want)
	}
}

// The export is JSON of about the size asked for, with as many cards as it says.
func TestExportIsAWholeBoard(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "board.json")
	const size = 300_000
	cards, err := writeExport(path, size)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Cards []struct{ ID, IDList string } `json:"cards"`
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	if len(board.Cards) != cards || cards < 50 || len(data) < size {
		t.Errorf("%d bytes with %d cards, said %d", len(data), len(board.Cards), cards)
	}
}
