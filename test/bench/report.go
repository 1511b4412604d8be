package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// goal is a figure to reach.
type goal struct {
	work, limit, wanted, reached string
	met                          bool
}

// report writes the two tables as Markdown.
func (s *session) report(ctx context.Context, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Commit %s, %s, %d cores, %s, %s: median of %d interleaved rounds of %v each, in %v.\n",
		commit(ctx), time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), processor(), runtime.Version(), s.rounds, s.window, took.Round(time.Second))
	fmt.Fprintf(&b, "Server and limits are processes of their own on loopback; every write is synced (`synchronous=FULL`);\n")
	fmt.Fprintf(&b, "every request carries an access token through the whole chain. %d tasks in the big workspace, %d in the small.\n\n", s.options.big, s.options.small)
	b.WriteString("| work | conns | answers/s | p50 | p99 | server CPU | not 2xx |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, row := range rows {
		rounds := s.figures[row.name]
		if len(rounds) == 0 {
			continue
		}
		f := median(rounds)
		fmt.Fprintf(&b, "| %s | %d | %.0f | %s | %s | %s | %d |\n", row.title, row.conns, f.Rate, short(f.P50), short(f.P99), short(f.CPU), f.Bad)
	}
	b.WriteString("\n| work | limit beside it | to reach | reached | |\n| --- | --- | --- | --- | --- |\n")
	missed := 0
	for _, g := range append(s.ratioGoals(), s.singleGoals()...) {
		mark := "✓"
		if !g.met {
			mark = "✗"
			missed++
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", g.work, g.limit, g.wanted, g.reached, mark)
	}
	live := s.single.live
	fmt.Fprintf(&b, "\nWhile %d streams were open: %.2f cores, %s resident. After the rounds: %s resident. Goals missed: %d.\n",
		live.streams, live.cpu, mega(live.rss), mega(s.single.loaded), missed)
	return b.String()
}

// rows are the trials in the order in which the table shows them.
var rows = []struct {
	name, title string
	conns       int
}{
	{create1, "create a task", 1},
	{insert1, "– bare insert, synced", 1},
	{create32, "create a task", 32},
	{insert32, "– bare inserts, group-committed", 32},
	{post32, "– bare handler, decodes, same bytes", 32},
	{create128, "create a task", 128},
	{insert128, "– bare inserts, group-committed", 128},
	{create32Small, "create, small workspace", 32},
	{move32, "move a task", connections},
	{move32Small, "move, small workspace", connections},
	{read32, "read one task", connections},
	{readBare, "– bare handler, same bytes", connections},
	{read32Small, "read one, small workspace", connections},
	{list32, "list 50 of 10,000, from the store", connections},
	{listKept, "list 50 of 10,000, unchanged", connections},
	{listBare, "– bare handler, same bytes", connections},
	{list304, "list 50 of 10,000, answered 304", connections},
	{twoBytes, "– bare handler, two bytes", connections},
	{list32Small, "list 50, small workspace, from the store", connections},
	{sync32, "sync of ten changes", connections},
	{syncBare, "– bare handler, same bytes", connections},
	{sync32Small, "sync, small workspace", connections},
}

