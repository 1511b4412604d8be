package notification_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/platform/mail"
	"headway/internal/task/event"
)

func TestMails(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) {
			d.Assignees, d.Due, d.Description = []ids.ID{ann, bob}, "2026-03-02", event.Mention(cal, "x")
		})
		w.record(cal, event.CommentAdded, task, &event.CommentData{Comment: event.Comment{ID: id(30), Text: "So?", Author: cal, At: began}})
		if got := w.post(bob); !slices.Equal(got, []string{"Ann assigned you: Paint <the> door"}) {
			t.Errorf("Bob was mailed %q", got)
		}
		if got := w.post(cal); !slices.Equal(got, []string{"Ann mentioned you: Paint <the> door"}) {
			t.Errorf("Cal was mailed %q", got)
		}
		w.clock.Advance(15 * time.Hour)
		if got := w.post(ann); !slices.Equal(got, []string{"Due soon: Paint <the> door"}) {
			t.Errorf("Ann was mailed %q", got)
		}
		w.clock.Advance(24 * time.Hour)
		w.post(bob)
		if got := w.post(bob); len(got) != 3 || got[2] != "Overdue: Paint <the> door" {
			t.Errorf("Bob was mailed %q", got)
		}
		seen := map[string]bool{}
		for _, m := range w.mails.sent {
			if seen[m.ID] {
				t.Errorf("%s was sent twice", m.ID)
			}
			seen[m.ID] = true
		}
		m := w.mails.sent[slices.IndexFunc(w.mails.sent, func(m mail.Message) bool { return m.To == "bob@example.org" })]
		link := "https://headway.test/w/" + workspace.String() + "/t/" + task.String()
		if !strings.Contains(m.Text, "Ann assigned you to “Paint <the> door” in House.") || !strings.Contains(m.Text, link) {
			t.Errorf("the text is\n%s", m.Text)
		}
		if !strings.Contains(m.HTML, "“Paint &lt;the&gt; door”") || strings.Contains(m.HTML, "<the>") || !strings.Contains(m.HTML, link) {
			t.Errorf("the HTML is\n%s", m.HTML)
		}
		_, token, _ := strings.Cut(m.Unsubscribe, "?token=")
		s, err := w.store.Settings(t.Context(), state.Settings{})
		w.must(err)
		if user, topic, err := domain.ReadUnsubscribe(s.Secret, token); err != nil || user != bob || topic != state.Assignments {
			t.Errorf("the link to unsubscribe is of %s and %q, %v", user, topic, err)
		}
	})
}

func TestMailsThatNobodyWants(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob, cal, gus, ann} })
		w.settle()
		w.record(ann, event.TaskChanged, task, &event.TaskPatch{Assignees: change([]ids.ID{bob, cal, gus, ann}, []ids.ID{cal, gus})})
		p, err := w.store.Preferences(t.Context(), cal)
		w.must(err)
		_, err = w.store.SavePreferences(t.Context(), cal, p.Set(state.Email, state.Assignments, false))
		w.must(err)
		w.settle()
		list, err := w.store.Mark(t.Context(), gus, []ids.ID{domain.NoticeID(w.eventID(7), gus, state.Assigned)}, true)
		if err != nil || list != 1 {
			t.Fatalf("%d were marked, %v", list, err)
		}
		for who, user := range map[string]ids.ID{"who was unassigned": bob, "who does not want it": cal, "who has read it": gus, "oneself": ann} {
			if got := w.post(user); len(got) != 0 {
				t.Errorf("%s was mailed %q", who, got)
			}
		}
		if q, err := w.store.Queue(t.Context()); err != nil || q.Pending+q.Failed != 0 {
			t.Errorf("the queue is %+v, %v", q, err)
		}
		if got := w.module.Stats().Delivery.Skipped; got != 3 {
			t.Errorf("%d were skipped, want 3", got)
		}
	})
}

// eventID is the id of the event that was recorded as the nth, from 0.
func (w *world) eventID(n int) ids.ID { return ids.Derive(workspace, "event", fmt.Sprint(n)) }

func TestMailsAreTriedAgainAndGivenUp(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.mails.away = errAway
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		for range 5 {
			w.post(bob)
		}
		if s := w.module.Stats().Delivery; s.Retried < 3 || s.Failed+s.Sent != 0 {
			t.Errorf("while the server is away: %+v", s)
		}
		w.mails.away = nil
		w.clock.Advance(time.Hour)
		if got := w.post(bob); len(got) != 1 {
			t.Errorf("Bob was mailed %q", got)
		}
		w.mails.away = fmt.Errorf("%w: no such mailbox", mail.ErrRefused)
		w.create(second, func(d *event.TaskData) { d.Assignees = []ids.ID{bob, cal} })
		w.post(bob)
		failed, err := w.store.GivenUp(t.Context(), 10)
		if err != nil || len(failed) != 2 || !strings.Contains(failed[0].Reason, "no such mailbox") {
			t.Errorf("given up: %+v, %v", failed, err)
		}
		w.mails.away = errAway
		w.create(id(22), func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		for range 30 {
			w.post(bob)
			w.clock.Advance(time.Hour)
		}
		if failed, err := w.store.GivenUp(t.Context(), 10); err != nil || len(failed) != 3 {
			t.Errorf("given up after a day: %+v, %v", failed, err)
		}
	})
}

// What was before the service ran first, and what is old, is in the inbox and in no mail.
func TestNoMailsOfLongAgo(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.clock.Advance(-time.Hour)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		w.clock.Advance(2 * time.Hour)
		w.create(second, func(d *event.TaskData) { d.Assignees = []ids.ID{cal} })
		w.clock.Advance(domain.MailWithin + time.Minute)
		for _, user := range []ids.ID{bob, cal} {
			w.want("long ago", user, state.Assigned)
			if got := w.post(user); len(got) != 0 {
				t.Errorf("was mailed %q", got)
			}
		}
		w.create(id(22), func(d *event.TaskData) { d.Assignees = []ids.ID{gus} })
		w.clock.Advance(domain.Keep + time.Minute)
		w.want("longer ago than notices are kept", gus)
		w.must(w.module.Purge(t.Context()))
		w.want("too old by now", bob)
	})
}

// behind is a store in which the rows of a workspace are not written yet.
type behind struct {
	store.Store
	written *bool
}

func (b behind) Seen(ctx context.Context, workspace ids.ID, tasks []ids.ID) (*state.Frame, map[ids.ID]state.Task, error) {
	if !*b.written {
		return nil, nil, nil
	}
	return b.Store.Seen(ctx, workspace, tasks)
}

// A notice is written before the rows that say who may see it. A mail that
// another process takes up in between waits for them, however long they take.
func TestMailsWaitForWhatIsWrittenAfterThem(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		written := false
		b.store = behind{b.store, &written}
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		for range 3 {
			if got := w.post(bob); len(got) != 0 {
				t.Errorf("Bob was mailed %q of what nobody knows", got)
			}
			w.clock.Advance(time.Hour)
		}
		if s := w.module.Stats().Delivery; s.Skipped+s.Failed != 0 || s.Retried < 3 {
			t.Errorf("while it is not written: %+v", s)
		}
		written = true
		if got := w.post(bob); len(got) != 1 {
			t.Errorf("Bob was mailed %q", got)
		}
	})
}
