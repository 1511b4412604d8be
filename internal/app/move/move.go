// Package move moves the data of an installation from one store to another
// while it is used: it copies, catches up, keeps writers out for a moment,
// copies the rest, compares both sides and has the processes go over.
//
// All that is written goes through logs of streams, so what has changed is
// what a log tells of since a cursor, and how far a stream has been copied is
// its head on the other side: a move that was broken off anywhere goes on from
// there. Everything copied is read back from the target and compared as it
// goes, so that behind the fence only what came last is left to do.
package move

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headway/internal/auth/store"
	notices "headway/internal/notification/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/moving"
)

// Source is the store that is left.
type Source struct {
	// Name is its address without a password.
	Name     string
	Log      eventlog.Log
	Accounts store.Store
	Control  moving.Control
	// Notices is what people chose to hear of, nil where nobody is told of anything.
	Notices notices.Store
	// Choices is who does not want their use of the web app to be counted; nil as Notices.
	Choices Choices
	// Snapshot answers a digest of a workspace's rows and the seq that they are
	// as of, or ErrBusy where they do not stand still.
	Snapshot func(ctx context.Context, workspace ids.ID) (digest string, seq uint64, err error)
	// Fences keep writers out of single streams; nil where the state of the
	// move alone keeps them out of all.
	Fences Fences
	// Prepare returns once every process that uses the store knows of the move;
	// Quiet, once none of them writes any more. They may be nil.
	Prepare, Quiet func(ctx context.Context, s moving.State) error
}

// Choices are kept by the analytics service; see its readmodel.Store.
type Choices interface {
	OptedOut(ctx context.Context, user ids.ID) (bool, error)
	SetOptedOut(ctx context.Context, user ids.ID, out bool) error
}

// Fences are the fences of streams; eventlog/mongo describes them.
type Fences interface {
	Fence(ctx context.Context, category eventlog.Category, heads []eventlog.StreamHead) (grown []ids.ID, err error)
	Unfence(ctx context.Context, heads []eventlog.StreamHead) error
}

// Target is the store that is moved to. Nobody else uses it.
type Target struct {
	Name     string
	Log      eventlog.Log
	Accounts store.Store
	Control  moving.Control
	Notices  notices.Store // nil as the source's
	Choices  Choices       // nil as the source's
	// Replay records events of a workspace as they are, with their rows.
	Replay func(ctx context.Context, workspace ids.ID, events []eventlog.Event) error
	// Digest answers the digest of a workspace's rows.
	Digest func(ctx context.Context, workspace ids.ID) (string, error)
	// Release gives the store free for the processes that go over to it.
	Release func() error
}

// ErrBusy says that a workspace's rows changed while they were read.
var ErrBusy = errors.New("move: the rows do not stand still")

// Options say what is moved where.
type Options struct {
	Source Source
	Target Target
	// Progress is called now and then; it may be nil.
	Progress func(Progress)
}

// Report is what a move came to.
type Report struct {
	// Already says that the data had been moved before and nothing was done.
	Already                             bool
	Workspaces, Accounts, Events, Bytes uint64
	Sessions                            int
	// Digest is that of all events on both sides, the same for the same data in whatever stores.
	Digest string
	// Rows are the workspaces whose rows were compared as well.
	Rows uint64
	// Pause is how long writes were refused before processes could go over; Took is the whole.
	Pause, Took time.Duration
	// Left are streams that a process began on the source while it was being fenced.
	Left []ids.ID
}

// DifferError says that the two sides are not the same.
type DifferError struct {
	// What names a stream, an account or the like.
	What string
}

// Error implements error.
func (e *DifferError) Error() string {
	return "the copy of " + e.What + " is not what the source has; nothing was switched, and the source takes writes again. Empty the target and begin again with --abort"
}

// mover is one run.
type mover struct {
	Options
	state    moving.State
	cursors  map[eventlog.Category]eventlog.Cursor
	streams  map[ids.ID]*stream
	accounts map[ids.ID]sum
	sessions map[[32]byte]sum
	// preferences are the seqs of those that were copied.
	preferences map[ids.ID]uint64
	// optedOut are the choices of those who were copied as not to be counted.
	optedOut map[ids.ID]bool
	meter    meter
	bytes    uint64
	// decided says that everything was compared: from here on the move is only finished.
	decided bool
}

// Run moves the data, or goes on with a move that was broken off. When it
// answers an error nothing was switched and the source takes writes.
func Run(ctx context.Context, o Options) (Report, error) {
	began := time.Now()
	m := &mover{
		Options: o, cursors: map[eventlog.Category]eventlog.Cursor{}, streams: map[ids.ID]*stream{},
		accounts: map[ids.ID]sum{}, sessions: map[[32]byte]sum{}, preferences: map[ids.ID]uint64{},
		optedOut: map[ids.ID]bool{},
	}
	m.meter.began = began
	done, err := m.begin(ctx)
	if err != nil || done {
		return Report{Already: done}, err
	}
	if err := m.copy(ctx); err != nil {
		return Report{}, err
	}
	fenced := time.Now()
	if err := m.fence(ctx); err != nil {
		if m.decided {
			return Report{}, fmt.Errorf("all data was copied and compared, but the processes could not be told; writes are refused until the same command is run again: %w", err)
		}
		return Report{}, errors.Join(err, m.back(context.WithoutCancel(ctx)))
	}
	r := m.report()
	r.Pause, r.Took = time.Since(fenced), time.Since(began)
	r.Left, err = m.late(ctx)
	return r, err
}

