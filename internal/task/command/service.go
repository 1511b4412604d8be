// Package command is the write side of the task service: one file per
// command. Each checks what needs no state first, then decides inside the
// workspace's turn (Store.Do) by the pure functions of package domain, and
// records what came of it as one commit of events.
package command

import (
	"context"

	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// Service runs the commands. It is safe for concurrent use.
type Service struct {
	store Store
	clock clock.Clock
}

// NewService makes the service. The clock gives completion times and judges
// invitations; the times of events are the store's.
func NewService(store Store, c clock.Clock) *Service { return &Service{store: store, clock: c} }

// Actor is who gives a command.
type Actor struct {
	User ids.ID
}

// Result is what a command came to.
type Result struct {
	// Seq is the workspace's seq after it: a read that has got that far shows it.
	Seq uint64
	// ID is the entity that the command made or changed.
	ID ids.ID
	// Repeated is set where the command had been carried out before, so nothing was recorded.
	Repeated bool
	// Commit holds the events and rows; it is empty where nothing was recorded.
	Commit readmodel.Commit
}

// decision is one command's turn: the state it sees, and the events it is about to record.
type decision struct {
	Tx
	frame *state.Frame
	actor ids.ID
	cause string
	base  ids.ID
	// events are what is recorded; the first flushed of them are appended.
	events  []New
	flushed int
	result  Result
}

// run gives decide its turn. Every decision starts with the frame, so that an
// unknown workspace is one answer everywhere; membership is for decide to ask.
func (s *Service) run(ctx context.Context, actor Actor, workspace ids.ID, decide func(*decision) error) (Result, error) {
	base := ids.New()
	var result Result
	commit, err := s.store.Do(ctx, workspace, func(tx Tx) error {
		f, err := tx.Frame()
		if err != nil {
			return err
		}
		d := decision{Tx: tx, frame: f, actor: actor.User, base: base}
		if err := decide(&d); err != nil {
			return err
		}
		result = d.result
		return d.flush()
	})
	if err != nil {
		return Result{}, err
	}
	result.Seq, result.Commit = commit.Last, commit
	return result, nil
}

// record adds an event to the commit. Its scope is the project it belongs to, or zero.
func (d *decision) record(entity, scope ids.ID, t event.Type, p event.Payload) {
	d.events = append(d.events, New{
		ID: commitID(d.base, len(d.events)), Entity: entity, Scope: scope,
		Type: t, Actor: d.actor, Cause: d.cause, Data: p,
	})
}

// settle is flush in the middle of a decision: it reads the frame anew, for what follows.
func (d *decision) settle() error {
	if len(d.events) == d.flushed {
		return nil
	}
	if err := d.flush(); err != nil {
		return err
	}
	f, err := d.Frame()
	d.frame = f
	return err
}

// flush appends what was recorded since the last flush, so that reads of the rows see it.
func (d *decision) flush() error {
	fresh := d.events[d.flushed:]
	if len(fresh) == 0 {
		return nil
	}
	if len(d.events) > maxCommit {
		return apperr.New(apperr.Conflict, "That would record too many events at once. Do it in parts.")
	}
	d.flushed = len(d.events)
	return d.Append(fresh...)
}

// checkSeq is the If-Match of a command: want is the seq that the caller saw last.
func checkSeq(want *uint64, have uint64) error {
	if want != nil && *want != have {
		return apperr.New(apperr.PreconditionFailed, "This was changed in the meantime. Load it again before changing it.")
	}
	return nil
}
