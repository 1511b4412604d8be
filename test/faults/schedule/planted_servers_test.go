//go:build servers

package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"headway/test/faults/schedule"
)

// TestPlantedFaultsAreFound: the schedules are worth something only if they
// find what is wrong. So the binary is built with one fault planted at a time,
// and a schedule in which it shows must find it; with nothing planted it finds
// nothing.
func TestPlantedFaultsAreFound(t *testing.T) {
	if _, many := number(t, "HEADWAY_FAULTS_SCHEDULES"); !many {
		t.Skip("make faults builds the binary anew for each planted fault")
	}
	s := newSite(t, build(t))
	s.patience = usual / 4
	at := func(ms, length int, target, fault string) schedule.Entry {
		return schedule.Entry{At: time.Duration(ms) * time.Millisecond, For: time.Duration(length) * time.Millisecond, Target: target, Fault: fault}
	}
	// Everything takes long between two processes and the store, so that what
	// happens to either falls in between two steps.
	blows := func(one, two int) []schedule.Entry {
		var out []schedule.Entry
		for i, n := range []int{one, two} {
			store, process := fmt.Sprintf("line %d to %s", n, toStore), fmt.Sprintf("process %d", n)
			ms := 1000 * i
			out = append(out,
				at(300+ms, 700, store, slow), at(900+ms, 300, process, killed),
				at(2300+1200*i, 900, store, slow), at(3100+1200*i, 300, store, cut))
		}
		return out
	}
	people, consumers := blows(1, 2), blows(3, 4)
	for _, entries := range [][]schedule.Entry{people, consumers} {
		if f := s.trial(t, entries); len(f.problems) > 0 {
			t.Fatalf("with nothing planted:\n%s", strings.Join(f.problems, "\n"))
		}
	}
	for _, c := range []struct {
		mutant  string // the build tag
		what    string
		entries []schedule.Entry
	}{
		{"mutant_answer", "a commit is answered before it is made", people},
		{"mutant_publish", "a commit is told of before it is made", people},
		{"mutant_checkpoint", "a checkpoint is committed before the effect", consumers},
		{"mutant_fence", "nothing keeps late processes from a checkpoint", consumers},
	} {
		t.Run(c.mutant, func(t *testing.T) {
			binary := build(t, c.mutant)
			for _, p := range s.processes {
				p.binary = binary
			}
			const tries = 5
			for try := range tries {
				f := s.trial(t, c.entries)
				t.Log(f)
				if len(f.problems) > 0 {
					t.Logf("try %d found that %s: %.500s", try+1, c.what, f.problems[0])
					return
				}
			}
			t.Errorf("%d schedules did not find that %s", tries, c.what)
		})
	}
}