// begin settles what is to be done by what both stores know; done says nothing.
func (m *mover) begin(ctx context.Context) (done bool, err error) {
	from, err := m.Source.Control.MoveState(ctx)
	if err != nil {
		return false, err
	}
	to, err := m.Target.Control.MoveState(ctx)
	if err != nil {
		return false, err
	}
	same := from.Move == to.Move && !from.Move.IsZero()
	switch {
	case from.Phase == moving.Moved && same && to.Phase == moving.Received:
		return true, nil
	case from.Phase == moving.Moved:
		return false, fmt.Errorf("the data of %s has been moved to %s already", m.Source.Name, from.Peer)
	case from.Phase == moving.Receiving:
		return false, fmt.Errorf("%s is the target of another move itself, which has not finished", m.Source.Name)
	case from.Phase == moving.Fenced && same && to.Phase == moving.Received:
		// All was compared behind the fence, which still stands; only the word is missing.
		m.state = from
		return true, m.over(ctx)
	}
	under := from.Phase == moving.Copying || from.Phase == moving.Fenced
	if under && !same && from.Peer != m.Target.Name {
		return false, fmt.Errorf("a move of %s to %s is under way; finish that one, or give it up with --abort", m.Source.Name, from.Peer)
	}
	if empty, err := m.targetIsEmpty(ctx); err != nil {
		return false, err
	} else if !empty && (!under || !same) {
		return false, fmt.Errorf("%s is not empty; a move needs a database or a folder of its own, which no server was started on", m.Target.Name)
	}
	m.state = moving.State{Move: from.Move, Phase: moving.Copying, Peer: m.Target.Name}
	if !under {
		m.state.Move = ids.New()
	}
	if err := m.set(ctx, m.Target.Control, moving.Receiving, m.Source.Name); err != nil {
		return false, err
	}
	return false, m.lift(ctx) // a fence that was left standing stands in the way of nobody while this goes on
}

// set writes the state of this move.
func (m *mover) set(ctx context.Context, c moving.Control, phase moving.Phase, peer string) error {
	return c.SetMoveState(ctx, moving.State{Move: m.state.Move, Phase: phase, Peer: peer, At: time.Now().UTC().Truncate(time.Millisecond)})
}

func (m *mover) targetIsEmpty(ctx context.Context) (bool, error) {
	for _, category := range categories {
		heads, _, err := m.Target.Log.Changed(ctx, category, 0, 1)
		if err != nil || len(heads) > 0 {
			return false, err
		}
	}
	keys, err := m.Target.Accounts.SigningKeys(ctx)
	return len(keys) == 0, err
}

var categories = []eventlog.Category{eventlog.Account, eventlog.Workspace}

// back has both stores be as they were while everything was copied.
func (m *mover) back(ctx context.Context) error {
	return errors.Join(m.lift(ctx), m.set(ctx, m.Target.Control, moving.Receiving, m.Source.Name))
}

// lift has the source take writes again.
func (m *mover) lift(ctx context.Context) error {
	if err := liftFences(ctx, &m.Source); err != nil {
		return err
	}
	return m.set(ctx, m.Source.Control, moving.Copying, m.Target.Name)
}

// liftFences lifts the fences of all streams of a source that is fenced.
func liftFences(ctx context.Context, s *Source) error {
	state, err := s.Control.MoveState(ctx)
	if err != nil || s.Fences == nil || state.Phase != moving.Fenced {
		return err
	}
	for _, category := range categories {
		var from eventlog.Cursor
		for {
			heads, to, err := s.Log.Changed(ctx, category, from, 1000)
			if err != nil {
				return err
			}
			if err := s.Fences.Unfence(ctx, heads); err != nil {
				return err
			}
			if to == from {
				break
			}
			from = to
		}
	}
	return nil
}

// Abort gives a move up that has not been finished: the source takes writes
// again and knows of no move. What was copied stays in the target, which no
// server starts on.
func Abort(ctx context.Context, s Source) error {
	state, err := s.Control.MoveState(ctx)
	if err != nil {
		return err
	}
	switch state.Phase {
	case moving.Copying, moving.Fenced:
	case moving.Moved:
		return fmt.Errorf("the data has been moved to %s already; there is nothing to give up", state.Peer)
	default:
		return errors.New("no move of this store is under way")
	}
	if err := liftFences(ctx, &s); err != nil {
		return err
	}
	return s.Control.SetMoveState(ctx, moving.State{Move: state.Move, Phase: moving.None, Peer: state.Peer, At: time.Now().UTC().Truncate(time.Millisecond)})
}