// ratioGoals are the figures that are measured against a limit in each round:
// the median of the rounds' ratios, as what else the machine does moves both.
func (s *session) ratioGoals() []goal {
	var out []goal
	atLeast := func(work, limit, name, beside string, want float64) {
		if r, ok := s.ratio(name, beside, func(a, b figure) float64 { return a.Rate / b.Rate }); ok {
			out = append(out, goal{work, limit, fmt.Sprintf("≥ %.2f × its rate", want), fmt.Sprintf("%.2f", r), r >= want})
		}
	}
	atLeast("create, 32 connections", "bare group-committed inserts", create32, insert32, 0.6)
	if r, ok := s.ratio(create32, insert32, func(a, b figure) float64 { return float64(a.CPU) / float64(b.CPU) }); ok {
		post := median(s.figures[post32]).CPU
		insert := median(s.figures[insert32]).CPU
		sum := r * float64(insert) / float64(insert+post)
		out = append(out, goal{"create, 32 connections, CPU", "bare insert + bare handler", "≤ 1.50 ×", fmt.Sprintf("%.2f", sum), sum <= 1.5})
	}
	if r, ok := s.ratio(create1, insert1, func(a, b figure) float64 { return float64(a.P50) / float64(b.P50) }); ok {
		out = append(out, goal{"create, 1 connection, p50", "one synced transaction", "≤ 2.00 ×", fmt.Sprintf("%.2f", r), r <= 2})
	}
	atLeast("read one task", "bare handler, same bytes", read32, readBare, 0.6)
	atLeast("list 50 of 10,000, from the store", "bare handler, same bytes", list32, listBare, 0.5)
	atLeast("list 50 of 10,000, unchanged", "bare handler, same bytes", listKept, listBare, 0.8)
	atLeast("list 50 of 10,000, 304", "bare handler, two bytes", list304, twoBytes, 0.7)
	atLeast("sync of ten changes", "bare handler, same bytes", sync32, syncBare, 0.5)
	for _, pair := range []struct{ work, small, big string }{
		{"create", create32Small, create32},
		{"move", move32Small, move32},
		{"read", read32Small, read32},
		{"list", list32Small, list32},
		{"sync", sync32Small, sync32},
	} {
		if r, ok := s.ratio(pair.small, pair.big, func(a, b figure) float64 { return a.Rate / b.Rate }); ok {
			work := fmt.Sprintf("%s with %d tasks instead of %d", pair.work, s.options.big, s.options.small)
			out = append(out, goal{work, "itself", "within 1.15 ×", fmt.Sprintf("%.2f", r), r <= 1.15})
		}
	}
	return out
}

// ratio answers the median of the rounds' ratios.
func (s *session) ratio(a, b string, of func(a, b figure) float64) (float64, bool) {
	var all []float64
	for i := range min(len(s.figures[a]), len(s.figures[b])) {
		all = append(all, of(s.figures[a][i], s.figures[b][i]))
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}

// singleGoals are the figures without a limit beside them.
func (s *session) singleGoals() []goal {
	var out []goal
	for _, f := range []liveFigure{s.single.live, s.single.crowd} {
		if f.streams == 0 {
			continue
		}
		out = append(out, goal{
			fmt.Sprintf("live, %d streams on %s, %d changes/s", f.streams, plural(f.workspaces, "workspace"), s.changes),
			fmt.Sprintf("%d of %d delivered", f.delivered, f.delivered+f.missing), "p99 < 50 ms",
			fmt.Sprintf("p50 %s, p99 %s", short(f.p50), short(f.p99)), f.p99 < 50*time.Millisecond && f.missing == 0,
		})
	}
	if i := s.single.imported; i.cards > 0 {
		rate := float64(i.cards) / i.took.Seconds()
		out = append(out,
			goal{fmt.Sprintf("import of %s, %d cards", mega(i.bytes), i.cards), "–", "≥ 5000 cards/s", fmt.Sprintf("%.0f cards/s", rate), rate >= 5000},
			goal{"import, growth of RSS", "–", "< 100 MB", mega(i.grew), i.grew < 100<<20})
	}
	ready := slices.Clone(s.single.ready[1:])
	if len(ready) > 0 {
		slices.Sort(ready)
		mid := ready[len(ready)/2]
		out = append(out, goal{fmt.Sprintf("start to ready, %d tasks", s.options.big), "–", "< 300 ms", short(mid), mid < 300*time.Millisecond})
	}
	return append(out,
		goal{"idle RSS", "–", "< 60 MB", mega(s.single.idle), s.single.idle < 60<<20},
		goal{"binary", "–", "< 40 MB", mega(s.single.binary), s.single.binary < 40<<20})
}

func plural(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func mega(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

// short writes a duration with the precision that it has.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", float64(d)/float64(time.Microsecond))
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
}

// commit names what is measured.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil {
		return "unknown"
	}
	return string(bytes.TrimSpace(out))
}

// processor names the machine's processor.
func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// The page's part between these lines is written by the bench.
const (
	markBegin = "<!-- written by make bench-record -->\n"
	markEnd   = "<!-- end -->\n"
)

// record puts the table into the page in place of the one before.
func record(page, table string) error {
	data, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(data), markBegin)
	_, after, ok2 := strings.Cut(rest, markEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table", page)
	}
	return os.WriteFile(page, []byte(before+markBegin+"\n"+table+"\n"+markEnd+after), 0o644)
}
