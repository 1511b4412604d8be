package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"headway/test/faults/schedule"
)

var possible = []schedule.Possible{
	{Target: "a", Faults: []string{"killed", "paused"}}, {Target: "b", Faults: []string{"cut"}},
	{Target: "c", Faults: []string{"cut", "delayed"}}, {Target: "d", Faults: []string{"killed"}}, {Target: "e", Faults: []string{"killed"}},
}

// TestASeedIsASchedule: the same one each time, another for another seed.
func TestASeedIsASchedule(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	for seed := range uint64(50) {
		entries := schedule.Draw(seed, possible)
		if !slices.Equal(entries, schedule.Draw(seed, possible)) {
			t.Fatalf("seed %d is two schedules", seed)
		}
		targets := map[string]bool{}
		for _, e := range entries {
			targets[e.Target] = true
		}
		if len(targets) != len(entries) || len(entries) < 2 || len(entries) > 4 || !slices.IsSortedFunc(entries, func(a, b schedule.Entry) int { return int(a.At - b.At) }) {
			t.Errorf("seed %d is\n%s", seed, schedule.Text(entries))
		}
		drawn[schedule.Text(entries)] = true
	}
	if len(drawn) < 45 {
		t.Errorf("50 seeds are %d schedules", len(drawn))
	}
}

// TestShrink: what has nothing to do with the failure is left out.
func TestShrink(t *testing.T) {
	t.Parallel()
	entries := []schedule.Entry{{Target: "a"}, {Target: "b"}, {Target: "c"}, {Target: "d"}}
	needs := func(targets string) func([]schedule.Entry) bool {
		return func(part []schedule.Entry) bool {
			for _, want := range strings.Split(targets, "") {
				if !slices.ContainsFunc(part, func(e schedule.Entry) bool { return e.Target == want }) {
					return false
				}
			}
			return true
		}
	}
	for _, targets := range []string{"a", "d", "bc", "ad", "abcd"} {
		got := ""
		for _, e := range schedule.Shrink(entries, 20, needs(targets)) {
			got += e.Target
		}
		if got != targets {
			t.Errorf("what needs %s shrinks to %s", targets, got)
		}
	}
	if left := schedule.Shrink(entries, 0, needs("a")); len(left) != 4 {
		t.Errorf("without a try %d are left", len(left))
	}
}

// ms is a moment of a history.
func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// write is an answered write.
func write(kind schedule.Kind, value string, from, to int, row schedule.Row) schedule.Op {
	return schedule.Op{Task: "t", Kind: kind, Value: value, Invoked: ms(from), Returned: ms(to), Answered: true, Head: row.Seq, Row: row}
}

// read is an answered read.
func read(from, to int, row schedule.Row) schedule.Op {
	return schedule.Op{Task: "t", Kind: schedule.Read, Invoked: ms(from), Returned: ms(to), Answered: true, Row: row}
}

// TestLinearizable: histories that can be and that cannot.
func TestLinearizable(t *testing.T) {
	t.Parallel()
	one := schedule.Row{Title: "one", Column: "open", Seq: 5}
	two := schedule.Row{Title: "two", Column: "open", Seq: 6}
	noted := schedule.Row{Title: "one", Column: "open", Comments: 1, Seq: 6}
	created := write(schedule.Create, "one", 0, 10, one)
	lost := schedule.Op{Task: "t", Kind: schedule.Rename, Value: "two", Invoked: ms(20)}
	for name, c := range map[string]struct {
		ops  []schedule.Op
		fine bool
	}{
		"a write and its reads":                  {[]schedule.Op{created, read(11, 12, one), write(schedule.Rename, "two", 20, 30, two), read(31, 32, two)}, true},
		"an old read while it is written":        {[]schedule.Op{created, write(schedule.Rename, "two", 20, 30, two), read(21, 22, one)}, true},
		"an old read after it was answered":      {[]schedule.Op{created, write(schedule.Rename, "two", 20, 30, two), read(31, 32, one)}, false},
		"a read goes back":                       {[]schedule.Op{created, write(schedule.Rename, "two", 20, 90, two), read(31, 32, two), read(33, 34, one)}, false},
		"what was not answered happened":         {[]schedule.Op{created, lost, read(31, 32, one), read(41, 42, two)}, true},
		"what was not answered did not happen":   {[]schedule.Op{created, lost, read(91, 92, one)}, true},
		"what was not answered happened and not": {[]schedule.Op{created, lost, read(31, 32, two), read(41, 42, one)}, false},
		"a move to where it is":                  {[]schedule.Op{created, write(schedule.Move, "open", 20, 30, one), read(31, 32, one)}, true},
		"a task is gone":                         {[]schedule.Op{created, read(11, 12, schedule.Row{Absent: true})}, false},
		"a task is made twice":                   {[]schedule.Op{created, write(schedule.Create, "two", 20, 30, two)}, false},
		"a comment counts once":                  {[]schedule.Op{created, write(schedule.Comment, "", 20, 30, schedule.Row{Seq: 6}), read(31, 32, noted)}, true},
		"a comment counts twice":                 {[]schedule.Op{created, write(schedule.Comment, "", 20, 30, schedule.Row{Seq: 6}), read(31, 32, schedule.Row{Title: "one", Column: "open", Comments: 2, Seq: 7})}, false},
		"a comment is lost":                      {[]schedule.Op{created, write(schedule.Comment, "", 20, 30, schedule.Row{Seq: 6}), read(31, 32, one)}, false},
		"a seq goes back":                        {[]schedule.Op{created, write(schedule.Rename, "two", 20, 30, schedule.Row{Title: "two", Column: "open", Seq: 4})}, false},
		"a later write is earlier in the log": {[]schedule.Op{created, {
			Task: "u", Kind: schedule.Create, Value: "other", Invoked: ms(20), Returned: ms(30), Answered: true, Head: 4, Row: schedule.Row{Title: "other", Column: "open", Seq: 4},
		}}, false},
	} {
		if problems := schedule.Linearizable(c.ops); (len(problems) == 0) != c.fine {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
