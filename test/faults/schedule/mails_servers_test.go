//go:build servers

package schedule_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/repeat"
	"headway/test/faults/schedule"
)

// hurried is how many times as fast the clocks of the processes run: a mail
// waits ten seconds, the mails of a process that died two minutes.
const hurried = 10

// hurry has the clocks of all processes run fast, until ctx ends.
func (s *site) hurry(ctx context.Context) {
	for began := time.Now(); repeat.Pause(ctx, 100*time.Millisecond); {
		for _, p := range s.processes {
			p.clock(func(p *process) { p.lapsed = time.Since(began) * (hurried - 1) })
		}
	}
}

// mailed holds the mails that came against those that are to come, one for
// each task, to whom it was given. It answers how long they took.
func (s *site) mailed(ctx context.Context, t *testing.T, l *load, entries []schedule.Entry) time.Duration {
	t.Helper()
	if ctx.Err() != nil || l.finds() {
		return 0 // the clients did not come to an end, or what is wrong is known
	}
	began := time.Now()
	late := false
	took := l.until(ctx, func() string {
		came, err := s.mail.MessageIDs(ctx)
		if err != nil {
			return err.Error()
		}
		if len(came) < len(l.created) {
			// What was recorded while a clock was ahead waits for as long.
			if !late && time.Since(began) > soon {
				late = true
				for _, p := range s.processes {
					p.clock(func(p *process) { p.jumped = 2 * time.Hour })
				}
			}
			return fmt.Sprintf("of %d mails %d came", len(l.created), len(came))
		}
		return ""
	})
	of, count := map[string]string{}, map[string]int{}
	for _, m := range s.mail.Mails(t) {
		count[m.MessageID]++
		what := ""
		for id, n := range l.created {
			if strings.Contains(m.Text, id) && len(m.To) == 1 && strings.EqualFold(m.To[0].Address, l.people[1-n.author].email) {
				what = "of task " + id
			}
		}
		switch other, known := of[what]; {
		case what == "":
			l.note("a mail came that nobody was to get: %+v", m)
		case known && other != m.MessageID:
			l.note("two mails with different ids came %s", what)
		}
		of[what] = m.MessageID
	}
	for what, id := range of {
		if n := count[id]; n > 1 && !mayDouble(entries) {
			l.note("the mail %s came %d times, though no answer of the mail server was lost", what, n)
		}
	}
	return took
}

// mayDouble reports whether a schedule may have the answer for a mail lost
// between the mail server and the note of it. Then, and only then, a mail comes again.
func mayDouble(entries []schedule.Entry) bool {
	for _, e := range entries {
		switch {
		case strings.HasSuffix(e.Target, toMail) && e.Fault != slow, strings.HasSuffix(toMail, e.Target):
			return true
		case strings.HasPrefix(e.Target, "process ") && e.Fault == killed, strings.HasPrefix(e.Target, "clock "):
			return true
		}
	}
	return false
}
