package storetest

import (
	"errors"
	"time"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
)

func (w *world) send(list ...state.Notice) {
	w.Helper()
	plan := store.Plan{Workspace: id(9)}
	for _, n := range list {
		s := put(n)
		s.Send = true
		plan.Steps = append(plan.Steps, s)
	}
	w.write(plan)
}

func (w *world) claim(now time.Time, want int) []store.Claim {
	w.Helper()
	list, err := w.Store.Claim(w.Context(), now, now.Add(time.Minute), 10)
	w.must(err)
	if len(list) != want {
		w.Fatalf("%d are to be sent, want %d: %+v", len(list), want, list)
	}
	return list
}

func (w *world) queue(pending, failed int) state.Queue {
	w.Helper()
	q, err := w.Store.Queue(w.Context())
	w.must(err)
	if q.Pending != pending || q.Failed != failed || q.Oldest.IsZero() != (pending == 0) {
		w.Errorf("the queue is %+v, want %d pending and %d failed", q, pending, failed)
	}
	return q
}

func outbox(w *world) {
	w.queue(0, 0)
	n := notice(1)
	w.send(n, n)
	w.send(n)
	if q := w.queue(1, 0); !q.Oldest.Equal(n.At) {
		w.Errorf("the oldest is of %s, want %s", q.Oldest, n.At)
	}
	w.claim(n.At, 0)
	now := n.At.Add(domain.Settles)
	c := w.claim(now, 1)[0]
	if c.User != n.User || c.Notice != n.ID || c.ID != domain.OutgoingID(n.ID, state.Email) || c.Channel != state.Email || c.Tries != 1 || c.State != state.Pending {
		w.Errorf("claimed %+v", c)
	}
	w.claim(now, 0)
	late := c
	c = w.claim(now.Add(time.Minute), 1)[0] // the lease is over
	if c.Tries != 2 {
		w.Errorf("try %d, want 2", c.Tries)
	}
	late.State = state.Sent
	if err := w.Store.Settle(w.Context(), late); !errors.Is(err, store.ErrLost) {
		w.Errorf("settled by who was too late: %v", err)
	}
	c.Due, c.Reason = now.Add(5*time.Minute), "the server is away"
	w.must(w.Store.Settle(w.Context(), c))
	w.claim(now.Add(time.Minute+time.Second), 0) // it waits
	w.queue(1, 0)
	c = w.claim(now.Add(5*time.Minute), 1)[0]
	if c.Tries != 3 || c.Reason != "the server is away" {
		w.Errorf("claimed %+v", c)
	}
	c.State, c.Reason = state.Sent, ""
	w.must(w.Store.Settle(w.Context(), c))
	if err := w.Store.Settle(w.Context(), c); !errors.Is(err, store.ErrLost) {
		w.Errorf("settled twice: %v", err)
	}
	w.send(n)
	w.claim(now.Add(24*time.Hour), 0)
	w.queue(0, 0)
}

func givenUp(w *world) {
	w.send(notice(1), notice(2), notice(3))
	list := w.claim(notice(9).At, 3)
	for i, s := range []state.SendState{state.Failed, state.Skipped, state.Sent} {
		list[i].State, list[i].Reason = s, "why"
		w.must(w.Store.Settle(w.Context(), list[i]))
	}
	w.queue(0, 1)
	failed, err := w.Store.GivenUp(w.Context(), 10)
	w.must(err)
	if len(failed) != 1 || failed[0].ID != list[0].ID || failed[0].Reason != "why" || failed[0].State != state.Failed {
		w.Errorf("given up: %+v", failed)
	}
}

func purge(w *world) {
	w.send(notice(1), notice(2), notice(3), notice(4))
	list := w.claim(notice(9).At, 4)
	for _, c := range list {
		switch c.Created {
		case notice(1).At, notice(4).At:
			c.State = state.Sent
		case notice(2).At:
			c.State = state.Failed
		default:
			continue // is still to be sent
		}
		w.must(w.Store.Settle(w.Context(), c))
	}
	n, err := w.Store.Purge(w.Context(), notice(2).At, notice(4).At, 10)
	if err != nil || n != 3 {
		w.Errorf("%d were dropped, %v; want one notice and two that were sent or failed", n, err)
	}
	w.want("what is left", w.list(store.List{}), 4, 3, 2)
	w.queue(1, 0)
	w.claim(notice(9).At.Add(time.Hour), 1)
}

func reminders(w *world) {
	r := func(task byte, seq uint64, at time.Time) state.Reminder {
		return state.Reminder{Workspace: id(9), Task: id(task), Version: state.At(1, seq), At: at}
	}
	write := func(seq uint64, list ...state.Reminder) {
		w.Helper()
		v := task(state.At(1, seq))
		w.write(store.Plan{Workspace: id(9), Tasks: []state.Task{v}, Frame: frame(state.At(1, seq)), Reminders: map[ids.ID][]state.Reminder{v.ID: list}})
	}
	due := func(now time.Time, want ...state.Reminder) {
		w.Helper()
		got, err := w.Store.Reminders(w.Context(), now, now.Add(time.Minute), 10)
		w.must(err)
		if len(got) != len(want) {
			w.Fatalf("due are %+v, want %+v", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				w.Errorf("due is %+v, want %+v", got[i], want[i])
			}
		}
	}
	write(5, r(7, 5, start), r(7, 5, start.Add(time.Hour)))
	due(start.Add(-time.Second))
	due(start, r(7, 5, start))
	due(start.Add(time.Second)) // somebody has it
	due(start.Add(time.Minute), r(7, 5, start))
	told := 0
	w.must(w.Store.Remind(w.Context(), r(7, 5, start), func(f *state.Frame, t *state.Task) []store.Step {
		if f == nil || t == nil || t.Due != "2026-03-02" {
			w.Errorf("looked at %+v of %+v", t, f)
		}
		told++
		n := notice(1)
		n.Version = state.At(1, 5).Stage(1)
		return []store.Step{{Version: n.Version, Put: &n, Send: true}}
	}))
	if told == 0 {
		w.Error("nobody was reminded")
	}
	w.want("reminded", w.list(store.List{}), 1)
	w.queue(1, 0)
	due(start.Add(30 * time.Minute))
	due(start.Add(time.Hour), r(7, 5, start.Add(time.Hour)))
	write(6, r(7, 6, start.Add(2*time.Hour)))
	due(start.Add(90 * time.Minute)) // the earlier ones went
	write(7)
	due(start.Add(3 * time.Hour))
	w.must(w.Store.Remind(w.Context(), r(6, 1, start), func(_ *state.Frame, t *state.Task) []store.Step {
		if t != nil {
			w.Errorf("an unknown task is %+v", t)
		}
		return nil
	}))
}
