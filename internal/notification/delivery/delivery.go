// Package delivery sends what is in the outbox.
//
// Workers of all processes claim what is due, each with a lease: while it
// lasts nobody else tries. A mail is sent within its lease or not at all, and
// then settled, by the claim's number, so that who was too late settles
// nothing. What a process that died may have sent is sent once more, with the
// same Message-ID.
package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/mail"
	"headway/internal/platform/peer/contacts"
	"headway/internal/platform/repeat"
)

// Worker sends what is due. Its fields but the last are required.
type Worker struct {
	Store    store.Store
	Contacts contacts.Directory
	Mail     mail.Sender
	Clock    clock.Clock
	Log      *slog.Logger
	// PublicURL is where people reach the web app, without a slash at its end.
	PublicURL string
	// UnsubscribePath is below it.
	UnsubscribePath string
	// Secret signs links.
	Secret []byte
	// Domain is that of Message-IDs.
	Domain string

	counts counts
}

type counts struct{ sent, failed, skipped, retried atomic.Uint64 }

// Stats are counts since the start.
type Stats struct {
	// Sent were taken over; Failed are given up; Skipped were not wanted any
	// more; Retried are tries that failed and are made again.
	Sent, Failed, Skipped, Retried uint64
}

// Stats answers the counts.
func (w *Worker) Stats() Stats {
	c := &w.counts
	return Stats{c.sent.Load(), c.failed.Load(), c.skipped.Load(), c.retried.Load()}
}

const (
	// every is how often the worker asks what is due.
	every = 2 * time.Second
	// lease is how long a claim is its process's.
	lease = 2 * time.Minute
	// margin is how long before the end of the lease no mail is begun: longer than one may take.
	margin = 45 * time.Second
	// batch is how many are claimed at once, parallel how many of them are sent at once.
	batch    = 16
	parallel = 4
	// sending bounds one mail.
	sending = 30 * time.Second
	// firstWait is the wait before the second try, doubled with each up to maxWait.
	firstWait = 15 * time.Second
	maxWait   = time.Hour
	// giveUp is how long after it was due first a mail is tried.
	giveUp = 24 * time.Hour
	// hidden is how long a mail waits for a replay to come to its notice.
	hidden = time.Minute
	// settling is how long a mail waits, and unwritten how long at once, for
	// what is written after its notice.
	settling  = 10 * time.Minute
	unwritten = 5 * time.Second
)

// Run sends what is due until ctx ends, and lets a mail that is underway be finished.
func (w *Worker) Run(ctx context.Context) {
	repeat.Watched(ctx, every, w.All, func(err error) {
		if err != nil {
			w.Log.WarnContext(ctx, "the outbox cannot be read; trying until it can", "cause", err)
		} else {
			w.Log.InfoContext(ctx, "the outbox can be read again")
		}
	})
}

// All sends what is due now.
func (w *Worker) All(ctx context.Context) error {
	for ctx.Err() == nil {
		now := w.Clock.Now()
		claims, err := w.Store.Claim(ctx, now, now.Add(lease), batch)
		if err != nil {
			return err
		}
		var all sync.WaitGroup
		slots := make(chan struct{}, parallel)
		for _, c := range claims {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				w.one(ctx, c)
			})
		}
		all.Wait()
		if len(claims) < batch {
			return nil
		}
	}
	return ctx.Err()
}

// verdict is what becomes of a claim.
type verdict struct {
	state  state.SendState
	reason string
	// wait is for those that are tried again.
	wait time.Duration
}

// one handles one claim. It is not broken off when the process leaves: that
// would leave it open whether the mail was sent.
func (w *Worker) one(ctx context.Context, c store.Claim) {
	if ctx.Err() != nil {
		w.settle(ctx, c) // not begun: another process may have it at once
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sending)
	defer cancel()
	v := w.deliver(ctx, &c)
	c.State, c.Reason, c.Due = v.state, mail.Clean(v.reason, maxReason), w.Clock.Now().Add(v.wait)
	w.settle(ctx, c)
}

// maxReason bounds the reasons that are kept, in characters.
const maxReason = 300

func (w *Worker) settle(ctx context.Context, c store.Claim) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), margin)
	defer cancel()
	for {
		err := w.Store.Settle(ctx, c)
		if err == nil {
			break
		}
		if errors.Is(err, store.ErrLost) || ctx.Err() != nil || w.Clock.Now().After(c.Until) {
			w.Log.WarnContext(ctx, "what became of a mail could not be noted; it may be sent again, with the same Message-ID", "outgoing", c.ID, "cause", err)
			return
		}
		repeat.Pause(ctx, 200*time.Millisecond)
	}
	switch c.State {
	case state.Sent:
		w.counts.sent.Add(1)
	case state.Skipped:
		w.counts.skipped.Add(1)
	case state.Pending:
		w.counts.retried.Add(1)
		w.Log.InfoContext(ctx, "a mail is tried again later", "outgoing", c.ID, "try", c.Tries, "at", c.Due, "cause", c.Reason)
	case state.Failed:
		w.counts.failed.Add(1)
		w.Log.WarnContext(ctx, "a mail is given up", "outgoing", c.ID, "user", c.User, "tries", c.Tries, "cause", c.Reason)
	}
}

func (w *Worker) deliver(ctx context.Context, c *store.Claim) verdict {
	m, skip, err := w.compose(ctx, &c.Outgoing)
	if err != nil {
		return w.again(c, err)
	}
	if skip != nil {
		return *skip
	}
	if w.Clock.Now().After(c.Until.Add(-margin)) {
		return verdict{state: state.Pending, reason: "the lease was over before it could be sent"}
	}
	switch err := w.Mail.Send(ctx, m); {
	case err == nil:
		return verdict{state: state.Sent}
	case errors.Is(err, mail.ErrRefused):
		return verdict{state: state.Failed, reason: err.Error()}
	default:
		return w.again(c, err)
	}
}

// again says when a mail is tried next.
func (w *Worker) again(c *store.Claim, err error) verdict {
	if w.Clock.Now().Sub(c.Created) > giveUp {
		return verdict{state: state.Failed, reason: err.Error()}
	}
	wait := firstWait
	for i := 1; i < c.Tries && wait < maxWait; i++ {
		wait *= 2
	}
	return verdict{state: state.Pending, reason: err.Error(), wait: min(wait, maxWait)}
}

// compose makes the mail, or says why there is none.
func (w *Worker) compose(ctx context.Context, o *state.Outgoing) (mail.Message, *verdict, error) {
	none := func(s state.SendState, reason string) (mail.Message, *verdict, error) {
		return mail.Message{}, &verdict{state: s, reason: reason}, nil
	}
	n, err := w.Store.Notice(ctx, o.User, o.Notice)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return none(state.Skipped, "the notice is gone")
	case err != nil:
		return mail.Message{}, nil, err
	case n.Hidden == state.Replaying && w.Clock.Now().Sub(o.Created) < domain.MailWithin:
		return mail.Message{}, &verdict{state: state.Pending, reason: "a replay has not come to it yet", wait: hidden}, nil
	case n.Hidden != state.Shown:
		return none(state.Skipped, "it was undone")
	case n.Read:
		return none(state.Skipped, "it was read before")
	}
	p, err := w.Store.Preferences(ctx, o.User)
	if err != nil {
		return mail.Message{}, nil, err
	}
	if !p.Wants(o.Channel, state.TopicOf(n.Kind)) {
		return none(state.Skipped, "the recipient does not want it")
	}
	frame, tasks, err := w.Store.Seen(ctx, n.Workspace, []ids.ID{n.Task})
	if err != nil {
		return mail.Message{}, nil, err
	}
	task, known := tasks[n.Task]
	if frame == nil || !known || !frame.Sees(o.User, task.Project) {
		// What events say of tasks and of who may see them is written after the
		// notices that come of them, so it may be on its way.
		behind := !known || task.Version < n.Version
		if age := w.Clock.Now().Sub(o.Created); age < settling || behind && age < giveUp {
			return mail.Message{}, &verdict{state: state.Pending, reason: "what it is about is not written yet, or the recipient may not see it", wait: unwritten}, nil
		}
		return none(state.Skipped, "the recipient may not see it")
	}
	users := []ids.ID{o.User}
	if !n.Actor.IsZero() {
		users = append(users, n.Actor)
	}
	people, err := w.Contacts.Contacts(ctx, users)
	if err != nil {
		return mail.Message{}, nil, fmt.Errorf("who the recipient is cannot be asked: %w", err)
	}
	a := about{notice: &n, task: &task, project: frame.Projects[task.Project]}
	var to contacts.Contact
	for _, c := range people {
		switch c.ID {
		case o.User:
			to = c
		case n.Actor:
			a.actor = c.Name
		}
	}
	if to.Email == "" {
		return none(state.Skipped, "the recipient has no account")
	}
	m, err := w.render(o, &a, to)
	if err != nil {
		return none(state.Failed, err.Error())
	}
	return m, nil, nil
}
